import { withBase } from "vitepress";
import { h } from "vue";
import { data } from "./about.data.js";

const released = data.version !== "0.0.0";

/** The way to the packages, while npm has none. */
export const Unreleased = () =>
  released
    ? null
    : h("p", { class: "unreleased" }, [
        "The packages are not on npm yet. In a clone of the repository ",
        h("code", "npm run pack"),
        " makes a file of each, and says how to install them in your project.",
      ]);

/** The version, the licence and the repository, as the packages' manifests have them. */
export const About = () => {
  const { version, license, repository } = data;
  return h("p", { class: "home-about" }, [
    h("a", { href: withBase("/reference/licence.html") }, `${license} licence`),
    ...(repository ? [" · ", h("a", { href: repository }, "Repository")] : []),
    " · ",
    ...(released ? [`Version ${version}`] : ["Not on npm yet: ", h("code", "npm run pack"), " in a clone makes the packages"]),
  ]);
};
