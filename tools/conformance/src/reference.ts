import type { NDArray } from "@ad/core";
import { type Params, type PrimitiveName, sizeOf } from "@ad/core/internals/trace";
import { derive } from "./rows/derive.js";
import { type Binary, binaries, mod, type Unary, unaries } from "./rows/elementwise.js";
import { type Reduction, reductions } from "./rows/reduction.js";

/** An operand as plain numbers, read by index. */
export interface Plain {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly at: (...index: number[]) => number;
}

export const plain = (x: NDArray): Plain => {
  const { shape, dtype } = x;
  const values = x.data();
  return { shape, dtype, at: (...index) => values[index.reduce((position, i, axis) => position * shape[axis] + i, 0)] };
};

/** The meaning of a primitive: one element of its result, from its operands' elements. Slow, obvious, and written apart from every kernel. */
type Meaning<P extends PrimitiveName> = (inputs: readonly Plain[], params: Params<P>, index: readonly number[]) => number;

type Elementwise = (inputs: readonly Plain[], params: unknown, index: readonly number[]) => number;

/** A float as it is, a whole number wrapped to 32 bits. */
const stored = ({ dtype }: Plain, value: number): number => (dtype === "int32" ? Number(BigInt.asIntN(32, BigInt(value))) : value);
const one =
  (f: (x: number) => number): Elementwise =>
  ([x], _, index) =>
    stored(x, f(x.at(...index)));
const two =
  (f: (x: number, y: number) => number): Elementwise =>
  ([x, y], _, index) =>
    stored(x, f(x.at(...index), y.at(...index)));

const product = (values: readonly number[], whole: boolean): number =>
  whole
    ? Number(
        BigInt.asIntN(
          32,
          values.map(BigInt).reduce((a, b) => a * b, 1n),
        ),
      )
    : values.reduce((a, b) => a * b, 1);
const total = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** All indices of a shape, in row-major order. */
export const indices = (shape: readonly number[]): number[][] =>
  range(sizeOf(shape)).map((position) => {
    const index = new Array<number>(shape.length);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis] = position % shape[axis];
      position = Math.floor(position / shape[axis]);
    }
    return index;
  });

/** An index with other values put in at some axes. */
const put = (index: readonly number[], axes: readonly number[], values: readonly number[]): number[] => {
  const rest = index.slice();
  const out: number[] = [];
  for (let axis = 0; axis < index.length + axes.length; axis++) {
    const k = axes.indexOf(axis);
    out.push(k >= 0 ? values[k] : (rest.shift() as number));
  }
  return out;
};

/** The place where an element of the windows of an array is read. */
const read = ({ axes, steps, dilations }: Params<"unfold">, index: readonly number[], rank: number): number[] =>
  index.slice(0, rank).map((i, axis) => {
    const k = axes.indexOf(axis);
    return k < 0 ? i : i * steps[k] + index[rank + k] * dilations[k];
  });

/** The elements that a reduction makes one of. */
const folded = (x: Plain, axes: readonly number[], index: readonly number[]): number[] =>
  indices(axes.map((axis) => x.shape[axis])).map((inner) => x.at(...put(index, axes, inner)));

/** The line through an index along an axis. */
const line = (x: Plain, axis: number, index: readonly number[]): number[] =>
  range(x.shape[axis]).map((i) => x.at(...index.slice(0, axis), i, ...index.slice(axis + 1)));

/** The part of a line up to an element, in running order. */
const upTo = (values: readonly number[], i: number, reverse: boolean): number[] =>
  reverse ? values.slice(i).reverse() : values.slice(0, i + 1);

const isBetter =
  (sign: number) =>
  (x: number, best: number): boolean =>
    Number.isNaN(x) ? !Number.isNaN(best) : sign * x > sign * best;
const best = (values: readonly number[], sign: number): number =>
  range(values.length).reduce((at, i) => (isBetter(sign)(values[i], values[at]) ? i : at), 0);

/** ψ⁽ⁿ⁾: for n > 0 the series Σ 1/(x+k)ⁿ⁺¹ with Euler and Maclaurin's tail, for n = 0 the recurrence with the asymptotic series. */
function polygamma(n: number, x: number): number {
  const far = 40;
  const y = x + far;
  if (n === 0) {
    const series = Math.log(y) - 1 / (2 * y) - 1 / (12 * y ** 2) + 1 / (120 * y ** 4);
    return series - total(range(far).map((k) => 1 / (x + k)));
  }
  const factorial = range(n).reduce((p, k) => p * (k + 1), 1);
  const s = n + 1;
  const tail = y ** (1 - s) / (s - 1) + 0.5 * y ** -s + (s / 12) * y ** (-s - 1) - ((s * (s + 1) * (s + 2)) / 720) * y ** (-s - 3);
  return (n % 2 === 1 ? 1 : -1) * factorial * (total(range(far).map((k) => (x + k) ** -s)) + tail);
}

/** The meaning of every primitive. */
export const reference: { readonly [P in PrimitiveName]: Meaning<P> } = {
  ...derive(unaries, ({ reference }: Unary) => one(reference)),
  polygamma: ([x], { n }, index) => polygamma(n, x.at(...index)),
  stopGradient: one((x) => x),
  not: one((x) => 1 - x),
  wrapIndex: ([x], { size }, index) => mod(x.at(...index), size),

  ...derive(binaries, ({ reference }: Binary) => two(reference)),
  and: two((x, y) => x * y),
  or: two((x, y) => x + y - x * y),
  xor: two((x, y) => (x + y) % 2),
  clamp: ([x, lo, hi], _, index) => Math.min(Math.max(x.at(...index), lo.at(...index)), hi.at(...index)),

  transpose: ([x], { perm }, index) => x.at(...perm.map((_, axis) => index[perm.indexOf(axis)])),
  broadcast: ([x], { dims }, index) => x.at(...dims.map((dim, axis) => (x.shape[axis] === 1 ? 0 : index[dim]))),
  reshape: ([x], { shape }, index) => x.at(...indices(x.shape)[indices(shape).findIndex((other) => String(other) === String(index))]),
  slice: ([x], { starts, steps }, index) => x.at(...index.map((i, axis) => starts[axis] + i * steps[axis])),
  place([x], { starts, steps }, index) {
    const from = indices(x.shape).find((inner) => inner.every((i, axis) => starts[axis] + i * steps[axis] === index[axis]));
    return from === undefined ? 0 : x.at(...from);
  },
  unfold: ([x], windowing, index) => x.at(...read(windowing, index, x.shape.length)),
  fold: ([x], windowing, index) =>
    total(
      indices(x.shape)
        .filter((from) => String(read(windowing, from, index.length)) === String(index))
        .map((from) => x.at(...from)),
    ),
  concatenate(inputs, { axis }, index) {
    let i = index[axis];
    let k = 0;
    for (; i >= inputs[k].shape[axis]; k++) i -= inputs[k].shape[axis];
    return inputs[k].at(...index.slice(0, axis), i, ...index.slice(axis + 1));
  },
  select: ([condition, a, b], _, index) => (condition.at(...index) === 1 ? a : b).at(...index),
  cast([x], { dtype }, index) {
    const value = x.at(...index);
    return dtype === "bool" ? +(value !== 0) : dtype === "int32" ? value - (value % 1) : value;
  },
  take([x, at], { axis }, index) {
    const end = axis + at.shape.length;
    return x.at(...index.slice(0, axis), at.at(...index.slice(axis, end)), ...index.slice(end));
  },
  scatterAdd([x, at, updates], { axis }, index) {
    const added = indices(at.shape).filter((place) => at.at(...place) === index[axis]);
    return x.at(...index) + total(added.map((place) => updates.at(...index.slice(0, axis), ...place, ...index.slice(axis + 1))));
  },
  argsort([x], { axis }, index) {
    const values = line(x, axis, index);
    const before = (i: number, j: number): boolean => {
      const [a, b] = [values[i], values[j]];
      if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) && Number.isNaN(b) ? i < j : Number.isNaN(b);
      return a === b ? i < j : a < b;
    };
    return range(values.length).find((i) => range(values.length).filter((j) => before(j, i)).length === index[axis]) as number;
  },
  lastWriter: ([at], _, [cell]) =>
    range(at.shape[0])
      .filter((i) => at.at(i) === cell)
      .reduce((a, b) => Math.max(a, b), -1),

  ...derive(
    reductions,
    ({ reference }: Reduction) =>
      ([x]: readonly Plain[], { axes }: Params<"sum">, index: readonly number[]) =>
        stored(x, reference(folded(x, axes, index))),
  ),
  logsumexp([x], { axes }, index) {
    const [first, ...rest] = folded(x, axes, index);
    return first + Math.log(1 + total(rest.map((value) => Math.exp(value - first))));
  },
  argmax: ([x], { axis }, index) => best(folded(x, [axis], index), 1),
  argmin: ([x], { axis }, index) => best(folded(x, [axis], index), -1),
  softmax: ([x], { axis }, index) => 1 / total(line(x, axis, index).map((value) => Math.exp(value - x.at(...index)))),
  cumsum: ([x], { axis, reverse }, index) => total(upTo(line(x, axis, index), index[axis], reverse)),
  cumprod: ([x], { axis, reverse }, index) => product(upTo(line(x, axis, index), index[axis], reverse), x.dtype === "int32"),
  linearScan([a, b], { axis, reverse }, index) {
    const [factors, terms] = [a, b].map((x) => upTo(line(x, axis, index), index[axis], reverse));
    return terms.reduce((h, term, i) => factors[i] * h + term, 0);
  },
  matmul([x, y], _, index) {
    const [batch, [i, j]] = [index.slice(0, -2), index.slice(-2)];
    return total(range(x.shape[x.shape.length - 1]).map((k) => stored(x, x.at(...batch, i, k) * y.at(...batch, k, j))));
  },
};
