import { withBase } from "vitepress";
import { h } from "vue";
import { data } from "./about.data.js";

/** The version, the licence and the repository, as the packages' manifests have them. */
export const About = () => {
  const { version, license, repository } = data;
  const released = version !== "0.0.0";
  return h("p", { class: "home-about" }, [
    h("a", { href: withBase("/reference/licence.html") }, `${license} licence`),
    ...(repository ? [" · ", h("a", { href: repository }, "Repository")] : []),
    " · ",
    released ? `Version ${version}` : "Not on npm yet: take the packages from a clone, where npm run release:dry packs them",
  ]);
};
