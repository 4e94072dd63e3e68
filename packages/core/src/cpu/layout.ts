import { below, isRowMajor, type Layout } from "../array/views.js";
import type { Aval } from "../engine/aval.js";
import type { Kind, PrimitiveName } from "../engine/primitive.js";
import { limits } from "./limits.js";

/** An order of axes, from the outermost in storage on. */
type Order = readonly number[];

/** Whether an array's elements lie one behind the other in an order of its axes; an axis of one element may be anywhere. */
function liesIn(order: Order, { aval: { shape }, stride }: Layout): boolean {
  let step = 1;
  for (let i = order.length - 1; i >= 0; i--) {
    const n = shape[order[i]];
    if (n !== 1 && stride[order[i]] !== step) return false;
    step *= n;
  }
  return true;
}

/** The most columns that a result has one behind the other where its operands lie neither way. */
const maxColumns = 1 << 4;

/** Whether an array is a few long columns. */
export const isTall = ({ shape: [n], size }: Aval): boolean => n >= limits.column && size > n && size < n * n && size <= maxColumns * n;

/** The order that operands have in common, unless one lies in rows; what has gaps or is stretched goes along. Columns are put one behind the other. */
function common(operands: readonly Layout[], out: Aval): Order | undefined {
  let order: Order | undefined = isTall(out) ? [...below(out.ndim).slice(1), 0] : undefined;
  for (const x of operands) {
    if (order && liesIn(order, x)) continue;
    if (isRowMajor(x)) return undefined;
    const own = below(x.stride.length).sort((a, b) => x.stride[b] - x.stride[a]);
    if (!liesIn(own, x)) continue;
    if (order) return undefined;
    order = own;
  }
  return order;
}

/** The order of axes in which an operation goes through storage, and in which its result lies, where that is not the order of the operands' axes. */
export function storageOrder(kind: Kind, name: PrimitiveName, operands: readonly Layout[], out: Aval): Order | undefined {
  if (kind === "elementwise" || (kind === "linear" && /^(concatenate|select|cast)/.test(name))) return common(operands, out);
  return out.ndim === 0 || (name === "take" && operands[1].aval.ndim === 1) ? common(operands.slice(0, 1), out) : undefined;
}
