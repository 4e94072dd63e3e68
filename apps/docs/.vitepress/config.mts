import { defineConfig, type MarkdownEnv, type MarkdownRenderer } from "vitepress";
import { breakableCode, liveFences } from "./fences.js";
import { sidebar } from "./pages.js";

// The packages' sources, as tests have them: the site needs no build of theirs.
const source = "@ad/source";

/** Makes a page for the search, which reads its words alone: to colour the fences once more takes as long as to make the page. */
function plain(text: string, env: MarkdownEnv, md: MarkdownRenderer): string {
  const { highlight } = md.options;
  md.options.highlight = null;
  const html = md.render(text, env);
  md.options.highlight = highlight;
  return html;
}

export default defineConfig({
  title: "ad",
  lang: "en",
  description: "Composable automatic differentiation over ndarrays, in TypeScript",
  head: [["link", { rel: "icon", type: "image/svg+xml", href: "/favicon.svg" }]],
  // npm run docs serves a copy.
  outDir: process.env.AD_DOCS_SERVED ?? "./dist",
  srcExclude: ["README.md", "parts/**"],
  cleanUrls: false,
  markdown: {
    math: true,
    config: (md) => {
      liveFences(md);
      breakableCode(md);
    },
  },
  vite: {
    resolve: { conditions: [source, "module", "browser", "development|production"] },
    ssr: { noExternal: [/^@ad\//], resolve: { conditions: [source, "module", "node", "development|production"] } },
    build: { chunkSizeWarningLimit: 4000 },
    worker: { format: "es" },
  },
  themeConfig: {
    search: {
      provider: "local",
      // A page of the guide explains what the pages of the API name: it comes first.
      options: {
        _render: plain,
        miniSearch: { searchOptions: { boostDocument: (id: string) => (id.includes("/api/") ? 0.3 : id.includes("/guide/") ? 1.5 : 1) } },
      },
    },
    outline: [2, 3],
    notFound: { quote: "The address names no page of this site. The search at the top knows all of them." },
    nav: [
      { text: "Guide", link: "/guide/start", activeMatch: "/guide/" },
      { text: "Examples", link: "/gallery/", activeMatch: "/gallery/" },
      { text: "API", link: "/api/", activeMatch: "/api/" },
    ],
    sidebar,
  },
});
