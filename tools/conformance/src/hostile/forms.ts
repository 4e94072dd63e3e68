import type * as core from "@ad/core";
import type { NDArray } from "@ad/core";
import type * as fft from "@ad/fft";
import type * as forward from "@ad/forward";
import type * as functional from "@ad/functional";
import type * as random from "@ad/random";
import type * as vmap from "@ad/vmap";
import { derive } from "../rows/derive.js";
import { binaries, namedUnaries } from "../rows/elementwise.js";
import { reductions } from "../rows/reduction.js";
import type { Kind } from "./kinds.js";

/** The arguments of a function and, where a function comes back, alone or in a list, of that one. */
export interface Form {
  readonly args: readonly Kind[];
  readonly then?: readonly Kind[];
  /** What the result's shape is, by the arguments': that of the first, those of two broadcast, or the first's less the axes of the second. */
  readonly shape?: "first" | "broadcast" | "reduced";
}

const of = (...args: readonly Kind[]): Form => ({ args });
const transformed = (args: readonly Kind[], ...then: readonly Kind[]): Form => ({ args, then });

const unary: Form = { args: ["x"], shape: "first" };
const binary: Form = { args: ["x", "x"], shape: "broadcast" };
const product = of("x", "x");
const reduction: Form = { args: ["x", "axis", "keep"], shape: "reduced" };
const along: Form = { args: ["x", "axis"], shape: "first" };

type Functions<M> = {
  [K in keyof M]: M[K] extends abstract new (...args: never) => unknown ? never : M[K] extends (...args: never) => unknown ? K : never;
}[keyof M];
type Forms<M> = { readonly [K in Functions<M>]: Form };

/** debugPrint is left out: half a million lines would be printed. */
export const ofCore: Forms<Omit<typeof core, "debugPrint">> = {
  ...derive(namedUnaries, () => unary),
  ...derive(binaries, () => binary),
  ...derive(reductions, () => reduction),
  beta: binary,
  besselI0: unary,
  besselI1: unary,
  besselJ0: unary,
  besselJ1: unary,
  besselY0: unary,
  besselY1: unary,
  digamma: unary,
  erfInv: unary,
  erfcx: unary,
  gammainc: binary,
  gammaincc: binary,
  gammaln: unary,
  logit: unary,
  logNdtr: unary,
  ndtr: unary,
  multigammaln: of("x", "count"),
  xlogy: binary,
  xlog1py: binary,
  zeta: binary,
  logicalNot: unary,
  ravel: of("x"),
  silu: unary,
  stopGradient: unary,
  onesLike: unary,
  zerosLike: unary,
  read: of("x"),
  setThreads: of("integer"),
  gelu: { args: ["x", "approximate"], shape: "first" },
  polygamma: of("integer", "x"),
  dot: product,
  greater: binary,
  greaterEqual: binary,
  inner: product,
  kron: product,
  logicalAnd: binary,
  logicalOr: binary,
  logicalXor: binary,
  matmul: product,
  outer: product,
  where: of("on", "v", "v"),
  clip: of("x", "n", "n"),
  argmax: of("x", "axis", "keep"),
  argmin: of("x", "axis", "keep"),
  logsumexp: reduction,
  mean: reduction,
  median: reduction,
  norm: { args: ["x", "axis", "ord"], shape: "reduced" },
  std: { args: ["x", "axis", "ddof"], shape: "reduced" },
  variance: { args: ["x", "axis", "ddof"], shape: "reduced" },
  quantile: of("x", "n", "axis", "keep"),
  cumprod: of("x", "axis"),
  cumsum: of("x", "axis"),
  logSoftmax: along,
  logcumsumexp: of("x", "axis"),
  softmax: along,
  argsort: along,
  sort: along,
  astype: { args: ["x", "dtype"], shape: "first" },
  broadcastTo: of("v", "shape"),
  concatenate: of("list", "axis"),
  stack: of("list", "axis"),
  diag: of("v", "integer"),
  diagonal: of("x", "integer", "axis", "integer"),
  einsum: of("equation", "x", "x"),
  expandDims: of("x", "axis"),
  flip: along,
  moveaxis: of("x", "axis", "integer"),
  pad: of("x", "widths", "value"),
  repeat: of("x", "integer", "axis"),
  reshape: of("x", "shape"),
  roll: { args: ["x", "integer", "axis"], shape: "first" },
  scatterAdd: { args: ["v", "indices", "n", "axis"], shape: "first" },
  searchsorted: of("v", "x", "side"),
  slice: of("x", "entry", "integer"),
  split: of("x", "integer", "axis"),
  unstack: of("x", "axis"),
  ravelTree: transformed(["tuple"], "v"),
  treeLeaves: of("tuple"),
  treeMap: of("two", "tuple", "tuple"),
  treeStructure: of("tuple"),
  squeeze: of("like", "axis"),
  swapaxes: of("x", "axis", "integer"),
  take: of("x", "indices", "axis"),
  takeAlongAxis: of("x", "like", "axis"),
  tensordot: of("x", "x", "integer"),
  tile: of("x", "ints"),
  trace: of("x", "integer", "axis", "integer"),
  transpose: of("x", "axes"),
  tril: { args: ["x", "integer"], shape: "first" },
  triu: { args: ["x", "integer"], shape: "first" },
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
  vjp: transformed(["f", "x"], "x"),
  vjpWithAux: transformed(["withAux", "x"], "x"),
};

/** The methods that are no functions of the same name. */
export const ofMethods: Omit<Forms<NDArray>, keyof typeof ofCore | "lift" | "bottom" | "moved" | "filled" | "normalise" | symbol> = {
  addAt: { args: ["x", "index", "n"], shape: "first" },
  set: { args: ["x", "index", "n"], shape: "first" },
  to: { args: ["x", "device"], shape: "first" },
  data: of("x"),
  item: of("x"),
  ndarray: of("x"),
  toArray: of("x"),
  toJSON: of("x"),
  toString: of("x"),
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
  norm: of("matrix", "axes", "ord"),
  solve: of("matrix", "v"),
  solveTriangular: of("matrix", "v", "lower"),
};

export const ofForward: Forms<typeof forward> = {
  derivative: transformed(["scalar"], "n"),
  jvp: of("f", "tuple", "tuple", "aux"),
  pushforward: transformed(["f", "v"], "three"),
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
  acrossBatch: transformed(["f"], "x"),
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
  pushforward: transformed(["f", "v"], "three"),
  valueAndJacobian: transformed(["f", "sweep"], "v"),
  valueGradHessian: transformed(["scalar"], "v"),
};

const drawn = of("key", "draws", "drawn");
const one = of("key", "draws", "n", "drawn");
const two = of("key", "draws", "n", "n", "drawn");
export const ofRandom: Forms<typeof random> = {
  key: of("count"),
  split: of("key", "count"),
  foldIn: of("key", "count"),
  bits: of("key", "draws"),
  uniform: of("key", "draws", "ends"),
  normal: drawn,
  truncatedNormal: of("key", "draws", "n", "v", "drawn"),
  exponential: drawn,
  laplace: drawn,
  gumbel: drawn,
  logistic: drawn,
  cauchy: drawn,
  gamma: one,
  beta: two,
  dirichlet: of("key", "draws", "v", "drawn"),
  studentT: one,
  multivariateNormal: of("key", "draws", "v", "matrix", "drawn"),
  orthogonal: of("key", "draws", "count", "drawn"),
  ball: of("key", "draws", "count", "ball"),
  randint: of("key", "draws", "integer", "count"),
  rademacher: drawn,
  bernoulli: of("key", "draws", "n"),
  categorical: of("key", "draws", "matrix", "outcomes"),
  poisson: one,
  binomial: of("key", "draws", "count", "n", "drawn"),
  permutation: of("key", "x", "permuted"),
  shuffle: of("key", "x", "axis"),
  choice: of("key", "draws", "x", "weights"),
};

const line = of("signals", "line");
const grid = of("signals", "grid");
const cosine = of("x", "cosine");
export const ofFft: Forms<typeof fft> = {
  fft: line,
  ifft: line,
  rfft: of("x", "line"),
  irfft: line,
  fft2: grid,
  ifft2: grid,
  fftn: grid,
  ifftn: grid,
  rfftn: of("x", "grid"),
  irfftn: grid,
  dct: cosine,
  idct: cosine,
  fftshift: of("signals", "axes"),
  ifftshift: of("x", "axis"),
  fftfreq: of("count", "n"),
  rfftfreq: of("count", "n"),
};

const number = of("signals");
const numbers = of("signals", "signals");
export const ofComplex: Forms<(typeof fft)["complex"]> = {
  add: numbers,
  sub: numbers,
  mul: numbers,
  div: numbers,
  neg: number,
  conj: number,
  abs: number,
  abs2: number,
  angle: number,
  exp: number,
  log: number,
  sqrt: number,
  polar: of("x", "v"),
};
