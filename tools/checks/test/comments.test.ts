import { expect, test } from "vitest";
import { problemsOf } from "../src/comments.mjs";

const known = {
  exists: (path: string) =>
    ["packages/core/src/engine/tree.ts", "packages/core/src/rules/partials.ts", "docs/policy/versions.md"].includes(path),
  decisions: new Set(["0001"]),
  names: new Set(["NDArray"]),
};
const inCore = (text: string): string[] => problemsOf("packages/core/src/rules/weights.ts", text, known);

test.each([
  "// As in partials.ts, rules/partials.ts and core/src/rules/partials.ts; docs/policy/versions.md and decisions/0001 say why.",
  "/** {@link NDArray.slice} and {@link own} */\nexport const own = 1;",
  "/**\n * Stacks.\n *\n * @example\n * load('missing.ts');\n */\nexport const x = 'elsewhere.ts';",
])("names that are there: %s", (text) => {
  expect(inCore(text)).toEqual([]);
});

test.each([
  ["// a\n// as in reverse/partials.ts", "packages/core/src/rules/weights.ts:2: the comment cites reverse/partials.ts"],
  ["/** See docs/decisions/0099. */", "packages/core/src/rules/weights.ts:1: the comment cites decision 0099"],
  ["/**\n * Like {@link gone}.\n */", "packages/core/src/rules/weights.ts:2: {@link gone} names nothing"],
  ["/** {@link other} */\nexport const another = 1;", "packages/core/src/rules/weights.ts:1: {@link other} names nothing"],
])("names that are not: %s", (text, message) => {
  expect(inCore(text)).toEqual([expect.stringContaining(message)]);
});

test.each([
  "/** The number of colours, counted anew. */",
  "/** Whether it is known. */",
  "// Shows how it is known, and says which is meant.",
  "/**\n * Counts the lines:\n * what they are, and how many.\n *\n * @example\n * What(); // 1\n */",
  "// Whatever fits.\n// Howitzers.",
  "export const x = `\n// What a program says.\n`;",
])("comments with a head: %s", (text) => {
  expect(inCore(text)).toEqual([]);
});

test.each([
  ["/** How many there are. */", 1, "How"],
  ["const x = 1; // Which of them.", 1, "Which"],
  ["/**\n * Counts.\n *\n * What is left is counted too.\n */", 4, "What"],
  ["// A list.\n// Why it is one.", 2, "Why"],
  ["/** Says how many there are. */", 1, "Says how"],
  ["interface X {\n  /** Holds what is known. */\n  x: 1;\n}", 2, "Holds what"],
])("comments without a head: %s", (text, line, words) => {
  expect(inCore(text)).toEqual([expect.stringContaining(`weights.ts:${line}: the comment begins with "${words}"`)]);
});
