import { expect, test } from "vitest";
import { overweight, sizeOf } from "../src/sizes.mjs";

test("what is over its ceiling, or has none, is named", () => {
  expect(overweight({ grad: 10, everything: 30 }, { grad: 10, everything: 30 })).toEqual([]);
  expect(overweight({ grad: 11, everything: 30 }, { grad: 10, everything: 30 })).toEqual(["grad: 11 bytes, over its ceiling of 10"]);
  expect(overweight({ unknown: 1 }, {})).toHaveLength(1);
});

test("an unused export weighs nothing, a used one does", async () => {
  const code = (used: string) =>
    `const big = ${JSON.stringify(Array.from({ length: 500 }, (_, i) => Math.sin(i)))}; export const a = ${used};`;
  const [without, withBig] = [await sizeOf(code("1")), await sizeOf(code("big"))];
  expect(without).toBeLessThan(60);
  expect(withBig).toBeGreaterThan(3000);
});
