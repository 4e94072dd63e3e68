import { array, cond, customJvp, customVjp, foriLoop, grad, type NDArray, scan, whileLoop } from "@ad/core";
import { jvp } from "@ad/forward";
import { vmap } from "@ad/vmap";
import { describe, expect, test } from "vitest";
import { jit } from "../src/index.js";

/** A user's rule that closes over a value which another transformation traces. */

const x = array(0.7);
const ys = array([1, 2]);
/** sin(x)·y, with twice its derivative. */
const doubled = (y: NDArray): ((x: NDArray) => NDArray) =>
  customVjp(
    (x: NDArray) => x.sin().mul(y),
    (x: NDArray) => [x.sin().mul(y), (ct: NDArray) => [ct.mul(x.cos()).mul(y).mul(2)]],
  );
const slopes = ys.mul(2 * Math.cos(0.7)).toArray();

test("is a value of the program where nothing but the rule reads it", () => {
  expect(vmap((y: NDArray) => jit(grad(doubled(y)))(x))(ys).toArray()).toEqual(slopes);
  expect(vmap((y: NDArray) => grad(jit(doubled(y)))(x))(ys).toArray()).toEqual(slopes);
});

test("is read in each call, and not that of the call before", () => {
  let y = array(1);
  const f = jit((x: NDArray) => doubled(y)(x));
  const values = (at: number): NDArray =>
    vmap((own: NDArray) => {
      y = own;
      return f(x);
    })(ys.mul(at));
  expect(values(1).toArray()).toEqual(ys.mul(Math.sin(0.7)).toArray());
  expect(values(3).toArray()).toEqual(ys.mul(3).mul(Math.sin(0.7)).toArray());
});

type Rule = (y: NDArray) => (x: NDArray) => NDArray;

/** The same with a rule for tangents, and with one whose pullback alone reads y. */
const pushed: Rule = (y) =>
  customJvp(
    (x: NDArray) => x.sin().mul(y),
    ([x], [t]) => [x.sin().mul(y), t.mul(x.cos()).mul(y).mul(2)],
  );
const late: Rule = (y) =>
  customVjp(
    (x: NDArray) => x.sin(),
    (x: NDArray) => [x.sin(), (ct: NDArray) => [ct.mul(x.cos()).mul(y)]],
  );

const flows: Readonly<Record<string, (rule: Rule) => Rule>> = {
  "no control flow": (rule) => (y) => (x) => rule(y)(rule(y)(x)).mul(y),
  cond: (rule) => (y) => (x) =>
    cond(
      x.greater(0),
      (x) => rule(y.mul(2))(x),
      (x) => x.neg(),
      x,
    ),
  foriLoop: (rule) => (y) => (x) => foriLoop(0, 3, (_, s: NDArray) => rule(y)(s), x),
  whileLoop: (rule) => (y) => (x) =>
    whileLoop(
      (s) => s.greater(0.4),
      (s: NDArray) => rule(y)(s).mul(0.5),
      x,
    ),
  "scan and its rows": (rule) => (y) => (x) => scan((s: NDArray, k) => [rule(k.mul(y))(s), null], x, array([1, 2, 0.5]))[0],
  "cond in scan": (rule) => (y) => (x) =>
    scan((s: NDArray, k) => [cond(s.greater(0), rule(k.mul(y)), (s) => s.mul(y), s), null], x, array([1, 2, 0.5]))[0],
};
type Compile = <F extends (...args: never) => NDArray>(f: F) => F;
const points = array([0.7, -0.2]);
const places: Readonly<Record<string, (f: Rule, own: Compile) => NDArray>> = {
  "an argument of jit": (f, own) => own((x: NDArray, y: NDArray) => f(y)(x))(x, array(1.3)),
  "an argument of jit, in a gradient": (f, own) => own((x: NDArray, y: NDArray) => grad(f(y))(x))(x, array(1.3)),
  "an argument of jit, in tangents": (f, own) => own((x: NDArray, y: NDArray) => jvp(f(y), [x], [x])[1])(x, array(1.3)),
  "an argument of jit, in a gradient around": (f, own) => grad(own((x: NDArray, y: NDArray) => f(y)(x)))(x, array(1.3)),
  "an argument of jit, for lanes": (f, own) => own((x: NDArray, y: NDArray) => vmap(grad(f(y)))(x))(points, array(1.3)),
  "a lane in jit": (f, own) => own((y: NDArray) => vmap((y: NDArray) => grad(f(y))(x))(y))(ys),
  "a lane around jit": (f, own) => vmap((y: NDArray) => own(grad(f(y)))(x))(ys),
  "a lane around a gradient of jit": (f, own) => vmap((y: NDArray) => grad(own(f(y)))(x))(ys),
  "a lane and an argument": (f, own) => vmap(grad(own((x: NDArray, y: NDArray) => f(y)(x))))(points, ys),
};

describe.each([
  ["customVjp", doubled],
  ["customJvp", pushed],
  ["a pullback", late],
] as const)("%s closes over", (_, rule) => {
  test.each(Object.keys(places))("%s, in all control flow", (place) => {
    for (const [flow, of] of Object.entries(flows)) {
      const run = (own: Compile): readonly number[] => places[place](of(rule), own).reshape([-1]).toArray() as number[];
      const [found, wanted] = [run((f) => jit(f as never) as never), run((f) => f)];
      found.forEach((value, i) => {
        expect(Math.abs(value - wanted[i]), flow).toBeLessThan(1e-12 * Math.max(1, Math.abs(wanted[i])));
      });
    }
  });
});

test.each(Object.keys(flows))("what is differentiated has to be an argument of the rule, in %s", (flow) => {
  const f = jit(grad((y: NDArray) => flows[flow](doubled)(y)(x)));
  expect(() => f(array(1.3))).toThrow(/uses an array that .* is no argument of it.* Pass it as an argument\.$/);
});

test("a loop's state is differentiated, unless stopGradient says otherwise", () => {
  const from = (own: (s: NDArray) => NDArray): ((x: NDArray) => NDArray) =>
    grad((x: NDArray) => scan((s: NDArray, k) => [doubled(own(s))(x).mul(k), null], array(1), array([1, 2]))[0]);
  const still = from((s) => s.stopGradient());
  expect(jit(still)(x).item()).toBeCloseTo(still(x).item(), 12);
  expect(() => jit(from((s) => s))(x)).toThrow(/is no argument of it/);
});

test("closes over what another rule closes over", () => {
  const f = (x: NDArray, y: NDArray): NDArray => {
    const outer = customVjp(
      (x: NDArray) => doubled(y)(x),
      (x: NDArray) => [doubled(y)(x), (ct: NDArray) => [ct.mul(doubled(y)(x))]],
    );
    return cond(x.greater(0), outer, outer, x);
  };
  const at = array(1.3);
  expect(jit(grad(f))(x, at).item()).toBeCloseTo(Math.sin(0.7) * 1.3, 14);
});

test("goes through control flow as an argument", () => {
  const ruled = customVjp(
    (x: NDArray, y: NDArray) => x.sin().mul(y),
    (x: NDArray, y: NDArray) => [x.sin().mul(y), (ct: NDArray) => [ct.mul(x.cos()).mul(y).mul(2), ct.mul(x.sin())]],
  );
  const f = (y: NDArray) => (x: NDArray) =>
    cond(
      x.greater(0),
      (x) => ruled(x, y),
      (x) => x.neg(),
      x,
    );
  expect(vmap((y: NDArray) => jit(grad(f(y)))(x))(ys).toArray()).toEqual(slopes);
});
