// Functions of float64 numbers that Math lacks, or has in another form, to within 4 units in the last place (ulp) but where a
// comment says otherwise. tools/expectations/special.py makes the polynomials (--coefficients) and the true values of the test.

/** A polynomial, highest power first. */
function horner(coefficients: readonly number[], t: number): number {
  let sum = 0;
  for (const c of coefficients) sum = sum * t + c;
  return sum;
}

// --- error functions ------------------------------------------------------------------------------------------------------------

/** erf(x) / x in x^2, where |x| < 1/2. */
const odd = [
  1.4725728e-6, -1.484583959e-5, 0.000120533348978, -0.000854829775241, 0.0052239773730479, -0.0268661706328922, 0.11283791670925375,
  -0.37612638903183476, 1.1283791670955126,
];
/** (x + 1) exp(x^2) erfc(x) in (x - 3) / (x + 3), where 1/2 <= x <= 27.5: the variable of Shepherd and Laframboise (1981). */
const tail = [
  -7.246097e-9, 8.4263892e-9, 5.390203664e-8, -3.867280545e-8, -2.9786750654e-7, 5.56790185e-8, 1.59203038576e-6, 2.6259050555e-7,
  -8.99148450122e-6, -1.51484180434e-6, 5.611975075065e-5, -2.0551540389625e-5, -0.00036728854079149, 0.000645814197204549,
  0.001618569132909526, -0.009750689292412632, 0.021957764012354206, -0.02380391310868166, -0.010235388899000693, 0.0990207536794403,
  -0.23092733308380925, 0.7160046047255598,
];

export function erf(x: number): number {
  if (Math.abs(x) < 0.5) return x * horner(odd, x * x);
  return x > 0 ? 1 - erfc(x) : erfc(-x) - 1;
}

export function erfc(x: number): number {
  if (x < -0.5) return 2 - erfc(-x);
  if (x < 0.5) return 1 - erf(x);
  if (x > 28) return 0;
  // exp(-x^2) = exp(-s) (1 - (x^2 - s)), where s is x^2 rounded, and the square of a float32 is exact.
  const s = x * x;
  const h = Math.fround(x);
  const e = Math.exp(-s);
  return ((e - e * (h * h - s + (x - h) * (x + h))) * horner(tail, (x - 3) / (x + 3))) / (x + 1);
}

// --- the gamma function and its logarithmic derivatives ---------------------------------------------------------------------------

/** log gamma(1 + u) / (u (u - 1)) in u - 3/4, where 0 <= u <= 3/2. */
const logGamma = [
  -5.28291229e-8, 9.13315371e-8, 2.76041224e-8, -3.40554206e-8, -2.521211295e-7, 4.356312018e-7, -5.007522458e-7, 9.416401262e-7,
  -1.91357329033e-6, 3.51689387562e-6, -6.43219346594e-6, 1.194581611796e-5, -2.228259123226e-5, 4.170628579591e-5, -7.846155569227e-5,
  0.00014851663517558, -0.00028319064306198, 0.000544897003137438, -0.001060566074006449, 0.002095533879202314, -0.004226194125964975,
  0.008776370425278911, -0.019053957830246746, 0.044520447198509394, -0.11948158662524275, 0.4501393121092563,
];
/** psi(1 + u) / (u - root) in u - 1/2, where 0 <= u <= 1. */
const psi = [
  0.00012241591, -0.000178373424, 9.1588169e-5, -0.0001446038461, 0.0003268931647, -0.0004860641705, 0.00068994285142, -0.00103642272478,
  0.00156357399155, -0.00234550162791, 0.003518079271703, -0.005279936417886, 0.007927024136844, -0.011908220169786, 0.0179072481922888,
  -0.0269757966568647, 0.04076083394474123, -0.06192213327556183, 0.09498872445282817, -0.14840492305388006, 0.24054248424078736,
  -0.4236274212814606, 0.9510558760318328,
];
/** Bernoulli numbers, each over its factorial: B_2 / 2!, B_4 / 4!, ... */
const bernoulli = [
  1 / 12,
  -1 / 720,
  1 / 30240,
  -1 / 1209600,
  1 / 47900160,
  -691 / 1307674368e3,
  1 / 74724249600,
  -3617 / 10670622842880e3,
  43867 / 5109094217170944e3,
];

/** The sum of B_2k / (2k)! (s + 1) ... (s + 2k - 2) z^(1 - 2k): for s of 0, 1 and more in DLMF 5.11.1, 5.11.2 and 25.11.5. */
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
function logFactorial(u: number): number {
  if (u >= 9) return (u + 0.5) * (Math.log(u + 1) - 1) + (corrections(0, u + 1) + 0.4189385332046727);
  let product = 1;
  while (u > 1.5) product *= u--;
  return Math.log(product) + u * (u - 1) * horner(logGamma, u - 0.75);
}

/**
 * log |gamma(x)|; Infinity at 0, -1, -2, ... and at -Infinity.
 * For x < 0 it is to within 4 ulp of 1 or of the larger of the two terms that make it up: near its zeros there they cancel.
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
  if (u >= 9) {
    const z = u + 1;
    return Math.log(z) - (0.5 + corrections(1, z)) / z;
  }
  let sum = 0;
  while (u > 1) sum += 1 / u--;
  return sum + (u - 0.46163214496836236 + 1.5522348162858677e-17) * horner(psi, u - 0.5);
}

/**
 * The derivative of lgamma: as in SciPy -Infinity at 0, Infinity at -0, NaN at -1, -2, ... and at -Infinity.
 * For x < 0 it is to within 4 ulp of 1 or of the larger of the two terms that make it up: near its zeros there they cancel.
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
 * For n > 20 it is to within 1e-14 of its value; for x < 0 and n even to within as much of its largest term, near its zeros.
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
  let k = Math.max(0, Math.ceil(10 + 1.5 * n - x));
  const z = x + k;
  let sum = unit * (z / unit) ** -n * (1 / n + (0.5 + s * corrections(s, z)) / z);
  while (k--) {
    const y = (x + k) / unit;
    sum += s > 2 ? y ** -s : 1 / (y * y);
  }
  return sum * scale;
}

// --- logistic functions -----------------------------------------------------------------------------------------------------------

export function sigmoid(x: number): number {
  const e = Math.exp(-Math.abs(x));
  return (x < 0 ? e : 1) / (1 + e);
}

/** log(exp(x) + exp(y)), to within 4 ulp of the larger of x and y: near its zeros that is more than of the result. */
export function logaddexp(x: number, y: number): number {
  return x === y ? x + Math.LN2 : Math.max(x, y) + Math.log1p(Math.exp(-Math.abs(x - y)));
}

/** log(1 + exp(x)) */
export const softplus = (x: number): number => logaddexp(x, 0);

// --- arithmetic -------------------------------------------------------------------------------------------------------------------

/** To the nearest whole number, halves to the even one. The float64 from 2^52 on are whole, so adding 2^52 rounds. */
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
