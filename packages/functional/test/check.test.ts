import { ADError, arange, array, customJvp, customVjp, DTypeError, matmul, type NDArray, TransformError, TreeError, zeros } from "@ad/core";
import { fails } from "@ad/expect";
import { describe, expect, test } from "vitest";
import { checkGrad } from "../src/index.js";

const x = array([0.5, -1, 2]);

describe("checkGrad passes", () => {
  test.each([1, 2, 3])("what is right, to order %i", (order) => {
    checkGrad((y: NDArray) => y.sin().mul(y), [x], { order });
    checkGrad((y: NDArray, p: { a: NDArray; b: NDArray }) => ({ u: y.mul(p.a).sum(), v: [p.b.exp()] }), [x, { a: x, b: array(0.3) }], {
      order,
    });
    checkGrad((_: NDArray) => array([1, 2]), [x], { order });
    checkGrad((y: NDArray) => y.mul(2), [zeros([0])], { order });
    checkGrad((y: NDArray) => y.mul(2), [1.5], { order });
  });
  test("single precision, large values, chosen arguments", () => {
    checkGrad((y: NDArray) => y.sin().mul(y), [x.astype("float32")], { order: 2 });
    checkGrad((y: NDArray) => y.square().mul(1e8), [x.mul(1e3)]);
    checkGrad((y: NDArray, k: NDArray) => y.take(k), [x, array([0, 2], { dtype: "int32" })], { argnums: 0 });
    checkGrad((a: NDArray, b: NDArray) => matmul(a, b), [arange(4).reshape(2, 2), arange(6).reshape(2, 3)], { argnums: [1] });
  });
});

describe("checkGrad throws", () => {
  /** y², with a slope that is wrong where y > 1. */
  const wrong = (factor: number) =>
    customJvp(
      (y: NDArray) => y.square(),
      ([y]: [NDArray], [t]: [NDArray]) => [y.square(), t.mul(y).mul(y.greater(1).where(factor, 2))],
    );
  test("and names the worst entry", () => {
    const f = (p: { w: NDArray }) => ({ out: wrong(3)(p.w) });
    for (const [mode, text] of [
      ["forward", "forward"],
      ["reverse", "reverse"],
    ] as const)
      fails(
        () => checkGrad(f as never, [{ w: x.reshape(1, 3) }] as never, { modes: [mode] }),
        ADError,
        `checkGrad: by ${text} mode the derivative of the result at $.out[0, 2] by argument 0 at $.w[0, 2] is 6, but central differences give 4`,
      );
  });
  test("of second derivatives too", () => {
    // The first derivative is right, that of the rule is not.
    const half = customVjp(
      (y: NDArray) => y.square(),
      (y: NDArray) => [y.square(), (ct: NDArray) => [ct.mul(wrong(3)(y.sqrt())).mul(2)]],
    );
    const point: [NDArray] = [array([2.25])];
    checkGrad(half as (y: NDArray) => NDArray, point, { modes: ["reverse"] });
    fails(
      () => checkGrad(half as (y: NDArray) => NDArray, point, { modes: ["reverse"], order: 2 }),
      ADError,
      "by reverse over reverse mode the derivative of the derivative of the result at $ by argument 0 at $ at [0, 0] by argument 0 at $[0] is ",
    );
  });
  test("where a derivative is not a number", () => {
    const f = customJvp(
      (y: NDArray) => y.mul(2),
      ([y]: [NDArray], [t]: [NDArray]) => [y.mul(2), t.mul(Number.NaN)],
    );
    fails(() => checkGrad(f as (y: NDArray) => NDArray, [x]), ADError, "is NaN, but central differences give 2");
  });
  test("where something does not fit", () => {
    const f = (y: NDArray) => y;
    fails(() => checkGrad(3 as never, [x]), TransformError, "checkGrad: 3 (number) is no function");
    fails(() => checkGrad(f, x as never), TreeError, "checkGrad: args are an array of shape [3]");
    fails(() => checkGrad(f, [x], { order: 0 }), TransformError, "checkGrad: order is 0 (number); give a whole number from 1 to 10.");
    fails(
      () => checkGrad(f, [x], { modes: ["back"] as never }),
      TransformError,
      'checkGrad: modes are ["back"]; give a list of "forward" and "reverse".',
    );
    fails(() => checkGrad(f, [x], { tol: 1 } as never), TreeError, 'checkGrad: there is no option "tol"');
    fails(() => checkGrad((y: NDArray) => y.greater(0), [x]), DTypeError, "checkGrad: the function returned bool");
    fails(() => checkGrad(f, [array([1], { dtype: "int32" })]), DTypeError, "checkGrad: argument 0 is int32 at $");
  });
});

test("tolerances and the step are the user's", () => {
  const f = (y: NDArray) => y.exp();
  expect(() => checkGrad(f, [x], { eps: 0.5, rtol: 1e-3 })).toThrow(ADError);
  checkGrad(f, [x], { eps: 0.5, rtol: 0.2 });
  expect(() => checkGrad(f, [x], { rtol: 1e-14, atol: 1e-14 })).toThrow(ADError);
});
