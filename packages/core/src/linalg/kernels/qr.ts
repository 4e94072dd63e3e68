import { block } from "./lu.js";
import { transposed } from "./matrices.js";
import { applyPanel, length, type Panel, panelOf, type Reflections, reflect, reflectLines } from "./reflections.js";

/** Householder's factors of a row-major m × n matrix: a = q·r, with q m × k, r k × n, k = min(m, n). */
export function factorQr(a: Float64Array, m: number, n: number): { q: Float64Array; r: Float64Array } {
  const { q, r } = factorLines(transposed(a, m, n), m, n);
  return { q: transposed(q, Math.min(m, n), m), r };
}

/**
 * The same of a matrix whose n columns are the lines of x, which is overwritten; those of q are lines too. Where `order` is given, the longest
 * of the columns that are left is taken each time, and their order written there.
 */
export function factorLines(x: Float64Array, m: number, n: number, order?: Int32Array): { q: Float64Array; r: Float64Array } {
  const k = Math.min(m, n);
  const q = new Float64Array(k * m);
  for (let i = 0; i < k; i++) q[i * m + i] = 1;
  const panels: Panel[] = [];
  const choose = order && pivots(x, order, m);
  for (let start = 0; start < k; start += block) {
    const end = Math.min(k, start + block);
    const reflections = reflectColumns(x, start, end, m, choose);
    if (end < n || start > 0) {
      const panel = panelOf(reflections);
      if (!order) applyPanel(panel, true, x, end * m + start, n - end, m);
      panels.push(panel);
    } else for (let j = k - 1; j >= 0; j--) reflectLines(reflections, j, q, j * m + j, m);
  }
  for (const panel of panels.reverse()) applyPanel(panel, false, q, (m - panel.size) * (m + 1), k - m + panel.size, m);
  const r = new Float64Array(k * n);
  for (let j = 0; j < n; j++) for (let i = Math.min(j, k - 1); i >= 0; i--) r[i * n + j] = x[j * m + i];
  return { q, r };
}

/**
 * Reflects lines of m elements in turn, of which the first `start` stay, and with each those after it up to `end`, or all where `choose` chooses
 * each. The triangle of the result takes their place.
 */
function reflectColumns(x: Float64Array, start: number, end: number, m: number, choose?: (line: number) => void): Reflections {
  const size = m - start;
  const taus = new Float64Array(end - start);
  const vectors = new Float64Array(taus.length * size);
  const reflections = { vectors, taus, size };
  for (let j = 0; j < taus.length; j++) {
    choose?.(start + j);
    const line = (start + j) * m + start;
    taus[j] = reflect(x, line + j, size - j);
    vectors[j * size + j] = 1;
    for (let i = j + 1; i < size; i++) vectors[j * size + i] = x[line + i];
    reflectLines(reflections, j, x, line + m + j, m, choose ? x.length : end * m);
  }
  return reflections;
}

/** Puts the longest of the lines from one on in its place, counted from the diagonal; lengths are brought up to date as lines are reflected. */
function pivots(x: Float64Array, order: Int32Array, m: number): (line: number) => void {
  const n = order.length;
  const sizes = new Float64Array(n);
  for (let j = 0; j < n; j++) [order[j], sizes[j]] = [j, length(x, j * m, 1, m)];
  const measured = sizes.slice();
  return (line) => {
    let longest = line;
    for (let j = line; j < n; j++) {
      const share = line > 0 && sizes[j] > 0 ? Math.abs(x[j * m + line - 1]) / sizes[j] : 0;
      sizes[j] *= Math.sqrt(Math.max(0, (1 - share) * (1 + share)));
      // Differences of lengths keep too few digits below this.
      if (sizes[j] < measured[j] / 64) sizes[j] = measured[j] = length(x, j * m + line, 1, m - line);
      if (sizes[j] > sizes[longest]) longest = j;
    }
    if (longest === line) return;
    for (const each of [order, sizes, measured]) [each[line], each[longest]] = [each[longest], each[line]];
    for (let i = 0, to = line * m, from = longest * m; i < m; i++, to++, from++) [x[to], x[from]] = [x[from], x[to]];
  };
}
