import { joined, type Spectrum } from "./divide.js";
import { hypot, turn } from "./matrices.js";

const epsilon = 2 ** -52;

/** Tridiagonal matrices that are larger are divided. */
const maxWhole = 32;

/** The spectrum of a tridiagonal matrix, both of whose lines may be overwritten; beside[i] stands between the diagonal's i and i + 1. */
export function spectrumOf(diagonal: Float64Array, beside: Float64Array): Spectrum {
  const n = diagonal.length;
  if (n <= maxWhole) {
    const basis = new Float64Array(n * n);
    for (let i = 0; i < n; i++) basis[i * n + i] = 1;
    iterate(diagonal, beside, basis, n);
    sort(diagonal, basis, n);
    return { values: diagonal, vectors: basis };
  }
  const half = n >> 1;
  const [low, high] = [diagonal.slice(0, half), diagonal.slice(half)];
  const [lowBeside, highBeside] = [beside.slice(0, half), beside.slice(half)];
  const beta = beside[half - 1];
  lowBeside[half - 1] = 0;
  low[half - 1] -= Math.abs(beta);
  high[0] -= Math.abs(beta);
  return joined(spectrumOf(low, lowBeside), spectrumOf(high, highBeside), beta);
}

/** Puts few values in ascending order, and lines of n elements with them. */
function sort(values: Float64Array, x: Float64Array, n: number): void {
  for (let i = 0; i < n; i++) {
    let least = i;
    for (let j = i + 1; j < n; j++) if (values[j] < values[least]) least = j;
    if (least === i) continue;
    [values[i], values[least]] = [values[least], values[i]];
    for (let k = 0; k < n; k++) [x[i * n + k], x[least * n + k]] = [x[least * n + k], x[i * n + k]];
  }
}

/** Makes a tridiagonal matrix diagonal; the rows of the basis turn along and end as eigenvectors. */
function iterate(d: Float64Array, e: Float64Array, basis: Float64Array, n: number): void {
  // An element that is this small against the largest ones is rounding.
  const floor = (epsilon / 8) * d.reduce((most, x, i) => Math.max(most, Math.abs(x), Math.abs(e[i])), 0);
  const negligible = (i: number): boolean => Math.abs(e[i]) <= Math.max(floor, epsilon * (Math.abs(d[i]) + Math.abs(d[i + 1])));
  for (let low = 0; low < n; low++) {
    // Two or three steps serve; the bound serves matrices with NaN.
    for (let step = 0; step < 80; step++) {
      let high = low;
      while (high < n - 1 && !negligible(high)) high++;
      if (high === low) break;
      const half = (d[low + 1] - d[low]) / (2 * e[low]);
      let g = d[high] - d[low] + e[low] / (half + (half < 0 ? -1 : 1) * hypot(half, 1));
      let [s, c, shift] = [1, 1, 0];
      let i = high - 1;
      for (; i >= low; i--) {
        const f = s * e[i];
        const b = c * e[i];
        const r = hypot(f, g);
        e[i + 1] = r;
        if (r === 0) {
          d[i + 1] -= shift;
          break;
        }
        s = f / r;
        c = g / r;
        g = d[i + 1] - shift;
        const t = (d[i] - g) * s + 2 * c * b;
        shift = s * t;
        d[i + 1] = g + shift;
        g = c * t - b;
        turn(basis, n, i + 1, i, c, s);
      }
      if (i < low) {
        d[low] -= shift;
        e[low] = g;
      }
      e[high] = 0;
    }
  }
}
