import type { ArrayLike } from "../array/base.js";
import type { NDArray } from "../array/ndarray.js";
import { factorial, horner, logFactorial, polygamma as polygammaOf } from "../primitives/special.js";
import { type Double, exp, log, long, minus, nested, plus, sum, times } from "./double.js";
import {
  binomial,
  complement,
  continued,
  type Level,
  lessLogFactorial,
  levelsOf,
  logFactorialSeries,
  scaledFactorial,
  timesPole,
} from "./gamma.js";
import { xlog1py, xlogy } from "./logarithms.js";
import { type ElementwiseTriple, tripleOperation } from "./operation.js";
import { polygamma } from "./polygamma.js";
import { arithmetic, type Series } from "./series.js";

/**
 * x^(a − k) y^(b − l) (a + b)! / (a! b!), where x + y = 1: by its factors where none underflows, else with as many digits of the exponent as the
 * result has.
 */
function weight(a: number, b: number, x: Double, y: Double, k = 0, l = 0): number {
  const power = a < 12 && b < 12 ? x[0] ** a * y[0] ** b : 0;
  const less = x[0] ** k * y[0] ** l;
  if (power > 1e-290 && less > 1e-290)
    return (power * (1 + (a * x[1]) / x[0] + (b * y[1]) / y[0]) * factorialOf(sum(a, b))) / (factorial(a) * factorial(b)) / less;
  const [[p, u], [q, v], [r, w]] = [scaledFactorial([a, 0]), scaledFactorial([b, 0]), scaledFactorial(sum(a, b))];
  const powers = plus(times(sum(a, -k), log(x)), times(sum(b, -l), log(y)));
  return (exp(plus(powers, minus(w, plus(u, v)))) * r) / (p * q);
}

const factorialOf = (u: Double): number => {
  const [factor, exponent] = scaledFactorial(u);
  return factor * exp(exponent);
};

/** Returns whether the series has few terms; the continued fraction has few levels where it does not. */
const isShort = (a: number, b: number, x: number): boolean => x < 0.9 && (b * x < 2 || a + b < 40);

/** F(a + b, 1; a + 1; x), DLMF 15.2.1, all of whose terms are positive; where it is long, with what its factors and sums lose. */
function hypergeometric(a: number, b: number, x: Double): number {
  if (a + b < 40 && x[0] < 0.6) return nested((k) => (x[0] * (a + b + k - 1)) / (a + k));
  const s = sum(a, b);
  return long(a, (k) => times(x, plus(s, [k - 1, 0])));
}

/** a y − b x, which cancels where x is the mean. */
const gapOf = (a: number, b: number, x: Double, y: Double): number => minus(times([a, 0], y), times([b, 0], x))[0];

/** The continued fraction of DLMF 8.17.22, contracted (Didonato and Morris 1992). */
const levels =
  (a: number, b: number, x: number, gap: number): Level =>
  (m) => {
    const c = a + 2 * m - 1;
    return [
      ((a + m - 1) / c) * ((a + b + m - 1) / c) * m * (b - m) * x * x,
      m + (m === 0 ? 0 : (m * (b - m) * x) / c) + ((a + m) * (gap + 1 + m * (2 - x))) / (c + 2),
    ];
  };

/** 1 / F(1 − b, 1; a + 1; −z), where b is at most 1: Gauss' continued fraction (DLMF 15.7.1), all of whose terms are positive. */
function fraction(a: number, b: number, z: number, levels: number): number {
  let h = 1;
  for (let k = levels; k; k--) {
    const c = a + 2 * k - 1;
    h = 1 + (((k - b) * (a + k - 1)) / (c - 1) / c) * (z / (1 + ((k * (a + b + k - 1)) / c / (c + 1)) * (z / h)));
  }
  return h;
}

/** B_2k / 2k, the last first, of DLMF 5.11.2. */
const digammaTerms = [1 / 12, -691 / 32760, 1 / 132, -1 / 240, 1 / 252, -1 / 120, 1 / 12];

/** log (y^b Γ(a + b) / Γ(a)), where b < 1: by Taylor's series from an argument of 12 on (DLMF 5.5.1), where y times that stands in one logarithm. */
function logRatio(a: number, b: number, y: number): number {
  let [z, total] = [a, 0];
  for (; z < 12; z++) total -= Math.log1p(b / z);
  for (let k = 24; k > 1; k--) total += (b ** k / factorial(k)) * polygammaOf(k - 1, z);
  return total + b * (Math.log(z * y) - (0.5 + horner(digammaTerms, 1 / z / z) / z) / z);
}

/** I where b is small and x near 1, which is small beside 1: from the other end by DLMF 8.17.7, where y^b / (b B(a, b)) is close to 1. */
function near(a: number, b: number, y: number): number {
  return complement(logRatio(a, b, y) - logFactorial(b), b, (n) => ((n - a) * y) / n);
}

/** I without a difference, best where x is at most the mean a / (a + b). */
function direct(a: number, b: number, x: Double, y: Double): number {
  if (isNear(a, b, y[0])) return near(a, b, y[0]);
  const own = (weight(a, b, x, y) * b) / (a + b);
  if (own === 0) return 0;
  if (isShort(a, b, x[0])) return own * hypergeometric(a, b, x);
  if (b < 1) return own / fraction(a, b, x[0] / y[0], Math.ceil(8 + 120 / a / y[0])) / y[0];
  return (own * a) / continued(levels(a, b, x[0], gapOf(a, b, x, y)));
}

/** I where there is nothing to be computed: it is a step where a or b is 0 or Infinity. */
function end(a: number, b: number, x: number): number | undefined {
  if (!(a >= 0 && b >= 0 && x >= 0 && x <= 1) || (a === b && (a === 0 || a === Infinity))) return NaN;
  if (x === 0 || x === 1) return x;
  if (a === 0 || b === Infinity) return 1;
  return b === 0 || a === Infinity ? 0 : undefined;
}

function regularised(a: number, b: number, at: number): number {
  const known = end(a, b, at);
  if (known !== undefined) return known;
  const x: Double = [at, 0];
  const y = sum(1, -at);
  if (at * (a + b) <= a) return direct(a, b, x, y);
  const other = direct(b, a, y, x);
  return b >= 1 || other < 0.5 ? 1 - other : direct(a, b, x, y);
}

/** Returns whether b is small and x near 1, where I is best taken from the other end. */
const isNear = (a: number, b: number, y: number): boolean => b < 1 && y * Math.max(a, 2) < 0.6;

/**
 * The derivative of 1 − {@link near}, of order p by a and q by b. What is a difference of two Γ, and as small as b is beside a, is a power series
 * in b.
 */
function endDerivative(p: number, q: number): (a: number, b: number, y: number) => number {
  const { zero, linear, times, timesLinear, overLinear, exp, summed } = arithmetic(p, q);
  const [own, pole] = [zero(), zero()];
  return (a, b, y) => {
    // The logarithm of y^b (a + b)! / (a! b!), less its value.
    linear(own, 0, 0, 0);
    const ofA = logFactorialSeries(a, p + 40);
    ofA[1] += Math.log(y);
    for (let k = 40; k; k--) {
      for (let i = 0; i <= p; i++) own[i * (q + 1)] += ofA[i + k] * binomial(i + k, k);
      timesLinear(own, b, 0, 1);
    }
    lessLogFactorial(own, b, q, 1)[0] = 0;
    // a / (a + b)
    timesLinear(overLinear(linear(pole, -1, 0, 0), a + b, 1, 1), b, 0, 1)[0] += 1;
    const total = summed(zero(), (term, n) => overLinear(timesLinear(term, (1 - a / n) * y, -y / n, 0).slice(), b + n, 0, 1));
    timesLinear(total, b, 0, 1)[0] += 1;
    const value = Math.exp(logRatio(a, b, y) - logFactorial(b)) * (1 + b / a);
    return factorial(p) * factorial(q) * value * times(times(exp(own), pole), total)[own.length - 1];
  };
}

/** The derivative of order p by a and q by b, of the same series or continued fraction term by term, where x is at most the mean. */
function directDerivative(p: number, q: number): (a: number, b: number, x: Double, y: Double) => number {
  const { zero, linear, plus, times, over, timesLinear, overLinear, exp, summed } = arithmetic(p, q);
  const [own, part, more] = [zero(), zero(), zero()];
  const ofEnd = endDerivative(p, q);
  let [h, next] = [zero(), zero()];
  return (a, b, x, y) => {
    const [at] = x;
    if (isNear(a, b, y[0])) return -ofEnd(a, b, y[0]);
    const factor = factorial(p) * factorial(q) * weight(a, b, x, y);
    if (factor === 0) return 0;
    linear(own, 0, 0, 0);
    const ofSum = logFactorialSeries(a + b, p + q);
    for (let n = p + q; n; n--) {
      own[0] += ofSum[n];
      timesLinear(own, 0, 1, 1);
    }
    plus(lessLogFactorial(lessLogFactorial(own, a, p, q + 1), b, q, 1), linear(part, 0, log(x)[0], log(y)[0]));
    const scale = overLinear(timesLinear(exp(own), b, 0, 1), a + b, 1, 1);
    if (isShort(a, b, at)) {
      const step = (term: Series, k: number): Series => overLinear(timesLinear(term, at * (a + b + k - 1), at, at), a + k, 1, 0);
      times(scale, summed(linear(h, 1, 0, 0), step));
    } else {
      const gap = gapOf(a, b, x, y);
      const below = (m: number): Series => {
        linear(part, gap + 1 + m * (2 - at), y[0], -at);
        overLinear(timesLinear(part, a + m, 1, 0), a + 2 * m + 1, 1, 0);
        if (m === 0) return part;
        part[0] += m;
        return plus(part, overLinear(linear(more, m * (b - m) * at, 0, m * at), a + 2 * m - 1, 1, 0));
      };
      const count = Math.ceil(1.5 * levelsOf(levels(a, b, at, gap))) + 20;
      h.set(below(count));
      for (let m = count; m; m--) {
        const [unit, c] = [m * at * at, a + 2 * m - 1];
        linear(next, unit * (a + m - 1), unit, 0);
        timesLinear(overLinear(next, c, 1, 0), a + b + m - 1, 1, 1);
        timesLinear(overLinear(next, c, 1, 0), b - m, 0, 1);
        plus(over(next, h), below(m - 1));
        [h, next] = [next, h];
      }
      over(timesLinear(scale, a, 1, 0), h);
    }
    return factor * scale[scale.length - 1];
  };
}

function derivative(p: number, q: number): (a: number, b: number, x: number) => number {
  const [before, behind] = [directDerivative(p, q), directDerivative(q, p)];
  return (a, b, at) => {
    // The step where a or b is 0 is the limit of what bends.
    const known = a * b === 0 && a + b > 0 && at > 0 && at < 1 ? undefined : end(a, b, at);
    if (known !== undefined) return known * 0;
    const x: Double = [at, 0];
    const y = sum(1, -at);
    // There I is x^a or 1 − y^b, and the terms of higher orders are far smaller than those of the series.
    if (q === 0 && b === 1) return at ** a * Math.log(at) ** p;
    if (p === 0 && a === 1) return -(y[0] ** b) * (1 + (b * y[1]) / y[0]) * Math.log1p(-at) ** q;
    // Where an end is near, it has the derivatives, on whichever side of the mean x is.
    const isOther = 2 * a < b && isNear(b, a, at);
    const isOwn = 2 * b < a && isNear(a, b, y[0]);
    return isOwn || (!isOther && at * (a + b) <= a) ? before(a, b, x, y) : -behind(b, a, y, x);
  };
}

/** x^(a − 1 − k) (1 − x)^(b − 1 − l) / B(a, b), of which that with k = l = 0 is the derivative by x. */
const density = (k: number, l: number): ElementwiseTriple =>
  tripleOperation(
    "betaincDensity",
    (a, b, x) => {
      const known = end(a, b, x);
      const less = Math.min(a, b);
      if (Number.isNaN(known) || less === 0) return known! * 0;
      const scale = less / (1 + less / Math.max(a, b));
      if (known === undefined) return weight(a, b, [x, 0], sum(1, -x), k + 1, l + 1) * scale;
      const left = x === 0 ? a - k - 1 : b - l - 1;
      return left ? (left > 0 ? 0 : Infinity) : (factorialOf(sum(a, b)) * scale) / (factorialOf([a, 0]) * factorialOf([b, 0]));
    },
    [
      (a, b, x) => {
        const own = density(k, l)(a, b, x);
        return xlogy(own, x).add(own.mul(a.add(b).digamma().sub(a.digamma())));
      },
      (a, b, x) => {
        const own = density(k, l)(a, b, x);
        return xlog1py(own, x.neg()).add(own.mul(a.add(b).digamma().sub(b.digamma())));
      },
      (a, b, x) =>
        timesPole(a.sub(k + 1), x, 1, (y) => density(k + 1, l)(a, b, y)).sub(
          timesPole(b.sub(l + 1), x, 1, (y) => density(k, l + 1)(a, b, y)),
        ),
    ],
  );

/** The derivative of order p by a and q by b of the density, by Leibniz' rule from lower ones. */
function densityDerivative(p: number, q: number, a: NDArray, b: NDArray, x: NDArray): NDArray {
  if (p === 0 && q === 0) return density(0, 0)(a, b, x);
  // The last derivative is taken by a where there is one: of the density times log x + ψ(a + b) − ψ(a).
  const [i, j] = p > 0 ? [p - 1, q] : [p, q - 1];
  const before = densityDerivative(i, j, a, b, x);
  let total = p > 0 ? xlogy(before, x) : xlog1py(before, x.neg());
  for (let r = 0; r <= i; r++)
    for (let c = 0; c <= j; c++) {
      const both = polygamma(r + c, a.add(b));
      const slope = p > 0 ? (c === 0 ? both.sub(polygamma(r, a)) : both) : r === 0 ? both.sub(polygamma(c, b)) : both;
      total = total.add(
        densityDerivative(i - r, j - c, a, b, x)
          .mul(slope)
          .mul(binomial(i, r) * binomial(j, c)),
      );
    }
  return total;
}

const operation = (p: number, q: number): ElementwiseTriple =>
  tripleOperation(p + q ? "betaincDerivative" : "betainc", p + q ? derivative(p, q) : regularised, [
    (a, b, x) => operation(p + 1, q)(a, b, x),
    (a, b, x) => operation(p, q + 1)(a, b, x),
    (a, b, x) => densityDerivative(p, q, a, b, x),
  ]);

const incomplete = operation(0, 0);

/**
 * The regularised incomplete beta function Iₓ(a, b) (DLMF 8.17.2), where a ≥ 0, b ≥ 0 and x is from 0 to 1; NaN elsewhere. It is the
 * distribution function of the beta distribution, and with b of x and 1 the tails of Student's and Fisher's. Accurate to within 8 units in the
 * last place, up to an a and b of 10⁴. Where both are 10⁹ and more and x is near the mean, it takes thousands of steps. It has derivatives by all
 * three. A second one by a loses digits where 1 − x is small and b is almost 1 but not 1, one by b where x is small and a is almost 1. A third one
 * by x may be NaN or off where x is below 10⁻¹⁵⁰ and not 0.
 *
 * @param a any shape; any dtype; int32 and bool become float64
 * @param b of a shape that broadcasts with that of a
 * @param x of a shape that broadcasts with these
 * @throws ShapeError where the shapes do not broadcast, DTypeError where a, b or x is no {@link ArrayLike}
 * @example
 * betainc(2, 3, array([0, 0.4, 1])).toArray(); // [0, 0.5248, 1]
 * grad((x) => betainc(2, 3, x))(0.5).item(); // 1.5
 */
export const betainc = (a: ArrayLike, b: ArrayLike, x: ArrayLike): NDArray => incomplete(a, b, x);
