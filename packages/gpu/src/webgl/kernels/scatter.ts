import { Aval } from "@ad/core/internals/trace";
import { type GpuView, kindOf, Place, type Storage } from "../../engine/storage.js";
import { wideOf } from "../glsl/define.js";
import { type Context, each, type GpuKernel } from "./define.js";
import { around } from "./reduction.js";

/** The most updates that a position adds in a row; a longer row is cut into pieces. */
const pieceLength = 256;

/** The most indices that a search compares in one program: software renderers give up after 65535 turns of a program's loops. */
const maxTurns = 4096;

/** The most comparisons of a position with an index that cost less than a wait for the indices. */
const maxComparisons = 2 ** 26;

/** The updates that are added to one row after the other: for row r the updates order[from[r]], …, order[from[r + 1] − 1]. */
interface Segments {
  readonly order: Int32Array;
  readonly from: Int32Array;
}

/** The updates by rows, in their order. */
function sorted(rows: ArrayLike<number>, n: number): Segments {
  const from = new Int32Array(n + 1);
  for (let j = 0; j < rows.length; j++) from[rows[j] + 1]++;
  for (let r = 0; r < n; r++) from[r + 1] += from[r];
  const [next, order] = [from.slice(), new Int32Array(rows.length)];
  for (let j = 0; j < rows.length; j++) order[next[rows[j]]++] = j;
  return { order, from };
}

/** Long segments in pieces, as rows of their own, and the row of each piece. */
function cut({ order, from }: Segments): { pieces: Segments; rows: number[] } {
  const [starts, rows]: number[][] = [[], []];
  for (let r = 0; r + 1 < from.length; r++)
    for (let at = from[r]; at < from[r + 1]; at += pieceLength) {
      starts.push(at);
      rows.push(r);
    }
  return { pieces: { order, from: Int32Array.from([...starts, order.length]) }, rows };
}

const whole = (context: Context, values: Int32Array): GpuView =>
  context.view(context.store(new Place("int32", values.length, values)), [values.length]);

/** x and the sums of segments of the updates, which are [before, count, after]. */
function add(context: Context, x: GpuView, updates: GpuView, segments: Segments, after: number, out: Aval): Storage {
  const type = kindOf(out.dtype);
  const width = after % 4 === 0 ? 4 : 1;
  const own = width === 4 ? wideOf(type) : type;
  const operands = [x, updates, whole(context, segments.order), whole(context, segments.from)];
  return context.draw(out.dtype, out.size, operands, (emitter, [value, update, order, from]) => {
    const [N, B, J] = [segments.from.length - 1, after, segments.order.length].map((size) => emitter.int(size));
    const body = `  int r = (i / ${B}) % ${N}; int a = i / (${B} * ${N}); int b = i % ${B};
  ${own} sum = ${value(width)}(i);
  int end = ${from(1)}(r + 1);
  for (int p = ${from(1)}(r); p < end; p++) sum += ${update(width)}((a * ${J} + ${order(1)}(p)) * ${B} + b);
  return sum;`;
    return each(emitter, type, width, body);
  });
}

/** The updates, where their rows are known: sorted by rows, in pieces that are added up first where a row has many. */
function bySegments(context: Context, x: GpuView, rows: ArrayLike<number>, updates: GpuView, axis: number, out: Aval): Storage {
  const { n, after } = around(out.shape, axis);
  const segments = sorted(rows, n);
  if (!segments.from.some((start, r) => r > 0 && start - segments.from[r - 1] > maxTurns / 4))
    return add(context, x, updates, segments, after, out);
  const cutting = cut(segments);
  const shape = out.shape.slice();
  shape[axis] = cutting.rows.length;
  const parts = new Aval(shape, out.dtype);
  const sums = context.view(add(context, context.filled(0, parts), updates, cutting.pieces, after, parts), shape);
  return bySegments(context, x, cutting.rows, sums, axis, out);
}

/** The same where they are not known: each position asks all indices whether they mean it. */
function bySearch(context: Context, x: GpuView, indices: GpuView, updates: GpuView, axis: number, out: Aval): Storage {
  const type = kindOf(out.dtype);
  const { n, after } = around(out.shape, axis);
  const count = indices.aval.size;
  const width = after % 4 === 0 ? 4 : 1;
  const own = width === 4 ? wideOf(type) : type;
  let current = x;
  for (let start = 0; start < count; start += maxTurns) {
    const storage = context.draw(out.dtype, out.size, [current, indices, updates], (emitter, [value, index, update]) => {
      const [N, B, J, S, E] = [n, after, count, start, Math.min(count, start + maxTurns)].map((size) => emitter.int(size));
      const body = `  int r = (i / ${B}) % ${N}; int a = i / (${B} * ${N}); int b = i % ${B};
  ${own} sum = ${value(width)}(i);
  for (int j = ${S}; j < ${E}; j++) if (${index(1)}(j) == r) sum += ${update(width)}((a * ${J} + j) * ${B} + b);
  return sum;`;
      return each(emitter, type, width, body);
    });
    if (current !== x) context.release(current);
    current = context.view(storage, out.shape);
  }
  return current.storage;
}

export const scatterAdd: GpuKernel<"scatterAdd"> = (context, [x, indices, given], { axis }, out) => {
  const count = indices.aval.size;
  if (count === 0) return context.defer("copy", [x], out);
  const updates = context.materialised(given);
  const isKnown = indices.storage.place.host !== undefined;
  if (!isKnown && count * out.size <= maxComparisons) return bySearch(context, x, context.materialised(indices), updates, axis, out);
  return bySegments(context, x, context.onHostNow(indices).data(), updates, axis, out);
};
