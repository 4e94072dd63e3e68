import { readFileSync } from "node:fs";
import { array, DTypeError, grad, NDArray, ShapeError } from "@ad/core";
import { fails } from "@ad/expect";
import { describe, expect, test } from "vitest";
import { type Complex, complex } from "../src/index.js";

// Answers of NumPy: tools/expectations/fft.py writes the file. The numbers are strings, because JSON has no −0.
type Case = readonly [op: keyof typeof complex, args: readonly (readonly [string, string])[], result: readonly string[]];
const cases: readonly Case[] = JSON.parse(readFileSync(new URL("./expectations/complex.json", import.meta.url), "utf8"));

const functions = complex as unknown as Readonly<Record<string, (...z: readonly Complex[]) => Complex | NDArray>>;
const parts = (z: Complex | NDArray): number[] => (z instanceof NDArray ? [z.item()] : [z.re.item(), z.im.item()]);

describe("NumPy's values, to within 1e-14 of the absolute value, and on which side of a cut", () => {
  test.each([...new Set(cases.map(([op]) => op))])("%s", (op) => {
    for (const [, args, expected] of cases.filter(([name]) => name === op)) {
      const say = `${op}(${args.map(([re, im]) => `${re} + ${im}i`).join(", ")})`;
      const actual = parts(functions[op](...args.map(([re, im]) => ({ re: array(Number(re)), im: array(Number(im)) }))));
      const wanted = expected.map(Number);
      const size = Math.hypot(...wanted);
      actual.forEach((value, i) => {
        if (!(Math.abs(value - wanted[i]) <= 1e-14 * size)) expect.fail(`${say} has the part ${value}, NumPy has ${wanted[i]}`);
      });
    }
  });
});

test("what is large overflows where NumPy's does, and what is divided by 0 is infinite where NumPy's is", () => {
  const of = (z: Complex): number[] => [z.re.item(), z.im.item()];
  expect(of(complex.exp({ re: 710, im: 0 }))).toEqual([Infinity, 0]);
  const [re, im] = of(complex.exp({ re: 710, im: 1 }));
  expect([re / 1.2070325234545281e308, im]).toEqual([expect.closeTo(1, 14), Infinity]);
  expect(of(complex.exp({ re: -Infinity, im: 3 })).map(Math.abs)).toEqual([0, 0]);
  expect(of(complex.exp({ re: array(89, { dtype: "float32" }), im: array(0, { dtype: "float32" }) }))).toEqual([Infinity, 0]);
  const root = of(complex.sqrt({ re: 1e308, im: 1e308 }));
  [1.09868411346781e154, 4.550898605622274e153].forEach((wanted, i) => expect(root[i] / wanted).toBeCloseTo(1, 14));
  expect(of(complex.div(1, 0))).toEqual([Infinity, Number.NaN]);
  expect(of(complex.div({ re: 0, im: -2 }, { re: -0, im: 0 }))).toEqual([Number.NaN, -Infinity]);
  expect(of(complex.div(0, 0))).toEqual([Number.NaN, Number.NaN]);
});

test("a real factor or divisor reaches each part by itself", () => {
  const z = { re: array([Infinity, 1]), im: array([1, -Infinity]) };
  for (const out of [complex.mul(z, 2), complex.mul(2, z), complex.div(z, 0.5)])
    expect([out.re.toArray(), out.im.toArray()]).toEqual([
      [Infinity, 2],
      [2, -Infinity],
    ]);
  const out = complex.mul({ re: 1, im: 2 }, [[1], [3]]);
  expect([out.re.toArray(), out.im.toArray()]).toEqual([
    [[1], [3]],
    [[2], [6]],
  ]);
});

test("polar is the inverse of abs and angle", () => {
  const z = complex.polar(array([1, 2]), array([0.5, -3]));
  expect(complex.abs(z).toArray()).toEqual([1, 2].map((x) => expect.closeTo(x, 14)));
  expect(complex.angle(z).toArray()).toEqual([0.5, -3].map((x) => expect.closeTo(x, 14)));
});

test("real numbers and pairs broadcast against each other, and keep their dtype", () => {
  const z = { re: array([[1], [2]], { dtype: "float32" }), im: array([1, 2, 3], { dtype: "float32" }) };
  for (const f of [complex.add, complex.sub, complex.mul, complex.div]) {
    const out = f(2, z);
    expect([out.re.shape, out.im.shape]).toEqual([
      [2, 3],
      [2, 3],
    ]);
    expect([out.re.dtype, out.im.dtype]).toEqual(["float32", "float32"]);
  }
  const ints = array([100_000, -3], { dtype: "int32" });
  // No int32 wraps around.
  expect(complex.mul(ints, ints).re.toArray()).toEqual([1e10, 9]);
  expect(complex.neg(ints).im.dtype).toBe("float64");
});

const slopes = (f: (z: Complex) => NDArray, re: number, im: number): number[] => parts(grad(f)({ re: array(re), im: array(im) }));

test("derivatives at 0 are as they are stated", () => {
  expect(slopes(complex.abs, 0, 0)).toEqual([0, 0]);
  expect(slopes(complex.abs2, 0, 0)).toEqual([0, 0]);
  expect(slopes((z) => complex.angle(z), 0, 0)).toEqual([NaN, NaN]);
  for (const part of ["re", "im"] as const)
    for (const f of [complex.sqrt, complex.log]) expect(slopes((z) => f(z)[part], 0, 0)).toEqual([NaN, NaN]);
  expect(slopes((z) => complex.exp(z).re, 0, 0)).toEqual([1, -0]);
});

test("the derivatives of sqrt and log on the cut are those from above", () => {
  // d√z = dz / (2 √z), and √−4 is 2i.
  expect(slopes((z) => complex.sqrt(z).re, -4, 0)).toEqual([expect.closeTo(0, 15), 0.25]);
  expect(slopes((z) => complex.sqrt(z).im, -4, 0)).toEqual([-0.25, expect.closeTo(0, 15)]);
  expect(slopes((z) => complex.log(z).re, -4, 0)).toEqual([-0.25, expect.closeTo(0, 15)]);
  expect(slopes((z) => complex.log(z).im, -4, 0)).toEqual([expect.closeTo(0, 15), -0.25]);
});

/** A holomorphic function of second derivative f″ has ∂²re/∂x² = re f″ = −∂²re/∂y² and ∂²re/∂x∂y = −im f″. */
test.each([
  [1, 1],
  [2, 0],
  [0, 2],
  [0, -0.8],
  [-0.6, 0.8],
  [-1, -1],
  [1, 0],
])("second derivatives of log and sqrt at %d + %di, where parts are 0 or as large as each other", (x, y) => {
  const z = { re: array(x), im: array(y) };
  const checks = {
    log: complex.neg(complex.div(1, complex.mul(z, z))),
    sqrt: complex.div(-0.25, complex.mul(z, complex.sqrt(z))),
  };
  for (const [name, expected] of Object.entries(checks)) {
    const f = complex[name as "log" | "sqrt"];
    const by = (k: "re" | "im"): number[] => slopes((w) => grad((v: Complex) => f(v).re)(w)[k], x, y);
    const [a, b] = parts(expected);
    const near = (value: number): unknown => expect.closeTo(value, 12);
    expect([by("re"), by("im")], name).toEqual([
      [near(a), near(-b)],
      [near(-b), near(-a)],
    ]);
  }
});

test("what is no complex number is refused in the function's name", () => {
  fails(() => complex.mul({ re: [1, 2], im: [1, 2, 3] }, 1), ShapeError, "complex.mul: shapes [2] and [3]");
  fails(() => complex.exp("x" as never), DTypeError, "complex.exp:");
  fails(() => complex.add({ re: 1 } as never, 1), DTypeError, "complex.add:");
});
