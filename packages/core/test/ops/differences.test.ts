import { expectClose, fails } from "@ad/expect";
import { expect, test } from "vitest";
import {
  AxisError,
  array,
  cumulativeTrapezoid,
  DTypeError,
  diff,
  ediff1d,
  grad,
  gradient,
  interp,
  type NDArray,
  ones,
  ShapeError,
  TreeError,
  trapezoid,
  unwrap,
} from "../../src/index.js";

test("derivatives of interp by places and values", () => {
  const f = (x: NDArray, xp: NDArray, fp: NDArray) => interp(x, xp, fp).sum();
  const [byX, byPlaces, byValues] = grad(f, { argnums: [0, 1, 2] })(array([0.5, 1.25]), array([0, 1, 2]), array([0, 1, 5]));
  expectClose(byX, [1, 4]);
  // (x − x₀) (y₁ − y₀) / (x₁ − x₀) + y₀, by x₀ and x₁.
  expectClose(byPlaces, [-0.5, -0.5 - 3, -1]);
  expectClose(byValues, [0.5, 0.5 + 0.75, 0.25]);
});

test("an integral has the derivative of its rule, and unwrap that of x", () => {
  expect(grad((y: NDArray) => trapezoid(y, [0, 1, 3]))(array([1, 1, 1])).toArray()).toEqual([0.5, 1.5, 1]);
  expect(grad((x: NDArray) => unwrap(x).slice(2))(array([0, 6, 12])).toArray()).toEqual([0, 0, 1]);
});

test("errors name the function and what arrived", () => {
  fails(() => trapezoid([1, 2], { dx: 2 } as never), TreeError, "write trapezoid(y, undefined, options).");
  fails(() => diff(1), AxisError, "diff: axis -1 is out of bounds for an array of 0 axes; give an array that has one.");
  fails(() => diff([1, 2], -1), ShapeError, "diff: n is -1 (number); give a whole number from 0 on.");
  fails(
    () => diff(ones([2, 2]), 1, 1, { prepend: [1, 2] }),
    ShapeError,
    "diff: an array of shape [2] is put beside one of shape [2, 2]; give as many axes, or a single value.",
  );
  fails(() => ediff1d([true]), DTypeError, "ediff1d: truth values have no differences; use diff, or astype first.");
  fails(() => cumulativeTrapezoid([1, 2], { initial: 0 } as never), TreeError, "write cumulativeTrapezoid(y, undefined, options).");
  fails(
    () => cumulativeTrapezoid([1, 2], null, { initial: [0] }),
    ShapeError,
    "cumulativeTrapezoid: initial has shape [1]; give a single number.",
  );
  fails(() => trapezoid([1, 2], 3), ShapeError, "trapezoid: x is a single number; give the places of the values, or the option dx.");
  fails(() => trapezoid([1, 2], [1, 2, 3]), ShapeError, "trapezoid: x of shape [3] and y of shape [2] differ along axis 0");
  fails(
    () => gradient([1]),
    ShapeError,
    "gradient: axis 0 of 1 is too short for differences of order 1 at its ends; 2 elements at least are needed.",
  );
  fails(() => gradient([1, 2, 3], { edgeOrder: 3 as never }), TreeError, "gradient: edgeOrder is 3 (number); give 1 or 2.");
  fails(() => gradient(ones([2, 2]), { spacing: [1] }), ShapeError, "gradient: 1 spacings are given for 2 axes; give one for each.");
  fails(() => gradient(ones([3]), { spacing: array([1, 2]) }), ShapeError, "gradient: a spacing has shape [2] for axis 0 of 3");
  fails(
    () => interp(1, [1, 2], [1]),
    ShapeError,
    "interp: the places and the values have shapes [2] and [1]; give two vectors of one length.",
  );
  fails(() => interp(1, [1], [1], { period: 0 }), DTypeError, "interp: the period is 0 (number); give a number other than 0.");
  fails(() => unwrap([1], { period: "1" as never }), DTypeError, 'unwrap: the period is "1"; give a number.');
});
