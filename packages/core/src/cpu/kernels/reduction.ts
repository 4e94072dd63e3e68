import { isRowMajor, type Strided } from "../../array/views.js";
import { Aval, type Data, isFloat, type Shape, sizeOf } from "../../engine/aval.js";
import type { Kernel } from "../../engine/kernels.js";
import type { Axes, reductions as primitives } from "../../primitives/reduction.js";
import { limits } from "../limits.js";
import type { CpuView } from "../operands.js";
import { allocate, room } from "../storage.js";
import { type Fold, foldLines, foldRows, minLength, type Side, unit } from "../wasm/fold.js";
import { quotients, type Total, totals } from "./anchored.js";
import { areBlocks, columns, foldColumns, maxColumn } from "./columns.js";
import { copy } from "./copy.js";
import { lanes, lineOf, planes, walk } from "./loops.js";

interface Parts {
  readonly kept: Shape;
  /** The layouts of the result, and of the first elements that are folded to it. */
  readonly places: readonly [Strided, Strided];
  readonly folded: Shape;
  readonly fold: readonly number[];
  /** The folded elements, where they are a line. */
  readonly line: ReturnType<typeof lineOf>;
}

/** Splits a view's shape and strides into the axes that are kept and the axes that are reduced. */
function divide({ aval, stride, offset }: CpuView, axes: readonly number[], out: Aval): Parts {
  const folds = (_: number, axis: number): boolean => axes.includes(axis);
  const keeps = (_: number, axis: number): boolean => !axes.includes(axis);
  const [folded, fold] = [aval.shape.filter(folds), stride.filter(folds)];
  const places = [
    { stride: out.stride, offset: 0 },
    { stride: stride.filter(keeps), offset },
  ] as const;
  return { kept: aval.shape.filter(keeps), places, folded, fold, line: lineOf(folded, fold) };
}

/** Goes on with a total over n elements a step apart. */
type Segment = (total: number, n: number, x: Data, a: number, step: number) => number;

/** Pairwise, down to blocks of four partial sums. */
const sumRun: Segment = (total, n, x, a, step) => {
  const half = n >> 1;
  if (n > 256) return total + (sumRun(0, half, x, a, step) + sumRun(0, n - half, x, a + half * step, step));
  return total + sumBlock(n, x, a, step);
};

function sumBlock(n: number, x: Data, a: number, step: number): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let i = 0;
  for (; i + 3 < n; i += 4, a += 4 * step) {
    s0 += x[a];
    s1 += x[a + step];
    s2 += x[a + 2 * step];
    s3 += x[a + 3 * step];
  }
  for (; i < n; i++, a += step) s0 += x[a];
  return s0 + s1 + (s2 + s3);
}

/** Longer rows are left to the kernel part by part: a total of parts needs float64. */
export const maxRow = 1 << 15;

/** Lines that are long enough are left to a kernel. */
const orKernel =
  (kernel: Fold, segment: Segment): Segment =>
  (total, n, x, a, step) => {
    let left = n;
    for (; step === 1 && left >= minLength; left -= maxRow) {
      if (!foldRows(kernel, x, a + n - left, 1, Math.min(left, maxRow), 0, single, 0)) break;
      total = segment(total, 1, single, 0, 1);
    }
    return left > 0 ? segment(total, left, x, a + (n - left) * step, step) : total;
  };
const single = new Float64Array(1);
export const sumLong = orKernel("sum", sumRun);

/** Folds the elements of the axes into one number for each of the rest. */
const reduce =
  (initial: number, segment: Segment, kernel?: Fold, finish?: (total: number) => number) =>
  ([x]: readonly CpuView[], { axes }: Axes, aval: Aval): Data => {
    const out = allocate(aval.dtype, aval.size);
    const parts = divide(x, axes, aval);
    const { size } = x.aval;
    const { storage } = x;
    if (kernel && size >= limits.vectors && foldShort(out, storage, parts, kernel)) return out;
    if (kernel && size >= minLength && foldAcross(out, storage, parts, kernel)) return out;
    const { kept, places, folded, fold, line } = parts;
    const run = kernel ? orKernel(kernel, segment) : segment;
    const rows = line?.step === 1 && line.n <= maxRow ? line : undefined;
    walk(kept, places, (n, [o, a], [so, sa]) => {
      if (kernel && rows && n * rows.n >= minLength && foldRows(kernel, storage, a, n, rows.n, sa, out, o)) return;
      for (let i = 0; i < n; i++, o += so, a += sa) {
        let total = initial;
        if (line) total = run(total, line.n, storage, a, line.step);
        else
          walk(folded, [{ stride: fold, offset: a }], (m, [at], [step]) => {
            total = run(total, m, storage, at, step);
          });
        out[o] = finish ? finish(total) : total;
      }
    });
    return out;
  };

/** The least number of elements, folded and kept, for which a kernel across lines side by side is ahead. */
const minAcross = 1024;

/** The same for many short lines, side by side in a kernel; false where another is ahead. */
function foldShort(out: Data, x: Data, { kept, places, line }: Parts, kernel: Fold): boolean {
  if (line === undefined || line.n === 0 || line.n >= minLength) return false;
  const { n: length, step } = line;
  let isShort = true;
  planes(kept, places, ([m, n], [[, down], [, across]], [o, a]) => {
    const lines = { m, down, n, across, length, step };
    isShort &&=
      areBlocks(lines, x) ||
      (step === 1 ? length * x.BYTES_PER_ELEMENT < unit || n * length < minLength : across !== 1 || n * length < minAcross);
    isShort &&= foldColumns(kernel, x, a, lines, out, o);
  });
  return isShort;
}

/** The same for kept elements that lie side by side, and closer together than folded ones: whole lines at a time, in a kernel. */
function foldAcross(out: Data, x: Data, { kept, places, folded, fold }: Parts, kernel: Fold): boolean {
  const lastKept = places[1].stride[kept.findLastIndex((n) => n > 1)];
  if (lastKept !== 1 || fold[folded.findLastIndex((n) => n > 1)] === 1) return false;
  let done = true;
  planes(kept, places, ([m, n], [[, down]], [o, a]) => {
    for (let i = 0; done && i < m; i++, o += n, a += down) {
      const sides: Side[] = [];
      walk(folded, [{ stride: fold, offset: a }], (lines, [at], [across]) => sides.push({ at, lines, across }));
      done = sides.length > 0 && foldLines(kernel, x, sides, n, out, o);
    }
  });
  return done;
}

/** Sums run in float64, and are rounded once; whole numbers wrap. */
const sumFloat = reduce(0, sumRun, "sum");
const sumInt = reduce(
  0,
  (total, n, x, a, step) => {
    for (let i = 0; i < n; i++, a += step) total = (total + x[a]) | 0;
    return total;
  },
  "sum",
);

/** A product whose size is counted apart, in units of 2⁶⁰⁰: what its partial products leave the range by, later factors may bring back. */
let units = 0;
function held(x: number): number {
  const size = Math.abs(x);
  const step = size > 2 ** 300 && size < Infinity ? 1 : size < 2 ** -300 && size > 0 ? -1 : 0;
  units += step;
  return step === 0 ? x : x * 2 ** (-600 * step);
}
/** The product of two such numbers, most of which are of usual size. */
function times(x: number, y: number): number {
  const product = x * y;
  const size = Math.abs(product);
  return x === 0 || (size > 2 ** -900 && size < 2 ** 900) ? product : held(held(x) * held(y));
}
function rescaled(x: number): number {
  let y = x;
  for (let k = Math.min(Math.abs(units), 4); k > 0; k--) y *= 2 ** (600 * Math.sign(units));
  return y;
}
/** The end of a product. */
function ended(x: number): number {
  const y = rescaled(x);
  units = 0;
  return y;
}
/** The product of numbers, whose partial products may be of any size. */
export const productOf = (numbers: readonly number[]): number => ended(numbers.reduce(times, 1));

const prodRun: Segment = (total, n, x, a, step) => {
  for (let i = 0; i < n; i++, a += step) total = times(total, x[a]);
  return total;
};
const prodFloat = reduce(1, prodRun, "product", ended);
/** The same where a kernel, which does not count sizes apart, gave NaN or infinity. */
const prodHeld = reduce(1, prodRun, undefined, ended);

/** Whether all numbers are finite; large ones, whose sum is not, are taken for others. */
const areFinite = (x: Data): boolean => Number.isFinite(sumLong(0, x.length, x, 0, 1));

const prodInt = reduce(
  1,
  (total, n, x, a, step) => {
    for (let i = 0; i < n; i++, a += step) total = Math.imul(total, x[a]);
    return total;
  },
  "product",
);

/** The first position of the greatest element by `better`; the first NaN wins, as in NumPy. */
const position =
  (better: (x: number, best: number) => boolean) =>
  ([x]: readonly CpuView[], { axis }: { readonly axis: number }, aval: Aval): Data => {
    const out = allocate("int32", aval.size);
    const { shape } = x.aval;
    const { storage: data } = x;
    lanes(shape, axis, [still(aval, axis), x], ([o, a]) => {
      let best = data[a];
      let at = 0;
      for (let i = 1; i < shape[axis] && !Number.isNaN(best); i++) {
        const value = data[a + i * x.stride[axis]];
        if (better(value, best) || Number.isNaN(value)) {
          best = value;
          at = i;
        }
      }
      out[o] = at;
    });
    return out;
  };

/** The axes in another order, that one last. */
function lastly<T>(list: readonly T[], axis: number): T[] {
  return [...list.slice(0, axis), ...list.slice(axis + 1), list[axis]];
}

/** So few elements are moved one by one: to look for the best way takes longer. */
const isSmall = (size: number): boolean => size < 2 * limits.vectors;

/** Runs over row-major elements, line by line along an axis: `run(position among the lines, place)`. */
function acrossFew(shape: Shape, axis: number, run: (at: number, place: number) => void): void {
  const [n, step, size] = [shape[axis], sizeOf(shape.slice(axis + 1)), sizeOf(shape)];
  for (let line = 0, at = 0; at < size; line++)
    for (let i = 0, place = line + (line - (line % step)) * (n - 1); i < n; i++, place += step) run(at++, place);
}

/** The lines along an axis one after the other: as they are stored, or a copy. */
function linesAlong(x: CpuView, axis: number): { readonly storage: Data; readonly offset: number } {
  const { shape, dtype, size } = x.aval;
  const isOrdered = isRowMajor(x);
  if (isOrdered && axis === shape.length - 1) return x;
  const storage = room(dtype, size);
  if (isOrdered && isSmall(size)) {
    acrossFew(shape, axis, (line, place) => {
      storage[line] = x.storage[x.offset + place];
    });
    return { storage, offset: 0 };
  }
  const moved = new Aval(lastly(shape, axis), dtype);
  copy(moved.shape, { storage: x.storage, stride: lastly(x.stride, axis), offset: x.offset }, storage, { stride: moved.stride, offset: 0 });
  return { storage, offset: 0 };
}

/** Lines in storage that are this long are left to kernels that work along them. */
const minLine = 96;

/** Exponentials of lines that are short, or lie across storage, with their places in the result; false where another way is ahead. */
function acrossLines(x: CpuView, axis: number, to: Strided, out: Data, total?: Total): boolean {
  const { shape, size } = x.aval;
  const length = shape[axis];
  const step = x.stride[axis];
  if (isSmall(size) || length > maxColumn(x.storage.BYTES_PER_ELEMENT) || (step === 1 && length >= minLine)) return false;
  const without = ({ stride, offset }: Strided): Strided => ({ stride: stride.filter((_, i) => i !== axis), offset });
  const kept = shape.filter((_, i) => i !== axis);
  let done = true;
  planes(kept, [without(x), without(to)], ([m, n], [[down, toDown], [across, toAcross]], [a, o]) => {
    const places = { down: toDown, across: toAcross, step: to.stride[axis] };
    done &&= columns(x.storage, a, { m, down, n, across, length, step }, out, o, places, total);
  });
  return done;
}

/** The strides of a reduced result, standing still along the axis that it lost. */
function still(aval: Aval, axis: number): Strided {
  const stride = aval.stride.slice();
  stride.splice(axis, 0, 0);
  return { stride, offset: 0 };
}

/** Runs along one axis from either end: `run(operands' positions, their steps, position and step of the result)`. */
function running(
  inputs: readonly CpuView[],
  { axis, reverse }: { readonly axis: number; readonly reverse: boolean },
  aval: Aval,
  run: (out: Data, n: number, at: readonly number[], steps: readonly number[]) => void,
): Data {
  const out = allocate(aval.dtype, aval.size);
  const n = aval.shape[axis];
  const operands: readonly Strided[] = [{ stride: aval.stride, offset: 0 }, ...inputs].map(({ stride, offset }) => {
    if (!reverse || n === 0) return { stride, offset };
    return { stride: stride.map((step, i) => (i === axis ? -step : step)), offset: offset + (n - 1) * stride[axis] };
  });
  const steps = operands.map(({ stride }) => stride[axis]);
  const whole = operands.map(({ offset }) => offset);
  if (n === aval.size) run(out, n, whole, steps);
  else lanes(aval.shape, axis, operands, (at) => run(out, n, at, steps));
  return out;
}

export const reductions: { readonly [P in keyof typeof primitives]: Kernel<P, Data> } = {
  sum: (inputs, params, aval) => (isFloat(aval.dtype) ? sumFloat : sumInt)(inputs, params, aval),
  prod(inputs, params, aval) {
    if (!isFloat(aval.dtype)) return prodInt(inputs, params, aval);
    const out = prodFloat(inputs, params, aval);
    return areFinite(out) ? out : prodHeld(inputs, params, aval);
  },
  logsumexp([x], { axes: [axis] }, aval) {
    const out = allocate(aval.dtype, aval.size);
    const total: Total = (top, rest) => top + Math.log1p(rest);
    if (acrossLines(x, axis, still(aval, axis), out)) return out;
    const { storage, offset } = linesAlong(x, axis);
    totals(storage, offset, aval.size, x.aval.shape[axis], total, out);
    return out;
  },
  softmax([x], { axis, limit }, aval) {
    const { shape, dtype, size } = aval;
    const out = room(dtype, size);
    const total: Total = (top, rest) => (limit || Number.isFinite(top) ? 1 + rest : Number.NaN);
    if (acrossLines(x, axis, { stride: aval.stride, offset: 0 }, out, total)) return out;
    const { storage, offset } = linesAlong(x, axis);
    const lines = axis === shape.length - 1 ? out : room(dtype, size);
    if (size > 0) quotients(storage, offset, size / shape[axis], shape[axis], total, lines);
    if (lines !== out && isSmall(size))
      acrossFew(shape, axis, (line, place) => {
        out[place] = lines[line];
      });
    else if (lines !== out) {
      const stride = new Aval(lastly(shape, axis), dtype).stride.slice(0, -1);
      stride.splice(axis, 0, 1);
      copy(shape, { storage: lines, stride, offset: 0 }, out, { stride: aval.stride, offset: 0 });
    }
    return out;
  },
  max: reduce(
    -Infinity,
    (total, n, x, a, step) => {
      for (let i = 0; i < n; i++, a += step) total = Math.max(total, x[a]);
      return total;
    },
    "greatest",
  ),
  min: reduce(
    Infinity,
    (total, n, x, a, step) => {
      for (let i = 0; i < n; i++, a += step) total = Math.min(total, x[a]);
      return total;
    },
    "least",
  ),
  any: reduce(0, (total, n, x, a, step) => {
    for (let i = 0; i < n && total === 0; i++, a += step) total = x[a];
    return total;
  }),
  all: reduce(1, (total, n, x, a, step) => {
    for (let i = 0; i < n && total !== 0; i++, a += step) total = x[a];
    return total;
  }),
  argmax: position((x, best) => x > best),
  argmin: position((x, best) => x < best),
  cumsum: (inputs, params, aval) => {
    const [{ storage: x }] = inputs;
    const whole = !isFloat(aval.dtype);
    return running(inputs, params, aval, (out, n, [o, a], [so, sa]) => {
      for (let i = 0, h = 0; i < n; i++, o += so, a += sa) {
        h = whole ? (h + x[a]) | 0 : h + x[a];
        out[o] = h;
      }
    });
  },
  cumprod: (inputs, params, aval) => {
    const [{ storage: x }] = inputs;
    const whole = !isFloat(aval.dtype);
    return running(inputs, params, aval, (out, n, [o, a], [so, sa]) => {
      for (let i = 0, h = 1; i < n; i++, o += so, a += sa) {
        h = whole ? Math.imul(h, x[a]) : times(h, x[a]);
        out[o] = units === 0 ? h : rescaled(h);
      }
      // The next product begins with no units.
      units = 0;
    });
  },
  linearScan: (inputs, params, aval) => {
    const [{ storage: x }, { storage: y }] = inputs;
    return running(inputs, params, aval, (out, n, [o, a, b], [so, sa, sb]) => {
      // The first coefficient meets no predecessor: not even as 0 · NaN.
      for (let i = 0, h = 0; i < n; i++, o += so, a += sa, b += sb) {
        h = (i === 0 ? 0 : x[a] * h) + y[b];
        out[o] = h;
      }
    });
  },
};
