import type { MarkdownRenderer } from "vitepress";

/**
 * Makes each `ts` fence an example that can be run, and each `ts run` one that runs when it is first seen. One that is long is marked with
 * the seconds that it takes, `ts 4s`, and waits for its reader. A fence marked `no-run` stays as it is, and so do files that a page includes.
 */
export function liveFences(md: MarkdownRenderer): void {
  const fence = md.renderer.rules.fence;
  if (!fence) throw new Error("markdown-it has no rule for fences");
  // VitePress configures its renderer more than once.
  if (fence.name === "live") return;
  md.renderer.rules.fence = function live(tokens, i, options, env, self) {
    const rendered = fence(tokens, i, options, env, self);
    const { info, content, meta } = tokens[i];
    const [language, ...marks] = info.trim().split(/\s+/);
    if (language !== "ts" || marks.includes("no-run") || meta?.src || env.relativePath?.startsWith("api/")) return rendered;
    const seconds = marks.map((mark) => /^(\d+)s$/.exec(mark)?.[1]).find(Boolean) ?? 0;
    return `<Live code="${encodeURIComponent(content)}" :auto="${marks.includes("run")}" :seconds="${seconds}">${rendered}</Live>\n`;
  };
}

/** Lets a long name within a text break where its parts do, so that a table of names fits beside its remarks. */
export function breakableCode(md: MarkdownRenderer): void {
  const code = md.renderer.rules.code_inline;
  if (!code) throw new Error("markdown-it has no rule for code within a text");
  if (code.name === "breakable") return;
  md.renderer.rules.code_inline = function breakable(tokens, i, options, env, self) {
    const inParts = (name: string): string => name.replace(/(?<=\w[._/(])(?=\w)|(?<=[a-z])(?=[A-Z])/g, "<wbr>");
    return code(tokens, i, options, env, self).replace(/(?<=>)[^<]+/, (text) => text.replace(/\S{20,}/g, inParts));
  };
}
