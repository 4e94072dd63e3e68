/**
 * The dual solution of the assignment problem (the Hungarian method, by shortest paths): rows and columns with
 * weights[i, j] ≤ rows[i] + columns[j], and equality for those n pairs that assign each row a column of its own with the greatest sum.
 */
export function heaviest(weights: Float64Array, n: number): [rows: Float64Array, columns: Float64Array] {
  // Place n stands for the row that is to be assigned.
  const [rows, columns] = [new Float64Array(n), new Float64Array(n + 1)];
  const rowOf = new Int32Array(n + 1);
  const from = new Int32Array(n);
  rowOf.fill(-1);
  for (let row = 0; row < n; row++) {
    const slack = new Float64Array(n).fill(Infinity);
    const reached = new Uint8Array(n + 1);
    let at = n;
    rowOf[n] = row;
    do {
      reached[at] = 1;
      const i = rowOf[at];
      let next = -1;
      for (let j = 0; j < n; j++) {
        if (reached[j]) continue;
        const loss = rows[i] + columns[j] - weights[i * n + j];
        if (loss < slack[j]) [slack[j], from[j]] = [loss, at];
        if (next < 0 || slack[j] < slack[next]) next = j;
      }
      const step = slack[next];
      for (let j = 0; j <= n; j++) {
        if (reached[j]) {
          rows[rowOf[j]] -= step;
          columns[j] += step;
        } else slack[j] -= step;
      }
      at = next;
    } while (rowOf[at] >= 0);
    for (; at < n; at = from[at]) rowOf[at] = rowOf[from[at]];
  }
  return [rows, columns.subarray(0, n)];
}
