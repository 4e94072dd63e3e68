import type { Theme } from "vitepress";
import DefaultTheme from "vitepress/theme";
import { About } from "./About.js";
import { Benchmarks } from "./Benchmarks.js";
import { Capabilities } from "./Capabilities.js";
import { Live } from "./live/Live.js";
import "./style.css";

export default {
  extends: DefaultTheme,
  enhanceApp: ({ app }) => {
    app.component("Live", Live).component("Capabilities", Capabilities).component("Benchmarks", Benchmarks).component("About", About);
  },
} satisfies Theme;
