// exp and what is made of it: x = n·ln 2 + r, and exp(r) - 1 by a polynomial.
import { add, allLanes, clamp, fma, mul, pair, powerOfTwo, signOf, signs, sub } from "./lanes";
import { constant, EXP, HALF, LN_2, LOG2_E, MODEST, ONE, OVERFLOW, OVERFLOW_2, SATURATION, UNDERFLOW, UNDERFLOW_2 } from "./constants";
import { log1p } from "./logarithm";

@inline function count<T>(x: v128): v128 {
  return v128.nearest<T>(mul<T>(x, constant<T>(LOG2_E)));
}

@inline function rest<T>(x: v128, n: v128): v128 {
  return sub<T>(sub<T>(x, mul<T>(n, constant<T>(LN_2))), mul<T>(n, constant<T>(LN_2 + 1)));
}

/** exp(r) - 1, where |r| is no larger than half of ln 2. */
@inline function expm1Near<T>(r: v128): v128 {
  const r2 = mul<T>(r, r);
  const r4 = mul<T>(r2, r2);
  let high = constant<T>(EXP + 4);
  if (sizeof<T>() == 8) high = fma<T>(r4, pair<T>(EXP + 8, r), fma<T>(r2, pair<T>(EXP + 6, r), pair<T>(EXP + 4, r)));
  return fma<T>(r2, fma<T>(r4, high, fma<T>(r2, pair<T>(EXP + 2, r), pair<T>(EXP, r))), r);
}

/** x by the n-th power of two, in two steps: the power alone may be out of range. */
function scale<T>(x: v128, n: v128): v128 {
  const half = v128.nearest<T>(mul<T>(n, constant<T>(HALF)));
  return mul<T>(mul<T>(x, powerOfTwo<T>(half)), powerOfTwo<T>(sub<T>(n, half)));
}

/** Where exp is finite and not 0. */
@inline export function modest<T>(x: v128): v128 {
  return v128.le<T>(v128.andnot(x, signs<T>()), constant<T>(MODEST));
}

/** exp where x is modest: the power of two is in range then, and so is the result. */
@inline export function expModest<T>(x: v128): v128 {
  const n = count<T>(x);
  return mul<T>(add<T>(constant<T>(ONE), expm1Near<T>(rest<T>(x, n))), powerOfTwo<T>(n));
}

/** exp everywhere. Of what gives 0 it computes exp(0) instead: a product that underflows costs as much as all the others. One function for all that call it, since it is rare. */
export function expAny<T>(x: v128): v128 {
  const none = v128.lt<T>(x, constant<T>(UNDERFLOW));
  const y = v128.andnot(v128.pmin<T>(x, constant<T>(OVERFLOW)), none);
  const n = count<T>(y);
  return v128.andnot(scale<T>(add<T>(constant<T>(ONE), expm1Near<T>(rest<T>(y, n))), n), none);
}

/** exp of one vector, for what is made of it. */
function exp<T>(x: v128): v128 {
  return allLanes(modest<T>(x)) ? expModest<T>(x) : expAny<T>(x);
}

@inline export function exp2<T>(x: v128): v128 {
  x = clamp<T>(x, constant<T>(UNDERFLOW_2), constant<T>(OVERFLOW_2));
  const n = v128.nearest<T>(x);
  const r = sub<T>(x, n);
  return scale<T>(add<T>(constant<T>(ONE), expm1Near<T>(fma<T>(r, constant<T>(LN_2), mul<T>(r, constant<T>(LN_2 + 1))))), n);
}

/** expm1 where it does not overflow far, and of no sign where it is 0. */
function expm1Of<T>(y: v128): v128 {
  const n = count<T>(y);
  const half = v128.nearest<T>(mul<T>(n, constant<T>(HALF)));
  const other = sub<T>(n, half);
  const power = powerOfTwo<T>(half);
  const less = sub<T>(power, powerOfTwo<T>(v128.neg<T>(other)));
  return mul<T>(fma<T>(expm1Near<T>(rest<T>(y, n)), power, less), powerOfTwo<T>(other));
}

@inline export function expm1<T>(x: v128): v128 {
  return v128.or(expm1Of<T>(clamp<T>(x, v128.neg<T>(constant<T>(SATURATION)), constant<T>(OVERFLOW))), signOf<T>(x));
}

/** (t + t / (1 + t)) / 2 of t = exp(|x|) - 1, with the sign of x, where x is modest. */
@inline export function sinh<T>(x: v128): v128 {
  const t = expm1Of<T>(v128.andnot(x, signs<T>()));
  const sum = add<T>(t, v128.div<T>(t, add<T>(t, constant<T>(ONE))));
  return v128.or(mul<T>(sum, constant<T>(HALF)), signOf<T>(x));
}

/** (e + 1 / e) / 2 of e = exp(|x|), where x is modest. */
@inline export function cosh<T>(x: v128): v128 {
  const e = expAny<T>(v128.andnot(x, signs<T>()));
  return mul<T>(add<T>(e, v128.div<T>(constant<T>(ONE), e)), constant<T>(HALF));
}

/** (exp(2|x|) - 1) / (exp(2|x|) + 1), with the sign of x. */
@inline export function tanh<T>(x: v128): v128 {
  const a = v128.andnot(x, signs<T>());
  const y = v128.pmin<T>(add<T>(a, a), constant<T>(SATURATION));
  const n = count<T>(y);
  const power = powerOfTwo<T>(n);
  const t = fma<T>(expm1Near<T>(rest<T>(y, n)), power, sub<T>(power, constant<T>(ONE)));
  return v128.or(v128.div<T>(t, add<T>(t, add<T>(constant<T>(ONE), constant<T>(ONE)))), signOf<T>(x));
}

/** e / (1 + e)^2 of e = exp(-|x|) */
@inline export function sigmoidSlope<T>(x: v128): v128 {
  const e = expAny<T>(v128.or(x, signs<T>()));
  const sum = add<T>(constant<T>(ONE), e);
  return v128.div<T>(v128.div<T>(e, sum), sum);
}

@inline export function sigmoid<T>(x: v128): v128 {
  const e = exp<T>(v128.or(x, signs<T>()));
  const one = constant<T>(ONE);
  return v128.div<T>(v128.bitselect(e, one, v128.lt<T>(x, v128.splat<T>(0))), add<T>(one, e));
}

/** max(x, 0) + log(1 + exp(-|x|)) */
@inline export function softplus<T>(x: v128): v128 {
  return add<T>(v128.pmax<T>(x, v128.splat<T>(0)), log1p<T>(exp<T>(v128.or(x, signs<T>()))));
}
