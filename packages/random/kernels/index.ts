// Threefry's words, and standard normal numbers in float32 of them, four at a time: what src/threefry.ts computes, in the same steps and to the
// same bits. The memory begins with the coefficients, which src/kernel.ts writes: five of the logarithm, and nine of each polynomial.

/** The second words are so many bytes after the first ones. */
@inline const far: usize = 30720;

@inline function mix(x: v128, y: v128, r: i32): v128 {
  return v128.xor(v128.or(i32x4.shl(y, r), i32x4.shr_u(y, 32 - r)), x);
}

/** A coefficient on both sides of the place where the polynomial changes, which are nine apart. */
@inline function coefficient(mask: v128, k: usize): v128 {
  return v128.bitselect(v128.load32_splat((5 + k) << 2), v128.load32_splat((14 + k) << 2), mask);
}

/** Normal numbers of words that are random. */
function put(at: usize, words: v128): void {
  const unit = f32x4.sub(v128.or(i32x4.shr_u(words, 9), i32x4.splat(0x3f800000)), f32x4.splat(1));
  const u = f32x4.sub(f32x4.add(unit, unit), f32x4.splat(0.99999994));
  const q = f32x4.sub(f32x4.splat(1), f32x4.mul(u, u));
  const k = i32x4.shr_s(i32x4.sub(q, i32x4.splat(0x3f3504f3)), 23);
  const m = i32x4.sub(q, i32x4.shl(k, 23));
  const s = f32x4.div(f32x4.sub(m, f32x4.splat(1)), f32x4.add(m, f32x4.splat(1)));
  const z = f32x4.mul(s, s);
  let log = f32x4.add(f32x4.mul(v128.load32_splat(0), z), v128.load32_splat(4));
  log = f32x4.add(f32x4.mul(log, z), v128.load32_splat(8));
  log = f32x4.add(f32x4.mul(log, z), v128.load32_splat(12));
  log = f32x4.add(f32x4.mul(log, z), v128.load32_splat(16));
  const w = f32x4.neg(f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(k), f32x4.splat(0.6931472)), f32x4.mul(f32x4.add(s, s), log)));
  const mask = f32x4.lt(w, f32x4.splat(5));
  const t = v128.bitselect(f32x4.sub(w, f32x4.splat(2.5)), f32x4.sub(f32x4.sqrt(w), f32x4.splat(3)), mask);
  let p = coefficient(mask, 0);
  p = f32x4.add(f32x4.mul(p, t), coefficient(mask, 1));
  p = f32x4.add(f32x4.mul(p, t), coefficient(mask, 2));
  p = f32x4.add(f32x4.mul(p, t), coefficient(mask, 3));
  p = f32x4.add(f32x4.mul(p, t), coefficient(mask, 4));
  p = f32x4.add(f32x4.mul(p, t), coefficient(mask, 5));
  p = f32x4.add(f32x4.mul(p, t), coefficient(mask, 6));
  p = f32x4.add(f32x4.mul(p, t), coefficient(mask, 7));
  p = f32x4.add(f32x4.mul(p, t), coefficient(mask, 8));
  v128.store(at, f32x4.mul(f32x4.splat(1.4142135), f32x4.mul(p, u)));
}

/** The two words of the key's counters from `count` on. Two vectors at once, because each step waits for the one before. */
export function words(k0: i32, k1: i32, count: i32, at: usize, end: usize): void {
  const a = i32x4.splat(k0);
  const b = i32x4.splat(k1);
  const c = i32x4.splat(k0 ^ k1 ^ 0x1bd11bda);
  let counter = i32x4.add(i32x4.splat(count + k1), i32x4(0, 1, 2, 3));
  for (; at < end; at += 32) {
    let x = a;
    let z = a;
    let y = counter;
    let w = i32x4.add(counter, i32x4.splat(4));
    counter = i32x4.add(counter, i32x4.splat(8));
    let one = a;
    let two = b;
    let three = c;
    for (let i = 1; i < 6; i++) {
      if (i & 1) {
        x = i32x4.add(x, y); z = i32x4.add(z, w); y = mix(x, y, 13); w = mix(z, w, 13);
        x = i32x4.add(x, y); z = i32x4.add(z, w); y = mix(x, y, 15); w = mix(z, w, 15);
        x = i32x4.add(x, y); z = i32x4.add(z, w); y = mix(x, y, 26); w = mix(z, w, 26);
        x = i32x4.add(x, y); z = i32x4.add(z, w); y = mix(x, y, 6); w = mix(z, w, 6);
      } else {
        x = i32x4.add(x, y); z = i32x4.add(z, w); y = mix(x, y, 17); w = mix(z, w, 17);
        x = i32x4.add(x, y); z = i32x4.add(z, w); y = mix(x, y, 29); w = mix(z, w, 29);
        x = i32x4.add(x, y); z = i32x4.add(z, w); y = mix(x, y, 16); w = mix(z, w, 16);
        x = i32x4.add(x, y); z = i32x4.add(z, w); y = mix(x, y, 24); w = mix(z, w, 24);
      }
      const was = one;
      one = two;
      two = three;
      three = was;
      const more = i32x4.add(two, i32x4.splat(i));
      x = i32x4.add(x, one);
      z = i32x4.add(z, one);
      y = i32x4.add(y, more);
      w = i32x4.add(w, more);
    }
    v128.store(at, x);
    v128.store(at + 16, z);
    v128.store(at + far, y);
    v128.store(at + far + 16, w);
  }
}

/** Puts normal numbers in the place of the words. */
export function normal(at: usize, end: usize): void {
  for (; at < end; at += 16) put(at, v128.xor(v128.load(at), v128.load(at + far)));
}
