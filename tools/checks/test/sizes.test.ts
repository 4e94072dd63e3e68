import { expect, test } from "vitest";
import { ceilingOf, overweight, sizeOf, stale } from "../src/sizes.mjs";

test("what is over its ceiling, or has none, is named", () => {
  expect(overweight({ grad: 10, everything: 30 }, { grad: 10, everything: 30 })).toEqual([]);
  expect(overweight({ grad: 11, everything: 30 }, { grad: 10, everything: 30 })).toEqual(["grad: 11 bytes, over its ceiling of 10"]);
  expect(overweight({ unknown: 1 }, {})).toHaveLength(1);
});

test("a ceiling leaves room for four operations where core is in the bundle, and little elsewhere", () => {
  expect(ceilingOf("grad", 46_650)).toBe(47_100);
  expect(ceilingOf("everything", 109_100)).toBe(109_500);
  expect(ceilingOf("fft", 7620)).toBe(7800);
  expect(ceilingOf("jit around grad", 20_500)).toBe(20_600);
});

test("an unused export weighs nothing, a used one does", async () => {
  const code = (used: string) =>
    `const big = ${JSON.stringify(Array.from({ length: 500 }, (_, i) => Math.sin(i)))}; export const a = ${used};`;
  const [without, withBig] = [await sizeOf(code("1")), await sizeOf(code("big"))];
  expect(without).toBeLessThan(60);
  expect(withBig).toBeGreaterThan(3000);
});

test("what the README says of sizes may be off by a fiftieth, and not above the ceiling", () => {
  const readme = "| [`@ad/core`](packages/core) | arrays | ndarray | 58.2 kB |\n\nThere, `grad` alone is 38.0 kB.";
  expect(stale(readme, { "@ad/core": 59_000, grad: 37_500 }, { grad: 38_000 })).toEqual([]);
  expect(stale(readme, { grad: 37_500 }, { grad: 37_900 })).toEqual(["README.md says 38 kB of grad, which is 37.5 kB"]);
  expect(stale(readme, { "@ad/core": 65_000 }, {})).toEqual(["README.md says 58.2 kB of @ad/core, which is 65.0 kB"]);
  expect(stale(readme, { "@ad/vmap": 4200 }, {})).toEqual(["README.md says nothing of @ad/vmap, which is 4.2 kB"]);
});
