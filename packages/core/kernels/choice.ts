// Comparisons and choices. A truth value is a byte, 0 or 1.
import { signs } from "./lanes";
import { constant, ONE } from "./constants";

/** A lane's bit of a mask in a byte for each. */
@inline function spread<T>(mask: v128, to: usize): void {
  if (sizeof<T>() == 8) store<u16>(to, <u16>((i64x2.bitmask(mask) * 0x81) & 0x101));
  else store<u32>(to, (<u32>i32x4.bitmask(mask) * 0x204081) & 0x1010101);
}

/** Writes, from `at` on, whether the elements up to `end` are less than those `apart` bytes behind: 0; less or equal: 1; equal: 2; not: 3. */
@inline function compare<T>(at: usize, end: usize, apart: usize, which: i32): void {
  for (let to = at; at < end; at += 16, to += 16 / sizeof<T>()) {
    const x = v128.load(at);
    const y = v128.load(at + apart);
    if (which == 0) spread<T>(v128.lt<T>(x, y), to);
    else if (which == 1) spread<T>(v128.le<T>(x, y), to);
    else if (which == 2) spread<T>(v128.eq<T>(x, y), to);
    else spread<T>(v128.ne<T>(x, y), to);
  }
}

/** Replaces elements by those `apart` bytes behind where a byte, from `condition` on, is 0. */
@inline function select<T>(at: usize, end: usize, apart: usize, condition: usize): void {
  for (; at < end; at += 16, condition += 16 / sizeof<T>()) {
    const bytes = i16x8.extend_low_i8x16_u(sizeof<T>() == 8 ? v128.load16_splat(condition) : v128.load32_zero(condition));
    const lanes = i32x4.extend_low_i16x8_u(bytes);
    const chosen = sizeof<T>() == 8 ? i64x2.ne(i64x2.extend_low_i32x4_u(lanes), i64x2.splat(0)) : i32x4.ne(lanes, i32x4.splat(0));
    v128.store(at, v128.bitselect(v128.load(at), v128.load(at + apart), chosen));
  }
}

/** One with the sign of x; 0 and NaN stay. */
@inline function sign<T>(x: v128): v128 {
  const one = v128.or(v128.and(x, signs<T>()), constant<T>(ONE));
  return v128.bitselect(one, x, v128.gt<T>(v128.andnot(x, signs<T>()), v128.splat<T>(0)));
}

export function compare32(at: usize, end: usize, apart: usize, which: i32): void {
  compare<f32>(at, end, apart, which);
}

export function compare64(at: usize, end: usize, apart: usize, which: i32): void {
  compare<f64>(at, end, apart, which);
}

export function select32(at: usize, end: usize, apart: usize, condition: usize): void {
  select<f32>(at, end, apart, condition);
}

export function select64(at: usize, end: usize, apart: usize, condition: usize): void {
  select<f64>(at, end, apart, condition);
}

export function sign32(at: usize, end: usize): usize {
  for (; at < end; at += 16) v128.store(at, sign<f32>(v128.load(at)));
  return at;
}

export function sign64(at: usize, end: usize): usize {
  for (; at < end; at += 16) v128.store(at, sign<f64>(v128.load(at)));
  return at;
}
