import { type Theme, useRoute } from "vitepress";
import DefaultTheme from "vitepress/theme";
import { nextTick, onMounted, watch } from "vue";
import { About, Unreleased } from "./About.js";
import { Arm } from "./Arm.js";
import { Benchmarks } from "./Benchmarks.js";
import { Capabilities } from "./Capabilities.js";
import { Cloth } from "./Cloth.js";
import { Live } from "./live/Live.js";
import "./style.css";
import { Train } from "./Train.js";

/** The list of pages is longer than a screen: it is scrolled to where the page is. */
function keepPageInSight(): void {
  const route = useRoute();
  const show = async (): Promise<void> => {
    await nextTick();
    document.querySelector(".VPSidebarItem.is-link.is-active > .item")?.scrollIntoView({ block: "nearest" });
  };
  onMounted(() => {
    void show();
    watch(() => route.path, show, { flush: "post" });
  });
}

export default {
  extends: DefaultTheme,
  setup: keepPageInSight,
  enhanceApp: ({ app }) => {
    app
      .component("Live", Live)
      .component("Capabilities", Capabilities)
      .component("Benchmarks", Benchmarks)
      .component("About", About)
      .component("Unreleased", Unreleased)
      .component("Arm", Arm)
      .component("Cloth", Cloth)
      .component("Train", Train);
  },
} satisfies Theme;
