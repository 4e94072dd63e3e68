import { cached } from "./cache.js";
import { complex, isWide, type Lines, linesOf, type Parts } from "./lines.js";
import { type Pass, passOf } from "./passes.js";
import { type Products, productsOf, rootsOf } from "./roots.js";

/** Xₖ = Σⱼ xⱼ exp(−2πi jk / n) for each of `count` lines; what is given and what is made do not overlap. */
export interface Transform {
  readonly run: (x: Lines, y: Lines, count: number, twiddles?: Products) => void;
  /** The count of numbers in its tables. */
  readonly held: number;
}

/** So many lines go through the passes together, beside each other. */
const together = 8;
/** Above this length the passes do not stay in the cache; the transform is made of those of its factors. */
const direct = 1024;
/** A larger prime factor than this is left to a convolution. */
const largestPrime = 61;

/** The prime factors in ascending order. */
function primesOf(n: number): number[] {
  const primes: number[] = [];
  let rest = n;
  for (let p = 2; p * p <= rest; p++)
    while (rest % p === 0) {
      primes.push(p);
      rest /= p;
    }
  if (rest > 1) primes.push(rest);
  return primes;
}

/** Returns what the passes take at once: each two factors of 2 are one of 4. */
function radicesOf(primes: readonly number[]): number[] {
  const twos = primes.filter((p) => p === 2).length;
  return [...new Array<number>(twos >> 1).fill(4), ...(twos & 1 ? [2] : []), ...primes.filter((p) => p > 2)];
}

/** Room that is used again and again, up to a size: a caller is done with it before it is asked for again. */
function reused(): (size: number) => Parts {
  let kept = complex(0);
  return (size) => {
    if (kept.re.length >= size) return kept;
    const own = complex(size);
    if (size <= 2 ** 20) kept = own;
    return own;
  };
}
const [roomHere, roomThere, roomBetween] = [reused(), reused(), reused()];

function gather({ re, im, line, step }: Lines, at: number, to: Parts, n: number, beside: number): void {
  const { re: tr, im: ti } = to;
  let next = 0;
  for (let k = 0, from = at; k < n; k++, from += step)
    for (let b = 0, each = from; b < beside; b++, each += line, next++) {
      tr[next] = re[each];
      ti[next] = im[each];
    }
}

function scatter(from: Parts, { re, im, line, step }: Lines, at: number, n: number, beside: number): void {
  const { re: fr, im: fi } = from;
  let next = 0;
  for (let k = 0, to = at; k < n; k++, to += step)
    for (let b = 0, each = to; b < beside; b++, each += line, next++) {
      re[each] = fr[next];
      im[each] = fi[next];
    }
}

/** The same, where element k of line i is multiplied by the root number i · k. */
function scatterTwisted(
  from: Parts,
  { re, im, line, step }: Lines,
  at: number,
  n: number,
  beside: number,
  first: number,
  by: Products,
): void {
  const { re: fr, im: fi } = from;
  const { bits } = by;
  const { re: ar, im: ai } = by.fine;
  const { re: br, im: bi } = by.coarse;
  const mask = (1 << bits) - 1;
  let next = 0;
  for (let k = 0, to = at; k < n; k++, to += step)
    for (let b = 0, each = to, e = first * k; b < beside; b++, each += line, next++, e += k) {
      const low = e & mask;
      const high = e >> bits;
      const wr = ar[low] * br[high] - ai[low] * bi[high];
      const wi = ar[low] * bi[high] + ai[low] * br[high];
      re[each] = fr[next] * wr - fi[next] * wi;
      im[each] = fr[next] * wi + fi[next] * wr;
    }
}

/** Transforms by passes, in the cache. */
function passing(n: number, radices: readonly number[]): Transform {
  const roots = rootsOf(n);
  const passes: readonly Pass[] = radices.map(passOf);
  return {
    held: 2 * n,
    run(x, y, count, twiddles) {
      const size = n * Math.min(count, together);
      let [here, there] = [roomHere(size), roomThere(size)];
      for (let i = 0; i < count; i += together) {
        const beside = Math.min(together, count - i);
        const at = x.at + i * x.line;
        // The first pass reads float64 where it stands.
        const isHere = isWide(x.re) && isWide(x.im) && n > 1;
        if (!isHere) gather(x, at, here, n, beside);
        let from = isHere ? linesOf(x.re, x.im, at, x.line, x.step) : linesOf(here.re, here.im, 0, 1, beside);
        let done = 1;
        for (let k = 0; k < passes.length; k++) {
          const r = radices[k];
          passes[k](from as Lines<Float64Array>, there, (n / done / r) | 0, done * beside, roots, done, r);
          [here, there] = [there, here];
          done *= r;
          from = linesOf(here.re, here.im, 0, 1, done * beside);
        }
        if (twiddles) scatterTwisted(here, y, y.at + i * y.line, n, beside, i, twiddles);
        else scatter(here, y, y.at + i * y.line, n, beside);
      }
    },
  };
}

/** Transforms by the transforms of two factors: of the columns of a matrix [n₁, n₂], then, after the twiddles, of its rows. */
function nested(n: number, n1: number, n2: number): Transform {
  const [outer, inner] = [transformOf(n1), transformOf(n2)];
  const twiddles = productsOf(n);
  return {
    held: 4 * 2 ** twiddles.bits,
    run(x, y, count) {
      // A transform of rows that is made of factors itself has the room.
      const { re, im } = n2 > direct ? complex(n) : roomBetween(n);
      for (let i = 0; i < count; i++) {
        outer.run(linesOf(x.re, x.im, x.at + i * x.line, x.step, x.step * n2), linesOf(re, im, 0, 1, n2), n2, twiddles);
        inner.run(linesOf(re, im, 0, n2, 1), linesOf(y.re, y.im, y.at + i * y.line, y.step, y.step * n1), n1);
      }
    },
  };
}

/** The smallest length of at least n that has no prime factors but 2 and one of 3 or 5. */
function roundLength(n: number): number {
  const power = 2 ** Math.ceil(Math.log2(n));
  return Math.min(...[1, 3 / 4, 5 / 8].map((part) => part * power).filter((size) => size >= n && Number.isInteger(size)));
}

/** Transforms by a convolution with a chirp, for jk = (j² + k² − (j − k)²) / 2 (Bluestein 1970). */
function convolving(n: number): Transform {
  const size = roundLength(2 * n - 1);
  const inner = transformOf(size);
  const turns = rootsOf(2 * n);
  const chirp = complex(n);
  const filter = complex(size);
  for (let j = 0, square = 0; j < n; square = (square + 2 * j + 1) % (2 * n), j++) {
    chirp.re[j] = turns.re[square];
    chirp.im[j] = turns.im[square];
    const back = j && size - j;
    filter.re[j] = filter.re[back] = turns.re[square] / size;
    filter.im[j] = filter.im[back] = -turns.im[square] / size;
  }
  const line = { at: 0, line: size, step: 1 };
  const spectrum = { ...complex(size), ...line };
  inner.run({ ...filter, ...line }, spectrum, 1);
  const { re: cr, im: ci } = chirp;
  const { re: hr, im: hi } = spectrum;
  return {
    held: 2 * (n + size),
    run(x, y, count, twiddles) {
      const a = { ...complex(size), ...line };
      const b = { ...complex(size), ...line };
      for (let i = 0; i < count; i++) {
        for (let j = 0, from = x.at + i * x.line; j < n; j++, from += x.step) {
          a.re[j] = x.re[from] * cr[j] - x.im[from] * ci[j];
          a.im[j] = x.re[from] * ci[j] + x.im[from] * cr[j];
        }
        a.re.fill(0, n);
        a.im.fill(0, n);
        inner.run(a, b, 1);
        for (let k = 0; k < size; k++) {
          const r = b.re[k] * hr[k] - b.im[k] * hi[k];
          b.im[k] = b.re[k] * hi[k] + b.im[k] * hr[k];
          b.re[k] = r;
        }
        // The inverse transform is the transform with the parts exchanged.
        inner.run({ ...b, re: b.im, im: b.re }, { ...a, re: a.im, im: a.re }, 1);
        for (let k = 0; k < n; k++) {
          const r = a.re[k] * cr[k] - a.im[k] * ci[k];
          a.im[k] = a.re[k] * ci[k] + a.im[k] * cr[k];
          a.re[k] = r;
        }
        const at = y.at + i * y.line;
        if (twiddles) scatterTwisted(a, y, at, n, 1, i, twiddles);
        else scatter(a, y, at, n, 1);
      }
    },
  };
}

/** The fastest way for a length. */
function planned(n: number): Transform {
  const primes = primesOf(n);
  if (n > 1 && primes[primes.length - 1] > largestPrime) return convolving(n);
  if (n <= direct) return passing(n, radicesOf(primes));
  // The columns' length stays in the cache, and is as near to that of the rows as may be.
  const most = Math.min(direct, 1.5 * Math.sqrt(n));
  const n1 = primes.reduceRight((product, p) => (product * p <= most ? product * p : product), 1);
  return nested(n, n1, n / n1);
}

/** The transform of a length. */
export const transformOf: (n: number) => Transform = cached(planned);
