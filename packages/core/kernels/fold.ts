// Folds of lines: T is the type of the elements, W that of the result. Floats are added and multiplied in float64; whole numbers wrap around.
import { constant, SMALLEST } from "./constants";
import { signs } from "./lanes";

@inline const SUM = 0;
@inline const PRODUCT = 1;
@inline const LEAST = 2;

@inline function fold<W>(which: i32, x: v128, y: v128): v128 {
  if (which == SUM) return v128.add<W>(x, y);
  if (which == PRODUCT) return v128.mul<W>(x, y);
  if (isInteger<W>()) return v128.min<W>(x, y);
  // Each alone loses a NaN or a sign of zero, where the other has it; v128.min takes three times as long.
  return v128.or(v128.pmin<W>(x, y), v128.pmin<W>(y, x));
}

/** The elements of which nothing is changed. */
@inline function neutral<W>(which: i32): v128 {
  if (which < LEAST) return v128.splat<W>(<W>which);
  return isInteger<W>() ? v128.splat<i32>(i32.MAX_VALUE) : v128.splat<W>(<W>Infinity);
}

/** The bits by which the least element becomes the greatest, where `all` bits are set. */
@inline function turned<W>(all: i32): v128 {
  const bits = v128.splat<i32>(all);
  return isInteger<W>() ? bits : v128.and(bits, signs<W>());
}

/** A vector of W, of elements of T. */
@inline function vector<T, W>(which: i32, at: usize, bits: v128): v128 {
  if (sizeof<T>() != sizeof<W>()) return f64x2.promote_low_f32x4(v128.load64_zero(at));
  return which == LEAST ? v128.xor(v128.load(at), bits) : v128.load(at);
}

/** The least size of a product and of those before it; of others nothing is kept. */
@inline function low<W>(which: i32, before: v128, x: v128): v128 {
  if (which != PRODUCT) return before;
  if (isInteger<W>()) return before;
  return v128.pmin<W>(before, v128.andnot(x, signs<W>()));
}

/** A product is NaN where one before it was zero or denormal: what that lost, a later factor would hide. */
@inline function put<W>(which: i32, to: usize, x: v128, bits: v128, least: v128): void {
  if (which == LEAST) x = v128.xor(x, bits);
  if (which == PRODUCT) {
    if (!isInteger<W>()) x = v128.or(x, v128.lt<W>(least, constant<W>(SMALLEST)));
  }
  v128.store(to, x);
}

/**
 * Folds lines of four vectors of W that are `pitch` bytes apart, `count` times, `next` bytes further on each time, and writes the four vectors to `to`, `gap` bytes between
 * them and the next. Of extremes it is the least one, or the greatest where `greatest` is -1 and not 0.
 */
@inline function lines<T, W>(which: i32, to: usize, at: usize, height: i32, pitch: usize, count: i32, next: usize, greatest: i32, gap: usize): void {
  const bits = which == LEAST ? turned<W>(greatest) : v128.splat<i32>(0);
  const step = (16 / sizeof<W>()) * sizeof<T>();
  for (; count > 0; count--, at += next, to += 64 + gap) {
    let a = neutral<W>(which);
    let b = a;
    let c = a;
    let d = a;
    let p = a;
    let q = a;
    let r = a;
    let s = a;
    let from = at;
    for (let left = height; left > 0; left--, from += pitch) {
      a = fold<W>(which, a, vector<T, W>(which, from, bits));
      p = low<W>(which, p, a);
      b = fold<W>(which, b, vector<T, W>(which, from + step, bits));
      q = low<W>(which, q, b);
      c = fold<W>(which, c, vector<T, W>(which, from + 2 * step, bits));
      r = low<W>(which, r, c);
      d = fold<W>(which, d, vector<T, W>(which, from + 3 * step, bits));
      s = low<W>(which, s, d);
    }
    put<W>(which, to, a, bits, p);
    put<W>(which, to + 16, b, bits, q);
    put<W>(which, to + 32, c, bits, r);
    put<W>(which, to + 48, d, bits, s);
  }
}

export function sum32(to: usize, at: usize, height: i32, pitch: usize, count: i32, next: usize, greatest: i32, gap: usize): void {
  lines<f32, f64>(SUM, to, at, height, pitch, count, next, greatest, gap);
}

export function sum64(to: usize, at: usize, height: i32, pitch: usize, count: i32, next: usize, greatest: i32, gap: usize): void {
  lines<f64, f64>(SUM, to, at, height, pitch, count, next, greatest, gap);
}

export function sumInt(to: usize, at: usize, height: i32, pitch: usize, count: i32, next: usize, greatest: i32, gap: usize): void {
  lines<i32, i32>(SUM, to, at, height, pitch, count, next, greatest, gap);
}

export function product32(to: usize, at: usize, height: i32, pitch: usize, count: i32, next: usize, greatest: i32, gap: usize): void {
  lines<f32, f64>(PRODUCT, to, at, height, pitch, count, next, greatest, gap);
}

export function product64(to: usize, at: usize, height: i32, pitch: usize, count: i32, next: usize, greatest: i32, gap: usize): void {
  lines<f64, f64>(PRODUCT, to, at, height, pitch, count, next, greatest, gap);
}

export function productInt(to: usize, at: usize, height: i32, pitch: usize, count: i32, next: usize, greatest: i32, gap: usize): void {
  lines<i32, i32>(PRODUCT, to, at, height, pitch, count, next, greatest, gap);
}

export function least32(to: usize, at: usize, height: i32, pitch: usize, count: i32, next: usize, greatest: i32, gap: usize): void {
  lines<f32, f32>(LEAST, to, at, height, pitch, count, next, greatest, gap);
}

export function least64(to: usize, at: usize, height: i32, pitch: usize, count: i32, next: usize, greatest: i32, gap: usize): void {
  lines<f64, f64>(LEAST, to, at, height, pitch, count, next, greatest, gap);
}

export function leastInt(to: usize, at: usize, height: i32, pitch: usize, count: i32, next: usize, greatest: i32, gap: usize): void {
  lines<i32, i32>(LEAST, to, at, height, pitch, count, next, greatest, gap);
}

/** Rounds numbers of float64 up to `end` to float32, one behind the other from `at` on. Up to 24 bytes more are read. */
export function narrow(at: usize, end: usize): void {
  for (let to = at; at < end; at += 32, to += 16) {
    const low = f32x4.demote_f64x2_zero(v128.load(at));
    v128.store(to, v128.shuffle<i64>(low, f32x4.demote_f64x2_zero(v128.load(at + 16)), 0, 2));
  }
}
