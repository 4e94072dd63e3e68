// The parts that the functions are written with: T is f64, two lanes, or f32, four.
import { BIASED, constant, NEAREST, ONE, POWER, ROOT_HALF, SIGN, WHOLE } from "./constants";

@inline export function add<T>(x: v128, y: v128): v128 {
  return v128.add<T>(x, y);
}

@inline export function sub<T>(x: v128, y: v128): v128 {
  return v128.sub<T>(x, y);
}

@inline export function mul<T>(x: v128, y: v128): v128 {
  return v128.mul<T>(x, y);
}

/** A product and a sum, each rounded. */
@inline export function fma<T>(x: v128, y: v128, z: v128): v128 {
  return v128.add<T>(v128.mul<T>(x, y), z);
}

/** The polynomial of two coefficients. */
@inline export function pair<T>(place: usize, x: v128): v128 {
  return fma<T>(constant<T>(place + 1), x, constant<T>(place));
}

/** The nearer of the two to x where it is beyond one; NaN stays. */
@inline export function clamp<T>(x: v128, low: v128, high: v128): v128 {
  return v128.pmin<T>(v128.pmax<T>(x, low), high);
}

@inline export function signs<T>(): v128 {
  return constant<T>(SIGN);
}

@inline export function signOf<T>(x: v128): v128 {
  return v128.and(x, signs<T>());
}

/** Whether a comparison holds in every lane. */
@inline export function allLanes(mask: v128): bool {
  return i32x4.all_true(mask);
}

// Lanes as whole numbers, as wide as T.

@inline export function shiftLeft<T>(x: v128, n: i32): v128 {
  return sizeof<T>() == 8 ? i64x2.shl(x, n) : i32x4.shl(x, n);
}

@inline function addBits<T>(x: v128, y: v128): v128 {
  return sizeof<T>() == 8 ? i64x2.add(x, y) : i32x4.add(x, y);
}

@inline function subBits<T>(x: v128, y: v128): v128 {
  return sizeof<T>() == 8 ? i64x2.sub(x, y) : i32x4.sub(x, y);
}

/** Bits of the fraction. */
@inline function fraction<T>(): i32 {
  return sizeof<T>() == 8 ? 52 : 23;
}

/** Two to the power of n, which is whole and the exponent of a normal number. */
@inline export function powerOfTwo<T>(n: v128): v128 {
  return shiftLeft<T>(add<T>(n, constant<T>(POWER)), fraction<T>());
}

/** The exponent of the power of two by which a normal positive x lies in √½ … √2, biased, as a whole number. */
@inline export function exponentOf<T>(x: v128): v128 {
  const raised = subBits<T>(addBits<T>(x, constant<T>(ONE)), constant<T>(ROOT_HALF));
  return sizeof<T>() == 8 ? i64x2.shr_u(raised, 52) : i32x4.shr_u(raised, 23);
}

/** x by that power of two. */
@inline export function mantissaOf<T>(x: v128, exponent: v128): v128 {
  return addBits<T>(subBits<T>(x, shiftLeft<T>(exponent, fraction<T>())), constant<T>(ONE));
}

/** The exponent as a float, without its bias. */
@inline export function unbiased<T>(exponent: v128): v128 {
  return sub<T>(v128.or(exponent, constant<T>(WHOLE)), constant<T>(BIASED));
}
