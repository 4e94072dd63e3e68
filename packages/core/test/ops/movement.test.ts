import { fails } from "@ad/expect";
import { expect, test } from "vitest";
import { observed } from "../../src/engine/intercept.js";
import { AxisError, array, DTypeError, grad, type NDArray, stack, unstack, vjp, zeros } from "../../src/index.js";

const x = array([
  [1, 2, 3],
  [4, 5, 6],
]);

test("unstack is what stack joins", () => {
  for (const axis of [0, 1, -1, -2]) expect(stack(unstack(x, axis), axis)).toEqual(x);
  expect(unstack(x).map((row) => row.toArray())).toEqual(x.toArray());
  expect(unstack([1, 2]).map((y) => y.shape)).toEqual([[], []]);
  expect(unstack(zeros([0, 2]))).toEqual([]);
  expect(unstack(zeros([2, 0]))).toEqual([zeros([0]), zeros([0])]);
});

test("what unstack refuses", () => {
  fails(() => unstack(1), AxisError, "unstack: axis 0 is out of bounds for an array of 0 axes");
  fails(() => unstack(x, 2), AxisError, "unstack: axis 2 is out of bounds for an array of 2 axes; use -2 to 1.");
  fails(() => unstack("x" as never), DTypeError, 'unstack: "x" is no array');
});

test("one pullback joins the cotangents of all parts, and a part that is not used has none", () => {
  const made: string[] = [];
  const [, pull] = vjp((y: NDArray) => {
    const [a, , c] = unstack(y, 1);
    return a.mul(c);
  }, x);
  const [slope] = observed(
    (name, inputs, run) => {
      made.push(name);
      return run(inputs);
    },
    true,
    () => pull(array([1, 10])),
  );
  expect(slope.toArray()).toEqual([
    [3, 0, 1],
    [60, 0, 40],
  ]);
  expect(made.filter((name) => name === "concatenate")).toHaveLength(1);
  expect(made).not.toContain("place");
  expect(
    grad((y: NDArray) =>
      grad((z: NDArray) =>
        unstack(z)
          .reduce((a, b) => a.mul(b))
          .sum(),
      )(y)
        .slice(0)
        .sum(),
    )(x).toArray(),
  ).toEqual([
    [0, 0, 0],
    [1, 1, 1],
  ]);
});
