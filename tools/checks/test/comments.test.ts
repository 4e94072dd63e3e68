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
