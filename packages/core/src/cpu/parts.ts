import { Aval, type Data } from "../engine/aval.js";
import type { Params, PrimitiveName } from "../engine/primitive.js";
import type { Axes } from "../primitives/reduction.js";
import type { Stored } from "./arena.js";
import { type LazyExpression, waitingFor } from "./fusion.js";
import { kernels } from "./kernels/index.js";
import { multiplyTo } from "./kernels/product.js";
import { maxRow, sumLong } from "./kernels/reduction.js";
import { limits } from "./limits.js";
import type { CpuView } from "./operands.js";
import { room } from "./storage.js";
import { minLength } from "./wasm/fold.js";

// Reductions and products read an operand that waits part by part, as it is computed in the module's memory: it need not be written as a whole.

/** Writes the results of some of the first axes, joined, from the part that they are made of. */
type Write = (part: CpuView, out: Data, o: number, first: number) => void;

/** Elements of one part at most: each value of the expression has room for them. */
const maxPart = 1 << 18;

/**
 * The result of an operation that keeps the first axes of x apart: it is computed for some of them at a time, from x as it is computed. Undefined where there
 * are fewer than `fewest`, or no memory.
 */
function keeping(x: LazyExpression, axes: number, out: Aval, fewest: number, write: Write): Data | undefined {
  const { shape, size, dtype } = x.aval;
  const rest = shape.slice(axes);
  let count = 1;
  for (let i = 0; i < axes; i++) count *= shape[i];
  const [each, made] = [size / count, out.size / count];
  const times = Math.ceil(count / Math.max(1, Math.floor(limits.part / each)));
  const rows = Math.ceil(count / times);
  if (rows < fewest || rows * each > maxPart) return undefined;
  const data = room(out.dtype, out.size);
  const isDone = x.inParts({
    elements: rows * each,
    use(storage, offset, first, n) {
      const aval = new Aval([n / each, ...rest], dtype);
      write({ aval, storage, stride: aval.stride, offset }, data, (first / each) * made, first / each);
    },
  });
  return isDone ? data : undefined;
}

/** The sum of all elements, in the parts in which they are added up in any case. */
function total(x: LazyExpression, out: Aval): Data | undefined {
  let sum = 0;
  const isDone = x.inParts({
    elements: maxRow,
    use(memory, at, _, n) {
      sum = sumLong(sum, n, memory, at, 1);
    },
  });
  if (!isDone) return undefined;
  const data = room(out.dtype, 1);
  data[0] = sum;
  return data;
}

type Read<T> = (inputs: readonly (CpuView & Stored)[], params: T, out: Aval) => Data | undefined;

/** A reduction of axes behind the first ones. */
const along =
  (name: "sum" | "max" | "min" | "logsumexp"): Read<Axes> =>
  ([{ pending }], { axes }, out) => {
    const x = pending as LazyExpression;
    const kept = Math.min(...axes);
    if (kept === 0) return name === "sum" && out.size === 1 && x.aval.size >= minLength ? total(x, out) : undefined;
    const shifted = { axes: axes.map((axis) => axis - kept + 1) };
    const rest = out.shape.slice(kept);
    return keeping(x, kept, out, 1, (part, data, o) => {
      data.set(kernels[name]([part], shifted, new Aval([part.aval.shape[0], ...rest], out.dtype)), o);
    });
  };

const readers: { readonly [P in PrimitiveName]?: Read<Params<P>> } = {
  sum: along("sum"),
  max: along("max"),
  min: along("min"),
  logsumexp: along("logsumexp"),
  softmax: ([{ pending }], { axis, limit }, out) =>
    axis > 0
      ? keeping(pending as LazyExpression, axis, out, 1, (part, data, o) => {
          data.set(kernels.softmax([part], { axis: 1, limit }, part.aval), o);
        })
      : undefined,
  matmul([{ pending }, y], _, out) {
    const { aval, offset, storage, stride } = y;
    const isBatch = out.ndim > 2;
    const n = out.shape[out.ndim - 1];
    return keeping(pending as LazyExpression, 1, out, isBatch ? 1 : minRows, (part, data, o, first) => {
      const [count] = part.aval.shape;
      const own = isBatch
        ? { aval: new Aval([count, ...aval.shape.slice(1)], aval.dtype), storage, stride, offset: offset + first * stride[0] }
        : y;
      multiplyTo(data, o, part, own, new Aval(isBatch ? [count, ...out.shape.slice(1)] : [count, n], out.dtype));
    });
  },
};

/** Rows of one matrix that are multiplied at a time, so that the other one's panels are worth their packing. */
const minRows = 1 << 8;

/** The result of an operation whose first operand waits, if it can be computed part by part. */
export function inParts<P extends PrimitiveName>(
  name: P,
  inputs: readonly (CpuView & Stored)[],
  params: Params<P>,
  out: Aval,
): Data | undefined {
  const read = readers[name] as Read<Params<P>> | undefined;
  const x = read && waitingFor(inputs[0]);
  // A tape keeps what its rules read of the others. No elements have no parts.
  if (!read || !x?.aval.size || (x.arena && name !== "sum")) return undefined;
  for (const other of inputs.slice(1)) other.storage;
  // Both operands may be the same.
  return x.data ? undefined : read(inputs, params, out);
}
