import type { NDArray } from "@ad/core";
import { type Params, sameShape, sizeOf } from "@ad/core/internals/trace";
import { times } from "./diagonals.js";
import type { Rule, Site } from "./site.js";

/** So many columns are copied, to bring them together. */
const maxColumns = 8;

interface Stretched {
  readonly matrix: NDArray;
  readonly axes: number;
}

/** An operand without the last batch axes, along which it is the same, and how many these are. */
function stretched(x: NDArray, madeBy: Site["madeBy"]): Stretched | undefined {
  const found = madeBy(x, "broadcast");
  if (!found) return undefined;
  const {
    inputs: [own],
    params: { dims },
  } = found;
  const kept = dims.filter((axis) => axis < x.ndim - 2);
  const axes = x.ndim - 2 - kept.length;
  // The first axes are there, and so are rows and columns.
  const isPlain =
    kept.every((axis, i) => axis === i) && [x.ndim - 2, x.ndim - 1].every((axis) => x.shape[axis] === 1 || dims.includes(axis));
  return axes > 0 && isPlain ? { matrix: own.reshape([...x.shape.slice(0, kept.length), ...x.shape.slice(-2)]), axes } : undefined;
}

const flipped = (x: NDArray): NDArray => x.swapaxes(-1, -2);

/** A batch of products with one matrix is one larger product. */
export const joined: Rule = ({ name, inputs: [x, y], aval, madeBy }) => {
  if (name !== "matmul" || x.ndim < 3) return undefined;
  const right = stretched(y, madeBy);
  if (right) return folded(x, right, aval.shape);
  const left = stretched(x, madeBy);
  const columns = y.shape.at(-1) as number;
  if (left === undefined || columns > maxColumns) return undefined;
  // x·yᵢ = (yᵢᵀ·xᵀ)ᵀ
  const shape = [...aval.shape.slice(0, -2), columns, aval.shape.at(-2) as number];
  return flipped(folded(flipped(y), { ...left, matrix: flipped(left.matrix) }, shape));
};

/** Rows that are equal are multiplied once. */
export const repeated: Rule = ({ name, inputs: [x, y], aval, madeBy }) => {
  const axis = x.ndim - 2;
  const isThere = name !== "matmul" || x.shape[axis] === 1 || madeBy(x, "broadcast")?.params.dims.includes(axis);
  return isThere === false ? x.slice("...", [0, 1], ":").matmul(y).broadcastTo(aval.shape) : undefined;
};

/** The sum of a product's rows, which may be negated, is the product of a sum: with one row. */
export const summed: Rule = ({ name, inputs: [x], params, aval, madeBy }) => {
  if (name !== "sum" || !sameShape((params as Params<"sum">).axes, [x.ndim - 2])) return undefined;
  const negated = madeBy(x, "neg")?.inputs[0];
  const [a, b] = madeBy(negated ?? x, "matmul")?.inputs ?? [];
  if (!b) return undefined;
  const row = a.sum(-2, { keepdims: true });
  return (negated ? row.neg() : row).matmul(b).reshape(aval.shape);
};

/**
 * Of three matrices the last two are multiplied first, where that takes fewer terms than the second product alone: many tangents at one place
 * cost one small Jacobian. So does what scales the columns between them scale the rows of the last one, where that has fewer elements.
 */
export const chained: Rule = ({ name, inputs: [x, y], aval: { ndim }, madeBy }) => {
  if (name !== "matmul" || ndim > 2) return undefined;
  const [m, k] = x.shape;
  const [a, b] = madeBy(x, "matmul")?.inputs ?? [];
  if (b && a.shape[1] * (m + k) < m * k) return a.matmul(b.matmul(y));
  const factors = (x.size > y.size && madeBy(x, "mul")?.inputs) || [];
  const at = factors.findIndex((each) => `${madeBy(each, "broadcast")?.params.dims}` === "1");
  const scale = madeBy(factors[at], "broadcast")?.inputs[0];
  return scale && factors[1 - at].matmul(times(y, scale, y.shape, 0));
};

/** The batch axes along which the second operand is the same become rows of the first. */
function folded(x: NDArray, { matrix, axes }: Stretched, shape: readonly number[]): NDArray {
  const batch = x.shape.slice(0, -2 - axes);
  const k = x.shape.at(-1) as number;
  const rows = x.reshape([...batch, sizeOf(x.shape.slice(batch.length, -1)), k]);
  return rows.matmul(matrix).reshape(shape);
}
