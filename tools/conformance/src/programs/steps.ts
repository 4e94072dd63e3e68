import {
  array,
  concatenate,
  einsum,
  eye,
  kron,
  linalg,
  logcumsumexp,
  matmul,
  median,
  type NDArray,
  outer,
  quantile,
  searchsorted,
  stack,
  tensordot,
  where,
} from "@ad/core";
import { bind, none } from "@ad/core/internals/trace";
import { type Binary, binaries, type Unary, unaries } from "../rows/elementwise.js";
import { type Reduction, reductions } from "../rows/reduction.js";

/**
 * The operands of a step: values of earlier steps, and whole numbers to choose axes and parameters by. Every value lies in [-2, 2] and
 * every step keeps it so with moderate derivatives: nothing overflows, and no program has to be thrown away.
 */
export interface Operands {
  readonly x: NDArray;
  /** An operand that broadcasts with x to no more than a few dozen elements. */
  readonly y: NDArray;
  readonly p: number;
  readonly q: number;
}

type Step = (operands: Operands) => NDArray;

const of =
  (f: (x: NDArray) => NDArray): Step =>
  ({ x }) =>
    f(x);

/** An axis of x, or undefined where it has none with elements. */
const axisOf = (x: NDArray, p: number): number | undefined => {
  if (x.size === 0 || x.ndim === 0) return undefined;
  const axis = p % x.ndim;
  return p % 2 === 0 ? axis : axis - x.ndim;
};

/** Along an axis with elements; where there is none, x is left alone. */
const along =
  (f: (x: NDArray, axis: number, q: number) => NDArray): Step =>
  ({ x, p, q }) => {
    const axis = axisOf(x, p);
    return axis === undefined ? x : f(x, axis, q);
  };

/** Some of the axes, by the bits of p; all of them where the bits say none. */
const axesOf = (x: NDArray, p: number): number[] | null => {
  const axes = x.shape.flatMap((_, i) => ((p >> i) % 2 === 1 ? [i] : []));
  return axes.length > 0 ? axes : null;
};

const count = (x: NDArray, y: NDArray): number => Math.max(1, x.size / Math.max(1, y.size));

/** The dtype and the device of x, for a constant beside it. */
const like = ({ dtype, device }: NDArray) => ({ dtype, device });

/** Distinct constants, so that no two elements are equal because they were computed alike. */
const ramp = (x: NDArray): NDArray => {
  const values = Array.from({ length: x.size }, (_, i) => 0.0173 * ((i * 7) % 41));
  return x.mul(0.6).add(array(values, { shape: x.shape, ...like(x) }));
};

/** A pattern of truth that depends on the shape alone. */
const pattern = (x: NDArray, p: number): NDArray =>
  array(
    Array.from({ length: x.size }, (_, i) => (i * (p + 3)) % 3),
    { shape: x.shape, ...like(x) },
  ).greater(0);

const lengthAt = (x: NDArray, axis: number): number => x.shape[axis < 0 ? axis + x.ndim : axis];

/** The lines along an axis as examples of one channel. */
const lines = (x: NDArray, axis: number): NDArray => x.moveaxis(axis, -1).reshape([-1, 1, lengthAt(x, axis)]);

/** Of matrices, positive definite ones with eigenvalues from 1 to about 2. */
const definite = (x: NDArray): NDArray => {
  const [m, n] = x.shape.slice(-2);
  return x
    .matmul(x.swapaxes(-1, -2))
    .mul(0.25 / Math.max(1, m * n))
    .add(eye(m, m, like(x)));
};

const ofMatrix =
  (f: (x: NDArray) => NDArray): Step =>
  ({ x }) =>
    x.ndim < 2 ? x : f(x);

const ofSquare = (f: (x: NDArray) => NDArray): Step => ofMatrix((x) => (lengthAt(x, -1) === lengthAt(x, -2) ? f(x) : x));

const indicesFor = (n: number, q: number, count: number): Int32Array =>
  Int32Array.from({ length: count }, (_, i) => ((i * (q + 1) + q) % n) - (i % 2) * n);

/** Values that run through an interval, smoothly. */
const inside = (x: NDArray, [a, b]: readonly [number, number]): NDArray =>
  x
    .sin()
    .mul((b - a) / 2)
    .add((a + b) / 2);

/** The steps of the operations that have rows, with kinks or without: their own, or the one that the domain makes. */
function stepsOf(kinked: boolean): Record<string, Step> {
  const steps: Record<string, Step> = {};
  for (const [name, row] of Object.entries<Unary>(unaries)) {
    const { domain, step } = row;
    if ((row.kinked ?? false) !== kinked || step === "none") continue;
    steps[name] = step ? of(step) : of((x) => bind(name as "sin", [inside(x, domain.ends)], none));
  }
  for (const [name, row] of Object.entries<Binary>(binaries)) {
    const { domain, step } = row;
    if ((row.kinked ?? false) !== kinked || step === "none") continue;
    steps[name] = ({ x, y }) => (step ? step(x, y) : inside(x, domain[0].ends)[name as "add"](inside(y, domain[1].ends)));
  }
  for (const [name, row] of Object.entries<Reduction>(reductions)) {
    const { domain, step } = row;
    if ((row.ties ?? false) !== kinked || step === "own") continue;
    steps[name] = along(step === "domain" ? (x, axis) => inside(x, domain.ends)[name as "sum"](axis) : step);
  }
  return steps;
}

/** Steps without kinks: central differences tell their derivatives. */
export const smooth: Readonly<Record<string, Step>> = {
  ...stepsOf(false),
  gelu: of((x) => x.gelu()),
  silu: of((x) => x.silu()),
  digamma: of((x) => x.add(3.5).digamma()),
  where: ({ x, y, p }) => where(pattern(x, p), x, y),

  sum: ({ x, p }) => {
    const total = x.sum(axesOf(x, p));
    return total.div(count(x, total));
  },
  mean: along((x, axis, q) => x.mean(axis, { keepdims: q % 2 === 0 })),
  variance: along((x, axis, q) => x.variance(axis, { keepdims: q % 2 === 0 }).mul(0.5)),
  logsumexp: along((x, axis) => x.logsumexp(axis).mul(0.5)),
  norm: along((x, axis) => x.add(3).norm(axis).mul(0.15)),
  norm3: along((x, axis) => x.add(3).norm(axis, { ord: 3 }).mul(0.15)),
  softmax: along((x, axis) => x.softmax(axis)),
  logSoftmax: along((x, axis) => x.logSoftmax(axis).mul(0.3)),
  cumsum: along((x, axis) => x.cumsum(axis).mul(1 / lengthAt(x, axis))),
  cumprod: along((x, axis) => x.mul(0.8).cumprod(axis)),
  logcumsumexp: along((x, axis) => logcumsumexp(x, axis).mul(0.3)),

  ravel: of((x) => x.ravel()),
  reshape: ({ x, p }) => (x.size > 0 && x.size % 2 === 0 ? x.reshape(p % 2 === 0 ? [2, -1] : [-1, 2]) : x.reshape([1, x.size])),
  transpose: of((x) => x.T),
  moveaxis: ({ x, p, q }) => (x.ndim === 0 ? x : x.moveaxis(p % x.ndim, q % x.ndim)),
  expandDims: ({ x, p }) => x.expandDims(p % (x.ndim + 1)),
  squeeze: of((x) => x.squeeze()),
  flip: ({ x, p }) => x.flip(axesOf(x, p)),
  roll: along((x, axis, q) => x.roll(q - 2, axis)),
  pad: along((x, _, q) => x.pad(q % 2, { value: 0.5 * (q % 3) })),
  tile: ({ x, p }) => x.tile((p % 2) + 1),
  repeat: along((x, axis, q) => x.repeat((q % 2) + 1, axis)),
  concatenate: along((x, axis) => concatenate([x, x.sin()], axis)),
  stack: ({ x, p }) => stack([x, x.cos()], p % (x.ndim + 1)),
  broadcastTo: ({ x, p }) => x.broadcastTo([(p % 2) + 1, ...x.shape]),
  index: along((x, axis, q) => x.moveaxis(axis, 0).slice(q % lengthAt(x, axis))),
  slice: along((x, axis, q) => x.moveaxis(axis, 0).slice([q % lengthAt(x, axis), null])),
  stride: along((x, axis) => x.moveaxis(axis, -1).slice("...", [null, null, -2])),
  diagonal: ({ x, p }) => (x.ndim < 2 ? x : x.diagonal(p % 2, -1, 0)),
  tril: ({ x, p }) => (x.ndim < 2 ? x : x.tril((p % 3) - 1)),
  triu: ({ x, p }) => (x.ndim < 2 ? x : x.triu((p % 3) - 1)),
  diag: ({ x, p }) => (x.ndim === 1 ? x.slice([0, 4]).diag(p % 2) : x),
  trace: ({ x }) => (x.ndim < 2 ? x : x.trace().mul(0.3)),

  take: along((x, axis, q) => x.take(indicesFor(lengthAt(x, axis), q, 3), axis)),
  takeMatrix: along((x, axis, q) => x.take(array(indicesFor(lengthAt(x, axis), q, 4), { shape: [2, 2], device: x.device }), axis)),
  takeAlongAxis: along((x, axis, q) => {
    const indices = array(indicesFor(lengthAt(x, axis), q, x.size), { shape: x.shape, device: x.device });
    return x.takeAlongAxis(indices, axis);
  }),
  scatterAdd: along((x, axis, q) => x.scatterAdd(indicesFor(lengthAt(x, axis), q, lengthAt(x, axis)), x.sin(), axis).mul(0.4)),
  set: along((x, axis, q) => x.moveaxis(axis, 0).set([q % lengthAt(x, axis)], x.mean())),
  addAt: along((x, axis, q) =>
    x
      .moveaxis(axis, 0)
      .addAt([[null, null, (q % 2) + 1]], x.mean())
      .mul(0.5),
  ),

  matmul: ({ x, p }) =>
    x.ndim < 2 ? x : matmul(x, p % 2 === 0 ? x.swapaxes(-1, -2) : x.swapaxes(-1, -2).sin()).mul(0.5 / Math.max(1, lengthAt(x, -1))),
  product: ({ x, y }) =>
    x.ndim === 0 || y.ndim === 0 || lengthAt(x, -1) !== lengthAt(y, -1) ? x : x.inner(y).mul(0.5 / Math.max(1, lengthAt(x, -1))),
  vector: ({ x, y }) =>
    x.ndim === 0 || lengthAt(x, -1) === 0
      ? x
      : matmul(
          x,
          y
            .sum()
            .cos()
            .broadcastTo([lengthAt(x, -1)]),
        ).mul(1 / lengthAt(x, -1)),
  outer: ({ x, y }) => outer(x.ravel().slice([0, 4]), y.ravel().slice([0, 4])).mul(0.5),
  conv: along((x, axis, q) => {
    const signal = lines(x, axis);
    const kernels = signal.slice([0, 2], ":", [0, 2]).cos();
    return signal.conv(kernels, { padding: "same", stride: (q % 2) + 1 }).mul(0.5);
  }),
  avgPool: along((x, axis, q) => lines(x, axis).avgPool({ window: (q % 3) + 1, stride: 1, padding: "same" })),
  kron: ({ x, y }) => (x.size * y.size <= 24 ? kron(x, y).mul(0.5) : x),
  einsum: ({ x }) => einsum("...,...->", x, x.cos()).mul(0.5 / Math.max(1, x.size)),
  einsumTrace: ({ x }) => (x.ndim < 2 || lengthAt(x, -1) !== lengthAt(x, -2) ? x : einsum("...ii->...i", x)),
  tensordot: ({ x, y }) =>
    x.ndim > 0 && y.ndim > 0 && lengthAt(x, -1) === y.shape[0] ? tensordot(x, y, 1).mul(0.5 / Math.max(1, y.shape[0])) : x,

  solve: ofMatrix((x) => linalg.solve(definite(x), x)),
  inv: ofMatrix((x) => linalg.inv(definite(x))),
  cholesky: ofMatrix((x) => linalg.cholesky(definite(x))),
  slogdet: ofMatrix((x) => linalg.slogdet(definite(x)).logdet),
  det: ofSquare((x) => linalg.det(x.mul(0.5 / Math.max(1, lengthAt(x, -1))))),
  expm: ofSquare((x) => linalg.expm(x.mul(1 / Math.max(1, lengthAt(x, -1)))).mul(0.25)),
};

/** Steps with kinks and jumps, and stopGradient: all identities hold for them but those with central differences. */
export const kinked: Readonly<Record<string, Step>> = {
  ...stepsOf(true),
  stopGradient: of((x) => x.stopGradient()),
  halfStopped: of((x) => x.mul(x.sin().stopGradient())),
  clip: of((x) => x.clip(-1.0313, 0.9717)),
  less: ({ x, y }) => where(x.less(y.mul(0.9).add(0.1237)), x.sin(), y),
  greater: ({ x, y }) => x.greater(y.mul(0.9).add(0.1237)).astype(x.dtype).mul(x),
  max: along((x, axis) => ramp(x).max(axis)),
  min: along((x, axis) => ramp(x).min(axis, { keepdims: true })),
  sort: along((x, axis) => ramp(x).sort(axis)),
  maxPool: along((x, axis, q) => lines(ramp(x), axis).maxPool({ window: (q % 3) + 1, stride: 1, padding: "same" })),
  median: along((x, axis) => median(ramp(x), axis)),
  quantile: along((x, axis, q) => quantile(ramp(x), 0.1 + 0.2 * (q % 4), axis)),
  searchsorted: of((x) => x.mul(searchsorted([-1.0313, 0.2171, 0.9717], x)).mul(0.3)),
  argmax: along((x, axis) => x.takeAlongAxis(ramp(x).argmax(axis, { keepdims: true }), axis)),
  argsort: along((x, axis) => x.takeAlongAxis(ramp(x).argsort(axis), axis)),
  // Of one element it has no second derivative.
  std: along((x, axis) => (lengthAt(x, axis) < 2 ? x : ramp(x).std(axis))),
  norm1: along((x, axis) =>
    x
      .add(0.0411)
      .norm(axis, { ord: 1 })
      .mul(0.9 / lengthAt(x, axis)),
  ),
  normInfinity: along((x, axis) => ramp(x).norm(axis, { ord: Infinity }).mul(0.7)),
  any: along((x, axis) => where(x.greater(0.3117).any(axis, { keepdims: true }), x, x.cos())),
};
