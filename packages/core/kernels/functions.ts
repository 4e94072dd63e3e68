// Each function over the vectors from `at` up to `end`, in place. It comes back with the end, or with the place of the first vector
// in which it left NaN where an element is none that the kernel is made for.
import { cosh, exp2, expAny, expm1, expModest, modest, sigmoid, sigmoidSlope, sinh, softplus, tanh } from "./exponential";
import { add, allLanes, signs } from "./lanes";
import { log, log10, log1p, log2, usual } from "./logarithm";
import { BIT, constant, ONE } from "./constants";
import { near, sinCos } from "./trigonometric";

/** NaN where `good` is not. */
@inline function keep(good: v128, y: v128): v128 {
  return v128.or(y, v128.not(good));
}

/** Sines or tangents in place; the cosines, which cost next to nothing more, go before them where these go too, or `apart` bytes behind. */
function turns<T>(at: usize, end: usize, apart: usize, more: v128, odd: v128, isTangent: bool): usize {
  for (; at < end; at += 16) {
    const x = v128.load(at);
    const good = near<T>(x);
    sinCos<T>(x, more, odd, at, at + apart, isTangent);
    if (!allLanes(good)) {
      spoil(at, good);
      spoil(at + apart, good);
      return at;
    }
  }
  return at;
}

/** NaN at a place where `good` is not. */
function spoil(at: usize, good: v128): void {
  v128.store(at, keep(good, v128.load(at)));
}

/** exp of two vectors at a time where all is modest, so that the processor has the steps of both to choose from; else of one. */
@inline function exps<T>(at: usize, end: usize): usize {
  for (; at < end; at += 16) {
    const x = v128.load(at);
    // A last vector that is alone is both.
    const next = at + 16 < end ? at + 16 : at;
    const y = v128.load(next);
    if (allLanes(v128.and(modest<T>(x), modest<T>(y)))) {
      const first = expModest<T>(x);
      const second = expModest<T>(y);
      v128.store(at, first);
      v128.store(next, second);
      at = next;
    } else v128.store(at, expAny<T>(x));
  }
  return at;
}

export function exp32(at: usize, end: usize): usize {
  return exps<f32>(at, end);
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

export function sigmoidSlope32(at: usize, end: usize): usize {
  for (; at < end; at += 16) v128.store(at, sigmoidSlope<f32>(v128.load(at)));
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
  return turns<f32>(at, end, 0, v128.splat<f32>(0), signs<f32>(), false);
}

export function cos32(at: usize, end: usize): usize {
  return turns<f32>(at, end, 0, constant<f32>(BIT), v128.splat<f32>(0), false);
}

/** The sine in place, the cosine so many bytes behind it. */
export function sinCos32(at: usize, end: usize, apart: usize): usize {
  return turns<f32>(at, end, apart, v128.splat<f32>(0), signs<f32>(), false);
}

export function tan32(at: usize, end: usize): usize {
  return turns<f32>(at, end, 0, v128.splat<f32>(0), signs<f32>(), true);
}

export function exp64(at: usize, end: usize): usize {
  return exps<f64>(at, end);
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

export function sigmoidSlope64(at: usize, end: usize): usize {
  for (; at < end; at += 16) v128.store(at, sigmoidSlope<f64>(v128.load(at)));
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
  return turns<f64>(at, end, 0, v128.splat<f64>(0), signs<f64>(), false);
}

export function cos64(at: usize, end: usize): usize {
  return turns<f64>(at, end, 0, constant<f64>(BIT), v128.splat<f64>(0), false);
}

/** The sine in place, the cosine so many bytes behind it. */
export function sinCos64(at: usize, end: usize, apart: usize): usize {
  return turns<f64>(at, end, apart, v128.splat<f64>(0), signs<f64>(), false);
}

export function tan64(at: usize, end: usize): usize {
  return turns<f64>(at, end, 0, v128.splat<f64>(0), signs<f64>(), true);
}
