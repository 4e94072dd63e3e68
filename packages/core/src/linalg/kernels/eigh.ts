import { gemm } from "../../cpu/kernels/gemm.js";
import { staged } from "../../cpu/wasm/gemm.js";
import { across, largestOf, lines, powerOf, product, scaled, signOf } from "./matrices.js";
import { applyPanel, dot, panelOf, type Reflections, reflect, reflectLines } from "./reflections.js";
import { spectrumOf } from "./tridiagonal.js";

/** So many rows are reflected one by one, and all others by them together. */
const block = 16;

/** Larger matrices are multiplied by vectors in the module's memory. */
const minStaged = 24;

/**
 * Eigenvalues, ascending, and eigenvectors, as the columns of a row-major matrix, of a symmetric n × n matrix: Householder's tridiagonal
 * form by blocks (Dongarra, Hammarling & Sorensen, J. Comput. Appl. Math. 27, 1989), that in halves down to small ones, and there
 * implicit QL steps with Wilkinson's shift (Golub & Van Loan, Matrix Computations, 8.3). Values are right to a few units of rounding of the
 * largest; the largest element of a vector is positive.
 */
export function eigenSymmetric(a: Float64Array, n: number): { values: Float64Array; vectors: Float64Array } {
  const largest = largestOf(a);
  if (!Number.isFinite(largest)) return { values: new Float64Array(n).fill(Number.NaN), vectors: a.fill(Number.NaN) };
  const scale = powerOf(largest);
  // QL steps want the large elements last.
  const turned = Math.abs(a[0]) > Math.abs(a[n * n - 1]);
  const { diagonal, beside, reflections } = tridiagonal(scaled(a, scale, turned), n);
  const { values, vectors } = spectrumOf(diagonal, beside);
  for (const part of reflections.reverse()) {
    const last = part.taus.length - 1;
    const start = n - part.size;
    if (n > block) applyPanel(panelOf(part), false, vectors, start, n, n);
    else for (let j = last; j >= 0; j--) reflectLines(part, j, vectors, j + 1, n);
  }
  const out = new Float64Array(n * n);
  for (let j = 0; j < n; j++) {
    const sign = signOf(vectors, j * n, n);
    for (let i = 0; i < n; i++) out[i * n + j] = sign * vectors[j * n + (turned ? n - 1 - i : i)];
  }
  for (let i = 0; i < n; i++) values[i] *= scale;
  return { values, vectors: out };
}

/** Reflections that make a symmetric matrix tridiagonal, which is overwritten; beside[i] stands between the diagonal's i and i + 1. */
function tridiagonal(a: Float64Array, n: number): { diagonal: Float64Array; beside: Float64Array; reflections: Reflections[] } {
  const diagonal = new Float64Array(n);
  const beside = new Float64Array(n);
  const reflections: Reflections[] = [];
  let size = n;
  for (let start = 0; start < n; start += block) {
    const count = Math.min(block, size);
    // The matrix is to become a − vᵀ·w − wᵀ·v. Its rows do when they are reached, and those after the block all at once.
    const v = new Float64Array(count * size);
    const w = new Float64Array(count * size);
    const taus = new Float64Array(count);
    const multiply = size > minStaged ? staged(a, size) : undefined;
    for (let j = 0; j < count; j++) {
      const row = j * size;
      for (let l = 0; l < j; l++) {
        const at = l * size;
        const [x, y] = [v[at + j], w[at + j]];
        for (let i = j; i < size; i++) a[row + i] -= x * w[at + i] + y * v[at + i];
      }
      diagonal[start + j] = a[row + j];
      const first = j + 1;
      const rest = size - first;
      if (rest === 0) break;
      taus[j] = reflect(a, row + first, rest);
      beside[start + j] = a[row + first];
      v[row + first] = 1;
      for (let i = first + 1; i < size; i++) v[row + i] = a[row + i];
      if (taus[j] === 0) continue;
      if (multiply) multiply(first, rest, v, row, w, row + first);
      else gemm(rest, 1, rest, lines(a, size), first * (size + 1), lines(v, 1), row + first, w, row + first);
      for (let l = 0; l < j; l++) {
        const at = l * size;
        const [x, y] = [dot(w, at + first, v, row + first, rest), dot(v, at + first, v, row + first, rest)];
        for (let i = first; i < size; i++) w[row + i] -= x * v[at + i] + y * w[at + i];
      }
      const half = (taus[j] / 2) * dot(w, row + first, v, row + first, rest);
      for (let i = row + first; i < row + size; i++) w[i] = taus[j] * (w[i] - half * v[i]);
    }
    reflections.push({ vectors: v, taus, size });
    const rest = size - count;
    if (rest === 0) break;
    // Lines of v, w and v: their products with the lines of w and v.
    const both = new Float64Array(3 * count * size);
    both.set(v);
    both.set(w, v.length);
    both.set(v, 2 * v.length);
    const next = product(rest, rest, 2 * count, across(both, size), count, lines(both, size), count * size + count);
    for (let i = 0; i < rest; i++)
      for (let j = 0; j < rest; j++) next[i * rest + j] = a[(i + count) * size + j + count] - next[i * rest + j];
    [a, size] = [next, rest];
  }
  return { diagonal, beside, reflections };
}
