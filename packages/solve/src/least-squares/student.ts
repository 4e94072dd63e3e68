import { erfInv } from "@ad/core";

/** ln Γ(x + ½) − ln Γ(x), by the steps from an x that is large enough for a series. */
function logGammaStep(x: number): number {
  let sum = 0;
  let at = x;
  for (; at < 20; at++) sum -= Math.log1p(0.5 / at);
  const q = 1 / (at * at);
  return sum + 0.5 * Math.log(at) - (1 - q / 24 + (q * q) / 80) / (8 * at);
}

/** The density of Student's t with the given degrees of freedom. */
const density = (t: number, n: number): number =>
  Math.exp(logGammaStep(n / 2) - ((n + 1) / 2) * Math.log1p((t * t) / n)) / Math.sqrt(n * Math.PI);

/** The probability below t, for whole degrees of freedom: a finite sum in the angle of which t/√n is the tangent (Abramowitz and Stegun 26.7.3, 4). */
function probability(t: number, n: number): number {
  const angle = Math.atan(t / Math.sqrt(n));
  const [sin, square] = [Math.sin(angle), Math.cos(angle) ** 2];
  const isOdd = n % 2 === 1;
  let term = isOdd ? Math.cos(angle) : 1;
  let sum = n > 1 ? term : 0;
  for (let k = isOdd ? 3 : 2; k < n; k += 2) {
    term *= (square * (k - 1)) / k;
    sum += term;
  }
  return 0.5 + (isOdd ? (angle + sin * sum) / Math.PI : (sin * sum) / 2);
}

/** The t below which Student's t lies with probability p, 0.5 < p < 1; NaN where there is no degree of freedom. */
export function studentQuantile(p: number, n: number): number {
  if (!(n > 0)) return Number.NaN;
  // From here on the series around the normal quantile is exact but for rounding (Abramowitz and Stegun 26.7.5).
  if (n > 1e5) {
    const z = Math.SQRT2 * erfInv(2 * p - 1).item<number>();
    return z + (z ** 3 + z) / (4 * n) + (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * n * n);
  }
  // The probability is concave from 0 on: Newton's method comes from below and does not leave.
  let t = 0;
  for (let turn = 0; turn < 200; turn++) {
    const step = (p - probability(t, n)) / density(t, n);
    t += step;
    if (Math.abs(step) <= 1e-15 * t) break;
  }
  return t;
}
