import { type Definition, float, horner } from "./define.js";

/** 1 / n! for n from `from` down to `to`. */
const inverseFactorials = (from: number, to: number): number[] =>
  Array.from({ length: from - to + 1 }, (_, i) => {
    let product = 1;
    for (let n = 2; n <= from - i; n++) product *= n;
    return 1 / product;
  });

/** 1 / (2n + 1), for atanh and atan by their series. */
export const oddReciprocals = (count: number, sign: 1 | -1): number[] =>
  Array.from({ length: count }, (_, i) => (i % 2 ? sign : 1) / (2 * i + 1)).reverse();

/** log m = 2·atanh(s), s = (m - 1) / (m + 1), by its series: |s| < 0.172. */
const atanhSeries = horner(oddReciprocals(6, 1), "z");

/** Functions made of e to a power, to a few ulp, whatever the driver's own do. */
export const exponential: Readonly<Record<string, Definition>> = {
  // 2^n in two factors, as n may be beyond the range of exponents.
  scaled: float(2, "", "int n = int(y); int h = n >> 1; return x * intBitsToFloat((h + 127) << 23) * intBitsToFloat((n - h + 127) << 23);"),
  // e^r − 1, |r| ≤ ln 2 / 2.
  expm1Near: float(1, "", `return x + x * x * ${horner(inverseFactorials(8, 2), "x")};`),
  exp_: float(
    1,
    "scaled expm1Near",
    `float k = clamp(floor(x * 1.4426950408889634 + 0.5), -160.0, 140.0);
  float r = (x - k * 0.693359375) + k * 2.12194440054690583e-4;
  return nan(x) ? x : x > 89.0 ? INF : x < -104.0 ? 0.0 : scaled(1.0 + expm1Near(r), k);`,
  ),
  exp2_: float(
    1,
    "scaled expm1Near",
    `float k = clamp(floor(x + 0.5), -160.0, 140.0);
  return nan(x) ? x : x >= 128.0 ? INF : x < -150.0 ? 0.0 : scaled(1.0 + expm1Near((x - k) * 0.69314718055994531), k);`,
  ),
  expm1_: float(1, "exp_ expm1Near", "return abs(x) < 0.35 ? expm1Near(x) : exp_(x) - 1.0;"),
  // log(1 + f), -0.3 < f < 0.42.
  log1pNear: float(1, "", `float s = x / (2.0 + x); float z = s * s; return 2.0 * s * ${atanhSeries};`),
  // The exponent and the rest of a positive number: x = y.x · 2^y.y, √½ < y.x ≤ √2.
  log_: float(
    1,
    "log1pNear",
    `bool small = x < 1.17549435e-38;
  uint b = floatBitsToUint(small ? x * 8388608.0 : x);
  float e = float(int(b >> 23) - (small ? 150 : 127));
  float m = uintBitsToFloat((b & 0x7fffffu) | 0x3f800000u);
  bool big = m > 1.41421356;
  m = big ? 0.5 * m : m;
  e = big ? e + 1.0 : e;
  float y = e * 0.693359375 + (log1pNear(m - 1.0) - e * 2.12194440054690583e-4);
  return nan(x) ? x : x < 0.0 ? NAN : x == 0.0 ? -INF : infinite(x) ? x : y;`,
  ),
  log2_: float(
    1,
    "log_",
    "float y = log_(x) * 1.4426950408889634; float n = floor(y + 0.5); return abs(y - n) < 1e-5 && n > -126.0 && n < 128.0 && intBitsToFloat((int(n) + 127) << 23) == x ? n : y;",
  ),
  log10_: float(1, "log_", "return log_(x) * 0.43429448190325183;"),
  log1p_: float(1, "log_ log1pNear", "return x > -0.29 && x < 0.41 ? log1pNear(x) : log_(1.0 + x);"),
  sinh_: float(
    1,
    "exp_ expm1_",
    "float e = expm1_(x); float h = exp_(0.5 * abs(x)); float y = (0.5 * h) * h - 0.5 / h / h; return abs(x) < 1.0 ? 0.5 * (e + e / (e + 1.0)) : x < 0.0 ? -y : nan(x) ? x : y;",
  ),
  cosh_: float(1, "exp_", "float h = exp_(0.5 * abs(x)); return (0.5 * h) * h + 0.5 / h / h;"),
  tanh_: float(
    1,
    "exp_ expm1Near",
    `float a = abs(x);
  float e = 2.0 * a < 0.35 ? expm1Near(2.0 * a) : exp_(min(2.0 * a, 40.0)) - 1.0;
  float y = e / (e + 2.0);
  return nan(x) ? x : x < 0.0 ? -y : y;`,
  ),
  asinh_: float(
    1,
    "log_ log1p_",
    `float a = abs(x);
  float y = a > 1e9 ? log_(a) + 0.69314718 : log1p_(a + a * a / (1.0 + sqrt(a * a + 1.0)));
  return x < 0.0 ? -y : y;`,
  ),
  acosh_: float(
    1,
    "log_ log1p_",
    "float t = x - 1.0; return x < 1.0 ? NAN : x > 1e9 ? log_(x) + 0.69314718 : log1p_(t + sqrt(t * (t + 2.0)));",
  ),
  atanh_: float(
    1,
    "log1p_",
    "float a = abs(x); float y = 0.5 * log1p_(2.0 * a / (1.0 - a)); y = a == 1.0 ? INF : a > 1.0 ? NAN : y; return x < 0.0 ? -y : y;",
  ),
  sigmoidSlope_: float(1, "exp_", "float e = exp_(-abs(x)); return e / (1.0 + e) / (1.0 + e);"),
  sigmoid_: float(1, "exp_", "float e = exp_(-abs(x)); return (x < 0.0 ? e : 1.0) / (1.0 + e);"),
  softplus_: float(1, "exp_ log1p_", "return nan(x) ? x : max(x, 0.0) + log1p_(exp_(-abs(x)));"),
  logaddexp_: float(
    2,
    "exp_ log1p_",
    "return nan(x) ? x : nan(y) ? y : x == y ? x + 0.69314718055994531 : max(x, y) + log1p_(exp_(-abs(x - y)));",
  ),
  // For sums of exponentials: equal infinities are 0 apart.
  anchored: float(2, "exp_", "return x == y ? 1.0 : exp_(x - y);"),
  cbrt_: float(
    1,
    "exp_ log_",
    `float a = abs(x);
  float y = exp_(log_(a) / 3.0);
  y -= (y - a / (y * y)) / 3.0;
  return x == 0.0 || !finite(x) ? x : x < 0.0 ? -y : y;`,
  ),
  // |x|^y for x > 0: log₂x in two floats, so that 128 of it keep their digits.
  powPositive: float(
    2,
    "scaled expm1Near split",
    `uint b = floatBitsToUint(x);
  float e = float(int(b >> 23) - 127);
  float m = uintBitsToFloat((b & 0x7fffffu) | 0x3f800000u);
  bool big = m > 1.41421356;
  m = big ? 0.5 * m : m;
  e = big ? e + 1.0 : e;
  float f = m - 1.0;
  float d = 2.0 + f;
  float s = f / d;
  float dh = split(d), sh = split(s);
  float rest = (((f - sh * dh) - sh * (d - dh)) - (s - sh) * dh) - (s - sh) * (d - dh);
  rest = (rest - s * (f - (d - 2.0))) / d;
  float z = s * s;
  float low = 2.0 * rest + 2.0 * s * z * ${horner(oddReciprocals(6, 1).slice(0, -1), "z")};
  float h = 2.0 * s;
  float hh = split(h);
  float p = h * 1.44269504;
  float tail = (((hh * 1.442382812 - p) + hh * 3.12222e-4) + (h - hh) * 1.442382812) + (h - hh) * 3.12222e-4;
  tail += h * 7.8e-9 + low * 1.44269504;
  float high = e + p;
  tail += p - (high - e);
  float q = y * high;
  float yh = split(y), gh = split(high);
  float lost = ((yh * gh - q) + yh * (high - gh) + (y - yh) * gh) + (y - yh) * (high - gh);
  float n = clamp(floor(q + 0.5), -300.0, 300.0);
  float t = (q - n) + (lost + y * tail);
  return q > 129.0 ? INF : q < -151.0 ? 0.0 : scaled(1.0 + expm1Near(t * 0.69314718055994531), clamp(n, -160.0, 140.0));`,
  ),
  split: float(1, "", "return uintBitsToFloat(floatBitsToUint(x) & 0xfffff000u);"),
  power: float(
    2,
    "",
    "float r = 1.0; float b = x; for (int n = int(abs(y)); n > 0; n >>= 1) { r = (n & 1) == 1 ? r * b : r; b *= b; } return y < 0.0 ? 1.0 / r : r;",
  ),
  pow_: float(
    2,
    "powPositive power",
    `if (x == 1.0 || y == 0.0) return 1.0;
  if (nan(x) || nan(y)) return NAN;
  float a = abs(x);
  bool whole = floor(y) == y;
  bool odd = whole && abs(y) < 16777216.0 && (int(y) & 1) == 1;
  if (infinite(y)) return a == 1.0 ? 1.0 : (a > 1.0) == (y > 0.0) ? INF : 0.0;
  if (a == 0.0 || infinite(a)) { float r = (a == 0.0) == (y > 0.0) ? 0.0 : INF; return odd && negative(x) ? -r : r; }
  if (x < 0.0 && !whole) return NAN;
  if (whole && abs(y) <= 16.0) return power(x, y);
  float r = powPositive(a, y);
  return odd && x < 0.0 ? -r : r;`,
  ),
};
