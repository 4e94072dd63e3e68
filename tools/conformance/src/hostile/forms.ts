import type * as core from "@ad/core";
import { array, eye, type NDArray } from "@ad/core";
import type * as forward from "@ad/forward";
import type * as functional from "@ad/functional";
import type * as vmap from "@ad/vmap";
import { Mine } from "./values.js";

/** What an argument is when it is good. */
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
  index: () => [0, 2],
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
  // A loop of the user's that never ends is the user's own; this one ends.
  test: () => {
    let left = 20;
    return (x: NDArray) => (left-- > 0 ? x.sum().less(5) : false);
  },
  body: () => (x: NDArray) => x.add(1),
  counted: () => (_: NDArray, x: NDArray) => x.add(1),
  step: () => (s: NDArray, x: NDArray) => [s.add(x), x],
  branches: () => [(x: NDArray) => x, (x: NDArray) => x.neg()],
  linear: () => (x: NDArray) => x.mul(3),
  tuple: () => [array([1, 2])],
  stacked: () => [
    array([
      [1, 2],
      [3, 4],
    ]),
  ],
  many: () =>
    array([
      [1, 2],
      [3, 4],
    ]),
} as const satisfies Record<string, () => unknown>;

export type Kind = keyof typeof kinds;

/** A good argument. What a user's function does with what it did not expect is the user's own error. */
export function good(kind: Kind): unknown {
  const value: unknown = kinds[kind]();
  if (kind === "branches") return (value as unknown[]).map(guarded);
  return typeof value === "function" ? guarded(value) : value;
}

function guarded(value: unknown): unknown {
  return (...args: unknown[]) => {
    try {
      return (value as (...given: unknown[]) => unknown)(...args);
    } catch (error) {
      throw error instanceof TypeError ? new Mine(error.message) : error;
    }
  };
}

/** The arguments of a function and, where a function comes back, of that one. */
export interface Form {
  readonly args: readonly Kind[];
  readonly then?: readonly Kind[];
}

const of = (...args: readonly Kind[]): Form => ({ args });
const transformed = (args: readonly Kind[], ...then: readonly Kind[]): Form => ({ args, then });

const unary = of("x");
const binary = of("x", "x");
const reduction = of("x", "axis", "keep");

type Functions<M> = {
  [K in keyof M]: M[K] extends abstract new (...args: never) => unknown ? never : M[K] extends (...args: never) => unknown ? K : never;
}[keyof M];
type Forms<M> = { readonly [K in Functions<M>]: Form };

export const ofCore: Forms<typeof core> = {
  abs: unary,
  acos: unary,
  acosh: unary,
  asin: unary,
  asinh: unary,
  atan: unary,
  atanh: unary,
  besselI0: unary,
  besselI1: unary,
  cbrt: unary,
  ceil: unary,
  cos: unary,
  cosh: unary,
  digamma: unary,
  erf: unary,
  erfInv: unary,
  erfc: unary,
  exp: unary,
  exp2: unary,
  expm1: unary,
  floor: unary,
  isFinite: unary,
  isNaN: unary,
  lgamma: unary,
  log: unary,
  log10: unary,
  log1p: unary,
  log2: unary,
  logicalNot: unary,
  neg: unary,
  ravel: unary,
  reciprocal: unary,
  relu: unary,
  round: unary,
  rsqrt: unary,
  sigmoid: unary,
  sign: unary,
  silu: unary,
  sin: unary,
  sinh: unary,
  softplus: unary,
  sqrt: unary,
  square: unary,
  stopGradient: unary,
  tan: unary,
  tanh: unary,
  trunc: unary,
  onesLike: unary,
  zerosLike: unary,
  read: unary,
  gelu: of("x", "approximate"),
  polygamma: of("integer", "x"),
  add: binary,
  atan2: binary,
  div: binary,
  dot: binary,
  equal: binary,
  greater: binary,
  greaterEqual: binary,
  hypot: binary,
  inner: binary,
  kron: binary,
  less: binary,
  lessEqual: binary,
  logaddexp: binary,
  logicalAnd: binary,
  logicalOr: binary,
  logicalXor: binary,
  matmul: binary,
  maximum: binary,
  minimum: binary,
  mod: binary,
  mul: binary,
  notEqual: binary,
  outer: binary,
  pow: binary,
  sub: binary,
  where: of("on", "v", "v"),
  clip: of("x", "n", "n"),
  all: reduction,
  any: reduction,
  argmax: reduction,
  argmin: reduction,
  logsumexp: reduction,
  max: reduction,
  mean: reduction,
  median: reduction,
  min: reduction,
  prod: reduction,
  sum: reduction,
  norm: of("x", "axis", "ord"),
  std: of("x", "axis", "ddof"),
  variance: of("x", "axis", "ddof"),
  quantile: of("x", "n", "axis", "keep"),
  cumprod: of("x", "axis"),
  cumsum: of("x", "axis"),
  logSoftmax: of("x", "axis"),
  logcumsumexp: of("x", "axis"),
  softmax: of("x", "axis"),
  argsort: of("x", "axis"),
  sort: of("x", "axis"),
  astype: of("x", "dtype"),
  broadcastTo: of("v", "shape"),
  concatenate: of("list", "axis"),
  stack: of("list", "axis"),
  diag: of("v", "integer"),
  diagonal: of("x", "integer", "axis", "integer"),
  einsum: of("equation", "x", "x"),
  expandDims: of("x", "axis"),
  flip: of("x", "axis"),
  moveaxis: of("x", "axis", "integer"),
  pad: of("x", "integer", "value"),
  repeat: of("x", "integer", "axis"),
  reshape: of("x", "shape"),
  roll: of("x", "integer", "axis"),
  scatterAdd: of("v", "indices", "n", "axis"),
  searchsorted: of("v", "x", "side"),
  slice: of("x", "index", "integer"),
  split: of("x", "integer", "axis"),
  squeeze: of("like", "axis"),
  swapaxes: of("x", "axis", "integer"),
  take: of("x", "indices", "axis"),
  takeAlongAxis: of("x", "like", "axis"),
  tensordot: of("x", "x", "integer"),
  tile: of("x", "ints"),
  trace: of("x", "integer", "axis", "integer"),
  transpose: of("x", "axes"),
  tril: of("x", "integer"),
  triu: of("x", "integer"),
  conv: of("signal", "signal", "stride"),
  avgPool: of("signal", "window"),
  maxPool: of("signal", "window"),
  arange: of("integer", "n", "n", "dtype"),
  array: of("x", "made"),
  eye: of("integer", "integer", "dtype"),
  full: of("shape", "n", "dtype"),
  fullLike: of("x", "n"),
  linspace: of("n", "n", "integer"),
  ones: of("shape", "dtype"),
  zeros: of("shape", "dtype"),
  cond: of("b", "f", "f", "x"),
  switchCase: of("integer", "branches", "x"),
  whileLoop: of("test", "body", "n"),
  foriLoop: of("integer", "integer", "counted", "x"),
  scan: of("step", "n", "v"),
  safeWhere: of("on", "f", "v", "n"),
  debugNaNs: of("thunk"),
  checkpoint: transformed(["f"], "x"),
  customJvp: transformed(["f", "jvpRule"], "x"),
  customOp: transformed(["rules"], "x"),
  customVjp: transformed(["f", "vjpRule"], "x"),
  grad: transformed(["scalar", "argnums"], "x"),
  valueAndGrad: transformed(["scalar", "argnums"], "x"),
  vjp: of("f", "x"),
  vjpWithAux: of("withAux", "x"),
};

export const ofLinalg: Forms<(typeof core)["linalg"]> = {
  cholesky: of("matrix"),
  det: of("matrix"),
  eigh: of("matrix"),
  expm: of("matrix"),
  inv: of("matrix"),
  lu: of("matrix"),
  pinv: of("matrix"),
  qr: of("matrix"),
  slogdet: of("matrix"),
  svd: of("matrix"),
  lstsq: of("matrix", "v"),
  matrixPower: of("matrix", "integer"),
  norm: of("matrix", "ord"),
  solve: of("matrix", "v"),
  solveTriangular: of("matrix", "v", "lower"),
};

export const ofForward: Forms<typeof forward> = {
  derivative: transformed(["scalar"], "n"),
  jvp: of("f", "tuple", "tuple", "aux"),
  pushforward: of("f", "v"),
};

const collective = of("x", "name");
export const ofVmap: Forms<typeof vmap> = {
  vmap: transformed(["f", "mapped"], "x"),
  allGather: collective,
  pmax: collective,
  pmean: collective,
  pmin: collective,
  psum: collective,
  axisIndex: of("name"),
};

export const ofFunctional: Forms<typeof functional> = {
  acrossBatch: of("f"),
  batchJacobian: transformed(["f", "rows"], "many"),
  batchJvp: of("f", "stacked", "stacked"),
  batchVjp: of("f", "stacked", "many"),
  checkGrad: of("scalar", "tuple", "check"),
  hessian: transformed(["scalar", "order"], "v"),
  hessianDiagonal: transformed(["scalar", "sweep"], "v"),
  laplacian: transformed(["scalar", "sweep"], "v"),
  hvp: of("scalar", "tuple", "tuple"),
  vhp: of("scalar", "tuple", "tuple"),
  jacfwd: transformed(["f", "sweep"], "v"),
  jacobian: transformed(["f", "sweep"], "v"),
  jacrev: transformed(["f", "sweep"], "v"),
  jvpMany: of("f", "tuple", "stacked"),
  vjpMany: of("f", "tuple", "many"),
  linearTranspose: transformed(["linear", "v"], "v"),
  pushforward: of("f", "v"),
  valueAndJacobian: transformed(["f", "sweep"], "v"),
  valueGradHessian: transformed(["scalar"], "v"),
};
