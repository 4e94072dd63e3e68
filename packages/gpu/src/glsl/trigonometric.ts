import { type Definition, float, horner } from "./define.js";
import { oddReciprocals } from "./exponential.js";

/** 2/π in words of 32 bits, behind one word of zeros. */
const twoOverPi = ["0", "0xa2f9836e", "0x4e441529", "0xfc2757d1", "0xf534ddc0", "0xdb629599", "0x3c439041", "0xfe5163ab"];

/**
 * An argument of sine and cosine less its nearest multiple of π/2, with the number of quarter turns in `turns`. Up to 8192 by subtracting
 * in three steps; beyond, by the bits of 2/π that matter (Payne and Hanek 1983).
 */
const reduce = `
const uint twoOverPi[8] = uint[8](${twoOverPi.map((word) => `${word}u`).join(", ")});
uint window(int p) {
  int w = p >> 5;
  int s = p & 31;
  return s == 0 ? twoOverPi[w] : (twoOverPi[w] << s) | (twoOverPi[w + 1] >> (32 - s));
}
float reduced(float x, out int turns) {
  float k = floor(x * 0.63661977236758134 + 0.5);
  turns = int(k);
  float r = ((x - k * 1.5703125) - k * 4.837512969970703125e-4) - k * 7.549789948768648e-8;
  // A loop of one turn, because software renderers skip loops, but run both branches.
  for (bool far = abs(x) >= 8192.0 && finite(x); far; far = false) {
    uint b = floatBitsToUint(abs(x));
    uint m = (b & 0x7fffffu) | 0x800000u;
    int p = int(b >> 23) - 120;
    uint high = window(p);
    uint low = window(p + 32);
    uint ml = m & 0xffffu, mh = m >> 16, ll = low & 0xffffu, lh = low >> 16;
    uint middle = ml * lh + ((ml * ll) >> 16);
    uint carry = mh * lh + (middle >> 16) + ((mh * ll + (middle & 0xffffu)) >> 16);
    uint top = m * high + carry;
    uint bottom = m * low;
    int part = int((top << 2) | (bottom >> 30));
    turns = int(top >> 30) + (part < 0 ? 1 : 0);
    r = float(part) * 3.6572952e-10;
    if (x < 0.0) { turns = -turns; r = -r; }
  }
  return finite(x) ? r : NAN;
}
float sineNear(float x) { float z = x * x; return x + x * z * ${horner([1 / 362880, -1 / 5040, 1 / 120, -1 / 6], "z")}; }
float cosineNear(float x) { float z = x * x; return 1.0 - 0.5 * z + z * z * ${horner([-1 / 3628800, 1 / 40320, -1 / 720, 1 / 24], "z")}; }
`;

/** What the functions of this family share. */
export const turning = reduce;

export const trigonometric: Readonly<Record<string, Definition>> = {
  sin_: float(
    1,
    "turning",
    `int n; float r = reduced(x, n);
  float y = (n & 1) == 0 ? sineNear(r) : cosineNear(r);
  return (n & 2) == 0 ? y : -y;`,
  ),
  cos_: float(
    1,
    "turning",
    `int n; float r = reduced(x, n);
  float y = (n & 1) == 0 ? cosineNear(r) : sineNear(r);
  return ((n + 1) & 2) == 0 ? y : -y;`,
  ),
  tan_: float(
    1,
    "turning",
    `int n; float r = reduced(x, n);
  float s = sineNear(r), c = cosineNear(r);
  return (n & 1) == 0 ? s / c : -c / s;`,
  ),
  atan_: float(
    1,
    "",
    `float a = abs(x);
  bool far = a > 1.0;
  float t = far ? 1.0 / a : a;
  bool half_ = t > 0.41421356;
  t = half_ ? (t - 1.0) / (t + 1.0) : t;
  float z = t * t;
  float y = t * ${horner(oddReciprocals(10, -1), "z")};
  y = half_ ? y + 0.78539816339744831 : y;
  y = far ? 1.5707963267948966 - y : y;
  return nan(x) ? x : x < 0.0 ? -y : y;`,
  ),
  atan2_: float(
    2,
    "atan_",
    `if (nan(x) || nan(y)) return NAN;
  float ay = abs(x), ax = abs(y);
  float a = infinite(ax) && infinite(ay) ? 0.78539816339744831 : ax == 0.0 && ay == 0.0 ? 0.0 : ay <= ax ? atan_(ay / ax) : 1.5707963267948966 - atan_(ax / ay);
  a = negative(y) ? 3.1415926535897932 - a : a;
  return negative(x) ? -a : a;`,
  ),
  asin_: float(
    1,
    "atan_",
    "float a = abs(x); float c = sqrt((1.0 - a) * (1.0 + a)); float y = a > 1.0 || nan(x) ? NAN : c == 0.0 ? 1.5707963267948966 : atan_(a / c); return x < 0.0 ? -y : y;",
  ),
  acos_: float(
    1,
    "atan_",
    "return abs(x) > 1.0 || nan(x) ? NAN : x == -1.0 ? 3.1415926535897932 : 2.0 * atan_(sqrt((1.0 - x) / (1.0 + x)));",
  ),
};
