import { complex, type Parts } from "./lines.js";

/** Fills in the root at place `at`: the angle comes to less than an eighth of a turn, by whole numbers, before anything is rounded. */
function fill({ re, im }: Parts, at: number, k: number, n: number): void {
  const eighth = Math.floor((8 * k) / n);
  const odd = eighth & 1;
  // k / n of a turn is eighth / 8 and what is left, or, of the next eighth, what is missing.
  const rest = odd ? (eighth + 1) * n - 8 * k : 8 * k - eighth * n;
  const angle = (Math.PI * rest) / (4 * n);
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  const [x, y] = [
    [c, s],
    [s, c],
    [-s, c],
    [-c, s],
    [-c, -s],
    [-s, -c],
    [s, -c],
    [c, -s],
  ][eighth];
  re[at] = 0 + x;
  im[at] = 0 - y;
}

/** The roots of unity exp(−2πi k / n) number 0, step, 2 step, … of n, `count` of them. */
export function rootsOf(n: number, count = n, step = 1): Parts {
  const roots = complex(count);
  for (let i = 0; i < count; i++) fill(roots, i, (i * step) % n, n);
  return roots;
}

/** All roots of n as products of one of few and one of few others: number k is coarse[k >> bits] · fine[k & mask]. */
export interface Products {
  readonly fine: Parts;
  readonly coarse: Parts;
  readonly bits: number;
}

export function productsOf(n: number): Products {
  const bits = Math.ceil(Math.log2(n) / 2);
  return { fine: rootsOf(n, 2 ** bits), coarse: rootsOf(n, Math.ceil(n / 2 ** bits), 2 ** bits), bits };
}

/** Fills in the roots number first, first + step, first + 2 step, …, of which the last one is below n. */
export function productsTo(re: Float64Array, im: Float64Array, { fine, coarse, bits }: Products, first: number, step: number): void {
  const { re: ar, im: ai } = fine;
  const { re: br, im: bi } = coarse;
  const mask = (1 << bits) - 1;
  for (let i = 0, k = first; i < re.length; i++, k += step) {
    const a = k & mask;
    const b = k >> bits;
    re[i] = ar[a] * br[b] - ai[a] * bi[b];
    im[i] = ar[a] * bi[b] + ai[a] * br[b];
  }
}
