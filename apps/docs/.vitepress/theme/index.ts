import type { Theme } from "vitepress";
import DefaultTheme from "vitepress/theme";
import { About, Unreleased } from "./About.js";
import { Arm } from "./Arm.js";
import { Benchmarks } from "./Benchmarks.js";
import { Capabilities } from "./Capabilities.js";
import { Cloth } from "./Cloth.js";
import { Live } from "./live/Live.js";
import "./style.css";
import { Train } from "./Train.js";

export default {
  extends: DefaultTheme,
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
