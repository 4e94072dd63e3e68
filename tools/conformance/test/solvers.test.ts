import { array, foriLoop, grad, type NDArray, stack } from "@ad/core";
import { isTurn } from "@ad/expect/turns";
import { jvp } from "@ad/forward";
import { jit } from "@ad/jit";
import * as random from "@ad/random";
import * as solve from "@ad/solve";
import { vmap } from "@ad/vmap";
import { describe, expect, test } from "vitest";

type Scalar = (a: NDArray) => NDArray;

const line = (x: NDArray, p: NDArray): NDArray => p.slice(0).mul(x).add(p.slice(1));
const fit = (a: NDArray) => solve.curveFit(line, [0, 1, 2, 3], array([0.5, 2, 3, 7]).mul(a), array([1, 0]));
/** The sum of an optimiser's second update, for gradients that depend on a. */
const updated =
  (make: (a: NDArray) => solve.Optimizer): Scalar =>
  (a) => {
    const optimizer = make(a);
    const params = { w: array([1, -1]) };
    const [, state] = optimizer.update({ w: a.mul([1, -2]) }, optimizer.init(params), params);
    const [updates] = optimizer.update({ w: a.square().mul([0.3, 0.1]) }, state, params) as [{ w: NDArray }, unknown];
    return updates.w.mul([1, 2]).sum();
  };

/** Every public function of solve that takes arrays, as a function of one number: total over the package's exports, so that a new one has to have its row. */
const solvers: { readonly [K in Exclude<keyof typeof solve, "statusOf">]: Scalar } = {
  applyUpdates: (a) => (solve.applyUpdates({ w: array(1) }, { w: a.square() }) as { w: NDArray }).w,
  bisect: (a) => solve.bisect((x) => x.square().sub(a), 0, 3).x,
  brent: (a) => solve.brent((x) => x.square().sub(a), 0, 3).x,
  confidenceBand: (a) => solve.confidenceBand(line, [2.5], fit(a)).upper.slice(0),
  cubicSpline: (a) => solve.cubicSpline([0, 1, 2, 3], stack([a, a.mul(2), a.square(), a]))(a),
  curveFit: (a) => fit(a).params.mul([1, 2]).sum(),
  customLinearSolve: (a) =>
    solve.customLinearSolve(
      (v: NDArray) => v.mul(a),
      array(3),
      (g, b) => b.div(g(array(1))),
      undefined,
      { symmetric: true },
    ),
  customRoot: (a) =>
    solve.customRoot(
      (x: NDArray) => x.square().sub(a),
      array(1),
      (f, x0) => foriLoop(0, 20, (_, x: NDArray) => x.sub((f(x) as NDArray).div(x.mul(2))), x0),
    ),
  fixedPoint: (a) => solve.fixedPoint((x: NDArray) => x.add(a.div(x)).mul(0.5), 1).x,
  implicit: (a) =>
    solve.implicit(
      (b: NDArray) => b.sqrt(),
      (x, b: NDArray) => x.square().sub(b),
    )(a),
  interp: (a) => solve.interp(a, [0, 1, 2, 3], [0, 1, 4, 9]),
  leastSquares: (a) => solve.leastSquares((x: NDArray) => [x.sub(a), x.square().sub(2)], 1).x,
  minimize: (a) => solve.minimize((x: NDArray) => x.sub(a).square().add(x.pow(4)), 0).x,
  odeSolve: (a) => solve.odeSolve((_, y: NDArray) => y.mul(a).neg(), array(2), [0, 1], { method: "rk4", substeps: 8 }).ys.slice(-1),
  quad: (a) => solve.quad((x) => x.mul(a).sin(), 0, a).value,
  root: (a) => solve.root((x: NDArray) => x.pow(3).sub(a), 1).x,
  adam: updated((a) => solve.adam(a)),
  adamw: updated((a) => solve.adamw(a)),
  addDecayedWeights: updated((a) => solve.addDecayedWeights(a)),
  chain: updated((a) => solve.chain(solve.clipByGlobalNorm(1), solve.sgd(a))),
  clipByGlobalNorm: updated(() => solve.clipByGlobalNorm(0.2)),
  lion: updated((a) => solve.lion(a)),
  momentum: updated(() => solve.momentum(0.9, { nesterov: true })),
  rmsprop: updated((a) => solve.rmsprop(a)),
  scaleByAdam: updated(() => solve.scaleByAdam()),
  scaleByLearningRate: updated((a) => solve.scaleByLearningRate(a)),
  sgd: updated((a) => solve.sgd(a, { momentum: 0.9 })),
  constantSchedule: (a) => solve.constantSchedule(a)(5).square(),
  cosineDecaySchedule: (a) => solve.cosineDecaySchedule(a, 10)(4),
  exponentialDecay: (a) => solve.exponentialDecay(a, 10, 0.5)(4),
  joinSchedules: (a) => solve.joinSchedules([solve.linearSchedule(0, a, 10), solve.constantSchedule(a)], [7])(5),
  linearSchedule: (a) => solve.linearSchedule(a, 0, 10)(4),
  piecewiseConstantSchedule: (a) => solve.piecewiseConstantSchedule(a, { 3: 0.5 })(5),
  polynomialSchedule: (a) => solve.polynomialSchedule(a, 0.1, 2, 10)(4),
  warmupCosineDecaySchedule: (a) => solve.warmupCosineDecaySchedule(0, a, 3, 9)(5),
  warmupExponentialDecaySchedule: (a) => solve.warmupExponentialDecaySchedule(0, a, 3, 9, 0.5)(5),
};

type Drawer = (key: NDArray, a: NDArray) => NDArray;
/** Every sampler, total over the package's exports; a is a parameter of those that have one. */
const samplers: { readonly [K in Exclude<keyof typeof random, "key">]: Drawer } = {
  split: (k) => random.split(k),
  foldIn: (k) => random.foldIn(k, 7),
  bits: (k) => random.bits(k, [3]),
  uniform: (k, a) => random.uniform(k, [3], { max: a }),
  normal: (k, a) => random.normal(k, [3]).mul(a),
  truncatedNormal: (k, a) => random.truncatedNormal(k, [3], a.neg(), a),
  exponential: (k, a) => random.exponential(k, [3]).div(a),
  laplace: (k, a) => random.laplace(k, [3]).mul(a),
  gumbel: (k, a) => random.gumbel(k, [3]).mul(a),
  logistic: (k, a) => random.logistic(k, [3]).mul(a),
  cauchy: (k, a) => random.cauchy(k, [3]).mul(a),
  gamma: (k, a) => random.gamma(k, [3], a),
  beta: (k, a) => random.beta(k, [3], a, 2),
  dirichlet: (k, a) => random.dirichlet(k, undefined, a.mul([1, 2, 3])),
  studentT: (k, a) => random.studentT(k, [3], a.add(2)),
  multivariateNormal: (k, a) =>
    random.multivariateNormal(
      k,
      undefined,
      a.mul([1, 2]),
      a
        .mul(0.1)
        .mul([
          [0, 1],
          [1, 0],
        ])
        .add([
          [2, 0],
          [0, 1],
        ]),
    ),
  orthogonal: (k, a) => random.orthogonal(k, [], 2).mul(a),
  ball: (k, a) => random.ball(k, [2], 3).mul(a),
  randint: (k) => random.randint(k, [3], 0, 1000),
  rademacher: (k) => random.rademacher(k, [8]),
  bernoulli: (k, a) => random.bernoulli(k, [8], a.div(3)),
  categorical: (k, a) => random.categorical(k, [8], a.mul([0, 1, 2])),
  poisson: (k, a) => random.poisson(k, [8], a.mul(3)),
  binomial: (k, a) => random.binomial(k, [8], 20, a.div(3)),
  permutation: (k, a) => random.permutation(k, a.mul([1, 2, 3, 4, 5])),
  shuffle: (k, a) => random.shuffle(k, a.mul([1, 2, 3, 4, 5])),
  choice: (k, a) => random.choice(k, [6], a.mul([1, 2, 3]), { p: [0.2, 0.3, 0.5] }),
};

const expectNear = (x: NDArray, y: NDArray, within = 1e-8): void => {
  expect(x.shape).toEqual(y.shape);
  const [a, b] = [x, y].map((each) => Array.from(each.astype("float64").data()));
  a.forEach((value, i) => expect(Math.abs(value - b[i])).toBeLessThanOrEqual(within * Math.max(1, Math.abs(b[i]))));
};
const lanes = array([1.1, 1.3, 1.7]);
const one = array(1.3);
const loop = (f: Scalar): NDArray => stack([0, 1, 2].map((i) => f(lanes.slice(i))));

/** Values and derivatives of both modes, in lanes and in programs, of which each run makes some. */
function identities(f: Scalar, k: number): void {
  const slope = grad(f);
  const along = (a: NDArray): NDArray => jvp(f, [a], [array(1)])[1];
  expectNear(along(one), slope(one));
  const further: readonly (() => void)[] = [
    () => expectNear(vmap(f)(lanes), loop(f)),
    () => expectNear(jit(f)(one), f(one)),
    () => expectNear(vmap(slope)(lanes), loop(slope)),
    () => expectNear(jit(slope)(one), slope(one)),
    () => expectNear(jit(vmap(along))(lanes), loop(along)),
    () => expectNear(vmap(jit(slope))(lanes), loop(slope)),
  ];
  for (const check of further.filter((_, i) => isTurn(i + k, 3))) check();
}

describe.each(Object.entries(solvers).map(([name, f], i) => [name, f, i] as const))("%s", (_, f, i) => {
  test("its derivative is that of differences, in both modes, in lanes and in programs", () => {
    const h = 1e-4;
    const difference = f(one.add(h))
      .sub(f(one.sub(h)))
      .div(2 * h);
    expectNear(grad(f)(one), difference, 2e-6);
    identities(f, i);
  });
});

describe.each(Object.entries(samplers).map(([name, draw], i) => [name, draw, i] as const))("%s", (_, draw, i) => {
  test("draws the same in lanes and in programs, and has one derivative in all of them", () => {
    const keys = random.split(random.key(5), 3);
    const own = (k: NDArray): NDArray => draw(k, one);
    expect(jit(own)(keys.slice(0)).toArray()).toEqual(own(keys.slice(0)).toArray());
    const alone = [0, 1, 2].map((lane) => own(keys.slice(lane)).toArray());
    expect(vmap(own)(keys).toArray()).toEqual(alone);
    expect(jit(vmap(own))(keys).toArray()).toEqual(alone);
    identities((a) => draw(keys.slice(1), a).astype("float64").mul(1).square().sum(), i);
  });
});
