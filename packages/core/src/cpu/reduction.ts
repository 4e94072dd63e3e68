import type { Aval, Data, Shape } from "../aval.js";
import { isFloat } from "../aval.js";
import type { Kernel } from "../backend.js";
import { isRowMajor, type Strided } from "../views.js";
import { lanes, lineOf, walk } from "./loops.js";
import { allocate, type CpuView } from "./storage.js";

type Fold = (total: number, x: number) => number;

interface Parts {
  readonly kept: Shape;
  readonly keep: readonly number[];
  readonly folded: Shape;
  readonly fold: readonly number[];
}

/** Splits a view's shape and strides into what is kept and what is folded away. */
function divide(x: CpuView, axes: readonly number[]): Parts {
  const { aval, stride } = x;
  const folds = (_: number, axis: number): boolean => axes.includes(axis);
  const keeps = (_: number, axis: number): boolean => !axes.includes(axis);
  return { kept: aval.shape.filter(keeps), keep: stride.filter(keeps), folded: aval.shape.filter(folds), fold: stride.filter(folds) };
}

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

const addInt: Segment = (total, n, x, a, step) => {
  for (let i = 0; i < n; i++, a += step) total = (total + x[a]) | 0;
  return total;
};

/** Goes on with a total over n elements a step apart. */
type Segment = (total: number, n: number, x: Data, a: number, step: number) => number;

/** Folds the elements of the axes into one number for each of the rest. */
function foldInto(out: Data, aval: Aval, x: CpuView, parts: Parts, initial: number, segment: Segment): Data {
  const { storage } = x;
  const { kept, keep, folded, fold } = parts;
  const line = lineOf(folded, fold);
  const operands = [
    { stride: aval.stride, offset: 0 },
    { stride: keep, offset: x.offset },
  ];
  walk(kept, operands, (n, [o, a], [so, sa]) => {
    for (let i = 0; i < n; i++, o += so, a += sa) {
      if (line) {
        out[o] = segment(initial, line.n, storage, a, line.step);
        continue;
      }
      let total = initial;
      walk(folded, [{ stride: fold, offset: a }], (m, [at], [step]) => {
        total = segment(total, m, storage, at, step);
      });
      out[o] = total;
    }
  });
  return out;
}

/** Adds whole rows to the totals, four in a pass: for kept elements that lie closer together than folded ones. */
function addRows(totals: Data, aval: Aval, x: CpuView, { kept, keep, folded, fold }: Parts): void {
  const { storage } = x;
  walk(folded, [{ stride: fold, offset: x.offset }], (rows, [start], [rowStep]) => {
    for (let r = 0; r < rows; ) {
      const pass = r + 3 < rows ? 4 : 1;
      const operands = [
        { stride: aval.stride, offset: 0 },
        { stride: keep, offset: start + r * rowStep },
      ];
      walk(kept, operands, (n, [o, a], [so, sa]) => {
        if (pass === 1) for (let i = 0; i < n; i++, o += so, a += sa) totals[o] += storage[a];
        else {
          const [b, c, d] = [rowStep, 2 * rowStep, 3 * rowStep];
          for (let i = 0; i < n; i++, o += so, a += sa) totals[o] += storage[a] + storage[a + b] + (storage[a + c] + storage[a + d]);
        }
      });
      r += pass;
    }
  });
}

/** Adds in float64 whatever the dtype, and rounds once; whole numbers wrap. */
function sum([x]: readonly CpuView[], { axes }: { readonly axes: readonly number[] }, aval: Aval): Data {
  const out = allocate(aval.dtype, aval.size);
  if (!isFloat(aval.dtype)) return foldInto(out, aval, x, divide(x, axes), 0, addInt);
  if (aval.ndim === 0 && isRowMajor(x)) {
    out[0] = sumRun(0, x.aval.size, x.storage, x.offset, 1);
    return out;
  }
  const parts = divide(x, axes);
  const lastKept = Math.abs(parts.keep[parts.keep.length - 1] ?? 0);
  if (lastKept === 0 || lastKept >= Math.abs(parts.fold[parts.fold.length - 1] ?? 0)) return foldInto(out, aval, x, parts, 0, sumRun);
  const totals = aval.dtype === "float64" ? out : new Float64Array(aval.size);
  addRows(totals, aval, x, parts);
  if (totals !== out) out.set(totals);
  return out;
}

const reduce = (initial: number, fold: Fold) => {
  const segment: Segment = (total, n, x, a, step) => {
    for (let i = 0; i < n; i++, a += step) total = fold(total, x[a]);
    return total;
  };
  return ([x]: readonly CpuView[], { axes }: { readonly axes: readonly number[] }, aval: Aval): Data =>
    foldInto(allocate(aval.dtype, aval.size), aval, x, divide(x, axes), initial, segment);
};

const prodFloat = reduce(1, (total, x) => total * x);
const prodInt = reduce(1, Math.imul);

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

/**
 * Writes e^(x − greatest) along a line: all sums of exponentials start from it, so that nothing overflows. Gives the greatest and the
 * sum without it, which may be too small beside its 1. Equal infinities are 0 apart.
 */
function anchored(x: Data, a: number, step: number, n: number, out: Data, o: number, outStep: number): [top: number, rest: number] {
  let top = -Infinity;
  let at = 0;
  for (let i = 0; i < n; i++)
    if (!(x[a + i * step] <= top)) {
      top = x[a + i * step];
      at = i;
    }
  let rest = 0;
  for (let i = 0; i < n; i++) {
    const value = x[a + i * step];
    const e = value === top ? 1 : Math.exp(value - top);
    if (i !== at) rest += e;
    out[o + i * outStep] = e;
  }
  return [top, rest];
}

/** The strides of a reduced result, standing still along the axis that it lost. */
function still(aval: Aval, axis: number): Strided {
  const stride = aval.stride.slice();
  stride.splice(axis, 0, 0);
  return { stride, offset: 0 };
}

/** Runs along one axis: `h = step(h, inputs at i…)` from either end. */
function running(
  inputs: readonly CpuView[],
  { axis, reverse }: { readonly axis: number; readonly reverse: boolean },
  aval: Aval,
  initial: number,
  step: (h: number, i: number, at: readonly number[]) => number,
): Data {
  const out = allocate(aval.dtype, aval.size);
  const n = aval.shape[axis];
  const target: Strided = { stride: aval.stride, offset: 0 };
  lanes(aval.shape, axis, [target, ...inputs], (at) => {
    let h = initial;
    for (let k = 0; k < n; k++) {
      const i = reverse ? n - 1 - k : k;
      h = step(h, i, at);
      out[at[0] + i * aval.stride[axis]] = h;
    }
  });
  return out;
}

export const reductions: {
  readonly [P in
    | "sum"
    | "prod"
    | "max"
    | "min"
    | "logsumexp"
    | "softmax"
    | "any"
    | "all"
    | "argmax"
    | "argmin"
    | "cumsum"
    | "cumprod"
    | "recurrence"]: Kernel<P, Data>;
} = {
  sum,
  prod: (inputs, params, aval) => (isFloat(aval.dtype) ? prodFloat : prodInt)(inputs, params, aval),
  logsumexp([x], { axes: [axis] }, aval) {
    const out = allocate(aval.dtype, aval.size);
    const { shape } = x.aval;
    lanes(shape, axis, [still(aval, axis), x], ([o, a]) => {
      const [top, rest] = anchored(x.storage, a, x.stride[axis], shape[axis], out, o, 0);
      out[o] = top + Math.log1p(rest);
    });
    return out;
  },
  softmax([x], { axis, limit }, aval) {
    const out = allocate(aval.dtype, aval.size);
    const [n, step, outStep] = [aval.shape[axis], x.stride[axis], aval.stride[axis]];
    lanes(aval.shape, axis, [{ stride: aval.stride, offset: 0 }, x], ([o, a]) => {
      const [top, rest] = anchored(x.storage, a, step, n, out, o, outStep);
      const total = limit || Number.isFinite(top) ? 1 + rest : Number.NaN;
      for (let i = 0; i < n; i++) out[o + i * outStep] /= total;
    });
    return out;
  },
  max: reduce(-Infinity, Math.max),
  min: reduce(Infinity, Math.min),
  any: reduce(0, (total, x) => total | x),
  all: reduce(1, (total, x) => total & x),
  argmax: position((x, best) => x > best),
  argmin: position((x, best) => x < best),
  cumsum: (inputs, params, aval) => {
    const [{ storage: data, stride }] = inputs;
    const step = stride[params.axis];
    const add = isFloat(aval.dtype) ? (h: number, x: number) => h + x : (h: number, x: number) => (h + x) | 0;
    return running(inputs, params, aval, 0, (h, i, at) => add(h, data[at[1] + i * step]));
  },
  cumprod: (inputs, params, aval) => {
    const [{ storage: data, stride }] = inputs;
    const step = stride[params.axis];
    const multiply = isFloat(aval.dtype) ? (h: number, x: number) => h * x : Math.imul;
    return running(inputs, params, aval, 1, (h, i, at) => multiply(h, data[at[1] + i * step]));
  },
  recurrence: (inputs, params, aval) => {
    const [a, b] = inputs;
    const [sa, sb] = [a.stride[params.axis], b.stride[params.axis]];
    const first = params.reverse ? aval.shape[params.axis] - 1 : 0;
    // The first coefficient meets no predecessor: not even as 0 · NaN.
    return running(inputs, params, aval, 0, (h, i, at) => (i === first ? 0 : a.storage[at[1] + i * sa] * h) + b.storage[at[2] + i * sb]);
  },
};
