import { array, checkpoint, cond, customJvp, customVjp, grad, type NDArray, scan, vjp, whileLoop } from "@ad/core";
import { jvp } from "@ad/forward";
import { hessian } from "@ad/functional";
import { vmap } from "@ad/vmap";
import { expect, test } from "vitest";
import { jit } from "../src/index.js";

/** A user's rule that is not the derivative of its function: in second derivatives it shows which of the two gave a value. */
const tripled = customVjp(
  (x: NDArray) => x,
  (x: NDArray) => [x, (ct: NDArray) => [ct.mul(3)]],
);
const flows: Readonly<Record<string, (x: NDArray) => NDArray>> = {
  cond: (x) => cond(x.greater(0), tripled, (x) => x, x).pow(3),
  scan: (x) => scan((s: NDArray, r) => [tripled(s).mul(r), null], x, array([0.5, -1, 2]))[0].pow(3),
  whileLoop: (x) =>
    whileLoop(
      (s) => s.less(10),
      (s: NDArray) => tripled(s).square(),
      x,
    ).pow(3),
};
const two = array(2);

test.each(Object.entries(flows))("%s has the second derivative that it has without jit", (_, f) => {
  const wanted = hessian(f)(two).item();
  expect(jit(hessian(f))(two).item()).toBeCloseTo(wanted, 8);
  expect(hessian(jit(f), { outerStrategy: "forward" })(two).item()).toBeCloseTo(wanted, 8);
});

test.each(Object.entries(flows))("%s has it in reverse mode too", (_, f) => {
  const wanted = grad(grad(f))(two).item();
  expect(jit(grad(grad(f)))(two).item()).toBeCloseTo(wanted, 8);
  expect(grad(grad(jit(f)))(two).item()).toBeCloseTo(wanted, 8);
});

test("a rule by vjp of a checkpoint that closes over its argument has the derivatives that it has without jit", () => {
  const f = (x: NDArray): NDArray => checkpoint((u: NDArray) => u.mul(x))(x);
  const own = customVjp(f, (x: NDArray) => vjp(f, x));
  const loop = (x: NDArray): NDArray => scan((s: NDArray) => [own(s), null], x, array([1, 2]))[0];
  for (const g of [own, loop]) {
    const wanted = grad(g)(two).item();
    expect(grad(jit(g))(two).item()).toBe(wanted);
    expect(jit(grad(g))(two).item()).toBe(wanted);
  }
});

test("what a simplification gives of before is no value that a rule closes over", () => {
  const whole = (x: NDArray): NDArray => x.astype("int32").astype("float64");
  const own = customJvp(whole, ([x], [t]) => jvp(whole, [x], [t]));
  expect(jit((x: NDArray) => own(whole(x)))(array([0.3, -1.2, 2])).toArray()).toEqual([0, -1, 2]);
});

test("60 branches, one inside of the other, have gradients and second derivatives", () => {
  const nest = (n: number): ((x: NDArray) => NDArray) =>
    n === 0
      ? (x) => x.sin()
      : (x) =>
          cond(
            x.greater(n),
            (y: NDArray) => y.mul(2),
            (y: NDArray) => nest(n - 1)(y.mul(0.99)),
            x,
          );
  const f = nest(60);
  expect(jit(grad(f))(two).item()).toBeCloseTo(grad(f)(two).item(), 12);
  expect(grad(grad(jit(f)))(two).item()).toBeCloseTo(grad(grad(f))(two).item(), 12);
});

type Change = (f: (x: NDArray) => NDArray) => (x: NDArray) => NDArray;

/** Rules that name the function that they are rules of, as rules of any order do: each other's, and its own by both kinds of rule. */
function recursive(y: NDArray): Readonly<Record<string, (x: NDArray) => NDArray>> {
  const sin: (x: NDArray) => NDArray = customVjp(
    (x: NDArray) => x.sin().mul(y),
    (x: NDArray) => [sin(x), (ct: NDArray) => [ct.mul(cos(x))]],
  );
  const cos: (x: NDArray) => NDArray = customVjp(
    (x: NDArray) => x.cos().mul(y),
    (x: NDArray) => [cos(x), (ct: NDArray) => [ct.mul(sin(x)).neg()]],
  );
  const root: (x: NDArray) => NDArray = customJvp(
    (x: NDArray) => x.sqrt().mul(y),
    ([x]: [NDArray], [t]: [NDArray]) => [root(x), t.mul(y.square()).div(root(x).mul(2))],
  );
  const exp: (x: NDArray) => NDArray = customVjp(
    (x: NDArray) => x.exp().mul(y),
    (x: NDArray) => [exp(x), (ct: NDArray) => [ct.mul(exp(x))]],
  );
  const loop = (x: NDArray): NDArray => scan((s: NDArray) => [cond(s.greater(0), sin, root, s), null], x, array([1, 2]))[0];
  return { sin, root, exp, loop };
}

test.each(Object.keys(recursive(two)))("a rule that calls its own function has derivatives of any order: %s", (name) => {
  const x = array(0.7);
  const ys = array([1, 1.5]);
  const at =
    (change: Change) =>
    (y: NDArray): NDArray =>
      change(recursive(y)[name])(x);
  const orders: readonly Change[] = [(f) => f, (f) => grad(f), (f) => grad(grad(f)), (f) => hessian(f)];
  for (const order of orders) {
    const wanted = vmap(at(order))(ys);
    const compiled: readonly Change[] = [(f) => jit(order(f)), (f) => order(jit(f))];
    for (const own of compiled) expect(vmap(at(own))(ys).sub(wanted).abs().max().item()).toBeLessThan(1e-12);
  }
});

test("such a rule runs once where nothing is differentiated", () => {
  let runs = 0;
  const counted: (x: NDArray) => NDArray = customVjp(
    (x: NDArray) => x.exp(),
    (x: NDArray) => {
      runs++;
      return [counted(x), (ct: NDArray) => [ct.mul(counted(x))]];
    },
  );
  jit(counted)(two);
  expect(runs).toBe(1);
});

test.each([
  ["of running products", (x: NDArray, w: NDArray) => grad((y: NDArray) => y.cumprod().mul(w).sum())(x)],
  ["along a tangent", (x: NDArray, w: NDArray) => jvp((y: NDArray) => y.cumprod(), [x], [w])[1]],
] as const)("derivatives %s of float32 past the range on the way are those of float64, as without jit", (_, f) => {
  const [x, w] = [
    array([-6.3e-27, -4.4e-17, 4.6e-38, 2.9e-28, -1.8e-17, 0], { dtype: "float32" }),
    array([5.6e-26, 1.8e27, 2e-20, 4.3e-32, 9.9e4, 2.2e6], { dtype: "float32" }),
  ];
  const wanted = f(x.astype("float64"), w.astype("float64")).astype("float32").toArray() as number[];
  const got = jit(f)(x, w).toArray() as number[];
  wanted.forEach((slope, i) => {
    expect(Math.abs(got[i] - slope)).toBeLessThanOrEqual(1e-6 * Math.abs(slope));
  });
});

type Step = (parameter: readonly NDArray[], x: NDArray) => NDArray;

/** A fixed point by implicit differentiation as JAX's guide has it: the equation of the pullback is solved by another such function. */
function fixedPoint(step: Step): (parameter: readonly NDArray[], guess: NDArray) => NDArray {
  const solve: ReturnType<typeof fixedPoint> = customVjp(
    (parameter: readonly NDArray[], guess: NDArray) =>
      whileLoop(
        ([before, x]) => before.sub(x).abs().greater(1e-9),
        ([, x]: readonly NDArray[]) => [x, step(parameter, x)],
        [guess, step(parameter, guess)],
      )[1],
    (parameter: readonly NDArray[], guess: NDArray) => {
      const star = solve(parameter, guess);
      const around: Step = ([a, x, ct], u) => ct.add(vjp((y: NDArray) => step([a], y), x)[1](u)[0]);
      const pull = (ct: NDArray) =>
        vjp((p: readonly NDArray[]) => step(p, star), parameter)[1](fixedPoint(around)([...parameter, star, ct], ct));
      return [star, (ct: NDArray) => [pull(ct)[0], null]];
    },
  );
  return solve;
}

test("a rule that makes another function with a rule in each run is compiled, with its derivatives", () => {
  const root = (a: NDArray): NDArray => fixedPoint(([a], x) => x.add(a.div(x)).div(2))([a], a);
  const near = (f: (x: NDArray) => NDArray, wanted: number): void => expect(jit(f)(two).item()).toBeCloseTo(wanted, 12);
  near(root, 2 ** 0.5);
  near(grad(root), 0.5 / 2 ** 0.5);
});
