import { type Definition, define, float, int } from "./define.js";

/** Arithmetic that GLSL lacks, or leaves open for NaN, infinities and negative whole numbers. */
export const arithmetic: Readonly<Record<string, Definition>> = {
  sign_: float(1, "", "return x > 0.0 ? 1.0 : x < 0.0 ? -1.0 : x;"),
  sqrt_: float(1, "", "return x < 0.0 ? NAN : x == 0.0 || !finite(x) ? x : sqrt(x);"),
  rsqrt_: float(1, "sqrt_", "return x == 0.0 ? (negative(x) ? -INF : INF) : 1.0 / sqrt_(x);"),
  divide: float(2, "", "return x / y;"),
  relu_: float(1, "", "return nan(x) ? x : max(x, 0.0);"),
  round_: float(
    1,
    "",
    "float f = floor(x); float d = x - f; float y = d < 0.5 ? f : d > 0.5 ? f + 1.0 : f - 2.0 * floor(0.5 * f) == 0.0 ? f : f + 1.0; return abs(x) < 8388608.0 ? y : x;",
  ),
  floor_: float(1, "", "return abs(x) < 8388608.0 ? floor(x) : x;"),
  ceil_: float(1, "", "return abs(x) < 8388608.0 ? ceil(x) : x;"),
  trunc_: float(1, "", "return abs(x) < 8388608.0 ? trunc(x) : x;"),
  max_: float(2, "", "return x > y || nan(x) ? x : y;"),
  min_: float(2, "", "return x < y || nan(x) ? x : y;"),
  clamp_: float(3, "max_ min_", "return min_(max_(x, y), z);"),
  hypot_: float(
    2,
    "",
    "float a = abs(x), b = abs(y); float m = max(a, b), n = min(a, b); float t = n / m; return infinite(x) || infinite(y) ? INF : nan(x) || nan(y) ? NAN : m == 0.0 ? 0.0 : m * sqrt(1.0 + t * t);",
  ),
  // Exact: the divisor times powers of two is taken off as long as it fits.
  mod_: float(
    2,
    "",
    `if (nan(x) || nan(y) || infinite(x) || y == 0.0) return NAN;
  float r = abs(x), d = abs(y);
  if (!infinite(y) && r >= d) {
    int n = (floatBitsToInt(r) >> 23) - (floatBitsToInt(d) >> 23);
    for (; n >= 0; n--) {
      int h = n >> 1;
      float t = d * intBitsToFloat((h + 127) << 23) * intBitsToFloat((n - h + 127) << 23);
      if (r >= t) r -= t;
    }
  }
  r = x < 0.0 ? -r : r;
  return r == 0.0 ? (y < 0.0 ? -0.0 : 0.0) : (r < 0.0) != (y < 0.0) ? r + y : r;`,
  ),
  modInt: int(2, "", "if (y == 0 || y == -1) return 0; int r = x - y * (x / y); return r != 0 && (r < 0) != (y < 0) ? r + y : r;"),
  powInt: int(2, "", "int r = 1; int b = x; for (int n = y; n > 0; n >>= 1) { r = (n & 1) == 1 ? r * b : r; b *= b; } return r;"),
  selectFloat: define("int float float", "float", "", "return x != 0 ? y : z;"),
  selectInt: define("int int int", "int", "", "return x != 0 ? y : z;"),
  equalFloat: define("float float", "int", "", "return int(x == y && !nan(x) && !nan(y));"),
  lessFloat: define("float float", "int", "", "return int(x < y && !nan(x) && !nan(y));"),
  lessEqualFloat: define("float float", "int", "", "return int(x <= y && !nan(x) && !nan(y));"),
  equalInt: int(2, "", "return int(x == y);"),
  lessInt: int(2, "", "return int(x < y);"),
  lessEqualInt: int(2, "", "return int(x <= y);"),
  isNaN_: define("float", "int", "", "return int(nan(x));"),
  isFinite_: define("float", "int", "", "return int(finite(x));"),
  toBoolFloat: define("float", "int", "", "return int(x != 0.0 || nan(x));"),
  toBoolInt: int(1, "", "return int(x != 0);"),
  // JavaScript's: towards zero, modulo 2^32; what is not finite gives 0.
  toInt: define(
    "float",
    "int",
    "",
    `if (!finite(x)) return 0;
  if (abs(x) < 2147483648.0) return int(x);
  uint b = floatBitsToUint(x);
  int e = int((b >> 23) & 255u) - 150;
  int m = e > 31 ? 0 : int(((b & 0x7fffffu) | 0x800000u) << e);
  return x < 0.0 ? -m : m;`,
  ),
  toFloat: define("int", "float", "", "return float(x);"),
  wrapIndex_: int(2, "", "return clamp(x < 0 ? x + y : x, 0, y - 1);"),
};
