import { type Definition, float, horner } from "./define.js";

/** erf(x) / x in x² / 8, |x| < 1/2. */
const odd = [21.39741132, -13.7554793640408, 7.22162666939224, -3.009011112254678, 1.1283791670955126];
/** (x + 1)·exp(x²)·erfc(x) in (x − 3) / (x + 3) / 2, x ≥ 1/2. */
const tail = [
  -0.015196167, 0.0088357095, 0.028260191, -0.0101378439, -0.03904208982, 0.00364898016, 0.05216765168, 0.004302282843, -0.073658241034,
  -0.0062047920306, 0.1149332495373, -0.02104477735898, -0.18805173288524, 0.16532843448436, 0.207176849012419, -0.624044114714408,
  0.7026484483953346, -0.3808626097389066, -0.0818831112920055, 0.3960830147177612, -0.4618546661676185, 0.7160046047255598,
];
/** log Γ(1 + u) / (u·(u − 1)) in (u − 5/8) / 2, 0 ≤ u ≤ 5/4. */
const logGamma = [
  0.60390173, -0.59581279, 1.158801483, -0.971050121, 0.7409470406, -0.6392857008, 0.55927601012, -0.48393431875, 0.420322833278,
  -0.367374009887, 0.3230672244879, -0.2861826538501, 0.25581380815726, -0.23130418847, 0.212305335185934, -0.198894413288545,
  0.1918706553110328, -0.1935554914453939, 0.21031770488173746, -0.26315798257366807, 0.46580963736232694,
];
/** (ψ(1 + u) / (u − root) less six terms of its sum) in (u − 1/2) / 8. */
const psi = [0.04775376, -0.052655329946, 0.061825191678, -0.0815175226455, 0.14300685325812906];

/** Bernoulli numbers over their factorials: B₂/2!, B₄/4!, … */
const bernoulli = [1 / 12, -1 / 720, 1 / 30240, -1 / 1209600];

/** Σ B₂ₖ / (2k)! · (s + 1) … (s + 2k − 2) · z^(1 − 2k), z ≥ 12. */
function corrections(s: number, z: string): string {
  let factor = 1;
  const terms = bernoulli.map((b, k) => {
    if (k > 0) factor *= (s + 2 * k - 1) * (s + 2 * k);
    return b * factor;
  });
  return `(${horner(terms.reverse(), "w")} / ${z})`;
}

export const special: Readonly<Record<string, Definition>> = {
  erfNear: float(1, "", `return x * ${horner(odd, "(x * x / 8.0)")};`),
  // e^(−y·x²): the square of twelve bits is exact.
  gauss: float(2, "exp_ split", "float h = split(x); return exp_(-y * h * h) * exp_(-y * (x - h) * (x + h));"),
  beyond: float(1, "", `float t = (x - 3.0) / (x + 3.0) / 2.0; return ${horner(tail, "t")} / (x + 1.0);`),
  erfcFar: float(1, "gauss beyond", "return x > 12.0 ? 0.0 : gauss(x, 1.0) * beyond(x);"),
  erf_: float(
    1,
    "erfNear erfcFar",
    "float a = abs(x); float y = 1.0 - erfcFar(a); return nan(x) ? x : a < 0.5 ? erfNear(x) : x < 0.0 ? -y : y;",
  ),
  erfc_: float(
    1,
    "erfNear erfcFar",
    "float y = erfcFar(abs(x)); return nan(x) ? x : abs(x) < 0.5 ? 1.0 - erfNear(x) : x < 0.0 ? 2.0 - y : y;",
  ),
  normalCdf_: float(
    1,
    "erfNear gauss beyond",
    "float t = abs(x) * 0.70710678118654752; float p = t > 12.0 ? 0.0 : 0.5 * gauss(abs(x), 0.5) * beyond(t); return nan(x) ? x : t < 0.5 ? 0.5 + 0.5 * erfNear(x * 0.70710678118654752) : x > 0.0 ? 1.0 - p : p;",
  ),
  logFactorial: float(
    1,
    "log_",
    `if (x >= 11.0) { float z = x + 1.0; float w = 1.0 / (z * z); return infinite(x) ? x : (x + 0.5) * (log_(z) - 1.0) + (${corrections(0, "z")} + 0.4189385332046727); }
  float p = 1.0; float v = x;
  for (int i = 0; i < 11; i++) if (v > 1.25) { p *= v; v -= 1.0; }
  return log_(p) + v * (v - 1.0) * ${horner(logGamma, "((v - 0.625) / 2.0)")};`,
  ),
  lgamma_: float(
    1,
    "logFactorial log_ turning",
    `if (nan(x)) return x;
  if (x >= 1.0) return logFactorial(x - 1.0);
  if (x > 0.0) return logFactorial(x) - log_(x);
  if (x == floor(x)) return INF;
  return log_(3.14159265358979 / abs(quarter(3.14159265358979 * (x - floor(x + 0.5)), 0))) - logFactorial(-x);`,
  ),
  psiFactorial: float(
    1,
    "log_",
    `if (x >= 11.0) { float z = x + 1.0; float w = 1.0 / (z * z); return infinite(x) ? x : log_(z) - (0.5 + ${corrections(1, "z")}) / z; }
  float sum = 0.0; float v = x;
  for (int i = 0; i < 11; i++) if (v > 1.0) { sum += 1.0 / v; v -= 1.0; }
  float slope = ${horner(psi, "((v - 0.5) / 8.0)")};
  for (int k = 6; k > 0; k--) slope += 1.0 / ((0.46163214496836236 + float(k)) * (v + float(k)));
  return sum + ((v - 0.461632133) - 1.2e-8) * slope;`,
  ),
  digamma_: float(
    1,
    "psiFactorial tan_",
    `if (nan(x)) return x;
  if (x >= 1.0) return psiFactorial(x - 1.0);
  if (x == 0.0) return negative(x) ? INF : -INF;
  if (x > 0.0) return psiFactorial(x) - 1.0 / x;
  float r = x - floor(x + 0.5);
  return r == 0.0 || infinite(x) ? NAN : psiFactorial(-x) - 3.14159265358979 / tan_(3.14159265358979 * r);`,
  ),
};

/** n! ζ(n + 1, x) for x > 0 by Euler and Maclaurin (DLMF 25.11.5), and with it the nth derivative of digamma, 0 < n ≤ 20. */
export function polygammaOf(n: number): Readonly<Record<string, Definition>> {
  const s = n + 1;
  let factorial = 1;
  for (let j = 2; j <= n; j++) factorial *= j;
  const sign = n % 2 ? "" : "-";
  const shift = 12 + 2 * n;
  return {
    [`hurwitz${n}`]: float(
      1,
      "power",
      `float sum = 0.0; float v = x;
  for (int i = 0; i < ${shift}; i++) if (v < ${shift}.0) { sum += power(v, -${s}.0); v += 1.0; }
  float w = 1.0 / (v * v);
  return ${factorial.toExponential()} * (sum + power(v, -${n}.0) * (1.0 / ${n}.0 + (0.5 + ${s}.0 * ${corrections(s, "v")}) / v));`,
    ),
    [`polygamma${n}`]: float(
      1,
      `hurwitz${n}`,
      `if (nan(x)) return x;
  if (x > 0.0) return infinite(x) ? 0.0 : ${sign}hurwitz${n}(x);
  float r = x - floor(x + 0.5);
  if (r == 0.0 || infinite(x)) return ${sign}INF;
  return ${sign}hurwitz${n}(r < 0.0 ? 1.0 + r : r) + (hurwitz${n}(r < 0.0 ? -r : 1.0 - r) - hurwitz${n}(1.0 - x));`,
    ),
  };
}
