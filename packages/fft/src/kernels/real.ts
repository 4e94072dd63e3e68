import { cached } from "./cache.js";
import { complex, linesOf, type Numbers } from "./lines.js";
import { rootsOf } from "./roots.js";
import { transformOf } from "./transform.js";

/** Real lines of length n beside their transforms, of which the entries 0 to n / 2 are kept. */
export interface RealTransform {
  /** Maps `count` real lines to the first halves of their transforms. */
  readonly halve: (x: Numbers, re: Numbers, im: Numbers, count: number) => void;
  /** Maps first halves to the real lines Σₖ Xₖ exp(2πi jk / n), where the other halves are conjugate to the first. */
  readonly restore: (re: Numbers, im: Numbers, x: Numbers, count: number) => void;
  readonly held: number;
}

/** Transforms lines of an even length: two elements beside each other are one complex number, of which there are half as many. */
function even(n: number): RealTransform {
  const half = n / 2;
  const inner = transformOf(half);
  // So many lines are transformed at once that they stay in the cache.
  const together = Math.max(1, Math.ceil(2048 / half));
  const { re: c, im: s } = rootsOf(n, (half >> 1) + 1);
  return {
    held: half,
    halve(x, re, im, count) {
      const most = Math.min(count, together);
      const { re: zr, im: zi } = complex(half * most);
      const next = x.subarray(1);
      for (let i = 0; i < count; i++) {
        const own = (i % most) * half;
        if (own === 0) inner.run(linesOf(x, next, i * n, n, 2), linesOf(zr, zi, 0, half, 1), Math.min(most, count - i));
        const at = i * (half + 1);
        for (let k = 0, l = half; k <= l; k++, l--) {
          const a = own + k;
          const b = l === half ? own : own + l;
          const sumR = 0.5 * (zr[a] + zr[b]);
          const sumI = 0.5 * (zi[a] - zi[b]);
          const turnR = 0.5 * (zi[a] + zi[b]);
          const turnI = 0.5 * (zr[b] - zr[a]);
          const wr = c[k];
          const wi = s[k];
          const r = turnR * wr - turnI * wi;
          const t = turnR * wi + turnI * wr;
          re[at + k] = sumR + r;
          im[at + k] = sumI + t;
          re[at + l] = sumR - r;
          im[at + l] = t - sumI;
        }
      }
    },
    restore(re, im, x, count) {
      const most = Math.min(count, together);
      const { re: zr, im: zi } = complex(half * most);
      const next = x.subarray(1);
      for (let i = 0; i < count; i++) {
        const own = (i % most) * half;
        const at = i * (half + 1);
        for (let k = 0, l = half; k <= l; k++, l--) {
          // The imaginary part of the first entry and of the last one is not read.
          const p = k && im[at + k];
          const q = k && im[at + l];
          const sumR = re[at + k] + re[at + l];
          const sumI = p - q;
          const r = re[at + k] - re[at + l];
          const t = p + q;
          const turnR = t * c[k] - r * s[k];
          const turnI = r * c[k] + t * s[k];
          const b = l === half ? own : own + l;
          zr[b] = sumR + turnR;
          zi[b] = turnI - sumI;
          zr[own + k] = sumR - turnR;
          zi[own + k] = sumI + turnI;
        }
        const done = (i % most) + 1;
        if (done === most || i === count - 1) inner.run(linesOf(zi, zr, 0, half, 1), linesOf(next, x, (i - done + 1) * n, n, 2), done);
      }
    },
  };
}

/** Transforms lines of an odd length as complex ones. Two of them as one would be half the work, but rounding and NaN of one would reach the other. */
function odd(n: number): RealTransform {
  const inner = transformOf(n);
  const kept = (n + 1) / 2;
  const together = Math.max(1, Math.ceil(2048 / n));
  return {
    held: 0,
    halve(x, re, im, count) {
      const most = Math.min(count, together);
      const z = complex(n * most);
      const none = new Float64Array(n * most);
      for (let i = 0; i < count; i++) {
        const own = (i % most) * n;
        if (own === 0) inner.run(linesOf(x.subarray(i * n), none, 0, n, 1), linesOf(z.re, z.im, 0, n, 1), Math.min(most, count - i));
        const at = i * kept;
        for (let k = 0; k < kept; k++) {
          re[at + k] = z.re[own + k];
          im[at + k] = k && z.im[own + k];
        }
      }
    },
    restore(re, im, x, count) {
      const most = Math.min(count, together);
      const z = complex(n * most);
      const none = new Float64Array(n * most);
      for (let i = 0; i < count; i++) {
        const own = (i % most) * n;
        const at = i * kept;
        for (let k = 0; k < kept; k++) {
          const l = k && n - k;
          z.re[own + l] = z.re[own + k] = re[at + k];
          z.im[own + k] = k && im[at + k];
          z.im[own + l] = k && -im[at + k];
        }
        const done = (i % most) + 1;
        if (done === most || i === count - 1)
          inner.run(linesOf(z.im, z.re, 0, n, 1), linesOf(none, x.subarray((i - done + 1) * n), 0, n, 1), done);
      }
    },
  };
}

/** The transform of real lines of a length. */
export const realTransformOf: (n: number) => RealTransform = cached((n) => (n % 2 === 0 ? even(n) : odd(n)));
