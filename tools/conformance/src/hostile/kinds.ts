import { array, eye, type NDArray } from "@ad/core";
import { key } from "@ad/random";
import { sgd } from "@ad/solve";
import { SparseMatrix, sparsity } from "@ad/sparse";
import { Mine } from "./values.js";

/** A test that ends its loop: one that never does is the user's own. */
export function ending(test: (x: NDArray) => unknown): (x: NDArray) => unknown {
  let left = 20;
  return (x) => left-- > 0 && test(x);
}

/** Makers of good arguments, by their kinds. */
const kinds = {
  x: () =>
    array([
      [1, 2, 0.5],
      [0.3, 4, 1],
      [2, 1, 5],
    ]),
  v: () => array([0.5, 1, 2]),
  n: () => 0.5,
  b: () => true,
  on: () => array([true, false, true]),
  indices: () => array([0, 2], { dtype: "int32" }),
  like: () => array([[0, 0, 0]], { dtype: "int32" }),
  ints: () => [1, 2],
  integer: () => 1,
  axis: () => 0,
  axes: () => [0, 1],
  shape: () => [3, 3],
  list: () => [array([1, 2]), array([3, 4])],
  index: () => [0, [0, 2]],
  entry: () => [0, 2],
  device: () => "cpu",
  dtype: () => "float32",
  equation: () => "ij,jk->ik",
  name: () => "i",
  matrix: () => eye(3).mul(3),
  signal: () => array([[[1, 2, 3, 4]]]),
  keep: () => ({ keepdims: true }),
  ddof: () => ({ ddof: 1 }),
  ord: () => ({ ord: 1 }),
  approximate: () => ({ approximate: true }),
  side: () => ({ side: "right" }),
  lower: () => ({ lower: true }),
  value: () => ({ value: 1 }),
  made: () => ({ dtype: "float64", shape: [2] }),
  stride: () => ({ stride: 1, padding: "same", dilation: 1, groups: 1 }),
  window: () => ({ window: 2, stride: 1 }),
  argnums: () => ({ argnums: 0, hasAux: false }),
  aux: () => ({ hasAux: false }),
  mapped: () => ({ inAxes: 0, outAxes: 0 }),
  sweep: () => ({ vectorize: true, chunkSize: 2 }),
  order: () => ({ outerStrategy: "forward" }),
  rows: () => ({ interactions: "diagonal" }),
  check: () => ({ order: 1, modes: ["forward"] }),
  rules: () => ({ forward: (x: NDArray) => x.sin() }),
  f: () => (x: NDArray) => x.sin(),
  scalar: () => (x: NDArray) => x.sin().sum(),
  two: () => (x: NDArray, y: NDArray) => x.mul(y),
  vjpRule: () => (x: NDArray) => [x.sin(), (ct: NDArray) => [ct.mul(x.cos())]],
  jvpRule:
    () =>
    ([x]: [NDArray], [t]: [NDArray]) => [x.sin(), t.mul(x.cos())],
  withAux: () => (x: NDArray) => [x.sin(), "note"],
  thunk: () => () => array(1),
  test: () => ending((x: NDArray) => x.sum().less(5)),
  body: () => (x: NDArray) => x.add(1),
  counted: () => (_: NDArray, x: NDArray) => x.add(1),
  step: () => (s: NDArray, x: NDArray) => [s.add(x), x],
  branches: () => [(x: NDArray) => x, (x: NDArray) => x.neg()],
  linear: () => (x: NDArray) => x.mul(3),
  tuple: () => [array([1, 2])],
  three: () => [array([0.5, 1, 2])],
  widths: () => [
    [1, 0],
    [0, 2],
  ],
  pairs: () => [
    [0, 1],
    [1, 0],
  ],
  stacked: () => [
    array([
      [1, 2],
      [3, 4],
    ]),
  ],
  pattern: () => sparsity((x: NDArray) => x.slice([1, null]).mul(x.slice([0, -1])))(array([1, 2, 3])),
  paint: () => ({ kind: "columns", order: "natural", check: true }),
  point: () => ({ at: "point", argnums: 0 }),
  few: () => ({ flat: true, chunkSize: 2, check: true }),
  key: () => key(3),
  draws: () => [3],
  count: () => 4,
  drawn: () => ({ dtype: "float32" }),
  ends: () => ({ min: -1, max: 2, dtype: "float32" }),
  weights: () => ({ replace: true, p: [0.2, 0.3, 0.5], axis: 0 }),
  permuted: () => ({ axis: 0, independent: true }),
  outcomes: () => ({ axis: 0 }),
  ball: () => ({ p: 1, dtype: "float64" }),
  replacements: () => ({ nan: 1, posinf: 2, neginf: -2 }),
  slope: () => ({ negativeSlope: 0.1 }),
  alpha: () => ({ alpha: 0.5 }),
  bounds: () => ({ min: -0.5, max: 0.5 }),
  close: () => ({ rtol: 0.1, atol: 0.1, equalNaN: true }),
  equalNaN: () => ({ equalNaN: true }),
  invert: () => ({ invert: true }),
  unique: () => ({ returnCounts: true, axis: 0 }),
  prepended: () => ({ prepend: 0, append: 1 }),
  ends1d: () => ({ toBegin: [0, 1], toEnd: 2 }),
  trapezoid: () => ({ dx: 0.5, axis: -1 }),
  cumulative: () => ({ dx: 0.5, axis: -1, initial: 0 }),
  spaced: () => ({ spacing: [2, array([0, 1, 3])], axis: [0, 1], edgeOrder: 2 }),
  beyond: () => ({ left: 0, right: 1, period: 4 }),
  unwrapped: () => ({ discont: 4, axis: 0, period: 3 }),
  onAxis: () => ({ axis: -1 }),
  averaged: () => ({ weights: array([1, 2, 3]), keepdims: true }),
  cov: () => ({ rowvar: false, bias: true, ddof: 1, fweights: [1, 2, 1], aweights: array([0.5, 1, 2]) }),
  rowvar: () => ({ rowvar: false }),
  tally: () => ({ weights: array([0.5, 1]), minlength: 2, length: 4 }),
  right: () => ({ right: true }),
  histogram: () => ({
    range: [0, 3],
    density: true,
    weights: array([
      [1, 2, 1],
      [1, 1, 1],
      [2, 1, 1],
    ]),
  }),
  cube: () => array([[[1, 2, 3]], [[4, 5, 6]]]),
  largest: () => ({ largest: false, axis: 0 }),
  mode: () => "same",
  increasing: () => ({ increasing: true }),
  fitted: () => ({ weights: array([1, 2, 1]) }),
  conditions: () => [array([true, false, true]), array([false, true, true])],
  choices: () => [array([1, 2, 3]), 5],
  pieces: () => [(x: NDArray) => x.sqrt(), 2, array([1, 2, 3])],
  grid: () => ({ indexing: "ij", sparse: true }),
  logged: () => ({ base: 2, dtype: "float32" }),
  drawnWindow: () => ({ periodic: true, dtype: "float32" }),
  hot: () => ({ dtype: "float32", axis: 0 }),
  indices3: () => array([0, 2, 1], { dtype: "int32" }),
  loss: () => ({ weights: array([1, 2, 0.5]), ignoreIndex: 1, reduction: "sum" }),
  smoothed: () => ({ weights: array([1, 2, 0.5]), ignoreIndex: 1, reduction: "none", labelSmoothing: 0.1 }),
  count3: () => 3,
  layer: () => ({ weight: array([1, 2, 3]), bias: array([0, 1, 0]), eps: 0.1 }),
  attention: () => ({ mask: array([true, false, true]), isCausal: true, scale: 0.5 }),
  kernel: () => array([[[1, 2, 3]]]),
  upsampling: () => ({ stride: 2, padding: 1, outputPadding: 1, dilation: 1, groups: 1 }),
  signals: () => ({
    re: array([
      [1, 2, 3],
      [4, 5, 6],
    ]),
    im: array([0.5, 1, 2]),
  }),
  line: () => ({ n: 4, axis: 0, norm: "ortho" }),
  plane: () => ({ s: [2, 4], axes: [0, 1], norm: "forward" }),
  cosine: () => ({ type: 3, n: 4, axis: 0, norm: "ortho" }),
  sparse: () => SparseMatrix.fromCoordinates([3, 3], [0, 0, 1, 2], [0, 2, 1, 2], [4, 1, 4, 4]),
  solving: () => ({
    rtol: 1e-8,
    atol: 0,
    maxIterations: 20,
    x0: array([1, 1, 1]),
    preconditioner: (x: NDArray) => x.mul(0.3),
    onStep: () => {},
  }),
  restarted: () => ({ restart: 2, maxIterations: 20 }),
  many: () =>
    array([
      [1, 2],
      [3, 4],
    ]),
  between: () => ({ xtol: 1e-6, rtol: 1e-6, maxIterations: 8, onStep: () => {} }),
  crossing: () => (x: NDArray) => x.sub(0.7),
  system: () => (x: NDArray) => x.square().sub(2),
  rooting: () => ({ method: "hybrid", tol: 1e-8, xtol: 1e-8, maxIterations: 4, onStep: () => {} }),
  contraction: () => (x: NDArray) => x.mul(0.5).add(1),
  pointing: () => ({ anderson: 2, tol: 1e-8, maxIterations: 4, onStep: () => {} }),
  fitting: () => ({
    method: "dogleg",
    bounds: [-9, array([9, 9, 9])],
    loss: "huber",
    lossScale: 2,
    xtol: 1e-8,
    ftol: 1e-8,
    gtol: 1e-8,
    maxIterations: 3,
    onStep: () => {},
  }),
  curve: () => (x: NDArray, p: NDArray) => x.mul(p),
  curveFitting: () => ({ sigma: array([0.5, 1, 2]), absoluteSigma: true, maxIterations: 3, loss: "softL1" }),
  fit: () => ({ params: array([0.5, 1, 2]), covariance: eye(3), degreesOfFreedom: 2, absoluteSigma: false }),
  level: () => ({ level: 0.9 }),
  bowl: () => (x: NDArray) => x.sub(1).square().sum(),
  minimizing: () => ({
    method: "lbfgs",
    bounds: [-9, array([9, 9, 9])],
    gtol: 1e-8,
    ftol: 1e-8,
    xtol: 1e-8,
    maxIterations: 3,
    memory: 2,
    onStep: () => {},
  }),
  flow: () => (_: NDArray, y: NDArray) => y.neg(),
  times: () => [0, 0.1, 0.2],
  integrating: () => ({
    method: "rosenbrock",
    rtol: 1e-3,
    atol: 1e-3,
    maxSteps: 4,
    firstStep: 0.1,
    substeps: 1,
    jacobian: () => eye(3).neg(),
    args: 1,
    gradient: "steps",
    checkpoint: "sqrt",
    events: [{ when: (_: NDArray, y: NDArray) => y.slice(0).sub(0.45), terminal: true, direction: -1, limit: 2 }],
    onStep: () => {},
  }),
  integral: () => ({ atol: 1e-3, rtol: 1e-3, limit: 3 }),
  boundary: () => ({ boundary: "natural" }),
  squareRoot: () => (a: NDArray) => a.sqrt(),
  squared: () => (x: NDArray, a: NDArray) => x.square().sub(a),
  linearSolve: () => ({ linearSolve: (g: (v: NDArray) => NDArray, y: NDArray) => y.div(g(y.mul(0).add(1))) }),
  solver: () => (_: unknown, x: NDArray) => x.mul(0).add(Math.SQRT2),
  division: () => (g: (v: NDArray) => NDArray, y: NDArray) => y.div(g(y.mul(0).add(1))),
  symmetric: () => ({ symmetric: true, hasAux: false }),
  optimizer: () => sgd(0.5),
  momentum: () => ({ momentum: 0.9, nesterov: true }),
  nesterov: () => ({ nesterov: true }),
  moments: () => ({ b1: 0.8, b2: 0.9, eps: 1e-6, epsRoot: 1e-9, nesterov: true }),
  decayed: () => ({ b1: 0.8, b2: 0.9, weightDecay: 0.1 }),
  meanSquare: () => ({ decay: 0.8, eps: 1e-6, initialScale: 0.1, epsInSqrt: true, centered: true, momentum: 0.9, nesterov: false }),
  later: () => ({ transitionBegin: 2 }),
  falling: () => ({ transitionBegin: 2, staircase: true, endValue: 0.1 }),
  halfWave: () => ({ alpha: 0.1, exponent: 2 }),
  warm: () => ({ endValue: 0.1, exponent: 2 }),
  factors: () => ({ 2: 0.5, 5: 0.1 }),
  schedules: () => [(count: NDArray) => count.mul(0.1), () => array(0.5)],
  begins: () => [3],
  steps: () => 9,
} as const satisfies Record<string, () => unknown>;

export type Kind = keyof typeof kinds;

/** The kinds that are objects, but no options. */
export const records: readonly Kind[] = ["signals", "fit", "optimizer", "factors"];

/** A good argument. */
export const good = (kind: Kind): unknown => guarded(kinds[kind]());

/** Errors that came out of a user's function: they name what that one called. */
export const ofUsers = new WeakSet<object>();

/** The user's functions in a value: what one of them does with what it did not expect is the user's own error. */
export function guarded(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(guarded);
  if (typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype)
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, guarded(inner)]));
  if (typeof value !== "function") return value;
  return (...args: unknown[]) => {
    try {
      return guarded(value(...args));
    } catch (error) {
      if (error instanceof Error) ofUsers.add(error);
      // Its own, if it was thrown in this file.
      throw error instanceof TypeError && error.stack?.split("\n")[1]?.includes("kinds") ? new Mine(error.message) : error;
    }
  };
}
