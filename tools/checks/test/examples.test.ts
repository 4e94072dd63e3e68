import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { isTurn } from "@ad/expect/turns";
import { describe, expect, test } from "vitest";
import { compileErrors, inMarkdown, inSource, ownFirst, runExample } from "../src/examples.mjs";
import { published, root, sources, workspaces } from "../src/workspace.mjs";

/** The packages that examples import: core and those that build on it. A plugin of a tool does not. */
const names = [...published().values()]
  .filter(({ name, peerDependencies }) => [name, ...Object.keys(peerDependencies ?? {})].includes("@ad/core"))
  .map(({ name }) => name as string);
/** The modules that those who extend the library import, by their entries. */
const doors: Record<string, Record<string, unknown>> = {};
for (const [, { name, exports }] of published())
  for (const entry of Object.keys(exports))
    if (entry.startsWith("./internals/")) doors[name + entry.slice(1)] = await import(/* @vite-ignore */ name + entry.slice(1));
const packages: Record<string, Record<string, unknown>> = {};
for (const name of names) packages[name] = await import(/* @vite-ignore */ name);
// Documentation draws with Plot. Drawing itself needs a document; the documentation's own test has one.
const all = { ...packages, ...doors, "@observablehq/plot": { ...(await import("@observablehq/plot")), plot: () => ({}) } };

const markdown = [
  "README.md",
  "docs/extending.md",
  ...[...workspaces().keys()].map((path) => `${path}/README.md`),
  "apps/docs/index.md",
  ...["guide", "from", "gallery", "reference"].flatMap((folder) =>
    readdirSync(join(root, "apps/docs", folder))
      .filter((file) => file.endsWith(".md"))
      .map((file) => `apps/docs/${folder}/${file}`),
  ),
];
const examples = [
  ...[...published().keys()].flatMap((path) => sources(`${path}/src`).flatMap((file) => inSource(file))),
  ...markdown.filter((path) => existsSync(join(root, path))).flatMap((path) => inMarkdown(path)),
];

/** Examples of what states no value, by the start of their code. */
const silent: Record<string, string> = { checkGrad: "it throws where a derivative is wrong" };

/** The gallery's pages. Their programs take as long as all other examples together: a run makes those of a third of the pages, and compiles all. */
const gallery = [...new Set(examples.map(({ path }) => path))].filter((path) => path.startsWith("apps/docs/gallery/"));
const isDue = (path: string): boolean => !gallery.includes(path) || isTurn(gallery.indexOf(path), 3);

describe("every example runs and gives what it says", () => {
  const runnable = examples.filter(({ path, browser }) => !browser && isDue(path));
  test.each(runnable.map((each) => [`${each.path}:${each.line}`, each.code]))("%s", async (place, code) => {
    const compared = await runExample(code, code.includes("import ") ? all : ownFirst(place, packages));
    // In Markdown the text around it may say what a piece of code is for.
    const states = /\.ts:/.test(place) && !Object.keys(silent).some((name) => code.startsWith(`${name}(`));
    if (states) expect(compared, "values that it states").toBeGreaterThan(0);
  });
  test("and compiles", () => expect(compileErrors(examples, packages)).toEqual([]));
});

describe("the runner", () => {
  const sample = { sample: { one: 1, half: [0.5, 1 / 3], later: async () => ({ a: Number.NaN }) } };
  test("compares to the decimals written, awaits, and reads declarations", async () => {
    const code = `import { half, later, one } from "sample";\none; // 1\nhalf; // [0.5, 0.333]\nconst two: number = one + 1; // 2\nlater(); // { a: NaN }\none; // some prose`;
    expect(await runExample(code, sample)).toBe(4);
  });
  test.each([
    ["one; // 2", "expected 2, got 1"],
    ["half; // [0.5, 0.334]", "expected [0.5, 0.334]"],
    ["half; // [0.5]", "expected [0.5]"],
    [`import { two } from "sample";`, "exports no two"],
    [`import { two } from "other";`, "no package other"],
    ["two; // 2", "two is not defined"],
  ])("%s fails", (code, message) => expect(runExample(code, sample)).rejects.toThrow(message));

  test("names the place of a type error", () => {
    const wrong = { path: "a.md", line: 10, code: "const fine = 1;\nconst wrong: string = fine;\n" };
    expect(compileErrors([wrong], {})).toEqual([expect.stringContaining("a.md:11: error TS2322")]);
  });

  test("finds examples in doc comments and fences", () => {
    const source =
      "/**\n * Adds.\n * @example\n * one; // 1\n *\n * half;\n * @throws never\n */\nconst a = 1;\n/** @example in a browser\n * one;\n */";
    expect(inSource("a.ts", source)).toEqual([
      { path: "a.ts", line: 4, code: "one; // 1\n\nhalf;" },
      { path: "a.ts", line: 11, code: "one;", browser: true },
    ]);
    expect(inMarkdown("a.md", "text\n\n```ts\none;\n```\n```ts no-run\ntwo;\n```\n```sh\nls\n```\n```ts run browser\n3;\n```\n")).toEqual([
      { path: "a.md", line: 4, code: "one;\n" },
      { path: "a.md", line: 13, code: "3;\n", browser: true },
    ]);
  });
});
