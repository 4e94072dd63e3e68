// Folds of lines: T is the type of the elements, W that of the result. Floats are added and multiplied in float64; whole numbers wrap around.
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

@inline function put(which: i32, to: usize, x: v128, bits: v128): void {
  v128.store(to, which == LEAST ? v128.xor(x, bits) : x);
}

/**
 * Folds lines of four vectors of W that are `pitch` bytes apart, `count` times, `next` bytes further on each time, and writes the four vectors to `to`. Of extremes it is the
 * least one, or the greatest where `greatest` is -1 and not 0.
 */
@inline function lines<T, W>(which: i32, to: usize, at: usize, height: i32, pitch: usize, count: i32, next: usize, greatest: i32): void {
  const bits = which == LEAST ? turned<W>(greatest) : v128.splat<i32>(0);
  const step = (16 / sizeof<W>()) * sizeof<T>();
  for (; count > 0; count--, at += next, to += 64) {
    let a = neutral<W>(which);
    let b = a;
    let c = a;
    let d = a;
    let from = at;
    for (let left = height; left > 0; left--, from += pitch) {
      a = fold<W>(which, a, vector<T, W>(which, from, bits));
      b = fold<W>(which, b, vector<T, W>(which, from + step, bits));
      c = fold<W>(which, c, vector<T, W>(which, from + 2 * step, bits));
      d = fold<W>(which, d, vector<T, W>(which, from + 3 * step, bits));
    }
    put(which, to, a, bits);
    put(which, to + 16, b, bits);
    put(which, to + 32, c, bits);
    put(which, to + 48, d, bits);
  }
}

export function sum32(to: usize, at: usize, height: i32, pitch: usize, count: i32, next: usize, greatest: i32): void {
  lines<f32, f64>(SUM, to, at, height, pitch, count, next, greatest);
}

export function sum64(to: usize, at: usize, height: i32, pitch: usize, count: i32, next: usize, greatest: i32): void {
  lines<f64, f64>(SUM, to, at, height, pitch, count, next, greatest);
}

export function sumInt(to: usize, at: usize, height: i32, pitch: usize, count: i32, next: usize, greatest: i32): void {
  lines<i32, i32>(SUM, to, at, height, pitch, count, next, greatest);
}

export function product32(to: usize, at: usize, height: i32, pitch: usize, count: i32, next: usize, greatest: i32): void {
  lines<f32, f64>(PRODUCT, to, at, height, pitch, count, next, greatest);
}

export function product64(to: usize, at: usize, height: i32, pitch: usize, count: i32, next: usize, greatest: i32): void {
  lines<f64, f64>(PRODUCT, to, at, height, pitch, count, next, greatest);
}

export function productInt(to: usize, at: usize, height: i32, pitch: usize, count: i32, next: usize, greatest: i32): void {
  lines<i32, i32>(PRODUCT, to, at, height, pitch, count, next, greatest);
}

export function extreme32(to: usize, at: usize, height: i32, pitch: usize, count: i32, next: usize, greatest: i32): void {
  lines<f32, f32>(LEAST, to, at, height, pitch, count, next, greatest);
}

export function extreme64(to: usize, at: usize, height: i32, pitch: usize, count: i32, next: usize, greatest: i32): void {
  lines<f64, f64>(LEAST, to, at, height, pitch, count, next, greatest);
}

export function extremeInt(to: usize, at: usize, height: i32, pitch: usize, count: i32, next: usize, greatest: i32): void {
  lines<i32, i32>(LEAST, to, at, height, pitch, count, next, greatest);
}
