import { describe, expect, test } from "vitest";
import { manifestProblems, problemsOf } from "../src/boundaries.mjs";
import { parse, workspaces } from "../src/workspace.mjs";

const all = workspaces();
const problems = (path: string, text: string) => problemsOf(parse(path, text), all);

describe("the dependency graph", () => {
  test.each([
    ["packages/core/src/a.ts", `import ndarray from "ndarray";`],
    ["packages/core/src/cpu/a.ts", `import { b } from "../b.js";`],
    ["packages/forward/src/a.ts", `import { bind } from "@ad/core/internals/trace";`],
    ["packages/functional/src/a.ts", `export { vmap } from "@ad/vmap";`],
    ["packages/core/test/a.test.ts", `import { inspect } from "node:util";`],
    ["tools/conformance/src/a.ts", `import { primitives } from "@ad/core/internals/trace";`],
  ])("%s: %s is allowed", (path, text) => expect(problems(path, text)).toEqual([]));

  test.each([
    ["packages/core/src/a.ts", `import { jvp } from "@ad/forward";`, "may import ndarray"],
    ["packages/core/src/a.ts", `import type { JVP } from "@ad/forward";`, "may import ndarray"],
    ["packages/core/src/a.ts", `type J = import("@ad/forward").JVP;`, "may import ndarray"],
    ["packages/core/src/a.ts", `await import("@ad/vmap");`, "may import ndarray"],
    ["packages/core/src/a.ts", `import { inspect } from "node:util";`, "may import ndarray"],
    ["packages/forward/src/a.ts", `import { vmap } from "@ad/vmap";`, "may import @ad/core"],
    ["packages/vmap/src/a.ts", `export * from "@ad/functional";`, "may import @ad/core"],
    ["packages/forward/src/a.ts", `import { x } from "@ad/core/src/engine/trace.js";`, "not an entry"],
    ["packages/forward/src/a.ts", `import { x } from "../../core/src/engine/trace.js";`, "leaves packages/forward"],
    ["packages/forward/src/a.ts", `import { x } from "../test/x.js";`, "leaves src"],
    ["tools/conformance/test/a.test.ts", `import { x } from "../../../packages/core/src/engine/trace.js";`, "leaves tools/conformance"],
    ["apps/bench/src/a.ts", `import { bind } from "@ad/core/internals/trace";`, "not for users"],
  ])("%s: %s is refused", (path, text, message) => expect(problems(path, text)).toEqual([expect.stringContaining(message)]));
});

describe("rules", () => {
  test.each([
    ["packages/core/src/cpu/loops.ts", "const y = new Float64Array(x.data.length);"],
    ["packages/core/src/reverse/tape.ts", "x.data;"],
    ["packages/forward/src/rules.ts", "const sin = (x, t) => t.mul(x.cos()); const params = { data: 1 };"],
  ])("%s: %s is allowed", (path, text) => expect(problems(path, text)).toEqual([]));

  test.each([
    ["packages/core/src/rules/structured.ts", "const y = new Float64Array(3);"],
    ["packages/core/src/rules/linalg.ts", "const y: Int32Array = f();"],
    ["packages/core/src/linalg/rules/movement.ts", "x.data[0];"],
    ["packages/core/src/rules/partials.ts", "x.data[0];"],
    ["packages/core/src/primitives/elementwise.ts", "x.data[0];"],
    ["packages/forward/src/rules.ts", "x.data();"],
    ["packages/vmap/src/axes.ts", "const { data: d } = x;"],
    ["packages/functional/src/batch.ts", `x["data"];`],
    ["packages/core/src/rules/structured.ts", `import { matmul } from "../cpu/kernels/product.js";`],
  ])("%s: %s is refused", (path, text) =>
    expect(problems(path, text)).toEqual([expect.stringContaining("a rule is written in array operations")]),
  );
});

describe("manifests", () => {
  const good = { sideEffects: false, peerDependencies: { "@ad/core": "workspace:^" } };
  test("a peer on core is right", () => expect(manifestProblems("packages/forward", good)).toEqual([]));
  test.each([
    [{ ...good, dependencies: { "@ad/core": "workspace:^" } }, "must be a peer"],
    [{ sideEffects: false }, "is missing in peerDependencies"],
    [{ ...good, dependencies: { lodash: "4" } }, "not in the dependency graph"],
    [{ ...good, sideEffects: true }, "sideEffects"],
  ])("%j is refused", (manifest, message) =>
    expect(manifestProblems("packages/forward", manifest)).toContainEqual(expect.stringContaining(message)),
  );
});
