/** A number as the unevaluated sum of two float64, the second of which is what the first lacks: about 32 digits (Dekker 1971). */
export type Double = readonly [high: number, low: number];

const quickly = (a: number, b: number): Double => {
  const s = a + b;
  return [s, b - (s - a)];
};

/** a + b without an error. */
export function sum(a: number, b: number): Double {
  const s = a + b;
  const t = s - a;
  return [s, a - (s - t) + (b - t)];
}

const splitter = 134217729;

/** a · b without an error. */
function product(a: number, b: number): Double {
  const p = a * b;
  const [s, t] = [a * splitter, b * splitter];
  const ah = s - (s - a);
  const bh = t - (t - b);
  const [al, bl] = [a - ah, b - bh];
  return [p, al * bl - (p - ah * bh - al * bh - ah * bl)];
}

export function plus(x: Double, y: Double): Double {
  const [s, e] = sum(x[0], y[0]);
  const [t, f] = sum(x[1], y[1]);
  const [a, b] = quickly(s, e + t);
  return quickly(a, b + f);
}

export const minus = (x: Double, y: Double): Double => plus(x, [-y[0], -y[1]]);

export function times(x: Double, y: Double): Double {
  const [p, e] = product(x[0], y[0]);
  return quickly(p, e + (x[0] * y[1] + x[1] * y[0]));
}

export function over(x: Double, y: Double): Double {
  const q = x[0] / y[0];
  const [r, s] = minus(x, times(y, [q, 0]));
  return quickly(q, (r + s) / y[0]);
}

export const one: Double = [1, 0];
const ln2: Double = [Math.LN2, 2.3190468138462996e-17];
const reciprocals = Array.from({ length: 10 }, (_, k) => over(one, [2 * k + 1, 0]));

/** The logarithm of a positive number: m log 2 + 2 (r + r³ / 3 + …) with r = (f − 1) / (f + 1), where x = f 2ᵐ (DLMF 4.6.4). */
export function log(x: Double): Double {
  const m = Math.round(Math.log2(x[0]));
  const unit = 2 ** m;
  const f: Double = [x[0] / unit, x[1] / unit];
  const r = over(minus(f, one), plus(f, one));
  const w = times(r, r);
  let rest = 0;
  for (let k = 41; k > 20; k -= 2) rest = rest * w[0] + 1 / k;
  let s: Double = [rest, 0];
  for (let k = 10; k--; ) s = plus(times(s, w), reciprocals[k]);
  return plus(times([2 * r[0], 2 * r[1]], s), times([m, 0], ln2));
}

/** The exponential, as a float64. */
/** 1 + r₁ (1 + r₂ (1 + …)) of positive ratios that stay below 1, from the last one that counts: so what is rounded off on the way shrinks. */
export function nested(ratio: (k: number) => number): number {
  let k = 0;
  for (let term = 1; term > 1e-17; ) term *= ratio(++k);
  let total = 1;
  for (; k; k--) total = 1 + ratio(k) * total;
  return total;
}

export const exp = ([high, low]: Double): number => Math.exp(high) * (1 + low);

/** The sum over k = 0, 1, … of the products of above(1) / (a + 1) up to above(k) / (a + k), which are positive; with what its factors and sums lose. */
export function long(a: number, above: (k: number) => Double): number {
  let [total, term]: Double[] = [one, one];
  for (let k = 1; term[0] > total[0] * 1e-17; k++) {
    term = over(times(term, above(k)), sum(a, k));
    total = plus(total, term);
  }
  return total[0];
}
