// sin, cos and tan: |x| = n·π/2 + r, then polynomials of r for sine and cosine, which the last two bits of n choose between.
import { add, fma, mul, pair, shiftLeft, signOf, signs, sub } from "./lanes";
import { BIT, constant, COS, FAR, HALF, NEAREST, ONE, PI_HALF, PI_HALF_LOW, SIN, TWO_OVER_PI } from "./constants";

/** Where n has no more than 20 bits. */
@inline export function near<T>(x: v128): v128 {
  return v128.le<T>(v128.andnot(x, signs<T>()), constant<T>(FAR));
}

/** n, in the lowest bits of its lane. */
@inline function turns64(a: v128): v128 {
  return fma<f64>(a, constant<f64>(TWO_OVER_PI), constant<f64>(NEAREST));
}

/** Both products by the first parts of π/2 are exact; what the second difference loses is made good in the third. For f32 two do. */
@inline function rest<T>(a: v128, turns: v128): v128 {
  const n = sub<f64>(turns, constant<f64>(NEAREST));
  const first = sub<f64>(a, mul<f64>(n, constant<f64>(PI_HALF)));
  if (sizeof<T>() == 4) return sub<f64>(first, mul<f64>(n, constant<f64>(PI_HALF_LOW)));
  const product = mul<f64>(n, constant<f64>(PI_HALF + 1));
  const second = sub<f64>(first, product);
  const lost = sub<f64>(sub<f64>(first, second), product);
  return sub<f64>(second, sub<f64>(mul<f64>(n, constant<f64>(PI_HALF + 2)), lost));
}

@inline function sinNear<T>(r: v128, t: v128): v128 {
  const t2 = mul<T>(t, t);
  let high = constant<T>(SIN + 2);
  if (sizeof<T>() == 8) high = fma<T>(t2, pair<T>(SIN + 4, t), pair<T>(SIN + 2, t));
  return fma<T>(mul<T>(r, t), fma<T>(t2, high, pair<T>(SIN, t)), r);
}

@inline function cosNear<T>(t: v128): v128 {
  const t2 = mul<T>(t, t);
  let high = constant<T>(COS + 2);
  if (sizeof<T>() == 8) high = fma<T>(t2, pair<T>(COS + 4, t), pair<T>(COS + 2, t));
  const less = sub<T>(mul<T>(t, constant<T>(HALF)), mul<T>(t2, fma<T>(t2, high, pair<T>(COS, t))));
  return sub<T>(constant<T>(ONE), less);
}

@inline function isOdd<T>(n: v128): v128 {
  const bit = v128.and(n, constant<T>(BIT));
  return sizeof<T>() == 8 ? i64x2.eq(bit, constant<T>(BIT)) : i32x4.eq(bit, constant<T>(BIT));
}

/** The sign that bit 1 of n stands for. */
@inline function signOfTurn<T>(n: v128): v128 {
  return signOf<T>(shiftLeft<T>(n, sizeof<T>() == 8 ? 62 : 30));
}

@inline function plus<T>(n: v128, more: v128): v128 {
  return sizeof<T>() == 8 ? i64x2.add(n, more) : i32x4.add(n, more);
}

// Lanes of f32 are reduced in f64, in two halves; for f64 the two are one.

@inline function low<T>(a: v128): v128 {
  return sizeof<T>() == 8 ? a : f64x2.promote_low_f32x4(a);
}

@inline function high<T>(a: v128): v128 {
  return sizeof<T>() == 8 ? a : f64x2.promote_low_f32x4(v128.shuffle<i64>(a, a, 1, 1));
}

@inline function joinTurns<T>(m: v128, n: v128): v128 {
  return sizeof<T>() == 8 ? m : v128.shuffle<i32>(m, n, 0, 2, 4, 6);
}

@inline function joinRests<T>(q: v128, r: v128): v128 {
  return sizeof<T>() == 8 ? q : v128.shuffle<i64>(f32x4.demote_f64x2_zero(q), f32x4.demote_f64x2_zero(r), 0, 2);
}

/**
 * The cosine at one place, then the sine at the other, of x and so many turns more by π/2; the sine takes the sign of x along where `odd` has
 * the bit. Or the tangent, which is their quotient.
 */
@inline export function sinCos<T>(x: v128, more: v128, odd: v128, sine: usize, cosine: usize, isTangent: bool): void {
  const a = v128.andnot(x, signs<T>());
  const first = turns64(low<T>(a));
  const second = turns64(high<T>(a));
  const n = plus<T>(joinTurns<T>(first, second), more);
  const r = joinRests<T>(rest<T>(low<T>(a), first), rest<T>(high<T>(a), second));
  const t = mul<T>(r, r);
  const c = cosNear<T>(t);
  const s = sinNear<T>(r, t);
  const isTurned = isOdd<T>(n);
  // What both are changed by where they change places.
  const change = v128.and(v128.xor(s, c), isTurned);
  const sign = signOfTurn<T>(n);
  const y = v128.xor(v128.xor(c, change), v128.xor(sign, signOf<T>(isTurned)));
  const z = v128.xor(v128.xor(s, change), v128.xor(sign, v128.and(x, odd)));
  if (isTangent) {
    v128.store(sine, v128.div<T>(z, y));
    return;
  }
  v128.store(cosine, y);
  v128.store(sine, z);
}
