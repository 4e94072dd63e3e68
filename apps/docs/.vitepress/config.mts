import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitepress";

// typedoc writes it before each build.
const sidebar = fileURLToPath(new URL("../api/typedoc-sidebar.json", import.meta.url));

export default defineConfig({
  title: "ad",
  description: "Composable automatic differentiation over ndarrays, in TypeScript",
  outDir: "./dist",
  srcExclude: ["README.md"],
  markdown: { math: true },
  themeConfig: {
    search: { provider: "local" },
    nav: [
      { text: "Guide", link: "/guide/seed" },
      { text: "API", link: "/api/" },
    ],
    sidebar: [
      {
        text: "Guide",
        items: [
          { text: "Many products in one call", link: "/guide/seed" },
          { text: "Worked examples", link: "/guide/examples" },
        ],
      },
      { text: "API", items: existsSync(sidebar) ? JSON.parse(readFileSync(sidebar, "utf8")) : [] },
    ],
  },
});
