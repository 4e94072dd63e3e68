import type { NDArray } from "@ad/core";
import { erased } from "@ad/core/internals/rules";
import { type Aval, overAxes, type Params, type PrimitiveName, primitives, sizeOf } from "@ad/core/internals/trace";

/** The place of a batch's rows in an array: along an axis of length before · rows · after, of which the middle counts the rows. */
export interface Rows {
  readonly axis: number;
  readonly before: number;
  readonly after: number;
}

/** The effect of an operation on rows: it keeps them apart, makes one of them (by a sum, say), or may mix them in any way. */
export type Fate = Rows | "reduced" | "unknown";

type Where = Rows | undefined;
/** The number of rows, the places where the operands have them (undefined: they have none), the operands and the result. */
interface Step {
  readonly count: number;
  readonly rows: readonly Where[];
  readonly inputs: readonly NDArray[];
  readonly out: Aval;
}

const moved = (rows: Rows, axis: number): Rows => ({ ...rows, axis });

/** Operands of one shape, each element made from those at its own place. */
function alike({ rows }: Step): Fate {
  const [first, ...rest] = rows.filter((each) => each !== undefined);
  return rest.every(({ axis, before, after }) => axis === first.axis && before === first.before && after === first.after)
    ? first
    : "unknown";
}

/** Done along an axis: rows along another one do not meet. */
const beside = (step: Step, { axis }: { readonly axis: number }): Fate => {
  const fate = alike(step);
  return typeof fate === "object" && fate.axis === axis ? "unknown" : fate;
};

function reduced({ rows: [rows] }: Step, { axes }: Params<"sum">): Fate {
  const { axis } = rows as Rows;
  return axes.includes(axis) ? "reduced" : moved(rows as Rows, axis - axes.filter((each) => each < axis).length);
}

/** Along other axes only; but a single row counts as a statistic. */
function sliced({ rows: [rows], inputs: [x], out }: Step, { starts, steps }: Pick<Params<"slice">, "starts" | "steps">): Fate {
  const { axis, before, after } = rows as Rows;
  if (starts[axis] === 0 && steps[axis] === 1 && out.shape[axis] === x.shape[axis]) return rows as Rows;
  return out.shape[axis] === 1 && before * after === 1 ? "reduced" : "unknown";
}

function reshaped({ count, rows: [rows], inputs: [x], out }: Step): Fate {
  const { axis, before } = rows as Rows;
  const ahead = sizeOf(x.shape.slice(0, axis)) * before;
  for (let k = 0, outer = 1; k < out.ndim; outer *= out.shape[k++]) {
    const n = out.shape[k];
    const inner = ahead / outer;
    if (Number.isInteger(inner) && n % (inner * count) === 0 && n > 0) return { axis: k, before: inner, after: n / (inner * count) };
  }
  return "unknown";
}

function multiplied({ rows: [left, right], inputs: [x] }: Step): Fate {
  const [row, column] = [x.ndim - 2, x.ndim - 1];
  const summed = [left?.axis === column, right?.axis === row];
  if (left === undefined || right === undefined) return summed[0] || summed[1] ? "reduced" : ((left ?? right) as Rows);
  if (summed[0] && summed[1]) return "reduced";
  return left.axis === right.axis && left.axis < row && left.before === right.before && left.after === right.after ? left : "unknown";
}

function taken({ rows: [rows], inputs: [, indices] }: Step, { axis }: Params<"take">): Fate {
  if (rows === undefined || rows.axis === axis) return "unknown";
  return rows.axis < axis ? rows : moved(rows, rows.axis + indices.ndim - 1);
}

function windowed({ rows: [rows] }: Step, { axes }: { readonly axes: readonly number[] }): Fate {
  return axes.includes((rows as Rows).axis) ? "unknown" : (rows as Rows);
}

/**
 * The knowledge of rows, by operation. This is no table of rules, and not total: an operation that is not here is not proven to keep rows
 * apart, which costs a proof and never a result.
 */
const known: { readonly [P in PrimitiveName]?: (step: Step, params: Params<P>) => Fate } = {
  transpose: ({ rows: [rows] }, { perm }) => moved(rows as Rows, perm.indexOf((rows as Rows).axis)),
  broadcast: ({ rows: [rows] }, { dims }) => moved(rows as Rows, dims[(rows as Rows).axis]),
  reshape: reshaped,
  slice: sliced,
  place: sliced,
  unfold: windowed,
  fold: windowed,
  concatenate: beside,
  select: alike,
  cast: alike,
  take: taken,
  ...Object.fromEntries(Object.keys(overAxes).map((name) => [name, reduced])),
  softmax: beside,
  cumsum: beside,
  cumprod: beside,
  linearScan: beside,
  matmul: multiplied,
};

/** The rows of the result. One operand at least has rows. */
export function fateOf<P extends PrimitiveName>(name: P, step: Step, params: Params<P>): Fate {
  if (primitives[name].kind === "elementwise") return alike(step);
  return erased<((step: Step, params: Params<P>) => Fate) | undefined>(known)[name]?.(step, params) ?? "unknown";
}
