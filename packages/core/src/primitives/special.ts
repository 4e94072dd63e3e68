// Functions of float64 numbers that Math lacks, or has in another form, to within 4 units in the last place (ulp) but where a
// comment says otherwise. tools/expectations/special.py makes the polynomials (--coefficients) and the true values of the test.

/** A polynomial, highest power first. */
export function horner(coefficients: readonly number[], t: number): number {
  let sum = 0;
  for (let i = 0; i < coefficients.length; i++) sum = sum * t + coefficients[i];
  return sum;
}

// --- error functions ------------------------------------------------------------------------------------------------------------

/** erf(x) / x in x^2 / 8, where |x| < 1/2. */
const odd = [
  24.70567, -31.1339822, 31.59709423, -28.0110620751, 21.39741132, -13.7554793640408, 7.22162666939224, -3.009011112254678,
  1.1283791670955126,
];
/** (x + 1) exp(x^2) erfc(x) in (x - 3) / (x + 3) / 2, where 1/2 <= x <= 27.5: the variable of Shepherd and Laframboise (1981). */
const tail = [
  -0.015196167, 0.0088357095, 0.028260191, -0.0101378439, -0.03904208982, 0.00364898016, 0.05216765168, 0.004302282843, -0.073658241034,
  -0.0062047920306, 0.1149332495373, -0.02104477735898, -0.18805173288524, 0.16532843448436, 0.207176849012419, -0.624044114714408,
  0.7026484483953346, -0.3808626097389066, -0.0818831111920055, 0.3960830147177612, -0.4618546661676185, 0.7160046047255598,
];

export function erf(x: number): number {
  if (Math.abs(x) < 0.5) return x * horner(odd, (x * x) / 8);
  return x > 0 ? 1 - erfc(x) : erfc(-x) - 1;
}

export function erfc(x: number): number {
  if (x < -0.5) return 2 - erfc(-x);
  if (x < 0.5) return 1 - erf(x);
  return x > 28 ? 0 : gauss(x, 1) * beyond(x);
}

/** exp(-c x^2), where c is 1 or 1/2: exp(-s) (1 - (c x^2 - s)), where s is c x^2 rounded, and the square of a float32 is exact. */
function gauss(x: number, c: number): number {
  const s = c * x * x;
  const h = Math.fround(x);
  const e = Math.exp(-s);
  return e - e * (c * h * h - s + c * (x - h) * (x + h));
}

/** exp(x^2) erfc(x), where 1/2 <= x <= 28. */
export const beyond = (x: number): number => horner(tail, (x - 3) / (x + 3) / 2) / (x + 1);

/** erfc(-x / sqrt 2) / 2 */
export function normalCdf(x: number): number {
  const t = Math.abs(x) * Math.SQRT1_2;
  if (t < 0.5) return 0.5 + 0.5 * erf(x * Math.SQRT1_2);
  const p = t > 28 ? 0 : 0.5 * gauss(x, 0.5) * beyond(t);
  return x > 0 ? 1 - p : p;
}

// --- the gamma function and its logarithmic derivatives ---------------------------------------------------------------------------

/** log gamma(1 + u) / (u (u - 1)) in (u - 5/8) / 2, where 0 <= u <= 5/4. */
const logGamma = [
  4.7112648, -3.8391902, 0.60390173, -0.59581279, 1.158801483, -0.971050121, 0.7409470406, -0.6392857008, 0.55927601012, -0.48393431875,
  0.420322833278, -0.367374009887, 0.3230672244879, -0.2861826538501, 0.25581380815726, -0.23130418847, 0.212305335185934,
  -0.198894413288545, 0.1918706553110328, -0.1935554914453939, 0.21031770488173746, -0.26315798257366807, 0.46580963736232694,
];
/**
 * psi(1 + u) / (u - root) in (u - 1/2) / 8, where 0 <= u <= 1, less the first six terms of what it is: the sum over k = 1, 2, ... of
 * 1 / ((root + k) (u + k)), from DLMF 5.7.6.
 */
const psi = [
  -0.04646, 0.045138, -0.0436529, 0.043120115, -0.043064426, 0.04362282354, -0.045039061416, 0.0477537611761, -0.052655329946475,
  0.0618251916784279, -0.08151752264553129, 0.14300685325812906,
];
/** Bernoulli numbers, each over its factorial: B_2 / 2!, B_4 / 4!, ... */
export const bernoulli = [1 / 12, -1 / 720, 1 / 30240, -1 / 1209600, 1 / 47900160, -691 / 1307674368e3, 1 / 74724249600];

/** The sum of B_2k / (2k)! (s + 1) ... (s + 2k - 2) z^(1 - 2k), z >= 12: for s of 0, 1 and more in DLMF 5.11.1, 5.11.2 and 25.11.5. */
function corrections(s: number, z: number): number {
  let power = 1 / z;
  const w = power * power;
  let sum = 0;
  for (const b of bernoulli) {
    sum += b * power;
    power *= w * ++s * ++s;
  }
  return sum;
}

/** log gamma(1 + u), where u >= 0. */
export function logFactorial(u: number): number {
  if (u >= 11) return (u + 0.5) * (Math.log(u + 1) - 1) + (corrections(0, u + 1) + 0.4189385332046727);
  let product = 1;
  while (u > 1.25) product *= u--;
  return Math.log(product) + u * (u - 1) * horner(logGamma, (u - 0.625) / 2);
}

/** gamma(1 + u), where u >= 0 and not so large that it overflows on the way. */
export function factorial(u: number): number {
  let product = 1;
  while (u > 1.25) product *= u--;
  return product * Math.exp(u * (u - 1) * horner(logGamma, (u - 0.625) / 2));
}

/** log gamma(1 + u) less Stirling's formula u log(u) - u + log(2 pi u) / 2, where u >= 12: DLMF 5.11.1. */
export const stirling = (u: number): number => corrections(0, u);

/**
 * log |gamma(x)|; Infinity at 0, -1, -2, ... and at -Infinity.
 * For x < 0 it is to within 5 ulp of 1 or of the larger of the two terms that make it up: near its zeros there they cancel.
 */
export function lgamma(x: number): number {
  if (x >= 1) return logFactorial(x - 1);
  if (x > 0) return logFactorial(x) - Math.log(x);
  if (x === Math.floor(x)) return Infinity;
  // DLMF 5.5.3
  return Math.log(Math.PI / Math.abs(Math.sin(Math.PI * (x - Math.round(x))))) - logFactorial(-x);
}

/** The derivative of logFactorial. */
function psiFactorial(u: number): number {
  if (u >= 11) {
    const z = u + 1;
    return Math.log(z) - (0.5 + corrections(1, z)) / z;
  }
  let sum = 0;
  while (u > 1) sum += 1 / u--;
  const root = 0.46163214496836236;
  let slope = horner(psi, (u - 0.5) / 8);
  for (let k = 7; --k; ) slope += 1 / ((root + k) * (u + k));
  return sum + (u - root + 1.5522348162858677e-17) * slope;
}

/**
 * The derivative of lgamma: as in SciPy -Infinity at 0, Infinity at -0, NaN at -1, -2, ... and at -Infinity.
 * For x < 0 it is to within 5 ulp of 1 or of the larger of the two terms that make it up: near its zeros there they cancel.
 */
export function digamma(x: number): number {
  if (x >= 1) return psiFactorial(x - 1);
  if (!(x < 0)) return psiFactorial(x) - 1 / x;
  // DLMF 5.5.4
  const r = x - Math.round(x);
  return r ? psiFactorial(-x) - Math.PI / Math.tan(Math.PI * r) : NaN;
}

/**
 * The nth derivative of digamma: Infinity at 0, -1, -2, ... and at -Infinity, or -Infinity where n is even.
 * For n > 50 it is to within 16 ulp, as far as the factorial of n is finite. For x < 0 and n even all this is of the largest term: near
 * its zeros there terms cancel.
 */
export function polygamma(n: number, x: number): number {
  if (n === 0) return digamma(x);
  const sign = n % 2 ? 1 : -1;
  if (x > 0) return sign * hurwitz(n, x);
  const r = x - Math.round(x);
  if (r === 0 || x === -Infinity) return sign * Infinity;
  // Over all integers k, the sum of (x + k)^(-n - 1) has the period 1.
  const f = r < 0 ? 1 + r : r;
  return sign * hurwitz(n, f) + (hurwitz(n, r < 0 ? -r : 1 - r) - hurwitz(n, 1 - x));
}

/** n! zeta(n + 1, x) by Euler and Maclaurin, DLMF 25.11.5, where x > 0. Counted in a unit near n / e its factors stay within range. */
function hurwitz(n: number, x: number): number {
  const s = n + 1;
  const unit = 2 ** Math.floor(Math.log2(n / 2.7 + 1));
  let scale = 1 / unit;
  for (let j = 1; j <= n; j++) scale *= j / unit;
  // (x + k)^-e, with what x + k has lost to rounding.
  const power = (k: number, e: number) => {
    const z = x + k;
    const y = z / unit;
    return (e > 2 ? y ** -e : 1 / (e > 1 ? y * y : y)) * (1 - (e * (k && x - (z - k))) / z);
  };
  let k = Math.max(0, Math.ceil(12 + 2 * n - x));
  let sum = unit * power(k, n) * (1 / n + (0.5 + s * corrections(s, x + k)) / (x + k));
  while (k--) sum += power(k, s);
  return sum * scale;
}

// --- logistic functions -----------------------------------------------------------------------------------------------------------

export function sigmoid(x: number): number {
  const e = Math.exp(-Math.abs(x));
  return (x < 0 ? e : 1) / (1 + e);
}

/**
 * Half the time of Math.tanh, within 4 ulp: near 0 Lambert's continued fraction (DLMF 4.39.1) up to its eleventh level, else by exp.
 */
export function tanh(x: number): number {
  const a = Math.abs(x);
  if (a < 1.75) {
    const s = x * x;
    const above = 13749310575 + s * (1964187225 + s * (64324260 + s * (675675 + s * (2145 + s))));
    return (x * above) / (13749310575 + s * (6547290750 + s * (413513100 + s * (7567560 + s * (45045 + s * 66)))));
  }
  const t = 1 - 2 / (Math.exp(2 * a) + 1);
  return x < 0 ? -t : t;
}

/** 1 / (2 cosh(x / 2))^2 */
export function sigmoidSlope(x: number): number {
  const e = Math.exp(-Math.abs(x));
  const d = 1 + e;
  return e / (d * d);
}

/** log(exp(x) + exp(y)), to within 4 ulp of the larger of x and y: near its zeros that is more than of the result. */
export function logaddexp(x: number, y: number): number {
  return x === y ? x + Math.LN2 : Math.max(x, y) + Math.log1p(Math.exp(-Math.abs(x - y)));
}

/** log(1 + exp(x)) */
export const softplus = (x: number): number => logaddexp(x, 0);

// --- arithmetic -------------------------------------------------------------------------------------------------------------------

/** Rounds to the nearest whole number, halves to the even one. The float64 from 2^52 on are whole, so adding 2^52 rounds. */
export function roundHalfEven(x: number): number {
  const whole = 2 ** 52;
  if (x > 0 && x < whole) return x + whole - whole;
  return x < 0 && x > -whole ? -(whole - x - whole) : x;
}

/** The remainder with the sign of y, of a zero too, as in NumPy; NaN where y is 0. */
export function mod(x: number, y: number): number {
  const r = x % y;
  if (r === 0) return y < 0 ? -0 : 0;
  return r < 0 !== y < 0 ? r + y : r;
}

const powers: readonly ((x: number) => number)[] = [() => 1, (x) => x, (x) => x * x, (x) => x * x * x, (x) => x * x * (x * x)];

/**
 * Returns the function x to the power of y. Products and roots are up to 20 times as fast as `**`. A product is exact where the power is, and else both are off by
 * 3 ulp at most.
 */
export function powerOf(y: number): (x: number) => number {
  const size = Math.abs(y);
  const product = powers[Math.floor(size)];
  const isHalf = size % 1 === 0.5;
  if (product === undefined || !(isHalf || size in powers)) return (x) => pow(x, y);
  if (y >= 0 && !isHalf) return product;
  return (x) => {
    const z = isHalf ? product(x) * Math.sqrt(x) : product(x);
    const r = y < 0 ? 1 / z : z;
    return Math.abs(r) > 1e-300 && Math.abs(r) < 1e300 ? r : x ** y;
  };
}

/** x to the power of y as in C: unlike in JavaScript 1 to any power is 1, and so is -1 to an infinite one. */
export function pow(x: number, y: number): number {
  if (x === 1 || (x === -1 && Math.abs(y) === Infinity)) return 1;
  // The reciprocal of an exact power is nearest to the true value, and 10 ** -5 is not.
  if (y < 0 && y > -23 && y === Math.floor(y)) {
    const r = 1 / x ** -y;
    if (Math.abs(r) > 1e-300 && Math.abs(r) < 1e300) return r;
  }
  return x ** y;
}

/** The hypotenuse, without overflow or underflow on the way; Infinity where either is infinite. */
export function hypot2(x: number, y: number): number {
  const s = x * x + y * y;
  if (s > 1e-290 && s < Infinity) return Math.sqrt(s);
  if (Math.abs(x) === Infinity || Math.abs(y) === Infinity) return Infinity;
  const unit = s < 1 ? 2 ** -600 : 2 ** 600;
  return Math.sqrt((x / unit) ** 2 + (y / unit) ** 2) * unit;
}
