/**
 * Real functions of numbers that Math lacks, or defines otherwise than NumPy. The coefficients are our own: rational interpolation at
 * Chebyshev nodes, by tools/expectations/special.py, each to the digits that matter. Accuracy is in units in the last place (ulp), the
 * largest that test/cpu/special.test.ts has met, against 50 digits.
 */

const { abs, exp, floor, log, log1p, max, PI, round, sin, sqrt, tan } = Math;

/** c[0] + c[1]·t + c[2]·t² + … */
function series(c: readonly number[], t: number): number {
  let sum = 0;
  for (let i = c.length - 1; i >= 0; i--) sum = sum * t + c[i];
  return sum;
}

/** erf(x)/x in powers of x², |x| < 0.47. */
const erfNear = [
  1.1283791670955126, -0.3761263890318365, 0.1128379167094246, -0.026866170639237, 0.005223977487947, -0.0008548308987, 0.000120539406,
  -1.48627787e-5, 1.491756e-6,
];

/** (1 + 2x)·exp(x²)·erfc(x) in powers of (x − 4)/(x + 4), a form of Shepherd and Laframboise (1981); x from 0.47 to where erfc is 0. */
const erfcFar = [
  1.2329951186255526, -0.13962111684056255, 0.01537965210261921, 0.06809705425469655, -0.10103906603626542, 0.09373283499821775,
  -0.0663303658133195, 0.03716751553946596, -0.01619773404184403, 0.005031969962759, -0.0007577734232398, -0.0001992566356454,
  0.0001506223855197, -2.43992790309e-5, -1.1224441073e-5, 5.7093502014e-6, 2.99092028e-7, -8.235988436e-7, 6.74359794e-8, 1.065347785e-7,
  -1.2378075e-8, -1.0777816e-8,
];

/** erf(x)/x from x²; |x| < 0.47. */
const erfSmall = (x: number): number => x * series(erfNear, x * x);

/** erfc(x) for x ≥ 0.47. exp(−x²) is split where x² rounds: h² is exact. */
function erfcLarge(x: number): number {
  if (x > 28) return 0;
  const h = Math.fround(x);
  const d = (x - h) * (x + h);
  const g = series(erfcFar, (x - 4) / (x + 4)) / (1 + 2 * x);
  return exp(-h * h) * (g - g * d * (1 - d * (0.5 - d / 6)));
}

/** The error function (DLMF 7.2.1). */
export const erf = (x: number): number => (abs(x) < 0.47 ? erfSmall(x) : x < 0 ? erfcLarge(-x) - 1 : 1 - erfcLarge(x));

/** 1 − erf(x) without cancellation (DLMF 7.2.2), down to the smallest numbers. */
export const erfc = (x: number): number => (abs(x) < 0.47 ? 1 - erfSmall(x) : x < 0 ? 2 - erfcLarge(-x) : erfcLarge(x));

/** The x with erf(x) = y: Winitzki's closed form (2008), then Halley's method on whichever of erf and erfc is small. */
export function erfInv(y: number): number {
  const a = abs(y);
  if (!(a < 1)) return a === 1 ? y * Infinity : Number.NaN;
  const l = log1p(-a * a);
  const b = 4.33 + l / 2;
  let x = sqrt((-6.8 * l) / (sqrt(b * b - 6.8 * l) + b));
  for (let i = 0; i < 3; i++) {
    const u = (a < 0.5 ? erf(x) - a : 1 - a - erfc(x)) * exp(x * x) * (sqrt(PI) / 2);
    x -= u / (1 + x * u);
  }
  return Math.sign(y) * x;
}

/** lgamma(x)/((x − 1)(x − 2)) for 0.75 ≤ x ≤ 2.5: numerator and denominator in powers of x. */
const gammaOver = [
  2.60528097560256, 78.81805943420117, 511.80119470649385, 1115.134382279828, 941.1451419229319, 314.1480246756401, 37.95474516866632,
  1.2402985634697847, 0.00241744320136335,
];
const gammaUnder = [
  1, 50.92100759242448, 492.7541419130214, 1547.7078299187672, 1902.391277784759, 982.2102222951834, 208.8513765067068, 16.149261887476268,
  0.31573386785679025,
];

/** x times the rest of Stirling's series (DLMF 5.11.1), in powers of 1/x², x ≥ 7. */
const stirling = [0.08333333333333316, -0.002777777777162, 0.000793650439421, -0.0005951630728, 0.000834482344, -0.0015835329];

/** log|Γ(x)| near its zeros 1 and 2. */
const gammaMid = (x: number): number => series(gammaOver, x) / series(gammaUnder, x);

/**
 * log|Γ(x)| (DLMF 5.2.1). For x < 0 by reflection (DLMF 5.5.3); there it has zeros, near which only the absolute error is small.
 */
export function lgamma(x: number): number {
  if (x < 0) {
    if (floor(x) === x) return Infinity;
    return -log(abs(sin(PI * (x - round(x)))) / PI) - lgamma(1 - x);
  }
  if (x >= 7) return (x - 0.5) * (log(x) - 1) + (0.4189385332046727 + series(stirling, 1 / (x * x)) / x);
  if (x < 0.75) return x * (x - 1) * gammaMid(x + 1) - log(x);
  let product = 1;
  while (x > 2.5) product *= x -= 1;
  return (x - 1) * (x - 2) * gammaMid(x) + log(product);
}

/** digamma(x)/(x − x₀), x₀ its zero, for 1 ≤ x ≤ 2.5: numerator and denominator in powers of x − 1. */
const psiOver = [
  1.2503801375034054, 1.8488025338240082, 0.9463058025681106, 0.20584084112744175, 0.018342400959839154, 0.000507029888093433,
  8.73347250262e-7,
];
const psiUnder = [
  1, 2.1621391873864675, 1.6329462354635018, 0.5511193748765835, 0.08574448941694736, 0.005535922301322456, 0.000103772329693745,
];

/** The rest of DLMF 5.11.2, in powers of 1/x², x ≥ 7. */
const psiFar = [0.08333333333333329, -0.00833333333308638, 0.003968253773361, -0.0041666086068, 0.007567436616, -0.0204686102, 0.05899121];

/**
 * ψ(x) = Γ′(x)/Γ(x) (DLMF 5.2.2). ∓∞ at ±0, NaN at the negative integers. For x < 0 by reflection (DLMF 5.5.4); there it has zeros, near
 * which only the absolute error is small.
 */
export function digamma(x: number): number {
  if (x === 0) return -1 / x;
  if (x < 0) {
    const r = x - round(x);
    return r === 0 ? Number.NaN : digamma(1 - x) - PI / tan(PI * r);
  }
  if (x < 1) return digamma(x + 1) - 1 / x;
  if (x >= 7) {
    const y = 1 / (x * x);
    return log(x) - (0.5 / x + y * series(psiFar, y));
  }
  let sum = 0;
  while (x > 2.5) sum += 1 / (x -= 1);
  const t = x - 1;
  return sum + ((x - 1.4616321449683622 - 9.549995429965697e-17) * series(psiOver, t)) / series(psiUnder, t);
}

/** The Bernoulli numbers B₂, B₄, … */
const bernoulli = [1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510, 43867 / 798];

/** Hurwitz's ζ(s, x) = Σ (x + k)⁻ˢ over k ≥ 0, for integers s ≥ 2: first terms, then Euler and Maclaurin's formula (DLMF 25.11.28). */
function hurwitz(s: number, x: number): number {
  if (x < 0) {
    // All integers k, less those below 0.
    const r = x - round(x);
    const odd = s % 2;
    if (r === 0 && odd) return Number.NaN;
    return r ** -s + (hurwitz(s, 1 + r) + (odd ? -1 : 1) * (hurwitz(s, 1 - r) - hurwitz(s, 1 - x)));
  }
  let k = max(0, Math.ceil(s + 8 - x));
  const z = x + k;
  let term = s / (2 * z);
  let rest = 0;
  bernoulli.forEach((b, i) => {
    rest += b * term;
    term *= ((s + 2 * i + 1) * (s + 2 * i + 2)) / ((2 * i + 3) * (2 * i + 4) * z * z);
  });
  let sum = z ** (1 - s) * (1 / (s - 1) + (0.5 + rest) / z);
  while (--k > 0) sum += (x + k) ** -s;
  return k === 0 ? sum + x ** -s : sum;
}

/**
 * The n-th derivative of digamma, (−1)ⁿ⁺¹ n! ζ(n + 1, x) (DLMF 5.15.2), n = 0, 1, … At the poles as digamma for even n, +∞ for odd n.
 * Beyond n = 3 the error grows by about half a unit in the last place with each n.
 */
export function polygamma(n: number, x: number): number {
  if (n === 0) return digamma(x);
  let factor = n % 2 ? 1 : -1;
  for (let i = 2; i <= n; i++) factor *= i;
  return factor * hurwitz(n + 1, x);
}

/** To the nearest integer, halves to the even one; keeps the sign of zero. */
export function roundHalfEven(x: number): number {
  const size = abs(x);
  if (!(size < 2 ** 52 && size > 0)) return x;
  const r = size + 2 ** 52 - 2 ** 52;
  return x < 0 ? -r : r;
}

/** The remainder with the sign of y, zero included, as NumPy's mod: mod(−0.5, ∞) is ∞. NaN for y = 0 and for infinite x. */
export function mod(x: number, y: number): number {
  const r = x % y;
  if (r === 0) return y < 0 ? -0 : 0;
  return r < 0 !== y < 0 ? r + y : r;
}

/** C's pow: 1 to whatever power is 1, and so is −1 to ±∞. A square is x·x. */
export const pow = (x: number, y: number): number => (y === 2 ? x * x : x === 1 || (x === -1 && abs(y) === Infinity) ? 1 : x ** y);

/** √(x² + y²) without overflow or underflow on the way; ∞ where either is infinite, even beside NaN. */
export function hypot2(x: number, y: number): number {
  const r = x * x + y * y;
  if (r > 1e-280 && r < Infinity) return sqrt(r);
  if (abs(x) === Infinity || abs(y) === Infinity) return Infinity;
  const scale = r < 1 ? 2 ** 600 : 2 ** -600;
  x *= scale;
  y *= scale;
  return sqrt(x * x + y * y) / scale;
}

/** log(eˣ + eʸ). Near its zeros only the absolute error is small. */
export const logaddexp = (x: number, y: number): number => (x === y ? x + Math.LN2 : max(x, y) + log1p(exp(-abs(x - y))));

/** log(1 + eˣ). */
export const softplus = (x: number): number => max(x, 0) + log1p(exp(-abs(x)));

/** 1/(1 + e⁻ˣ). */
export function sigmoid(x: number): number {
  const e = exp(-abs(x));
  return (x < 0 ? e : 1) / (1 + e);
}
