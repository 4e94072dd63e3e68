import { array, type NDArray, zeros } from "@ad/core";
import { SparseMatrix } from "../../src/index.js";

/** A few numbers that look random, the same each time. */
export const numbers = (shape: readonly number[], seed = 1): NDArray =>
  array(
    Float64Array.from({ length: shape.reduce((n, m) => n * m, 1) }, (_, i) => Math.sin(12.9 * (i + 1) + 4.1 * seed) + 0.1),
    { shape },
  );

/** Patterns of every kind: rows and columns that are empty or full, wide, tall, square, without entries, without rows. */
export const patterns = {
  wide: { shape: [3, 5], rows: [0, 0, 2, 2, 2], columns: [1, 4, 0, 1, 3] },
  tall: { shape: [4, 2], rows: [0, 1, 1, 3], columns: [1, 0, 1, 0] },
  square: { shape: [4, 4], rows: [0, 0, 1, 1, 2, 3, 3], columns: [0, 3, 0, 1, 2, 1, 3] },
  empty: { shape: [3, 2], rows: [], columns: [] },
} as const;

export interface Sample {
  readonly shape: readonly [number, number];
  readonly rows: readonly number[];
  readonly columns: readonly number[];
}

export const matrixOf = ({ shape, rows, columns }: Sample, values: NDArray): SparseMatrix =>
  SparseMatrix.fromCoordinates(shape, rows, columns, values);

/** The same matrix, by core's operations alone; values may have leading axes. */
export function denseOf({ shape: [m, n], rows, columns }: Sample, values: NDArray): NDArray {
  const lead = values.shape.slice(0, -1);
  const places = rows.map((row, e) => row * n + columns[e]);
  const none = zeros([...lead, m * n], values.dtype);
  return (places.length === 0 ? none : none.set(["...", array(places, { dtype: "int32" })], values)).reshape([...lead, m, n]);
}
