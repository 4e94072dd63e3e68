import type { NDArray } from "@ad/core";
import { Concrete, compact } from "@ad/core/internals/backend";
import { bind } from "@ad/core/internals/trace";
import { isThere } from "../lists.js";
import { asShape, numberOf } from "./constants.js";
import type { Rule, Site } from "./site.js";

type MadeBy = Site["madeBy"];

const isSquare = ({ shape }: NDArray): boolean => shape.length === 2 && shape[0] === shape[1] && shape[0] > 0;

/** The diagonal of a constant matrix that has nothing beside it. */
function diagonalOfConstant(x: NDArray): NDArray | undefined {
  const [n] = x.shape;
  if (!(x instanceof Concrete && compact(x).every((value, i) => value === 0 || i % (n + 1) === 0))) return undefined;
  return bind("slice", [x.ravel()], { starts: [0], steps: [n + 1], sizes: [n] });
}

/** The diagonal of a matrix, where it is cheaply had. */
function diagonalOfAny(x: NDArray, madeBy: MadeBy): NDArray | undefined {
  const n = x.shape[0];
  const own = madeBy(x, "broadcast")?.inputs[0];
  if (own?.size === n) return own.ravel();
  return own?.size === 1 ? asShape(own, [n]) : undefined;
}

/**
 * The diagonal of a matrix that has nothing beside it: a constant one, as the basis of a Jacobian is, and what elementwise work makes of it.
 * Its factors count as finite: 0 · NaN is 0 here.
 */
function diagonalOf(x: NDArray, madeBy: MadeBy): NDArray | undefined {
  if (!isSquare(x)) return undefined;
  const constant = diagonalOfConstant(x);
  if (constant) return constant;
  const product = madeBy(x, "mul");
  if (product) {
    const known = product.inputs.map((each) => diagonalOf(each, madeBy));
    if (!known.some(isThere)) return undefined;
    const [s, t] = product.inputs.map((each, i) => known[i] ?? diagonalOfAny(each, madeBy));
    return s && t?.mul(s);
  }
  const inside = (name: "neg" | "transpose"): NDArray | undefined => {
    const own = madeBy(x, name)?.inputs[0];
    return own && diagonalOf(own, madeBy);
  };
  return inside("neg")?.neg() ?? inside("transpose");
}

/**
 * A diagonal times a matrix scales its rows, a matrix times a diagonal its columns: products with the identity, and with diagonals that it
 * becomes, need no sums. It drops what 0 · NaN and 0 · Infinity would be, and the sign of a zero.
 */
export const scaled: Rule = ({ name, inputs: [x, y], aval: { shape }, madeBy }) => {
  if (name !== "matmul" || x.ndim !== 2) return undefined;
  const rows = diagonalOf(x, madeBy);
  if (rows) return times(y, rows, shape, 0);
  const columns = diagonalOf(y, madeBy);
  return columns && times(x, columns, shape, 1);
};

/** The rows of x, or its columns, which are axis 1, times the elements of a diagonal. */
export const times = (x: NDArray, diagonal: NDArray, shape: readonly number[], axis: number): NDArray =>
  numberOf(diagonal) === 1 ? x : x.mul(bind("broadcast", [diagonal], { shape, dims: [axis] }));
