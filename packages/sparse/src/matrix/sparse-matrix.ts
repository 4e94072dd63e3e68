import { type NDArray, zeros } from "@ad/core";
import { asArray } from "@ad/core/internals/trace";

/**
 * A sparse matrix by its entries.
 *
 * @example
 * sparseJacobian((x) => x.square())(array([1, 2])).toDense().toArray(); // [[2, 0], [0, 4]]
 */
export class SparseMatrix {
  private constructor(
    readonly shape: readonly [number, number],
    readonly rows: Int32Array,
    readonly columns: Int32Array,
    readonly values: NDArray,
  ) {}

  static fromCoordinates(shape: readonly [number, number], rows: Int32Array, columns: Int32Array, values: NDArray): SparseMatrix {
    return new SparseMatrix(shape, rows, columns, values);
  }

  toDense(): NDArray {
    const [m, n] = this.shape;
    const at = Int32Array.from(this.rows, (row, k) => row * n + this.columns[k]);
    return zeros([m * n], { dtype: this.values.dtype })
      .scatterAdd(asArray(at, "toDense"), this.values)
      .reshape([m, n]);
  }
}
