// Each function over the vectors from `at` up to `end`, in place. It comes back with the end, or with the place of the first vector
// in which it left NaN where an element is none that the kernel is made for.
import { cosh, exp, exp2, expm1, modest, sechSquare, sigmoid, sinh, softplus, tanh } from "./exponential";
import { add, allLanes } from "./lanes";
import { log, log10, log1p, log2, usual } from "./logarithm";
import { constant, ONE } from "./constants";
import { cos, near, sin, tan } from "./trigonometric";

/** NaN where `good` is not. */
@inline function keep(good: v128, y: v128): v128 {
  return v128.or(y, v128.not(good));
}

export function exp32(at: usize, end: usize): usize {
  for (; at < end; at += 16) v128.store(at, exp<f32>(v128.load(at)));
  return at;
}

export function exp232(at: usize, end: usize): usize {
  for (; at < end; at += 16) v128.store(at, exp2<f32>(v128.load(at)));
  return at;
}

export function expm132(at: usize, end: usize): usize {
  for (; at < end; at += 16) v128.store(at, expm1<f32>(v128.load(at)));
  return at;
}

export function tanh32(at: usize, end: usize): usize {
  for (; at < end; at += 16) v128.store(at, tanh<f32>(v128.load(at)));
  return at;
}

export function sechSquare32(at: usize, end: usize): usize {
  for (; at < end; at += 16) v128.store(at, sechSquare<f32>(v128.load(at)));
  return at;
}

export function sigmoid32(at: usize, end: usize): usize {
  for (; at < end; at += 16) v128.store(at, sigmoid<f32>(v128.load(at)));
  return at;
}

export function softplus32(at: usize, end: usize): usize {
  for (; at < end; at += 16) v128.store(at, softplus<f32>(v128.load(at)));
  return at;
}

export function sinh32(at: usize, end: usize): usize {
  for (; at < end; at += 16) {
    const x = v128.load(at);
    const good = modest<f32>(x);
    v128.store(at, keep(good, sinh<f32>(x)));
    if (!allLanes(good)) return at;
  }
  return at;
}

export function cosh32(at: usize, end: usize): usize {
  for (; at < end; at += 16) {
    const x = v128.load(at);
    const good = modest<f32>(x);
    v128.store(at, keep(good, cosh<f32>(x)));
    if (!allLanes(good)) return at;
  }
  return at;
}

export function log32(at: usize, end: usize): usize {
  for (; at < end; at += 16) {
    const x = v128.load(at);
    const good = usual<f32>(x);
    v128.store(at, keep(good, log<f32>(x)));
    if (!allLanes(good)) return at;
  }
  return at;
}

export function log232(at: usize, end: usize): usize {
  for (; at < end; at += 16) {
    const x = v128.load(at);
    const good = usual<f32>(x);
    v128.store(at, keep(good, log2<f32>(x)));
    if (!allLanes(good)) return at;
  }
  return at;
}

export function log1032(at: usize, end: usize): usize {
  for (; at < end; at += 16) {
    const x = v128.load(at);
    const good = usual<f32>(x);
    v128.store(at, keep(good, log10<f32>(x)));
    if (!allLanes(good)) return at;
  }
  return at;
}

export function log1p32(at: usize, end: usize): usize {
  for (; at < end; at += 16) {
    const x = v128.load(at);
    const good = usual<f32>(add<f32>(x, constant<f32>(ONE)));
    v128.store(at, keep(good, log1p<f32>(x)));
    if (!allLanes(good)) return at;
  }
  return at;
}

export function sin32(at: usize, end: usize): usize {
  for (; at < end; at += 16) {
    const x = v128.load(at);
    const good = near<f32>(x);
    v128.store(at, keep(good, sin<f32>(x)));
    if (!allLanes(good)) return at;
  }
  return at;
}

export function cos32(at: usize, end: usize): usize {
  for (; at < end; at += 16) {
    const x = v128.load(at);
    const good = near<f32>(x);
    v128.store(at, keep(good, cos<f32>(x)));
    if (!allLanes(good)) return at;
  }
  return at;
}

export function tan32(at: usize, end: usize): usize {
  for (; at < end; at += 16) {
    const x = v128.load(at);
    const good = near<f32>(x);
    v128.store(at, keep(good, tan<f32>(x)));
    if (!allLanes(good)) return at;
  }
  return at;
}

export function exp64(at: usize, end: usize): usize {
  for (; at < end; at += 16) v128.store(at, exp<f64>(v128.load(at)));
  return at;
}

export function exp264(at: usize, end: usize): usize {
  for (; at < end; at += 16) v128.store(at, exp2<f64>(v128.load(at)));
  return at;
}

export function expm164(at: usize, end: usize): usize {
  for (; at < end; at += 16) v128.store(at, expm1<f64>(v128.load(at)));
  return at;
}

export function tanh64(at: usize, end: usize): usize {
  for (; at < end; at += 16) v128.store(at, tanh<f64>(v128.load(at)));
  return at;
}

export function sechSquare64(at: usize, end: usize): usize {
  for (; at < end; at += 16) v128.store(at, sechSquare<f64>(v128.load(at)));
  return at;
}

export function sigmoid64(at: usize, end: usize): usize {
  for (; at < end; at += 16) v128.store(at, sigmoid<f64>(v128.load(at)));
  return at;
}

export function softplus64(at: usize, end: usize): usize {
  for (; at < end; at += 16) v128.store(at, softplus<f64>(v128.load(at)));
  return at;
}

export function sinh64(at: usize, end: usize): usize {
  for (; at < end; at += 16) {
    const x = v128.load(at);
    const good = modest<f64>(x);
    v128.store(at, keep(good, sinh<f64>(x)));
    if (!allLanes(good)) return at;
  }
  return at;
}

export function cosh64(at: usize, end: usize): usize {
  for (; at < end; at += 16) {
    const x = v128.load(at);
    const good = modest<f64>(x);
    v128.store(at, keep(good, cosh<f64>(x)));
    if (!allLanes(good)) return at;
  }
  return at;
}

export function log64(at: usize, end: usize): usize {
  for (; at < end; at += 16) {
    const x = v128.load(at);
    const good = usual<f64>(x);
    v128.store(at, keep(good, log<f64>(x)));
    if (!allLanes(good)) return at;
  }
  return at;
}

export function log264(at: usize, end: usize): usize {
  for (; at < end; at += 16) {
    const x = v128.load(at);
    const good = usual<f64>(x);
    v128.store(at, keep(good, log2<f64>(x)));
    if (!allLanes(good)) return at;
  }
  return at;
}

export function log1064(at: usize, end: usize): usize {
  for (; at < end; at += 16) {
    const x = v128.load(at);
    const good = usual<f64>(x);
    v128.store(at, keep(good, log10<f64>(x)));
    if (!allLanes(good)) return at;
  }
  return at;
}

export function log1p64(at: usize, end: usize): usize {
  for (; at < end; at += 16) {
    const x = v128.load(at);
    const good = usual<f64>(add<f64>(x, constant<f64>(ONE)));
    v128.store(at, keep(good, log1p<f64>(x)));
    if (!allLanes(good)) return at;
  }
  return at;
}

export function sin64(at: usize, end: usize): usize {
  for (; at < end; at += 16) {
    const x = v128.load(at);
    const good = near<f64>(x);
    v128.store(at, keep(good, sin<f64>(x)));
    if (!allLanes(good)) return at;
  }
  return at;
}

export function cos64(at: usize, end: usize): usize {
  for (; at < end; at += 16) {
    const x = v128.load(at);
    const good = near<f64>(x);
    v128.store(at, keep(good, cos<f64>(x)));
    if (!allLanes(good)) return at;
  }
  return at;
}

export function tan64(at: usize, end: usize): usize {
  for (; at < end; at += 16) {
    const x = v128.load(at);
    const good = near<f64>(x);
    v128.store(at, keep(good, tan<f64>(x)));
    if (!allLanes(good)) return at;
  }
  return at;
}
