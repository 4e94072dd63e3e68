import { expect, test } from "vitest";
import { cycles, strayCycles } from "../src/cycles.mjs";
import { parse } from "../src/workspace.mjs";

const modules = (files: Record<string, string>) => Object.entries(files).map(([path, text]) => parse(path, text));

test("a chain has none", () => {
  expect(cycles(modules({ "a.ts": `import "./b.js";`, "b.ts": `import "./c.js";`, "c.ts": "" }))).toEqual([]);
});

test("a cycle is named once, by its whole path", () => {
  const files = { "a.ts": `import "./d/b.js";`, "d/b.ts": `export * from "./c.js";`, "d/c.ts": `import { a } from "../a.js";` };
  expect(cycles(modules(files))).toEqual([["a.ts", "d/b.ts", "d/c.ts", "a.ts"]]);
});

test("two cycles are two", () => {
  const files = { "a.ts": `import "./b.js";`, "b.ts": `import "./a.js";`, "c.ts": `import "./c.js";` };
  expect(cycles(modules(files))).toHaveLength(2);
});

test("an import that leaves nothing at run time closes no cycle", () => {
  expect(cycles(modules({ "a.ts": `import type { B } from "./b.js";`, "b.ts": `import "./a.js";` }))).toEqual([]);
  expect(cycles(modules({ "a.ts": `import { type B } from "./b.js";`, "b.ts": `import "./a.js";` }))).toHaveLength(1);
});

test("a cycle of types is let be inside of the engine and its arrays only", () => {
  const [engine, array] = ["packages/core/src/engine/a.ts", "packages/core/src/array/b.ts"];
  const inside = { [engine]: `import type { B } from "../array/b.js";`, [array]: `import "../engine/a.js";` };
  expect(strayCycles(modules(inside))).toEqual([]);
  const rule = "packages/core/src/rules/c.ts";
  const outside = { [array]: `import type { C } from "../rules/c.js";`, [rule]: `import "../array/b.js";` };
  expect(strayCycles(modules(outside))).toEqual([[array, rule, array]]);
});
