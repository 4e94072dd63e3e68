import { typescriptLanguage } from "@codemirror/lang-javascript";
import { transform } from "sucrase";
import type { Failure, Import, Program } from "./messages.js";

export const pictures = "@observablehq/plot";

/** JavaScript of an example in TypeScript, whose statements that are expressions show their values; or why there is none. */
export async function compile(code: string): Promise<Program | Failure> {
  try {
    const { code: javascript } = transform(instrument(code), { transforms: ["typescript", "imports"], production: true });
    const imports = importsOf(code, javascript);
    const plots = imports.some(({ module }) => module === pictures);
    return { javascript, imports, pictures: plots ? Object.keys(await import("@observablehq/plot")) : [] };
  } catch (error) {
    const { message, loc } = error as Error & { loc?: { line: number } };
    return { message: message.replace(/^Error transforming [^:]*: /, "").replace(/ \(\d+:\d+\)$/, ""), line: loc?.line };
  }
}

/** Wraps the expression statements of the top level in calls of show_. No line moves. */
function instrument(code: string): string {
  let result = code;
  const statements = [];
  for (let node = typescriptLanguage.parser.parse(code).topNode.firstChild; node; node = node.nextSibling) statements.push(node);
  for (const statement of statements.reverse()) {
    const expression = statement.name === "ExpressionStatement" ? statement.firstChild : null;
    if (!expression) continue;
    const source = code.slice(expression.from, expression.to);
    result = `${result.slice(0, expression.from)}await show_(${JSON.stringify(source)}, ${source})${result.slice(expression.to)}`;
  }
  return result;
}

/** The modules that an example names, with those names of theirs that it uses as values: what is only a type is gone from the JavaScript. */
function importsOf(code: string, javascript: string): Import[] {
  const found: Import[] = [];
  const lineAt = (text: string, at: number): number => text.slice(0, at).split("\n").length;
  typescriptLanguage.parser.parse(code).iterate({
    enter(node) {
      if (!["ImportDeclaration", "ExportDeclaration", "DynamicImport"].includes(node.name)) return;
      const string = node.node.getChild("String");
      const clause = code.slice(node.from, string?.from);
      if (!string || /^(import|export)\s+type\s/.test(clause)) return;
      const module = code.slice(string.from + 1, string.to - 1);
      const line = lineAt(code, string.from);
      const names: { name: string; line: number }[] = [];
      const take = (name: string, at: number) => names.push({ name, line: lineAt(code, node.from + at) });
      const [, inside] = /\{(.*)\}/s.exec(clause) ?? [];
      const begin = clause.indexOf("{") + 1;
      for (const { 0: each, index } of (inside ?? "").matchAll(/[^,]+/g)) {
        const [, name] = /^\s*(?!type\s+\w)([\w$]+)/.exec(each) ?? [];
        if (name && new RegExp(`\\b_\\w+\\.${name}\\b`).test(javascript)) take(name, begin + index + each.search(/\S/));
      }
      if (node.name === "ImportDeclaration" && /^import\s+[\w$]+/.test(clause)) take("default", 0);
      const [, all] = /\*\s*as\s+([\w$]+)/.exec(clause) ?? [];
      if (all)
        for (const { 1: name, index } of javascript.matchAll(new RegExp(`(?<![\\w$.])${all}\\.(\\w+)`, "g")))
          names.push({ name, line: lineAt(javascript, index) });
      found.push({ module, line, names });
    },
  });
  return found;
}
