import { type Definition, float, horner } from "./define.js";
import { oddReciprocals } from "./exponential.js";

/** 2/π in words of 32 bits, behind one word of zeros: a uniform, as a constant table would be laid out anew for every fragment. */
export const twoOverPi = [0, 0xa2f9836e, 0x4e441529, 0xfc2757d1, 0xf534ddc0, 0xdb629599, 0x3c439041, 0xfe5163ab];

/**
 * An argument of sine and cosine less its nearest multiple of π/2, with the number of quarter turns. Up to 8192 by subtracting in three
 * steps; beyond, by the bits of 2/π that matter (Payne and Hanek 1983), in a loop of one turn: software renderers skip loops that no element
 * enters, but run both sides of a branch.
 */
const near = (T: string, I: string): string => `${T} turned(${T} x, out ${I} turns) {
  ${T} k = floor(x * 0.63661977236758134 + 0.5);
  turns = ${I}(k);
  ${T} r = ((x - k * 1.5703125) - k * 4.837512969970703125e-4) - k * 7.549789948768648e-8;
  for (bool far = isFar(x); far; far = never == 1) turnFar(x, r, turns);
  return r;
}
${T} quarter(${T} x, int more) {
  ${I} n;
  ${T} r = turned(x, n);
  n += more;
  ${T} y = mix(sineNear(r), cosineNear(r), isOdd(n));
  return intBitsToFloat(floatBitsToInt(y) ^ ((n & 2) << 30));
}
${T} sineNear(${T} x) { ${T} z = x * x; return x + x * z * ${horner([1 / 362880, -1 / 5040, 1 / 120, -1 / 6], "z")}; }
${T} cosineNear(${T} x) { ${T} z = x * x; return 1.0 - 0.5 * z + z * z * ${horner([-1 / 3628800, 1 / 40320, -1 / 720, 1 / 24], "z")}; }
`;

/** The helpers that the functions of this family share. */
export const turning = `
uniform int never;
uniform uint twoOverPi[${twoOverPi.length}];
uint window(int p) {
  int w = p >> 5;
  int s = p & 31;
  return s == 0 ? twoOverPi[w] : (twoOverPi[w] << s) | (twoOverPi[w + 1] >> (32 - s));
}
bool isFar(float x) { return abs(x) >= 8192.0; }
bool isFar(vec4 x) { return any(greaterThanEqual(abs(x), vec4(8192.0))); }
bool isOdd(int n) { return (n & 1) == 1; }
bvec4 isOdd(ivec4 n) { return equal(n & 1, ivec4(1)); }
void turnFar(float x, inout float r, inout int turns) {
  if (!isFar(x) || !finite(x)) return;
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
void turnFar(vec4 x, inout vec4 r, inout ivec4 turns) {
  for (int c = 0; c < 4 + never; c++) {
    float own = r[c];
    int count = turns[c];
    turnFar(x[c], own, count);
    r[c] = own;
    turns[c] = count;
  }
}
${declared(near("float", "int"))}${declared(near("vec4", "ivec4"))}`;

/** The functions of a text in the order in which they can stand: each is declared first. */
function declared(text: string): string {
  const heads = text.split("\n").filter((line) => /^\w+ \w+\(.*\{/.test(line));
  return heads.map((line) => `${line.slice(0, line.indexOf("{") - 1)};\n`).join("") + text;
}

export const trigonometric: Readonly<Record<string, Definition>> = {
  tan_: float(
    1,
    "turning",
    `int n; float r = turned(x, n);
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
