// Logarithms of normal positive numbers: x = 2^k·m with m in √½ … √2, and with f = m - 1, s = f / (2 + f)
// log m = f - (f²/2 - s·(f²/2 + R)), where log((1 + s) / (1 - s)) = 2s + s·R.
import { add, exponentOf, fma, mantissaOf, mul, pair, signOf, sub, unbiased } from "./lanes";
import { constant, HALF, LARGEST, LN_2, LOG, LOG10_2, LOG10_E, LOG2_E, ONE, SMALLEST } from "./constants";

/** Tests for numbers that are not 0, denormal, negative, infinite or NaN. */
@inline export function usual<T>(x: v128): v128 {
  return v128.and(v128.ge<T>(x, constant<T>(SMALLEST)), v128.le<T>(x, constant<T>(LARGEST)));
}

/** f²/2 - s·(f²/2 + R) - less, which f is to be reduced by. */
@inline function correction<T>(f: v128, less: v128): v128 {
  const s = v128.div<T>(f, add<T>(f, add<T>(constant<T>(ONE), constant<T>(ONE))));
  const t = mul<T>(s, s);
  const t2 = mul<T>(t, t);
  let high = constant<T>(LOG + 2);
  if (sizeof<T>() == 8) high = fma<T>(t2, fma<T>(t2, constant<T>(LOG + 6), pair<T>(LOG + 4, t)), pair<T>(LOG + 2, t));
  const r = mul<T>(t, fma<T>(t2, high, pair<T>(LOG, t)));
  const square = mul<T>(constant<T>(HALF), mul<T>(f, f));
  return sub<T>(square, fma<T>(s, add<T>(square, r), less));
}

@inline export function log<T>(x: v128): v128 {
  const exponent = exponentOf<T>(x);
  const k = unbiased<T>(exponent);
  const f = sub<T>(mantissaOf<T>(x, exponent), constant<T>(ONE));
  return fma<T>(k, constant<T>(LN_2), sub<T>(f, correction<T>(f, mul<T>(k, constant<T>(LN_2 + 1)))));
}

/** log m for the two others. */
@inline function logOfMantissa<T>(x: v128, exponent: v128): v128 {
  const f = sub<T>(mantissaOf<T>(x, exponent), constant<T>(ONE));
  return sub<T>(f, correction<T>(f, v128.splat<T>(0)));
}

@inline export function log2<T>(x: v128): v128 {
  const exponent = exponentOf<T>(x);
  return fma<T>(logOfMantissa<T>(x, exponent), constant<T>(LOG2_E), unbiased<T>(exponent));
}

@inline export function log10<T>(x: v128): v128 {
  const exponent = exponentOf<T>(x);
  const k = unbiased<T>(exponent);
  const low = fma<T>(logOfMantissa<T>(x, exponent), constant<T>(LOG10_E), mul<T>(k, constant<T>(LOG10_2 + 1)));
  return fma<T>(k, constant<T>(LOG10_2), low);
}

/** log(1 + x), where 1 + x is usual: what 1 + x has lost to rounding is a correction. */
export function log1p<T>(x: v128): v128 {
  const one = constant<T>(ONE);
  const u = add<T>(one, x);
  const lost = v128.div<T>(sub<T>(x, sub<T>(u, one)), u);
  const exponent = exponentOf<T>(u);
  const k = unbiased<T>(exponent);
  const f = sub<T>(mantissaOf<T>(u, exponent), one);
  const less = fma<T>(k, constant<T>(LN_2 + 1), lost);
  return v128.or(fma<T>(k, constant<T>(LN_2), sub<T>(f, correction<T>(f, less))), signOf<T>(x));
}
