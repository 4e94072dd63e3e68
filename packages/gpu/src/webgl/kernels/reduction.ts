import type { DType } from "@ad/core";
import { Aval, type Params, type reductions as primitives, sizeOf } from "@ad/core/internals/trace";
import { type GpuView, kindOf, type Storage } from "../../engine/storage.js";
import { type Type, wideOf } from "../glsl/define.js";
import { type Computes, type Context, each, type GpuKernels } from "./define.js";

/** The operation that makes one value of two, and its neutral element. */
interface Monoid {
  readonly zero: { readonly [T in Type]: string };
  readonly join: (x: string, y: string, type: Type) => string;
  readonly needs?: string;
}

const monoids = {
  sum: { zero: { float: "0.0", int: "0" }, join: (x, y) => `${x} + ${y}` },
  prod: { zero: { float: "1.0", int: "1" }, join: (x, y) => `${x} * ${y}` },
  max: {
    zero: { float: "-INF", int: "(-2147483647 - 1)" },
    join: (x, y, type) => `${type === "float" ? "max_" : "max"}(${x}, ${y})`,
    needs: "max_",
  },
  min: {
    zero: { float: "INF", int: "2147483647" },
    join: (x, y, type) => `${type === "float" ? "min_" : "min"}(${x}, ${y})`,
    needs: "min_",
  },
  any: { zero: { float: "0.0", int: "0" }, join: (x, y) => `${x} | ${y}` },
  all: { zero: { float: "1.0", int: "1" }, join: (x, y) => `${x} & ${y}` },
} satisfies Readonly<Record<string, Monoid>>;

/** A shape around neighbouring axes: `before`, the axes joined, `after`. */
export interface Around {
  readonly before: number;
  readonly n: number;
  readonly after: number;
}

export const around = (shape: readonly number[], first: number, last = first): Around => ({
  before: sizeOf(shape.slice(0, first)),
  n: sizeOf(shape.slice(first, last + 1)),
  after: sizeOf(shape.slice(last + 1)),
});

/** A line of more elements is cut into pieces, unless there are as many lines as keep a GPU busy. */
const maxLine = 512;
const busyLines = 1 << 14;

/** Folds lines of n elements, each in pieces of a length: the result is [before, pieces, after]. Sums run in blocks of 32, so that rounding errors stay small. */
function pass(context: Context, x: GpuView, { before, n, after }: Around, length: number, dtype: DType, monoid: Monoid): Storage {
  const type = kindOf(dtype);
  const pieces = Math.max(1, Math.ceil(n / length));
  const total = before * pieces * after;
  // Four neighbours at once: of four results, or of one line.
  const across = after % 4 === 0;
  const along = !across && after === 1 && ((n % 4 === 0 && length % 4 === 0) || before === 1) && length % 4 === 0;
  return context.draw(dtype, total, [x], (emitter, [value]) => {
    if (monoid.needs) emitter.need(monoid.needs);
    const [N, B, C, J] = [n, after, length, pieces].map((size) => emitter.int(size));
    const width = across || along ? 4 : 1;
    const read = value(width);
    const own = width === 4 ? wideOf(type) : type;
    const zero = `${own}(${monoid.zero[type]})`;
    const join = (a: string, b: string): string => monoid.join(a, b, type);
    const masked = along && n % 4 !== 0;
    const lane = (k: number): string => `r + ${k} < ${N} ? v.${"xyzw"[k]} : ${monoid.zero[type]}`;
    const fold = emitter.function(
      "fold",
      own,
      "int a, int j, int b",
      `  ${own} all = ${zero};
  int end = min(${N}, (j + 1) * ${C});
  for (int r = j * ${C}; r < end;) {
    ${own} block = ${zero};
    int stop = min(r + ${along ? 128 : 32}, end);
    for (; r < stop; r += ${along ? 4 : 1}) {
      ${own} v = ${read}((a * ${N} + r) * ${B} + b);
      ${masked ? `if (r + 3 >= ${N}) v = ${own}(${[0, 1, 2, 3].map(lane).join(", ")});` : ""}
      block = ${join("block", "v")};
    }
    all = ${join("all", "block")};
  }
  return all;`,
    );
    if (across) return emitter.program(type, `  result = ${fold}(i / (${B} * ${J}), (i / ${B}) % ${J}, i % ${B});`);
    const T = emitter.int(total);
    const combined = along
      ? `${own} v = ${fold}(i / ${J}, i % ${J}, 0); return ${join(`(${join("v.x", "v.y")})`, `(${join("v.z", "v.w")})`)};`
      : `return ${fold}(i / (${B} * ${J}), (i / ${B}) % ${J}, i % ${B});`;
    return each(emitter, type, 1, `  if (i >= ${T}) return ${monoid.zero[type]}; ${combined}`);
  });
}

/** Folds neighbouring axes, in as few passes as keep a GPU busy. */
function foldAxes(context: Context, x: GpuView, first: number, last: number, dtype: DType, monoid: Monoid): GpuView {
  const { shape } = x.aval;
  let current = x;
  let { before, n, after } = around(shape, first, last);
  while (n > maxLine && before * after < busyLines) {
    const length = Math.max(256, 4 * Math.ceil((n * before * after) / busyLines / 4));
    const storage = pass(context, current, { before, n, after }, length, dtype, monoid);
    n = Math.ceil(n / length);
    if (current !== x) context.release(current);
    current = context.view(storage, [before, n, after]);
  }
  const storage = pass(context, current, { before, n, after }, Math.max(n, 4), dtype, monoid);
  if (current !== x) context.release(current);
  return context.view(storage, [...shape.slice(0, first), ...shape.slice(last + 1)]);
}

/** Folds axes, ascending: from the last group of neighbours to the first. */
function foldAll(context: Context, x: GpuView, axes: readonly number[], dtype: DType, monoid: Monoid): GpuView {
  let current = x;
  for (let last = axes.length - 1; last >= 0; ) {
    let first = last;
    while (first > 0 && axes[first - 1] === axes[first] - 1) first--;
    const next = foldAxes(context, current, axes[first], axes[last], dtype, monoid);
    if (current !== x) context.release(current);
    current = next;
    last = first - 1;
  }
  return current;
}

const folding =
  (monoid: Monoid): Computes<Params<"sum">> =>
  (context, [x], { axes }, out) =>
    axes.length === 0 ? context.defer("copy", [x], out) : foldAll(context, x, axes, out.dtype, monoid).storage;

/** A view with an axis of length n that stands still. */
function still(context: Context, x: GpuView, axis: number, n: number): GpuView {
  const [shape, stride] = [x.aval.shape.slice(), x.stride.slice()];
  shape.splice(axis, 0, n);
  stride.splice(axis, 0, 0);
  return { aval: new Aval(shape, x.aval.dtype), storage: x.storage, stride, offset: x.offset };
}

/** e^(x − greatest) along an axis, the greatest, and the sum. */
function exponentials(context: Context, x: GpuView, axis: number) {
  const n = x.aval.shape[axis];
  const top = foldAxes(context, x, axis, axis, x.aval.dtype, monoids.max);
  const parts = context.view(context.defer("anchored", [x, still(context, top, axis, n)], x.aval), x.aval.shape);
  return { n, top, parts, sum: foldAxes(context, parts, axis, axis, x.aval.dtype, monoids.sum) };
}

/** Lines longer than this are looked through in pieces; a software renderer gives up after 65535 turns of a loop. */
const maxPiece = 4096;

/** The first position of the greatest or least element; the first NaN wins. Of long lines, the first one of each piece, and of these the first. */
const position =
  (better: ">" | "<"): Computes<Params<"argmax">> =>
  (context, [x], { axis }, out) => {
    const { before, n, after } = around(x.aval.shape, axis);
    const type = x.storage.place.kind;
    const nan = (v: string): string => (type === "float" ? `nan(${v})` : "false");
    const pieces = Math.ceil(n / maxPiece);
    const among = (operands: readonly GpuView[], parts: number, count: number, length: number): Storage =>
      context.draw("int32", before * parts * after, operands, (emitter, [value, candidate]) => {
        const [N, B, T, P, C, L] = [n, after, before * parts * after, parts, count, length].map((size) => emitter.int(size));
        const read = value(1);
        const at = (k: string): string => (candidate ? `${candidate(1)}((a * ${C} + ${k}) * ${B} + b)` : k);
        const body = `  if (i >= ${T}) return 0;
  int b = i % ${B}; int part = (i / ${B}) % ${P}; int a = i / (${B} * ${P});
  int end = min(${C}, (part + 1) * ${L});
  int best = ${at(`part * ${L}`)};
  ${type} top = ${read}((a * ${N} + best) * ${B} + b);
  for (int k = part * ${L} + 1; k < end && !${nan("top")}; k++) {
    int r = ${at("k")};
    ${type} v = ${read}((a * ${N} + r) * ${B} + b);
    if (v ${better} top || ${nan("v")}) { top = v; best = r; }
  }
  return best;`;
        return each(emitter, "int", 1, body);
      });
    const source = context.materialised(x);
    const first = among([source], pieces, n, maxPiece);
    return pieces === 1 ? first : among([source, context.view(first, [before, pieces, after])], 1, pieces, pieces);
  };

/** One step of a running operation: element r is joined with the one `by` before it. `write` says how, from `i` and `from`, its predecessor. */
function step(
  context: Context,
  operands: readonly GpuView[],
  out: Aval,
  { axis, reverse }: Params<"cumsum">,
  by: number,
  write: (read: readonly string[], type: Type) => string,
): GpuView {
  const { n, after } = around(out.shape, axis);
  const type = kindOf(out.dtype);
  const storage = context.draw(out.dtype, out.size, operands, (emitter, values) => {
    const [N, B, D] = [n, after, by].map((size) => emitter.int(size));
    const reads = values.map((value) => value(1));
    const body = `  int r = (i / ${B}) % ${N};
  bool has = ${reverse ? `r + ${D} < ${N}` : `r >= ${D}`};
  int from = has ? ${reverse ? `i + ${D} * ${B}` : `i - ${D} * ${B}`} : i;
  ${write(reads, type)}`;
    return each(emitter, type, 1, body);
  });
  return context.view(storage, out.shape);
}

/** In steps of doubling length. */
const running =
  (sign: "+" | "*"): Computes<Params<"cumsum">> =>
  (context, [x], params, out) => {
    let current = x;
    for (let by = 1; by < out.shape[params.axis]; by *= 2)
      current = step(context, [current], out, params, by, ([read]) => `return has ? ${read}(i) ${sign} ${read}(from) : ${read}(i);`);
    return current === x ? context.defer("copy", [x], out) : current.storage;
  };

export const reductions: GpuKernels<keyof typeof primitives> = {
  sum: folding(monoids.sum),
  prod: folding(monoids.prod),
  max: folding(monoids.max),
  min: folding(monoids.min),
  any: folding(monoids.any),
  all: folding(monoids.all),
  logsumexp(context, [x], { axes: [axis] }, out) {
    const { top, sum } = exponentials(context, x, axis);
    const log = context.view(context.defer("log", [sum], out), out.shape);
    return context.defer("add", [top, log], out);
  },
  softmax(context, [x], { axis, limit }, out) {
    const { n, top, parts, sum } = exponentials(context, x, axis);
    let total = sum;
    if (!limit) {
      const finite = context.view(context.defer("isFinite", [top], sum.aval.with("bool")), sum.aval.shape);
      total = context.view(context.defer("selectFloat", [finite, sum, context.filled(Number.NaN, sum.aval)], sum.aval), sum.aval.shape);
    }
    return context.defer("div", [parts, still(context, total, axis, n)], out);
  },
  argmax: position(">"),
  argmin: position("<"),
  cumsum: running("+"),
  cumprod: running("*"),
  /** h[i] = a[i]·h[i−1] + b[i] by joining spans: of two spans, each a map h ↦ a·h + b, one. */
  linearScan(context, [a, b], params, out) {
    let [factor, term] = [a, b];
    const n = out.shape[params.axis];
    for (let by = 1; by < n; by *= 2) {
      const next = step(context, [factor, term], out, params, by, ([f, t]) => `return has ? ${f}(i) * ${t}(from) + ${t}(i) : ${t}(i);`);
      if (2 * by < n) factor = step(context, [factor], out, params, by, ([f]) => `return has ? ${f}(i) * ${f}(from) : ${f}(i);`);
      term = next;
    }
    return term === b ? context.defer("copy", [b], out) : term.storage;
  },
};
