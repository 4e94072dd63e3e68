import { expectClose, fails } from "@ad/expect";
import { describe, expect, test } from "vitest";
import {
  array,
  copysign,
  DTypeError,
  divmod,
  floorDivide,
  fmax,
  fmod,
  grad,
  type NDArray,
  nanToNum,
  ShapeError,
  sinc,
} from "../../src/index.js";

const sum = (f: (x: NDArray) => NDArray) => (x: NDArray) => f(x).sum();

test("floorDivide counts how often the divisor goes in, whatever the quotient rounds to", () => {
  expect(floorDivide(array([1, 0.6, 3]), 0.1).toArray()).toEqual([9, 5, 29]);
  expect(floorDivide(7, 2).item()).toBe(3);
  expect(floorDivide(array([7, -7, 1, 0]), array([Infinity, Infinity, 0, 0])).toArray()).toEqual([0, -1, Infinity, Number.NaN]);
});

test("quotients and remainders make up x, and derivatives are those of the remainder", () => {
  const [x, y] = [array([7.5, -7.5, 0.3]), array([2, 2, -0.7])];
  const [q, r] = divmod(x, y);
  expectClose(q.mul(y).add(r), x.toArray() as number[]);
  const [byX, byY] = grad((a: NDArray, b: NDArray) => divmod(a, b)[1].sum(), { argnums: [0, 1] })(x, y);
  expect([byX.toArray(), byY.toArray()]).toEqual([
    [1, 1, 1],
    [-3, 4, 1],
  ]);
  expect(grad(sum((a) => floorDivide(a, y)))(x).toArray()).toEqual([0, 0, 0]);
  expect(grad((b: NDArray) => fmod(x, b).sum())(y).toArray()).toEqual([-3, 3, -0]);
});

describe("sinc", () => {
  /** sin(u) / u and its first derivatives in u. */
  const closed = [
    (u: number) => Math.sin(u) / u,
    (u: number) => (u * Math.cos(u) - Math.sin(u)) / u ** 2,
    (u: number) => (-(u ** 2) * Math.sin(u) - 2 * u * Math.cos(u) + 2 * Math.sin(u)) / u ** 3,
  ];
  const f = [0, 1, 2].reduce<((x: NDArray) => NDArray)[]>((all) => [...all, grad(sum(all[all.length - 1] ?? sinc))], [sinc]);
  test("has its derivatives on both sides of where the series ends", () => {
    const at = [0.2, 0.3, 1 / Math.PI - 1e-9, 1 / Math.PI + 1e-9, 0.5, 3.7];
    closed.forEach((value, k) => {
      expectClose(
        f[k](array(at)),
        at.map((x) => Math.PI ** k * value(Math.PI * x)),
      );
    });
  });
  test("has them at 0", () => {
    expectClose(f[1](array([0])), [0]);
    expectClose(f[2](array([0])), [-(Math.PI ** 2) / 3]);
    expectClose(f[3](array([0])), [0]);
  });
});

test("signs of zero", () => {
  expect(copysign(0, array([-0, -1, 0])).toArray()).toEqual([-0, -0, 0]);
  expect(fmod(array([-0, -4, 4]), 2).toArray()).toEqual([-0, -0, 0]);
});

test("errors name the function", () => {
  fails(() => fmax([1, 2], [1, 2, 3]), ShapeError, "fmax: shapes [2] and [3] do not broadcast");
  fails(() => nanToNum([1], { nan: "0" as never }), DTypeError, 'nanToNum: a replacement is "0"; give a number.');
});
