import { expect, test } from "vitest";
import { arange, grad, type NDArray } from "../../src/index.js";
import { Assembly } from "../../src/internals/trace.js";

const whole = arange(12).reshape(3, 4);

test.each([0, 1])("parts along axis %i make the whole", (axis) => {
  const parts = whole.split([1], axis);
  const assembly = new Assembly([3, 4], "float64", axis);
  for (const part of parts) assembly.add(part);
  expect(assembly.result().toArray()).toEqual(whole.toArray());
});

test("one part is taken as it is, and cast where the dtype differs", () => {
  const [same, cast] = [new Assembly([3, 4], "float64", 0), new Assembly([3, 4], "float32", 0)];
  same.add(whole);
  cast.add(whole);
  expect(same.result()).toBe(whole);
  expect(cast.result().dtype).toBe("float32");
});

test("no part is no element", () => {
  expect(new Assembly([0, 4], "float64", 0).result().shape).toEqual([0, 4]);
  expect(new Assembly([3, 0], "float32", 1).result().toArray()).toEqual([[], [], []]);
});

test("traced parts are joined by operations, also after parts with numbers", () => {
  const f = (x: NDArray) => {
    const assembly = new Assembly([3, 4], "float64", 0);
    for (const part of [whole.slice([0, 1]), x.slice([1, 2]), whole.slice([2, 3])]) assembly.add(part);
    return assembly.result().square().sum();
  };
  expect(grad(f)(whole).toArray()).toEqual([
    [0, 0, 0, 0],
    [8, 10, 12, 14],
    [0, 0, 0, 0],
  ]);
});
