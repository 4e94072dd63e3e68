import type { ArrayLike } from "../array/base.js";
import type { NDArray } from "../array/ndarray.js";
import { factorial, logFactorial } from "../primitives/special.js";
import { exp, log, long, minus, nested, over, plus, sum, times } from "./double.js";
import { scaled } from "./erfcx.js";
import { binomial, complement, continued, type Level, lessLogFactorial, levelsOf, scaledFactorial, timesPole } from "./gamma.js";
import { xlogy } from "./logarithms.js";
import { type ElementwisePair, pairOperation } from "./operation.js";
import { polygamma } from "./polygamma.js";
import { arithmetic, type Series } from "./series.js";

/** x^(a − k) e^−x / Γ(a + 1): by its factors where none overflows, else with as many digits of the exponent as the result has. */
function weight(a: number, x: number, k = 0): number {
  const power = a < 12 && x < 700 ? x ** a : 0;
  const less = x ** k;
  if (power > 1e-290 && power < 1e290 && less > 1e-290) return (power * Math.exp(-x)) / factorial(a) / less;
  const [factor, exponent] = scaledFactorial([a, 0]);
  return exp(minus(plus(times(sum(a, -k), log([x, 0])), [-x, 0]), exponent)) / factor;
}

/** The lower part by its series, DLMF 8.7.1; where it is long, with what its factors and sums lose. */
function lower(a: number, x: number): number {
  if (a < 100) return weight(a, x) * nested((k) => x / (a + k));
  return weight(a, x) * long(a, () => [x, 0]);
}

/** The upper part of an a of 1 at most by its continued fraction, DLMF 8.9.2, all of whose terms are positive. */
function upperOfSmall(a: number, x: number): number {
  let h = x;
  for (let k = Math.ceil(8 + 120 / x); k; k--) h = x + (k - a) / (1 + k / h);
  return (weight(a, x) * a) / h;
}

/** The same fraction, contracted, for any a. */
const levels =
  (a: number, x: number): Level =>
  (k) => [k * (a - k), x - a + 2 * k + 1];

/** The upper part by it. */
const upperOfLarge = (a: number, x: number): number => (weight(a, x) * a) / continued(levels(a, x));

/** The upper part where a is moderate, from an a of 1 at most on by Q(a + 1, x) = Q(a, x) + x^a e^−x / Γ(a + 1), DLMF 8.8.6, which is positive. */
function upper(a: number, x: number): number {
  if (a >= 12) return upperOfLarge(a, x);
  const steps = Math.ceil(a) - 1;
  let total = upperOfSmall(a - steps, x);
  for (let k = 1; k <= steps; k++) total += weight(a - k, x);
  return total;
}

/** The upper part where both are small, and it is small beside 1: DLMF 8.7.1, in which x^a / Γ(a + 1) is close to 1. */
function upperNear(a: number, x: number): number {
  return complement(a * Math.log(x) - logFactorial(a), a, (k) => -x / k);
}

/** From this a on the series would be long, and the first terms of the uniform expansion are exact. */
const huge = 1e8;

/** The smaller one of both parts of a huge a, DLMF 8.12.3, 8.12.4 and 8.12.8: the lower one where x is less than a. */
function smaller(a: number, x: number): number {
  // So far away it is less than any number.
  if (x < a / 2 || x / 2 > a) return 0;
  const t = minus(minus([x, 0], [a, 0]), times([a, 0], log(over([x, 0], [a, 0]))));
  const sign = x < a ? -1 : 1;
  const y = Math.sqrt(Math.max(0, t[0]));
  const eta = sign * y * Math.sqrt(2 / a);
  const rest = (-1 / 3 + eta * (1 / 12 - eta * (2 / 135 - eta / 864)) - 1 / 540 / a) / Math.sqrt(2 * Math.PI * a);
  return Math.max(0, exp([-t[0], -t[1]]) * (0.5 * scaled(y) + sign * rest));
}

/** The lower part where there is nothing to be computed: it is a step where a is 0 or Infinity. */
function end(a: number, x: number): number | undefined {
  if (!(a >= 0 && x >= 0) || (a === x && (a === 0 || a === Infinity))) return NaN;
  if (x === 0 || a === Infinity) return 0;
  return a === 0 || x === Infinity ? 1 : undefined;
}

function lowerPart(a: number, x: number): number {
  const known = end(a, x);
  if (known !== undefined) return known;
  if (a >= huge) return x < a ? smaller(a, x) : 1 - smaller(a, x);
  return x < a + 1 ? lower(a, x) : 1 - upper(a, x);
}

function upperPart(a: number, x: number): number {
  const known = end(a, x);
  if (known !== undefined) return 1 - known;
  if (a >= huge) return x < a ? 1 - smaller(a, x) : smaller(a, x);
  if (a < 1 && x < 0.6) return upperNear(a, x);
  return x < (a < 12 ? a : a + 1) ? 1 - lower(a, x) : upper(a, x);
}

/** The derivative of a huge a, from P(a + 1, x) − P(a, x) (DLMF 8.8.5), as a central difference of fourth order. */
function difference(a: number, x: number): number {
  const [before, own, after] = [-1.5, -0.5, 0.5].map((shift) => weight(a + shift, x));
  return (after - 2 * own + before) / 24 - own;
}

/** The nth derivative of the lower part by a: of its series, or of the continued fraction of the upper part, term by term. */
function derivative(n: number): (a: number, x: number) => number {
  const { zero, linear, times, over, timesLinear, overLinear, exp, summed } = arithmetic(n, 0);
  let [own, h, next] = [zero(), zero(), zero()];
  return (a, x) => {
    // The step where a is 0 is the limit of what bends: of order 1 it gives −E₁(x).
    const known = a === 0 && x > 0 && x < Infinity ? undefined : end(a, x);
    if (known !== undefined) return known * 0;
    if (a >= huge) return n > 1 ? NaN : difference(a, x);
    const scale = exp(lessLogFactorial(linear(own, 0, Math.log(x), 0), a, n, 1));
    const factor = factorial(n) * weight(a, x);
    if (x < Math.max(1.5, a + 1)) {
      const step = (term: Series, k: number): Series => overLinear(timesLinear(term, x, 0, 0), a + k, 1, 0);
      return factor * times(scale, summed(linear(h, 1, 0, 0), step))[n];
    }
    const count = Math.ceil(1.5 * levelsOf(levels(a, x))) + 20;
    linear(h, x + 1 - a + 2 * count, -1, 0);
    for (let k = count; k; k--) {
      over(linear(next, k * (a - k), k, 0), h);
      next[0] += x - a + 2 * k - 1;
      next[1] -= 1;
      [h, next] = [next, h];
    }
    return -factor * over(timesLinear(scale, a, 1, 0), h)[n];
  };
}

/** x^(a − 1 − k) e^−x / Γ(a), of which k = 0 is the derivative of the lower part by x. */
const density = (k: number): ElementwisePair =>
  pairOperation(
    "gammaincDensity",
    (a, x) => {
      const known = end(a, x);
      if (known === undefined) return weight(a, x, k + 1) * a;
      if (x !== 0 || a === 0 || known) return known * 0;
      return a > k + 1 ? 0 : a < k + 1 ? Infinity : 1 / factorial(k);
    },
    [
      (a, x) => {
        const own = density(k)(a, x);
        return xlogy(own, x).sub(own.mul(a.digamma()));
      },
      (a, x) => timesPole(a.sub(k + 1), x, Infinity, (y) => density(k + 1)(a, y)).sub(density(k)(a, x)),
    ],
  );

/** The nth derivative of the density by a, by Leibniz' rule from that of order 1. */
function densityDerivative(n: number, a: NDArray, x: NDArray): NDArray {
  const own = [density(0)(a, x)];
  for (let m = 0; m < n; m++) {
    let next = xlogy(own[m], x);
    for (let k = 0; k <= m; k++) next = next.sub(own[m - k].mul(polygamma(k, a)).mul(binomial(m, k)));
    own.push(next);
  }
  return own[n];
}

/** The derivatives of order n by a: of the lower part, or of the upper one, which is 1 less that. */
function operation(name: string, n: number, kernel: (a: number, x: number) => number, sign: number): ElementwisePair {
  return pairOperation(name, kernel, [
    (a, x) => {
      const next = derivative(n + 1);
      return operation(`${name}Derivative`, n + 1, (p, y) => sign * next(p, y), sign)(a, x);
    },
    (a, x) => densityDerivative(n, a, x).mul(sign),
  ]);
}

const regularised = operation("gammainc", 0, lowerPart, 1);
const complementary = operation("gammaincc", 0, upperPart, -1);

/**
 * The regularised lower incomplete gamma function P(a, x) = γ(a, x) / Γ(a) (DLMF 8.2.4), where a ≥ 0 and x ≥ 0; NaN elsewhere. Accurate to
 * within 8 units in the last place, up to an a of 10⁴. Where x is near an a of 10⁶ it takes thousands of steps. It has derivatives by both; from
 * an a of 10⁸ on none by a above the first, which are NaN. A third one by x may be NaN or off where x is below 10⁻¹⁵⁰ and not 0.
 *
 * @param a any shape; any dtype; int32 and bool become float64
 * @param x of a shape that broadcasts with that of a
 * @throws ShapeError where the shapes do not broadcast, DTypeError where a or x is no {@link ArrayLike}
 * @example
 * gammainc(2, array([0, 1, 5])).toArray(); // [0, 0.264241, 0.959572]
 * grad((a) => gammainc(a, 1))(2).item(); // -0.276196
 */
export const gammainc = (a: ArrayLike, x: ArrayLike): NDArray => regularised(a, x);

/**
 * The regularised upper incomplete gamma function Q(a, x) = Γ(a, x) / Γ(a) (DLMF 8.2.4), which is 1 − {@link gammainc} without what is lost
 * there. Accurate as that.
 *
 * @param a any shape; any dtype; int32 and bool become float64
 * @param x of a shape that broadcasts with that of a
 * @throws ShapeError where the shapes do not broadcast, DTypeError where a or x is no {@link ArrayLike}
 * @example
 * gammaincc(2, array([0, 1, 50])).toArray(); // [1, 0.735759, 9.84e-21]
 */
export const gammaincc = (a: ArrayLike, x: ArrayLike): NDArray => complementary(a, x);
