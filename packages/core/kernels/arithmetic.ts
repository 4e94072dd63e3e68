// Arithmetic over the vectors from `at` up to `end`, in place; a second operand lies `apart` bytes behind the first.
import { add, mul, signs, sub } from "./lanes";
import { constant, ONE } from "./constants";

@inline function relu<T>(x: v128): v128 {
  return v128.andnot(x, v128.le<T>(x, v128.splat<T>(0)));
}

@inline function reciprocal<T>(x: v128): v128 {
  return v128.div<T>(constant<T>(ONE), x);
}

/** As a product, which loses no digits where |x| is near 1. */
@inline function oneMinusSquare<T>(x: v128): v128 {
  return mul<T>(sub<T>(constant<T>(ONE), x), add<T>(constant<T>(ONE), x));
}

export function neg32(at: usize, end: usize): usize {
  for (; at < end; at += 16) v128.store(at, v128.neg<f32>(v128.load(at)));
  return at;
}

export function abs32(at: usize, end: usize): usize {
  for (; at < end; at += 16) v128.store(at, v128.andnot(v128.load(at), signs<f32>()));
  return at;
}

export function square32(at: usize, end: usize): usize {
  for (; at < end; at += 16) v128.store(at, v128.mul<f32>(v128.load(at), v128.load(at)));
  return at;
}

export function sqrt32(at: usize, end: usize): usize {
  for (; at < end; at += 16) v128.store(at, v128.sqrt<f32>(v128.load(at)));
  return at;
}

export function rsqrt32(at: usize, end: usize): usize {
  for (; at < end; at += 16) v128.store(at, reciprocal<f32>(v128.sqrt<f32>(v128.load(at))));
  return at;
}

export function reciprocal32(at: usize, end: usize): usize {
  for (; at < end; at += 16) v128.store(at, reciprocal<f32>(v128.load(at)));
  return at;
}

export function relu32(at: usize, end: usize): usize {
  for (; at < end; at += 16) v128.store(at, relu<f32>(v128.load(at)));
  return at;
}

export function oneMinusSquare32(at: usize, end: usize): usize {
  for (; at < end; at += 16) v128.store(at, oneMinusSquare<f32>(v128.load(at)));
  return at;
}

export function floor32(at: usize, end: usize): usize {
  for (; at < end; at += 16) v128.store(at, v128.floor<f32>(v128.load(at)));
  return at;
}

export function ceil32(at: usize, end: usize): usize {
  for (; at < end; at += 16) v128.store(at, v128.ceil<f32>(v128.load(at)));
  return at;
}

export function trunc32(at: usize, end: usize): usize {
  for (; at < end; at += 16) v128.store(at, v128.trunc<f32>(v128.load(at)));
  return at;
}

export function round32(at: usize, end: usize): usize {
  for (; at < end; at += 16) v128.store(at, v128.nearest<f32>(v128.load(at)));
  return at;
}

export function add32(at: usize, end: usize, apart: usize): void {
  for (; at < end; at += 16) v128.store(at, v128.add<f32>(v128.load(at), v128.load(at + apart)));
}

export function sub32(at: usize, end: usize, apart: usize): void {
  for (; at < end; at += 16) v128.store(at, v128.sub<f32>(v128.load(at), v128.load(at + apart)));
}

export function mul32(at: usize, end: usize, apart: usize): void {
  for (; at < end; at += 16) v128.store(at, v128.mul<f32>(v128.load(at), v128.load(at + apart)));
}

export function div32(at: usize, end: usize, apart: usize): void {
  for (; at < end; at += 16) v128.store(at, v128.div<f32>(v128.load(at), v128.load(at + apart)));
}

export function maximum32(at: usize, end: usize, apart: usize): void {
  for (; at < end; at += 16) v128.store(at, v128.max<f32>(v128.load(at), v128.load(at + apart)));
}

export function minimum32(at: usize, end: usize, apart: usize): void {
  for (; at < end; at += 16) v128.store(at, v128.min<f32>(v128.load(at), v128.load(at + apart)));
}

export function neg64(at: usize, end: usize): usize {
  for (; at < end; at += 16) v128.store(at, v128.neg<f64>(v128.load(at)));
  return at;
}

export function abs64(at: usize, end: usize): usize {
  for (; at < end; at += 16) v128.store(at, v128.andnot(v128.load(at), signs<f64>()));
  return at;
}

export function square64(at: usize, end: usize): usize {
  for (; at < end; at += 16) v128.store(at, v128.mul<f64>(v128.load(at), v128.load(at)));
  return at;
}

export function sqrt64(at: usize, end: usize): usize {
  for (; at < end; at += 16) v128.store(at, v128.sqrt<f64>(v128.load(at)));
  return at;
}

export function rsqrt64(at: usize, end: usize): usize {
  for (; at < end; at += 16) v128.store(at, reciprocal<f64>(v128.sqrt<f64>(v128.load(at))));
  return at;
}

export function reciprocal64(at: usize, end: usize): usize {
  for (; at < end; at += 16) v128.store(at, reciprocal<f64>(v128.load(at)));
  return at;
}

export function relu64(at: usize, end: usize): usize {
  for (; at < end; at += 16) v128.store(at, relu<f64>(v128.load(at)));
  return at;
}

export function oneMinusSquare64(at: usize, end: usize): usize {
  for (; at < end; at += 16) v128.store(at, oneMinusSquare<f64>(v128.load(at)));
  return at;
}

export function floor64(at: usize, end: usize): usize {
  for (; at < end; at += 16) v128.store(at, v128.floor<f64>(v128.load(at)));
  return at;
}

export function ceil64(at: usize, end: usize): usize {
  for (; at < end; at += 16) v128.store(at, v128.ceil<f64>(v128.load(at)));
  return at;
}

export function trunc64(at: usize, end: usize): usize {
  for (; at < end; at += 16) v128.store(at, v128.trunc<f64>(v128.load(at)));
  return at;
}

export function round64(at: usize, end: usize): usize {
  for (; at < end; at += 16) v128.store(at, v128.nearest<f64>(v128.load(at)));
  return at;
}

export function add64(at: usize, end: usize, apart: usize): void {
  for (; at < end; at += 16) v128.store(at, v128.add<f64>(v128.load(at), v128.load(at + apart)));
}

export function sub64(at: usize, end: usize, apart: usize): void {
  for (; at < end; at += 16) v128.store(at, v128.sub<f64>(v128.load(at), v128.load(at + apart)));
}

export function mul64(at: usize, end: usize, apart: usize): void {
  for (; at < end; at += 16) v128.store(at, v128.mul<f64>(v128.load(at), v128.load(at + apart)));
}

export function div64(at: usize, end: usize, apart: usize): void {
  for (; at < end; at += 16) v128.store(at, v128.div<f64>(v128.load(at), v128.load(at + apart)));
}

export function maximum64(at: usize, end: usize, apart: usize): void {
  for (; at < end; at += 16) v128.store(at, v128.max<f64>(v128.load(at), v128.load(at + apart)));
}

export function minimum64(at: usize, end: usize, apart: usize): void {
  for (; at < end; at += 16) v128.store(at, v128.min<f64>(v128.load(at), v128.load(at + apart)));
}
