// Passes of Stockham's transform, for two lines at a time: src/kernels/passes.ts says what they are. Sizes are in bytes.

/** From real parts to the imaginary ones: a little more than a power of 2, so that both have room in the cache. */
const apart: usize = (1 << 16) + 192;

/** The roots of unity of the whole length, and from one table to the next: of real parts, of imaginary ones. */
const roots: usize = 1 << 14;
const beyond: usize = 1 << 13;

@inline function re(at: usize): v128 {
  return v128.load(at);
}

@inline function im(at: usize): v128 {
  return v128.load(at + apart);
}

@inline function splat(x: f64): v128 {
  return f64x2.splat(x);
}

@inline function add(x: v128, y: v128): v128 {
  return f64x2.add(x, y);
}

@inline function sub(x: v128, y: v128): v128 {
  return f64x2.sub(x, y);
}

@inline function mul(x: v128, y: v128): v128 {
  return f64x2.mul(x, y);
}

@inline function put(to: usize, r: v128, i: v128): void {
  v128.store(to, r);
  v128.store(to + apart, i);
}

@inline function twist(to: usize, r: v128, i: v128, wr: v128, wi: v128): void {
  put(to, sub(mul(r, wr), mul(i, wi)), add(mul(r, wi), mul(i, wr)));
}

@inline function cosine(at: usize): v128 {
  return v128.load64_splat(roots + at);
}

@inline function sine(at: usize): v128 {
  return v128.load64_splat(roots + beyond + at);
}

export function two(x: usize, y: usize, m: i32, s: usize, turn: usize): void {
  const far = s * m;
  for (let k: usize = 0; m > 0; m--, k += turn, y += s) {
    const wr = cosine(k);
    const wi = sine(k);
    for (const end = y + s; y < end; x += 16, y += 16) {
      const b = x + far;
      put(y, add(re(x), re(b)), add(im(x), im(b)));
      twist(y + s, sub(re(x), re(b)), sub(im(x), im(b)), wr, wi);
    }
  }
}

export function three(x: usize, y: usize, m: i32, s: usize, turn: usize): void {
  const far = s * m;
  const half = splat(0.5);
  const sin = splat(0.8660254037844386);
  for (let k: usize = 0; m > 0; m--, k += turn, y += 2 * s) {
    const w1r = cosine(k);
    const w1i = sine(k);
    const w2r = cosine(2 * k);
    const w2i = sine(2 * k);
    for (const end = y + s; y < end; x += 16, y += 16) {
      const b = x + far;
      const c = b + far;
      const sr = add(re(b), re(c));
      const si = add(im(b), im(c));
      const dr = mul(sin, sub(im(b), im(c)));
      const di = mul(sin, sub(re(c), re(b)));
      const hr = sub(re(x), mul(half, sr));
      const hi = sub(im(x), mul(half, si));
      put(y, add(re(x), sr), add(im(x), si));
      twist(y + s, add(hr, dr), add(hi, di), w1r, w1i);
      twist(y + 2 * s, sub(hr, dr), sub(hi, di), w2r, w2i);
    }
  }
}

export function four(x: usize, y: usize, m: i32, s: usize, turn: usize): void {
  const far = s * m;
  for (let k: usize = 0; m > 0; m--, k += turn, y += 3 * s) {
    const w1r = cosine(k);
    const w1i = sine(k);
    const w2r = cosine(2 * k);
    const w2i = sine(2 * k);
    const w3r = cosine(3 * k);
    const w3i = sine(3 * k);
    for (const end = y + s; y < end; x += 16, y += 16) {
      const b = x + far;
      const c = b + far;
      const d = c + far;
      const acr = add(re(x), re(c));
      const aci = add(im(x), im(c));
      const ar = sub(re(x), re(c));
      const ai = sub(im(x), im(c));
      const bdr = add(re(b), re(d));
      const bdi = add(im(b), im(d));
      const br = sub(im(b), im(d));
      const bi = sub(re(d), re(b));
      put(y, add(acr, bdr), add(aci, bdi));
      twist(y + s, add(ar, br), add(ai, bi), w1r, w1i);
      twist(y + 2 * s, sub(acr, bdr), sub(aci, bdi), w2r, w2i);
      twist(y + 3 * s, sub(ar, br), sub(ai, bi), w3r, w3i);
    }
  }
}

export function five(x: usize, y: usize, m: i32, s: usize, turn: usize): void {
  const far = s * m;
  const c1 = splat(0.30901699437494745);
  const c2 = splat(-0.8090169943749475);
  const s1 = splat(0.9510565162951535);
  const s2 = splat(0.5877852522924731);
  for (let k: usize = 0; m > 0; m--, k += turn, y += 4 * s)
    for (const end = y + s; y < end; x += 16, y += 16) {
      const b = x + far;
      const c = b + far;
      const d = c + far;
      const e = d + far;
      const sr1 = add(re(b), re(e));
      const si1 = add(im(b), im(e));
      const sr2 = add(re(c), re(d));
      const si2 = add(im(c), im(d));
      const dr1 = sub(im(b), im(e));
      const di1 = sub(re(e), re(b));
      const dr2 = sub(im(c), im(d));
      const di2 = sub(re(d), re(c));
      const er1 = add(re(x), add(mul(c1, sr1), mul(c2, sr2)));
      const ei1 = add(im(x), add(mul(c1, si1), mul(c2, si2)));
      const er2 = add(re(x), add(mul(c2, sr1), mul(c1, sr2)));
      const ei2 = add(im(x), add(mul(c2, si1), mul(c1, si2)));
      const or1 = add(mul(s1, dr1), mul(s2, dr2));
      const oi1 = add(mul(s1, di1), mul(s2, di2));
      const or2 = sub(mul(s2, dr1), mul(s1, dr2));
      const oi2 = sub(mul(s2, di1), mul(s1, di2));
      put(y, add(re(x), add(sr1, sr2)), add(im(x), add(si1, si2)));
      twist(y + s, add(er1, or1), add(ei1, oi1), cosine(k), sine(k));
      twist(y + 2 * s, add(er2, or2), add(ei2, oi2), cosine(2 * k), sine(2 * k));
      twist(y + 3 * s, sub(er2, or2), sub(ei2, oi2), cosine(3 * k), sine(3 * k));
      twist(y + 4 * s, sub(er1, or1), sub(ei1, oi1), cosine(4 * k), sine(4 * k));
    }
}

/** The transpose of a matrix, of which one side may be odd: what stands beyond it then is overwritten afterwards, or never read. */
function transpose(x: usize, y: usize, rows: usize, columns: usize): void {
  const far = 8 * columns;
  const wide = 8 * rows;
  for (let j: usize = 0; j < columns; j += 2)
    for (let i: isize = (rows - 1) & -2; i >= 0; i -= 2) {
      const from = x + i * far + 8 * j;
      const to = y + j * wide + 8 * i;
      const a = v128.load(from);
      const b = v128.load(from + far);
      v128.store(to, v128.shuffle<f64>(a, b, 0, 2));
      v128.store(to + wide, v128.shuffle<f64>(a, b, 1, 3));
    }
}

/** Lines beside each other of lines one behind the other, or the other way round. */
export function turn(x: usize, y: usize, rows: usize, columns: usize): void {
  transpose(x, y, rows, columns);
  transpose(x + apart, y + apart, rows, columns);
}

/**
 * Element k of line b is multiplied by the root that the first line has there, and by that number k to the power of b; the tables are
 * behind that of the roots.
 */
export function twiddle(x: usize, n: i32, s: usize): void {
  for (let at = roots + 2 * beyond; n > 0; n--, at += 8) {
    const wr = load<f64>(at + 2 * beyond);
    const wi = load<f64>(at + 3 * beyond);
    const ar = v128.load64_splat(at);
    const ai = v128.load64_splat(at + beyond);
    const br = f64x2.replace_lane(splat(1), 1, wr);
    const bi = f64x2.replace_lane(splat(0), 1, wi);
    let r = sub(mul(ar, br), mul(ai, bi));
    let i = add(mul(ar, bi), mul(ai, br));
    const sr = splat(wr * wr - wi * wi);
    const si = splat(2 * wr * wi);
    for (const end = x + s; x < end; x += 16) {
      twist(x, re(x), im(x), r, i);
      const next = sub(mul(r, sr), mul(i, si));
      i = add(mul(r, si), mul(i, sr));
      r = next;
    }
  }
}
