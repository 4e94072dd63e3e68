import type { NDArray } from "@ad/core";
import { Aval, asArray, call, type Operation } from "@ad/core/internals/trace";
import { fit, laneOperation, type Numbers, type Rules } from "./lanes.js";

/**
 * Products with sparse matrices of one pattern, and what their derivatives are made of: three operations that are closed under transposition.
 *
 *   product(v, x)[i, k] = Σₑ v[e] x[columns[e], k], over the entries e of row i;   its transposes are sampled(ȳ, x) and the product of the transposed matrix;
 *   sampled(y, x)[e] = Σₖ y[rows[e], k] x[columns[e], k];   its transposes are the two products.
 *
 * Entries are [..., count], columns are [..., n, k].
 */
export interface Products {
  readonly product: Operation;
  readonly transposed: Operation;
  readonly sampled: Operation;
}

/** Entry e of the matrix is at row rows[e] and column columns[e]. */
export interface Places {
  readonly shape: readonly [rows: number, columns: number];
  readonly rows: Int32Array;
  readonly columns: Int32Array;
  /** The start of each row, and the end of the last one. */
  readonly starts: Int32Array;
}

const run = (operation: Operation, a: NDArray, b: NDArray): NDArray => call(operation, [a, b])[0];

const plus = (a: NDArray | undefined, b: NDArray | undefined): NDArray | undefined => (a && b ? a.add(b) : (a ?? b));

/**
 * The rules of a bilinear operation, from its transposes, the cotangent of either operand, from that of the result and the other operand; and the
 * same product in array operations.
 */
const bilinear = (
  own: () => Operation,
  first: (ct: NDArray, other: NDArray) => NDArray,
  second: (ct: NDArray, other: NDArray) => NDArray,
  composed: (a: NDArray, b: NDArray) => NDArray,
): Rules => ({
  composed: ([a, b]) => [composed(a, b)],
  jvp: ([a, b], [da, db]) => [[run(own(), a, b)], [plus(da && run(own(), da, b), db && run(own(), a, db))]],
  transposes: {
    0: ([ct], [a, b]) => fit(first(ct as NDArray, b), a),
    1: ([ct], [a, b]) => fit(second(ct as NDArray, a), b),
  },
});

/** v[e] · x[from[e], :] for each entry e, added to row to[e] of n rows. */
function scattered(to: Int32Array, from: Int32Array, n: number, v: NDArray, x: NDArray): NDArray {
  const terms = v.expandDims(-1).mul(x.take(asArray(from, "take"), -2));
  const none = terms.filled(0, new Aval([...terms.shape.slice(0, -2), n, ...terms.shape.slice(-1)], terms.dtype));
  return none.scatterAdd(asArray(to, "scatterAdd"), terms, -2);
}

/** out[to[e], :] += v[e] · x[from[e], :] for each entry e. */
function scatter(to: Int32Array, from: Int32Array, v: Numbers, x: Numbers, out: Numbers, k: number): void {
  if (k === 1) for (let e = 0; e < to.length; e++) out[to[e]] += v[e] * x[from[e]];
  else
    for (let e = 0; e < to.length; e++) {
      const value = v[e];
      for (let at = to[e] * k, own = from[e] * k, end = at + k; at < end; at++, own++) out[at] += value * x[own];
    }
}

/** The same for vectors and entries that are sorted by rows: each sum is kept until it is complete. */
function gather({ shape, columns, starts }: Places, v: Numbers, x: Numbers, out: Numbers): void {
  for (let i = 0; i < shape[0]; i++) {
    let sum = 0;
    for (let e = starts[i]; e < starts[i + 1]; e++) sum += v[e] * x[columns[e]];
    out[i] = sum;
  }
}

export function productsOf(places: Places): Products {
  const {
    shape: [m, n],
    rows,
    columns,
  } = places;
  const product: Operation = laneOperation(
    "sparseMatmul",
    [1, 2],
    ([, [, k]]) => [m, k],
    ([v, x], out, [, [, k]]) => (k === 1 ? gather(places, v, x, out) : scatter(rows, columns, v, x, out, k)),
    bilinear(
      () => product,
      (ct, x) => run(sampled, ct, x),
      (ct, v) => run(transposed, v, ct),
      (v, x) => scattered(rows, columns, m, v, x),
    ),
  );
  const transposed: Operation = laneOperation(
    "sparseMatmulTransposed",
    [1, 2],
    ([, [, k]]) => [n, k],
    ([v, x], out, [, [, k]]) => scatter(columns, rows, v, x, out, k),
    bilinear(
      () => transposed,
      (ct, x) => run(sampled, x, ct),
      (ct, v) => run(product, v, ct),
      (v, x) => scattered(columns, rows, n, v, x),
    ),
  );
  const sampled: Operation = laneOperation(
    "sparseOuter",
    [2, 2],
    () => [rows.length],
    ([y, x], out, [[, k]]) => {
      for (let e = 0; e < out.length; e++) {
        let sum = 0;
        for (let at = rows[e] * k, own = columns[e] * k, end = at + k; at < end; at++, own++) sum += y[at] * x[own];
        out[e] = sum;
      }
    },
    bilinear(
      () => sampled,
      (ct, x) => run(product, ct, x),
      (ct, y) => run(transposed, ct, y),
      (y, x) =>
        y
          .take(asArray(rows, "take"), -2)
          .mul(x.take(asArray(columns, "take"), -2))
          .sum(-1),
    ),
  );
  return { product, transposed, sampled };
}
