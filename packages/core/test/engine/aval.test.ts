import { describe, expect, it } from "vitest";
import {
  add,
  array,
  clip,
  concatenate,
  type DType,
  einsum,
  full,
  grad,
  maximum,
  type NDArray,
  onesLike,
  pow,
  sin,
  stack,
  stopGradient,
  where,
  zeros,
  zerosLike,
} from "../../src/index.js";

/** A value that is computed from numbers alone is as weak as a number; whole where it has to be whole. */
describe("weak values", () => {
  const of = (dtype: DType): NDArray => array([1, 2], { dtype });
  const beside = (k: NDArray) => (["bool", "int32", "float32", "float64"] as const).map((dtype) => k.mul(of(dtype)).dtype);
  const whole = ["int32", "int32", "float32", "float64"];
  const fraction = ["float64", "float64", "float32", "float64"];
  const strong = ["float64", "float64", "float64", "float64"];

  it.each<[string, NDArray, string[]]>([
    ["a sum of whole numbers", add(2, 3), whole],
    ["a maximum", maximum(2, 3), whole],
    ["a sum with a fraction", add(2, 0.5), fraction],
    ["a function of real numbers", sin(2), fraction],
    ["a quotient", add(4, 0).div(2), fraction],
    ["a power", pow(2, -1), fraction],
    ["a choice", where(array([true, false]), 1, 0), whole],
    ["a choice of fractions", where(array([true, false]), 1, 0.5), fraction],
    ["a number within bounds", clip(5, 0, 3), whole],
    ["a number that is no int32", add(3e9, 0), fraction],
    ["a number under another shape", add(2, 0).broadcastTo([2]), whole],
    ["an array", array(2), strong],
    ["zeros", zeros([]), strong],
    ["zeros like a number", zerosLike(2), strong],
    ["ones like what is weak", onesLike(add(1, 1)), strong],
    ["an array full of what is weak", full([2], add(1, 1)), strong],
    ["what astype gives", add(2, 3).astype("float64"), strong],
    ["a list", stack([1, 2]), strong],
    ["a sum", add(2, 3).broadcastTo([2]).sum(), strong],
  ])("%s", (_, k, wanted) => {
    expect(k.dtype).toBe("float64");
    expect(beside(k)).toEqual(wanted);
  });
  it("give way in every operation of several arrays", () => {
    const x = of("float32");
    const k = add(2, 3);
    const row = k.broadcastTo([2]);
    const all = [
      stack([row, x]),
      concatenate([x, row]),
      where(true, k, x),
      where(true, x, k),
      clip(x, k, 7),
      clip(x, 0, k),
      clip(k, x, x),
      x.dot(row),
      row.dot(x),
      row.outer(x),
      einsum("i,i->", row, x),
      k.atan2(x),
      x.pow(k),
      x.set([0], k),
      x.addAt([0], k),
      add(k, x),
      add(2, k).mul(x),
    ];
    expect(all.map((y) => y.dtype)).toEqual(all.map(() => "float32"));
    expect(of("int32").set([0], k).dtype).toBe("int32");
    expect(x.slice(add(1, 0)).item()).toBe(2);
    expect(x.take(add(1, -1)).item()).toBe(1);
  });
  it("do not make what meets an array of their own dtype weak", () => {
    const y = of("float64").slice(0);
    for (const z of [add(2, 3).mul(y), y.mul(add(2, 3)), where(true, 1, y), where(true, y, 1), clip(2, y, 3), clip(2, 0, y)])
      expect(beside(z)).toEqual(strong);
  });
});

describe("stopGradient", () => {
  it("stops the arrays of a tree, and leaves all else", () => {
    const tree = (x: NDArray) => stopGradient({ x, list: [x, 2, "a"], none: null });
    expect(grad((x: NDArray) => (tree(x).list[0] as NDArray).mul(x).add(tree(x).x))(array(3)).item()).toBe(3);
    const { list, none } = tree(array(3));
    expect([list.slice(1), none]).toEqual([[2, "a"], null]);
    expect(stopGradient([1, 2]).toArray()).toEqual([1, 2]);
    expect(stopGradient({})).toEqual({});
  });
});

it("slices of one array that are alike share an abstract value, and no others do", () => {
  const x = zeros([4, 2, 3]);
  expect(x.slice(2).aval).toBe(x.slice(1).aval);
  expect(x.slice([0, 2]).aval).toBe(x.slice([2, 4]).aval);
  expect(x.slice(":", 1).shape).toEqual([4, 3]);
  expect(x.slice(1).shape).toEqual([2, 3]);
  expect(x.astype("float32").slice(1).dtype).toBe("float32");
});
