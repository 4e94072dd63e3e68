import { isRowMajor, type Strided } from "../../array/views.js";
import { Aval, type Data, isFloat, type Shape } from "../../engine/aval.js";
import type { Kernel } from "../../engine/kernels.js";
import type { Axes, reductions as primitives } from "../../primitives/reduction.js";
import { limits } from "../limits.js";
import type { CpuView } from "../operands.js";
import { allocate, room } from "../storage.js";
import { type Fold, foldLines, foldRows, minLength, type Side } from "../wasm/fold.js";
import { quotients, type Total, totals } from "./anchored.js";
import { columns, foldColumns, maxColumn } from "./columns.js";
import { copy } from "./copy.js";
import { lanes, lineOf, planes, walk } from "./loops.js";

interface Parts {
  readonly kept: Shape;
  readonly keep: readonly number[];
  readonly folded: Shape;
  readonly fold: readonly number[];
}

/** Splits a view's shape and strides into the axes that are kept and the axes that are reduced. */
function divide(x: CpuView, axes: readonly number[]): Parts {
  const { aval, stride } = x;
  const folds = (_: number, axis: number): boolean => axes.includes(axis);
  const keeps = (_: number, axis: number): boolean => !axes.includes(axis);
  return { kept: aval.shape.filter(keeps), keep: stride.filter(keeps), folded: aval.shape.filter(folds), fold: stride.filter(folds) };
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
const maxRow = 1 << 15;

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

/** Folds the elements of the axes into one number for each of the rest. */
const reduce =
  (initial: number, segment: Segment, kernel?: Fold, finish?: (total: number) => number) =>
  ([x]: readonly CpuView[], { axes }: Axes, aval: Aval): Data => {
    const out = allocate(aval.dtype, aval.size);
    const parts = divide(x, axes);
    const { size } = x.aval;
    if (kernel && size >= limits.vectors && foldShort(out, aval, x, parts, kernel)) return out;
    if (kernel && size >= minLength && foldAcross(out, aval, x, parts, kernel)) return out;
    const { kept, keep, folded, fold } = parts;
    const { storage } = x;
    const run = kernel ? orKernel(kernel, segment) : segment;
    const line = lineOf(folded, fold);
    const rows = line?.step === 1 && line.n <= maxRow ? line : undefined;
    walk(
      kept,
      [
        { stride: aval.stride, offset: 0 },
        { stride: keep, offset: x.offset },
      ],
      (n, [o, a], [so, sa]) => {
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
      },
    );
    return out;
  };

/** The least number of elements, folded and kept, for which a kernel across lines side by side is ahead. */
const minAcross = 1024;

/** The same for many short lines, side by side in a kernel; false where another is ahead. */
function foldShort(out: Data, aval: Aval, x: CpuView, { kept, keep, folded, fold }: Parts, kernel: Fold): boolean {
  const line = lineOf(folded, fold);
  if (line === undefined || line.n === 0 || line.n >= minLength) return false;
  const { n: length, step } = line;
  // Shorter rows are laid side by side here, and those of wider results longer.
  const minRow = kernel === "add" && aval.dtype === "float32" ? 16 : 8;
  let isShort = true;
  const to = { stride: aval.stride, offset: 0 };
  planes(kept, [to, { stride: keep, offset: x.offset }], ([m, n], [[, down], [, across]], [o, a]) => {
    isShort &&= step === 1 ? length < minRow || n * length < minLength : across !== 1 || n * length < minAcross;
    isShort &&= foldColumns(kernel, x.storage, a, { m, down, n, across, length, step }, out, o);
  });
  return isShort;
}

/** The same for kept elements that lie side by side, and closer together than folded ones: whole lines at a time, in a kernel. */
function foldAcross(out: Data, aval: Aval, x: CpuView, { kept, keep, folded, fold }: Parts, kernel: Fold): boolean {
  const lastKept = keep[kept.findLastIndex((n) => n > 1)];
  if (lastKept !== 1 || fold[folded.findLastIndex((n) => n > 1)] === 1) return false;
  let done = true;
  walk(
    kept,
    [
      { stride: aval.stride, offset: 0 },
      { stride: keep, offset: x.offset },
    ],
    (n, [o, a]) => {
      const sides: Side[] = [];
      walk(folded, [{ stride: fold, offset: a }], (lines, [at], [across]) => sides.push({ at, lines, across }));
      done &&= sides.length > 0 && foldLines(kernel, x.storage, sides, n, out, o);
    },
  );
  return done;
}

/** Sums run in float64, and are rounded once; whole numbers wrap. */
const sumFloat = reduce(0, sumRun, "add");
const sumInt = reduce(
  0,
  (total, n, x, a, step) => {
    for (let i = 0; i < n; i++, a += step) total = (total + x[a]) | 0;
    return total;
  },
  "add",
);
const prodFloat = reduce(
  1,
  (total, n, x, a, step) => {
    for (let i = 0; i < n; i++, a += step) total *= x[a];
    return total;
  },
  "mul",
);

/** A product whose size is counted apart, in units of 2⁶⁰⁰: what its partial products leave the range by, later factors may bring back. */
let units = 0;
function held(x: number): number {
  const size = Math.abs(x);
  const step = size > 2 ** 300 && size < Infinity ? 1 : size < 2 ** -300 && size > 0 ? -1 : 0;
  units += step;
  return step === 0 ? x : x * 2 ** (-600 * step);
}
function rescaled(x: number): number {
  let y = x;
  for (let k = Math.min(Math.abs(units), 4); k > 0; k--) y *= 2 ** (600 * Math.sign(units));
  return y;
}
const prodHeld = reduce(
  1,
  (total, n, x, a, step) => {
    let y = total;
    for (let i = 0; i < n; i++, a += step) y = held(y * held(x[a]));
    return y;
  },
  undefined,
  (total) => {
    const y = rescaled(total);
    units = 0;
    return y;
  },
);
/** The product of numbers, whose partial products may be of any size. */
export function productOf(numbers: readonly number[]): number {
  let y = 1;
  for (const x of numbers) y = held(y * held(x));
  y = rescaled(y);
  units = 0;
  return y;
}
/** Whether no product came near the ends of the range. */
function areUsual(x: Data): boolean {
  for (let i = 0; i < x.length; i++) {
    const size = Math.abs(x[i]);
    if (!(size > 1e-290 && size < Infinity)) return false;
  }
  return true;
}

const prodInt = reduce(
  1,
  (total, n, x, a, step) => {
    for (let i = 0; i < n; i++, a += step) total = Math.imul(total, x[a]);
    return total;
  },
  "mul",
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

/** The lines along an axis one after the other: as they are stored, or a copy. */
function linesAlong(x: CpuView, axis: number): { readonly storage: Data; readonly offset: number } {
  const { shape, dtype, size } = x.aval;
  if (isRowMajor(x) && axis === shape.length - 1) return x;
  const moved = new Aval(lastly(shape, axis), dtype);
  const storage = room(dtype, size);
  copy(moved.shape, { storage: x.storage, stride: lastly(x.stride, axis), offset: x.offset }, storage, { stride: moved.stride, offset: 0 });
  return { storage, offset: 0 };
}

/** Lines in storage that are this long are left to kernels that work along them. */
const minLine = 96;

/** Exponentials of lines that are short, or lie across storage, with their places in the result; false where another way is ahead. */
function acrossLines(x: CpuView, axis: number, to: Strided, sums?: Data, out?: Data, total?: Total): boolean {
  const { shape, size } = x.aval;
  const length = shape[axis];
  const step = x.stride[axis];
  if (size < 2 * limits.vectors || length > maxColumn(x.storage.BYTES_PER_ELEMENT) || (step === 1 && length >= minLine)) return false;
  const without = ({ stride, offset }: Strided): Strided => ({ stride: stride.filter((_, i) => i !== axis), offset });
  const kept = shape.filter((_, i) => i !== axis);
  let done = true;
  planes(kept, [without(x), without(to)], ([m, n], [[down, toDown], [across, toAcross]], [a, o]) => {
    const places = { down: toDown, across: toAcross, step: to.stride[axis] };
    done &&= columns(x.storage, a, { m, down, n, across, length, step }, sums, o, out, o, places, total);
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
  lanes(aval.shape, axis, operands, (at) => run(out, n, at, steps));
  return out;
}

export const reductions: { readonly [P in keyof typeof primitives]: Kernel<P, Data> } = {
  sum: (inputs, params, aval) => (isFloat(aval.dtype) ? sumFloat : sumInt)(inputs, params, aval),
  prod(inputs, params, aval) {
    if (!isFloat(aval.dtype)) return prodInt(inputs, params, aval);
    const out = prodFloat(inputs, params, aval);
    return areUsual(out) ? out : prodHeld(inputs, params, aval);
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
    if (acrossLines(x, axis, { stride: aval.stride, offset: 0 }, undefined, out, total)) return out;
    const { storage, offset } = linesAlong(x, axis);
    const lines = axis === shape.length - 1 ? out : room(dtype, size);
    if (size > 0) quotients(storage, offset, size / shape[axis], shape[axis], total, lines);
    if (lines !== out) {
      const moved = new Aval(lastly(shape, axis), dtype);
      copy(moved.shape, { storage: lines, stride: moved.stride, offset: 0 }, out, { stride: lastly(aval.stride, axis), offset: 0 });
    }
    return out;
  },
  max: reduce(
    -Infinity,
    (total, n, x, a, step) => {
      for (let i = 0; i < n; i++, a += step) total = Math.max(total, x[a]);
      return total;
    },
    "maximum",
  ),
  min: reduce(
    Infinity,
    (total, n, x, a, step) => {
      for (let i = 0; i < n; i++, a += step) total = Math.min(total, x[a]);
      return total;
    },
    "minimum",
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
      units = 0;
      for (let i = 0, h = 1; i < n; i++, o += so, a += sa) {
        h = whole ? Math.imul(h, x[a]) : held(h * held(x[a]));
        out[o] = units === 0 ? h : rescaled(h);
      }
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
