/** Which entries of a matrix may differ from zero: entry i is at row `rows[i]` and column `columns[i]`, sorted by rows, then by columns. */
export interface Pattern {
  readonly shape: readonly [rows: number, columns: number];
  readonly rows: Int32Array;
  readonly columns: Int32Array;
}
