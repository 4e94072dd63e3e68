import { type ArrayLike, array, grad, type NDArray, stack } from "@ad/core";
import { jvp } from "@ad/forward";
import { hessian } from "@ad/functional";
import { jit } from "@ad/jit";
import { vmap } from "@ad/vmap";
import { expect, test } from "vitest";
import { quad, root } from "../src/index.js";

const { PI, E, SQRT2, sqrt, sin, cos, exp } = Math;
type Integral = readonly [name: string, f: (x: NDArray) => ArrayLike, a: number, b: number, value: number];
const integrals: readonly Integral[] = [
  ["sin", (x) => x.sin(), 0, PI, 2],
  ["a polynomial", (x) => x.pow(9).mul(10), 0, 2, 1024],
  ["a constant", () => 3, -1, 2, 9],
  ["backwards", (x) => x.exp(), 1, 0, 1 - E],
  ["no range", (x) => x.exp(), 1, 1, 0],
  ["1/√x", (x) => x.rsqrt(), 0, 1, 2],
  ["log", (x) => x.log(), 0, 1, -1],
  ["1/√(1 − x²)", (x) => x.square().neg().add(1).rsqrt(), -1, 1, PI],
  ["a kink", (x) => x.sub(0.3).abs(), 0, 1, 0.29],
  ["a jump", (x) => x.greater(0.4).astype("float64"), 0, 1, 0.6],
  ["a narrow peak", (x) => x.sub(0.2).mul(1e3).square().add(1).reciprocal(), -1, 1, (Math.atan(800) + Math.atan(1200)) / 1e3],
  ["waves", (x) => x.mul(50).cos(), 0, 1, sin(50) / 50],
  ["Gauss", (x) => x.square().neg().exp(), -Infinity, Infinity, sqrt(PI)],
  ["Gauss, half", (x) => x.square().neg().exp(), 0, Infinity, sqrt(PI) / 2],
  ["Cauchy", (x) => x.square().add(1).reciprocal(), -Infinity, Infinity, PI],
  ["Cauchy, backwards", (x) => x.square().add(1).reciprocal(), Infinity, -Infinity, -PI],
  ["exp from −∞", (x) => x.exp(), -Infinity, 2, exp(2)],
  ["exp to −∞", (x) => x.exp(), 2, -Infinity, -exp(2)],
  ["x^-1/2 e^-x", (x) => x.rsqrt().mul(x.neg().exp()), 0, Infinity, sqrt(PI)],
  ["1/x²", (x) => x.pow(-2), 1, Infinity, 1],
  ["nothing", (x) => x.exp(), Infinity, Infinity, 0],
];

test.each(integrals)("%s", (_, f, a, b, want) => {
  const { value, error, converged, status, evaluations, iterations } = quad(f, a, b);
  expect([converged, status]).toEqual([true, "converged: the estimated error is within the tolerance"]);
  expect(Math.abs((value.item() as number) - want)).toBeLessThan(Math.max(1e-10, 1e-10 * Math.abs(want)));
  expect(evaluations).toBe(21 * (2 * iterations + 1));
  expect(error.item()).toBeLessThanOrEqual(1e-10 * Math.max(1, Math.abs(want)));
  const compiled = jit(() => quad(f, a, b));
  expect(compiled().value.item()).toBeCloseTo(value.item() as number, 12);
  expect(compiled().evaluations.item()).toBe(evaluations);
});

const lanes = (list: readonly number[]): NDArray => array(list as number[]);
test("each lane has its own ends, function and intervals", () => {
  const f = (p: NDArray, b: NDArray) => quad((x) => x.sub(p).abs().sqrt(), 0, b);
  const [ps, bs] = [lanes([0.3, -1, 2, 0.001]), lanes([1, 2, 1, 50])];
  const all = vmap(f)(ps, bs);
  const compiled = jit(vmap(f))(ps, bs);
  const evaluations = all.evaluations as unknown as NDArray;
  expect(new Set(evaluations.toArray() as number[]).size).toBeGreaterThan(2);
  [0, 1, 2, 3].forEach((i) => {
    const own = f(ps.slice(i), bs.slice(i));
    expect(all.value.slice(i).item()).toBeCloseTo(own.value.item() as number, 12);
    expect(compiled.value.slice(i).item()).toBeCloseTo(own.value.item() as number, 12);
    expect(evaluations.slice(i).item()).toBe(own.evaluations);
  });
});

// ∫ₐᵇ cos(p x) dx, and everything that it is differentiated by.
const wave = (p: NDArray, a: NDArray, b: NDArray): NDArray => quad((x) => x.mul(p).cos(), a, b).value;
const [p, a, b] = [2, -0.4, 0.7];
const exact = {
  value: (sin(p * b) - sin(p * a)) / p,
  p: (b * cos(p * b) - a * cos(p * a)) / p - (sin(p * b) - sin(p * a)) / p ** 2,
  a: -cos(p * a),
  b: cos(p * b),
  ab: 0,
  aa: p * sin(p * a),
  bb: -p * sin(p * b),
  pa: a * sin(p * a),
  pb: -b * sin(p * b),
  bbb: -(p ** 2) * cos(p * b),
};
const at = [array(p), array(a), array(b)] as const;
test("derivatives by what f closes over and by both ends, of every order, in every mode", () => {
  const near = (x: NDArray, want: number): void => expect(x.item()).toBeCloseTo(want, 10);
  const gradient = grad(wave, { argnums: [0, 1, 2] });
  for (const run of [gradient, jit(gradient)]) [exact.p, exact.a, exact.b].forEach((want, i) => near(run(...at)[i], want));
  near(wave(...at), exact.value);
  near(jvp(wave, [...at], [array(1), array(2), array(3)])[1], exact.p + 2 * exact.a + 3 * exact.b);
  const H = hessian(wave, { argnums: [0, 1, 2] });
  for (const run of [H, jit(H)]) {
    const rows = run(...at) as unknown as NDArray[][];
    near(rows[1][1], exact.aa);
    near(rows[2][2], exact.bb);
    near(rows[1][2], exact.ab);
    near(rows[0][1], exact.pa);
    near(rows[2][0], exact.pb);
  }
  const third = (x: NDArray) => grad(grad(grad((b: NDArray) => wave(at[0], at[1], b))))(x);
  near(third(at[2]), exact.bbb);
  const many = vmap(grad(wave, { argnums: 2 }), { inAxes: [null, null, 0] })(at[0], at[1], lanes([0.1, 0.7, 3]));
  [0.1, 0.7, 3].forEach((b, i) => near(many.slice(i), cos(p * b)));
});

const forward = (f: (k: NDArray) => NDArray) => (k: NDArray) => jvp(f, [k], [array(1)])[1];
const modes = { grad: (f: (k: NDArray) => NDArray) => (k: NDArray) => grad(f)(k), jvp: forward };
type Slope = (f: (k: NDArray) => NDArray) => (k: NDArray) => NDArray;
const pairs = Object.entries(modes).flatMap(([outer, of]) =>
  Object.entries(modes).map(([inner, by]): [string, Slope] => [`${outer} of ${inner}`, (f) => of(by(f))]),
);
const inLanes = (f: (k: NDArray) => NDArray) => (k: NDArray) => vmap(f)(k.expandDims(0)).slice(0);
const seconds: Record<string, Slope> = {
  ...Object.fromEntries(
    pairs.flatMap(([name, of]): [string, Slope][] => [
      [name, of],
      [`${name}, in a program`, (f) => jit(of(f))],
      [`${name}, of a program`, (f) => of(jit(f))],
      [`${name}, in lanes`, (f) => inLanes(of(f))],
      [`${name}, of lanes`, (f) => of(inLanes(f))],
    ]),
  ),
  hessian: (f) => (k) => hessian(f)(k),
};
const thirds = Object.fromEntries(
  Object.entries(modes).flatMap(([outer, of]) => pairs.map(([name, by]): [string, Slope] => [`${outer} of ${name}`, (f) => of(by(f))])),
);
const normal = exp(-0.32) / quad((x) => x.square().div(-2).exp(), -Infinity, 0.8).value.item();
/** Functions of integrals, with their second and third derivatives at 0.8. */
const nonlinear: Record<string, readonly [f: (k: NDArray) => NDArray, second: number, third: number]> = {
  "the square": [(k) => quad((x) => x, 0, k).value.square(), 3 * 0.8 ** 2, 6 * 0.8],
  "k as the lower limit": [(k) => quad((x) => x, k, 0).value.square(), 3 * 0.8 ** 2, 6 * 0.8],
  "an infinite limit": [
    (k) => quad((x) => x.square().div(-2).exp(), -Infinity, k).value.log(),
    -normal * (0.8 + normal),
    normal * (0.64 - 1 + 2.4 * normal + 2 * normal ** 2),
  ],
  "passed on into another integral": [
    (k) => quad((x) => x.square(), 0, quad((x) => x.mul(2), 0, k).value).value,
    10 * 0.8 ** 4,
    40 * 0.8 ** 3,
  ],
  "passed on into a root": [(k) => root((x: NDArray) => x.sub(quad((x) => x, 0, k).value.square()), 0.2).x, 3 * 0.8 ** 2, 6 * 0.8],
  "of an array computed outside of the function": [
    (k) => {
      const b = k.square();
      return quad((x) => x.mul(b), 0, k).value;
    },
    6 * 0.8 ** 2,
    12 * 0.8,
  ],
};
for (const [name, [f, second, third]] of Object.entries(nonlinear)) {
  test.each(Object.entries(seconds))(`a nonlinear function has second derivatives, ${name}: %s`, (_, of) => {
    expect(of(f)(array(0.8)).item()).toBeCloseTo(second, 7);
  });
  test.each(Object.entries(thirds))(`a nonlinear function has third derivatives, ${name}: %s`, (_, of) => {
    expect(of(f)(array(0.8)).item()).toBeCloseTo(third, 6);
  });
}

test("where the derivatives of f are infinite at an end, those by it are there", () => {
  const f = (a: NDArray, k: NDArray) => quad((x) => x.sqrt().mul(k), a, 1).value;
  for (const slope of [grad(f, { argnums: [0, 1] }), jit(grad(f, { argnums: [0, 1] })), grad(jit(f), { argnums: [0, 1] })]) {
    const [da, dk] = slope(array(0), array(3));
    expect(da.item()).toBeCloseTo(0, 12);
    expect(dk.item()).toBeCloseTo(2 / 3, 9);
  }
});

test("one end is infinite, the other one and the function have derivatives", () => {
  const tail = (k: NDArray, a: NDArray) => quad((x) => x.mul(k).neg().exp(), a, Infinity).value;
  const [dk, da] = grad(tail, { argnums: [0, 1] })(array(2), array(0.5));
  expect(dk.item()).toBeCloseTo(-exp(-1) * (0.5 / 2 + 1 / 4), 9);
  expect(da.item()).toBeCloseTo(-exp(-1), 10);
});

test("the derivative by an end is the value there, whatever happens between", () => {
  const jump = (b: NDArray) => quad((x) => x.greater(0.4).where(5, 1), 0, b).value;
  expect(grad(jump)(array(0.9)).item()).toBeCloseTo(5, 12);
});

test("where f is infinite at an end, so is the derivative by it; the others are there", () => {
  const f = (a: NDArray, b: NDArray, k: NDArray) => quad((x) => x.rsqrt().mul(k), a, b).value;
  const [da, db, dk] = grad(f, { argnums: [0, 1, 2] })(array(0), array(4), array(3));
  expect([da.item(), db.item()]).toEqual([-Infinity, 1.5]);
  expect(dk.item()).toBeCloseTo(4, 9);
});

test("results of any shape, and integrals inside of integrals", () => {
  const { value } = quad((x) => stack([x.sin(), x, x.mul(0).add(2)]).reshape(3, 1), 0, PI);
  expect(value.shape).toEqual([3, 1]);
  [2, PI ** 2 / 2, 2 * PI].forEach((want, i) => expect(value.slice(i, 0).item()).toBeCloseTo(want, 10));
  const disc = (r: NDArray) => quad((x) => quad((y) => y.square().add(x.square()), 0, r.square().sub(x.square()).sqrt()).value, 0, r).value;
  expect(disc(array(SQRT2)).item()).toBeCloseTo(PI / 2, 9);
  expect(grad(disc)(array(SQRT2)).item()).toBeCloseTo((PI / 2) * SQRT2 ** 3, 6);
  expect(jit(grad(disc))(array(SQRT2)).item()).toBeCloseTo((PI / 2) * SQRT2 ** 3, 6);
});

test("float32 stays float32", () => {
  const end = array(1, { dtype: "float32" });
  const { value, converged } = quad((x) => x.exp(), 0, end);
  expect([value.dtype, converged]).toEqual(["float32", true]);
  expect(value.item()).toBeCloseTo(E - 1, 6);
});

test("it says why it stopped", () => {
  const rough = quad((x) => x.mul(1e4).sin().abs(), 0, 1, { limit: 5 });
  expect([rough.converged, rough.status]).toEqual([false, "stopped: there are as many intervals as limit allows"]);
  const broken = quad((x) => x.sub(0.5).sqrt(), 0, 1);
  expect([broken.converged, broken.status]).toEqual([false, "stopped: the function gives a value that is not finite"]);
});

test("a function that gives no elements has no integrals", () => {
  const { value, converged } = quad((x) => x.mul(array([]) as NDArray), 0, 1);
  expect([value.shape, converged]).toEqual([[0], true]);
});

test.each([
  [() => quad(3 as never, 0, 1), "quad: "],
  [() => quad((x) => x, 0, 1, { limit: 2 ** 31 }), "quad: 2147483648 elements"],
  [() => quad((x) => x, "0" as never, 1), "quad: "],
  [() => quad((x) => x, [0, 1], 1), "quad: a is a JS array of length 2; give a number or an array of shape []"],
  [() => quad((x) => x, 0, 1, { epsabs: 1 } as never), 'quad: there is no option "epsabs"'],
  [() => quad((x) => x, 0, 1, { atol: -1 }), "quad: atol is -1 (number); give a number of 0 or more."],
  [() => quad((x) => x, 0, 1, { limit: 0.5 }), "quad: limit is 0.5 (number); give a number of 1 or more."],
  [() => vmap((b: NDArray) => quad((x) => x, 0, b).value)(lanes([1, Infinity])), "quad: b is infinite in some lanes of vmap"],
  [() => quad(() => undefined as never, 0, 1), "quad: "],
])("what is wrong is refused in words: %s", (run, message) => {
  expect(run).toThrow(message);
});
