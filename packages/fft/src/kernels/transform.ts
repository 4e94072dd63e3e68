import { cached } from "./cache.js";
import { complex, type Lines, linesOf, type Parts } from "./lines.js";
import { type Pass, passOf } from "./passes.js";
import { longest as direct, room } from "./room.js";
import { type Products, productsOf, productsTo, rootsOf } from "./roots.js";

/** Xₖ = Σⱼ xⱼ exp(−2πi jk / n) for each of `count` lines; what is given and what is made do not overlap. */
export interface Transform {
  readonly run: (x: Lines, y: Lines, count: number, twiddles?: Products) => void;
  /** The count of numbers in its tables. */
  readonly held: number;
}

/** So many lines go through the passes together, beside each other, and of short ones so many as have this number of elements. */
const together = 8;
const elements = 2048;
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

let between = complex(0);

/** Room that is used again and again, up to a size: a caller is done with it before it is asked for again. */
function roomBetween(size: number): Parts {
  if (between.re.length >= size) return between;
  const own = complex(size);
  if (size <= 2 ** 20) between = own;
  return own;
}

/** Brings lines, of which the first begins at `at`, beside each other, where there is room for s. */
function gather({ re, im, line, step }: Lines, at: number, to: Parts, n: number, beside: number, s: number): void {
  const { re: tr, im: ti } = to;
  for (let k = 0, from = at; k < n; k++, from += step)
    for (let next = k * s, end = next + beside, each = from; next < end; each += line, next++) {
      tr[next] = re[each];
      ti[next] = im[each];
    }
}

/** The other way round. */
function scatter(from: Parts, { re, im, line, step }: Lines, at: number, n: number, beside: number, s: number): void {
  const { re: fr, im: fi } = from;
  for (let k = 0, to = at; k < n; k++, to += step)
    for (let next = k * s, end = next + beside, each = to; next < end; each += line, next++) {
      re[each] = fr[next];
      im[each] = fi[next];
    }
}

/** Multiplies element k of line i by the root number i · k. The lines are beside each other, from the number `first` on. */
function twiddle({ re, im }: Parts, n: number, s: number, first: number, by: Products): void {
  const turns = complex(s);
  for (let k = 0, at = 0; k < n; k++) {
    productsTo(turns.re, turns.im, by, first * k, k);
    for (let b = 0; b < s; b++, at++) {
      const r = re[at] * turns.re[b] - im[at] * turns.im[b];
      im[at] = re[at] * turns.im[b] + im[at] * turns.re[b];
      re[at] = r;
    }
  }
}

/** Transforms by passes, in the cache. */
function passing(n: number, radices: readonly number[]): Transform {
  const roots = rootsOf(n);
  const passes: readonly Pass[] = radices.map(passOf);
  return {
    held: 2 * n,
    run(x, y, count, twiddles) {
      const { wasm, tables, ...parts } = room();
      let { here, there } = parts;
      const table = (i: number): Float64Array => tables.subarray(i * direct, i * direct + n);
      if (wasm) {
        table(0).set(roots.re);
        table(1).set(roots.im);
        if (twiddles) productsTo(table(4), table(5), twiddles, 0, 1);
      }
      const most = twiddles ? together : Math.max(together, (elements / n) & -2);
      for (let i = 0; i < count; i += most) {
        const beside = Math.min(most, count - i);
        // Vectors take two lines at a time.
        const s = (beside + 1) & -2;
        const from = x.at + i * x.line;
        if (wasm && x.step === 1 && x.line === n) {
          there.re.set(x.re.subarray(from, from + beside * n));
          there.im.set(x.im.subarray(from, from + beside * n));
          wasm.turn(there.re.byteOffset, here.re.byteOffset, s, n);
        } else gather(x, from, here, n, beside, s);
        let done = 1;
        for (let k = 0; k < passes.length; k++) {
          const r = radices[k];
          passes[k](here, there, (n / done / r) | 0, done * s, roots, done, r);
          [here, there] = [there, here];
          done *= r;
        }
        if (twiddles && wasm) {
          productsTo(table(2), table(3), twiddles, 0, i);
          wasm.twiddle(here.re.byteOffset, n, 8 * s);
        } else if (twiddles) twiddle(here, n, s, i, twiddles);
        const to = y.at + i * y.line;
        if (wasm && y.step === 1 && y.line === n) {
          wasm.turn(here.re.byteOffset, there.re.byteOffset, n, s);
          y.re.set(there.re.subarray(0, beside * n), to);
          y.im.set(there.im.subarray(0, beside * n), to);
        } else scatter(here, y, to, n, beside, s);
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
        if (twiddles) twiddle(a, n, 1, i, twiddles);
        scatter(a, y, y.at + i * y.line, n, 1, 1);
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
