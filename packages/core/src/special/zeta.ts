import type { ArrayLike } from "../array/base.js";
import type { NDArray } from "../array/ndarray.js";
import { bernoulli, factorial } from "../primitives/special.js";
import { type ElementwisePair, pairOperation } from "./operation.js";
import { arithmetic, type Series } from "./series.js";

/**
 * The mth derivative of ζ(s, q) by s, where s > 1 and q > 0, by Euler and Maclaurin (DLMF 25.11.5), each term a series in s. Terms that are
 * too small to count are left out, with what follows them.
 */
function derivative(m: number): (s: number, q: number) => number {
  const { zero, linear, plus, times, timesLinear, overLinear, exp } = arithmetic(0, m);
  return (s, q) => {
    if (s > 1 && q <= 0 && m === 0) return reflected(s, q);
    if (!(s >= 1 && q > 0)) return NaN;
    if (s === 1) return m % 2 ? -Infinity : Infinity;
    if (q === Infinity) return 0;
    if (s === Infinity) return q < 1 ? Infinity : q === 1 && m === 0 ? 1 : 0;
    const full = Math.max(0, Math.ceil(12 + 2 * s - q));
    const few = Math.ceil(q * (2 ** (70 / s) - 1)) + 2 + m;
    // (q + k)^−s with what q + k has lost to rounding.
    const power = (k: number): Series => {
      const z = q + k;
      return timesLinear(exp(linear(zero(), 0, 0, -Math.log(z))), z ** -s * (1 - (s * (k && q - (z - k))) / z), 0, 0);
    };
    let count = Math.min(full, few);
    let sum = zero();
    if (count === full) {
      const z = q + count;
      // z / (s − 1) + 1/2, and the sum of s (s + 1) … (s + 2k − 2) z^(1 − 2k) with Bernoulli's numbers.
      const rest = overLinear(linear(zero(), z, 0, 0), s - 1, 0, 1);
      rest[0] += 0.5;
      const rising = linear(zero(), s / z, 0, 1 / z);
      bernoulli.forEach((b, k) => {
        plus(rest, timesLinear(rising.slice(), b, 0, 0));
        for (const more of [2 * k + 1, 2 * k + 2]) timesLinear(rising, (s + more) / z, 0, 1 / z);
      });
      sum = times(rest, power(count));
    }
    while (count--) plus(sum, power(count));
    return sum[m] * factorial(m);
  };
}

const value = derivative(0);

/** The value where q is not positive: powers of negative numbers are real for whole s. Over all integers k the sum of (q + k)^−s has the period 1. */
function reflected(s: number, q: number): number {
  const r = q - Math.round(q);
  if (r === 0) return Infinity;
  if (!Number.isInteger(s)) return NaN;
  const [up, down] = r < 0 ? [1 + r, -r] : [r, 1 - r];
  return value(s, up) + (s % 2 ? -1 : 1) * (value(s, down) - value(s, 1 - q));
}

/** By s the next derivative; by q that of −s ζ(s + 1, q), DLMF 25.11.17. */
const operation = (m: number): ElementwisePair =>
  pairOperation(m === 0 ? "zeta" : "zetaDerivative", m ? derivative(m) : value, [
    (s, q) => operation(m + 1)(s, q),
    (s, q) => {
      const first = operation(m)(s.add(1), q).mul(s.neg());
      return m === 0 ? first : first.sub(operation(m - 1)(s.add(1), q).mul(m));
    },
  ]);

const hurwitz = operation(0);

/**
 * Hurwitz' zeta function Σ (q + k)^−s over k = 0, 1, … (DLMF 25.11.1), where s > 1; Infinity where s is 1 or q is 0, −1, −2, …, NaN where s < 1,
 * or q is negative and s no whole number. With q = 1 it is Riemann's. Accurate to within 8 units in the last place, of the largest term where q
 * is negative. It has derivatives by both; where q is negative none by s.
 *
 * @param s any shape; any dtype; int32 and bool become float64
 * @param q of a shape that broadcasts with that of s; by default 1
 * @throws ShapeError where the shapes do not broadcast, DTypeError where s or q is no {@link ArrayLike}
 * @example
 * zeta(array([2, 4])).toArray(); // [1.644934, 1.082323]
 * zeta(2, 0.5).item(); // 4.934802
 * grad((s) => zeta(s))(2).item(); // -0.937548
 */
export const zeta = (s: ArrayLike, q: ArrayLike = 1): NDArray => hurwitz(s, q);
