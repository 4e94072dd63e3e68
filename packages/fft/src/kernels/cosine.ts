import { cached } from "./cache.js";
import { complex, type Numbers } from "./lines.js";
import { realTransformOf } from "./real.js";
import { rootsOf } from "./roots.js";

/** Lines of length n times the matrix cos(π k (2j + 1) / 2n), or its transpose. */
export interface CosineTransform {
  /** Maps x to Σⱼ xⱼ cos(π k (2j + 1) / 2n). */
  readonly forward: (x: Numbers, y: Numbers, count: number) => void;
  /** Maps y to Σₖ yₖ cos(π k (2j + 1) / 2n). */
  readonly transposed: (y: Numbers, x: Numbers, count: number) => void;
  readonly held: number;
}

/** By the transform of the even elements and, backwards, the odd ones, turned (Makhoul 1980); the transpose goes from the last step to the first. */
function planned(n: number): CosineTransform {
  const kept = (n >> 1) + 1;
  const { re: c, im: s } = rootsOf(4 * n, kept);
  const inner = realTransformOf(n);
  // So many lines are transformed at once that they stay in the cache.
  const most = Math.max(1, Math.ceil(2048 / n));
  return {
    held: 2 * kept,
    forward(x, y, count) {
      const m = Math.min(most, count) | 0;
      const v = new Float64Array(n * m);
      const { re, im } = complex(kept * m);
      for (let i = 0; i < count; i++) {
        const line = (i % m) | 0;
        if (line === 0) {
          const end = Math.min(m, count - i) * n;
          for (let a = 0, at = i * n; a < end; a += n)
            for (let l = a, r = a + n; l < r; ) {
              v[l++] = x[at++];
              if (l < r) v[--r] = x[at++];
            }
          inner.halve(v, re, im, Math.min(m, count - i) | 0);
        }
        const from = line * kept;
        const at = i * n;
        for (let k = kept - 1; k > 0; k--) {
          const r = re[from + k];
          const t = im[from + k];
          y[at + n - k] = -(r * s[k] + t * c[k]);
          y[at + k] = r * c[k] - t * s[k];
        }
        y[at] = re[from];
      }
    },
    transposed(y, x, count) {
      const m = Math.min(most, count) | 0;
      const v = new Float64Array(n * m);
      const { re, im } = complex(kept * m);
      for (let i = 0; i < count; i++) {
        const line = (i % m) | 0;
        const to = line * kept;
        const at = i * n;
        for (let k = 1; k < kept; k++) {
          const a = 0.5 * y[at + k];
          const b = 0.5 * y[at + n - k];
          re[to + k] = a * c[k] - b * s[k];
          im[to + k] = -(a * s[k] + b * c[k]);
        }
        re[to] = y[at];
        if (line < m - 1 && i < count - 1) continue;
        inner.restore(re, im, v, line + 1);
        const end = (line + 1) * n;
        for (let a = 0, at = (i - line) * n; a < end; a += n)
          for (let l = a, r = a + n; l < r; ) {
            x[at++] = v[l++];
            if (l < r) x[at++] = v[--r];
          }
      }
    },
  };
}

/** The cosine transform of lines of a length. */
export const cosineTransformOf: (n: number) => CosineTransform = cached(planned);
