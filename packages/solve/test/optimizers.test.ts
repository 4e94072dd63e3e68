import { readFileSync } from "node:fs";
import { array, foriLoop, grad, type NDArray, scan, treeLeaves, treeMap } from "@ad/core";
import { jit } from "@ad/jit";
import { vmap } from "@ad/vmap";
import { expect, test } from "vitest";
import * as solve from "../src/index.js";
import { adam, adamw, applyUpdates, chain, clipByGlobalNorm, lion, type Optimizer, rmsprop, type Schedule, sgd } from "../src/index.js";

// Updates of Optax for the same gradients: tools/expectations/optax.py writes the file.
type Params = { readonly b: number; readonly w: readonly (readonly number[])[] };
interface Expected {
  readonly params: Params;
  readonly gradients: readonly Params[];
  readonly counts: readonly number[];
  readonly schedules: readonly (readonly [name: string, args: readonly unknown[], values: readonly number[]])[];
  readonly optimizers: readonly (readonly [name: string, args: readonly unknown[], trail: readonly Params[]])[];
}
const optax: Expected = JSON.parse(readFileSync(new URL("./expectations/optax.json", import.meta.url), "utf8"));
const tree = ({ b, w }: Params) => ({ b: array(b), w: array(w as number[][]) });
const named = solve as unknown as Readonly<Record<string, (...args: readonly unknown[]) => unknown>>;
const schedule = solve.warmupCosineDecaySchedule(0.01, 0.5, 4, 10);

const made = (name: string, args: readonly unknown[]): Optimizer =>
  name === "chain"
    ? chain(clipByGlobalNorm(1), adam(schedule))
    : (named[name === "trace" ? "momentum" : name](...args.map((arg) => (arg === "schedule" ? schedule : arg))) as Optimizer);

/** Expects the numbers of two trees to be near each other, relative to those of the second. */
function expectNear(x: unknown, want: unknown, tolerance: number): void {
  const [a, b] = [x, want].map((each) => treeLeaves(each).flatMap((leaf) => Array.from(leaf.data())));
  expect(a.length).toBe(b.length);
  const worst = Math.max(...a.map((value, i) => Math.abs(value - b[i]) / Math.max(1e-3, Math.abs(b[i]))));
  expect(worst).toBeLessThan(tolerance);
}

test.each(
  optax.optimizers.map(([name, args, trail]) => [`${name}(${JSON.stringify(args).slice(1, -1)})`, made(name, args), trail] as const),
)("%s gives Optax's numbers, step by step, and so it does under jit and in a scan", (_, optimizer, trail) => {
  const gradients = optax.gradients.map(tree);
  const first = tree(optax.params);
  const step = (params: unknown, state: unknown, g: unknown) => {
    const [updates, next] = optimizer.update(g, state, params);
    return [applyUpdates(params, updates), next] as const;
  };
  const compiled = jit(step);
  let [eager, quick] = [[first, optimizer.init(first)] as readonly unknown[], [first, optimizer.init(first)] as readonly unknown[]];
  gradients.forEach((g, i) => {
    eager = step(eager[0], eager[1], g);
    quick = compiled(quick[0], quick[1], g) as readonly unknown[];
    expectNear(eager[0], tree(trail[i]), 1e-12);
    expectNear(quick[0], tree(trail[i]), 1e-12);
  });
  const rows = treeMap((...all) => array(all), gradients[0], ...gradients.slice(1));
  const [[last]] = scan(
    ([params, state]: readonly unknown[], g: unknown) => [step(params, state, g), null],
    [first, optimizer.init(first)] as readonly unknown[],
    rows,
  );
  expectNear(last, tree(trail[trail.length - 1]), 1e-12);
});

test.each(optax.schedules.map(([name, args, values]) => [name, JSON.stringify(args), named[name](...args) as Schedule, values] as const))(
  "%s(%s) gives Optax's numbers",
  (_name, _args, of, values) => {
    expectNear(array(optax.counts.map((count) => of(array(count, { dtype: "int32" })))), array(values as number[]), 1e-12);
    expectNear(of(array(optax.counts as number[], { dtype: "int32" })), array(values as number[]), 1e-12);
    expectNear(jit(of as (x: NDArray) => NDArray)(array(optax.counts as number[])), array(values as number[]), 1e-12);
  },
);

const all: Readonly<Record<string, Optimizer>> = {
  sgd: sgd(0.1, { momentum: 0.5 }),
  adam: adam(schedule, { epsRoot: 1e-8 }),
  adamw: adamw(0.1, { epsRoot: 1e-8 }),
  rmsprop: rmsprop(0.1, { centered: true, eps: 1e-2, momentum: 0.5 }),
  lion: lion(schedule),
  clipped: chain(clipByGlobalNorm(0.5), sgd(schedule)),
};
const steps = (optimizer: Optimizer, params: NDArray, target: NDArray): NDArray =>
  foriLoop(
    0,
    5,
    (_, [x, state]: readonly [NDArray, unknown]) => {
      const [updates, next] = optimizer.update(grad((own: NDArray) => own.sub(target).square().sum())(x), state, x);
      return [applyUpdates(x, updates), next];
    },
    [params, optimizer.init(params)] as const,
  )[0];

test.each(Object.entries(all))("%s: a batch of runs is each run by itself, and a step is compiled once", (_, optimizer) => {
  const [params, targets] = [
    array([
      [0, 1],
      [2, 5],
      [3, -1],
    ]),
    array([
      [1, 1],
      [0, 0],
      [2, 9],
    ]),
  ];
  const lanes = [0, 1, 2].map((i) => steps(optimizer, params.slice(i), targets.slice(i)));
  expectNear(vmap((p: NDArray, t: NDArray) => steps(optimizer, p, t))(params, targets), array(lanes), 1e-13);
  let traced = 0;
  const step = jit((x: NDArray, state: unknown, g: NDArray) => {
    traced++;
    const [updates, next] = optimizer.update(g, state, x);
    return [applyUpdates(x, updates), next] as const;
  });
  let [x, state] = [params, optimizer.init(params)];
  for (let i = 0; i < 4; i++) [x, state] = step(x, state, targets);
  expect(traced).toBe(1);
});

test.each(Object.entries(all))("%s: derivatives through its steps are those of differences", (name, optimizer) => {
  const [params, target] = [array([0.2, 1.5]), array([1.3, 1])];
  const loss = (t: NDArray): NDArray => steps(optimizer, params, t).square().sum();
  const slope = grad(loss)(target).data();
  const h = 1e-5;
  [array([h, 0]), array([0, h])].forEach((e, i) => {
    const difference = (loss(target.add(e)).item() as number) - (loss(target.sub(e)).item() as number);
    expect(slope[i]).toBeCloseTo(difference / (2 * h), 5);
  });
  if (name === "lion") expect(Math.max(...slope.map(Math.abs))).toBe(0);
});

test.each(Object.entries(all))("%s: float32 stays float32, trees of both keep both", (_, optimizer) => {
  const params = { a: array([1, 2], { dtype: "float32" }), b: array([3]) };
  let [own, state] = [params, optimizer.init(params)];
  for (let i = 0; i < 2; i++) {
    const [updates, next] = optimizer.update(own, state, own);
    [own, state] = [applyUpdates(own, updates), next];
  }
  expect([own.a.dtype, own.b.dtype]).toEqual(["float32", "float64"]);
  expect(treeLeaves(state).map(({ dtype }) => dtype)).toEqual(treeLeaves(optimizer.init(params)).map(({ dtype }) => dtype));
});

test("the learning rate may be traced: its derivative is there", () => {
  const g = grad((rate: NDArray) => {
    const optimizer = sgd(rate);
    return applyUpdates(array(1), optimizer.update(array(2), optimizer.init(array(1)))[0]);
  })(array(0.5));
  expect(g.item()).toBe(-2);
});

test("gradients of zero stay what they are, with derivatives, where they are clipped", () => {
  const clipped = (g: NDArray): NDArray => clipByGlobalNorm(1).update(g, null)[0].sum();
  expect(grad(clipped)(array([0, 0])).toArray()).toEqual([1, 1]);
});

test.each([
  [() => sgd("fast" as never), "sgd: "],
  [() => sgd(true as never), "sgd: learningRate is true (boolean); give a number."],
  [() => sgd(array([1, 2])), "sgd: learningRate is an array of shape [2] and dtype float64; give a number, or map over it with vmap."],
  [() => adam(1, { beta1: 0.9 } as never), 'adam: there is no option "beta1". The options are b1, b2'],
  [() => sgd(1, { nesterov: 1 } as never), "sgd: nesterov is 1 (number); give one of [true,false]."],
  [() => chain(sgd(1), 3 as never), "chain: 3 (number) is no optimiser"],
  [() => adamw(1).update(array([1]), adamw(1).init(array([1]))), "adamw: update got no parameters"],
  [() => applyUpdates(array([1, 2]), array(1)), "applyUpdates: updates have shape [] at $, but params [2]; both must be alike."],
  [() => applyUpdates({ w: 1 }, [1]), "applyUpdates: updates have the form [*], but params"],
  [() => solve.warmupCosineDecaySchedule(0, 1, 2, 4)("3" as never), "warmupCosineDecaySchedule: "],
  [() => solve.joinSchedules([schedule, () => "1" as never], [1])(2), "joinSchedules: "],
  [() => solve.statusOf(array([1]) as never), "statusOf: there is no status an array"],
  [() => solve.cosineDecaySchedule(1, 0), "cosineDecaySchedule: decaySteps is 0 (number); give a number of 1 or more."],
  [() => solve.cosineDecaySchedule(1, 2.5), "cosineDecaySchedule: decaySteps is 2.5; give a whole number."],
  [() => solve.joinSchedules([schedule], [1]), "joinSchedules: "],
  [() => solve.piecewiseConstantSchedule(1, [1] as never), "piecewiseConstantSchedule: boundariesAndScales is a JS array of length 1"],
] as const)("what is wrong is refused in words: %s", (run, message) => {
  expect(run).toThrow(message);
});

test.each(["sgd", "adam", "adamw", "rmsprop", "lion"])("%s: a state or params of another form are refused by its name", (name) => {
  const [optimizer, params] = [all[name], { w: array([1]) }];
  const state = optimizer.init(params);
  const part = name === "sgd" ? "momentum|sgd" : name;
  expect(() => optimizer.update({ v: array([1]) }, state, params)).toThrow(
    new RegExp(`^(${part}): the state has the form .* give gradients`),
  );
  // One number would be spread over all parameters.
  const wide = { w: array([1, 2]) };
  expect(() => optimizer.update({ w: array(1) }, optimizer.init(wide), wide)).toThrow(
    new RegExp(`^(${part}): the state has the shape \\[2\\], but gradients \\[\\] at \\$.w; give gradients`),
  );
  expect(() => optimizer.update(params, undefined, params)).toThrow(`${name}: update got undefined as the state; give what init`);
  if (name === "adamw" || name === "lion")
    expect(() => optimizer.update(params, state, [array([1])])).toThrow(new RegExp(`^${name}: params has the form`));
});
