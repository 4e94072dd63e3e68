/** The halves of what {@link hash} gives last: two results without an object. */
export let first = 0;
export let second = 0;

/**
 * Threefry-2x32 with 20 rounds (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", 2011): the counter's two words
 * under the key's two, as `first` and `second`. All words are int32 that hold 32 bits.
 */
export function hash(k0: number, k1: number, c0: number, c1: number): void {
  const k2 = k0 ^ k1 ^ 0x1bd11bda;
  let x = (c0 + k0) | 0;
  let y = (c1 + k1) | 0;
  x = (x + y) | 0;
  y = ((y << 13) | (y >>> 19)) ^ x;
  x = (x + y) | 0;
  y = ((y << 15) | (y >>> 17)) ^ x;
  x = (x + y) | 0;
  y = ((y << 26) | (y >>> 6)) ^ x;
  x = (x + y) | 0;
  y = ((y << 6) | (y >>> 26)) ^ x;
  x = (x + k1) | 0;
  y = (y + k2 + 1) | 0;
  x = (x + y) | 0;
  y = ((y << 17) | (y >>> 15)) ^ x;
  x = (x + y) | 0;
  y = ((y << 29) | (y >>> 3)) ^ x;
  x = (x + y) | 0;
  y = ((y << 16) | (y >>> 16)) ^ x;
  x = (x + y) | 0;
  y = ((y << 24) | (y >>> 8)) ^ x;
  x = (x + k2) | 0;
  y = (y + k0 + 2) | 0;
  x = (x + y) | 0;
  y = ((y << 13) | (y >>> 19)) ^ x;
  x = (x + y) | 0;
  y = ((y << 15) | (y >>> 17)) ^ x;
  x = (x + y) | 0;
  y = ((y << 26) | (y >>> 6)) ^ x;
  x = (x + y) | 0;
  y = ((y << 6) | (y >>> 26)) ^ x;
  x = (x + k0) | 0;
  y = (y + k1 + 3) | 0;
  x = (x + y) | 0;
  y = ((y << 17) | (y >>> 15)) ^ x;
  x = (x + y) | 0;
  y = ((y << 29) | (y >>> 3)) ^ x;
  x = (x + y) | 0;
  y = ((y << 16) | (y >>> 16)) ^ x;
  x = (x + y) | 0;
  y = ((y << 24) | (y >>> 8)) ^ x;
  x = (x + k1) | 0;
  y = (y + k2 + 4) | 0;
  x = (x + y) | 0;
  y = ((y << 13) | (y >>> 19)) ^ x;
  x = (x + y) | 0;
  y = ((y << 15) | (y >>> 17)) ^ x;
  x = (x + y) | 0;
  y = ((y << 26) | (y >>> 6)) ^ x;
  x = (x + y) | 0;
  y = ((y << 6) | (y >>> 26)) ^ x;
  first = (x + k2) | 0;
  second = (y + k0 + 5) | 0;
}

/** A key in numbers. */
export type Words = readonly [number, number];

/** The i-th of the keys that a key is split into. */
export function child([k0, k1]: Words, i: number): Words {
  hash(k0, k1, 0, i);
  return [first, second];
}

/** The i-th 32 bits of a key, as an int32. */
export function word([k0, k1]: Words, i: number): number {
  hash(k0, k1, 0, i);
  return first ^ second;
}

/** How many random bits each of the floating dtypes has after its binary point. */
export const mantissa = { float32: 23, float64: 52 } as const;

export type Float = keyof typeof mantissa;

/** The i-th number of a key in [0, 1): as many random bits as a mantissa has. */
export function unit([k0, k1]: Words, i: number, dtype: Float): number {
  hash(k0, k1, 0, i);
  return dtype === "float32" ? ((first ^ second) >>> 9) * 2 ** -23 : (first >>> 0) * 2 ** -32 + (second >>> 12) * 2 ** -52;
}

/** The i-th of a key's standard normal numbers. */
export function gaussian(key: Words, i: number, dtype: Float): number {
  const u = unit(key, i, dtype);
  return dtype === "float32" ? normal32(Math.fround(2 * u - below1)) : normal64(2 * u - (1 - 2 ** -53));
}

const below1 = 1 - 2 ** -24;

/** log(1 + x) where −√½ < x ≤ 0, as XLA has it: by Cephes' rational function, also where that is somewhat beyond its interval. */
function log1p(x: number): number {
  if (x < 1 - Math.SQRT2) return Math.log(1 + x);
  const p = horner(logarithm[0], x);
  const q = horner(logarithm[1], x);
  return -0.5 * x * x + x * x * x * (p / q) + x;
}

function horner(coefficients: readonly number[], t: number): number {
  let sum = 0;
  for (let i = 0; i < coefficients.length; i++) sum = sum * t + coefficients[i];
  return sum;
}

/** √2 times the inverse error function in float32, by the polynomials of M. Giles, "Approximating the erfinv function" (2010). */
export function normal32(x: number): number {
  let w = -Math.log(1 - Math.fround(x * x));
  let p: number;
  if (w < 5) {
    w -= 2.5;
    p = 2.81022636e-8;
    p = p * w + 3.43273939e-7;
    p = p * w - 3.5233877e-6;
    p = p * w - 4.39150654e-6;
    p = p * w + 0.00021858087;
    p = p * w - 0.00125372503;
    p = p * w - 0.00417768164;
    p = p * w + 0.246640727;
    p = p * w + 1.50140941;
  } else {
    w = Math.sqrt(w) - 3;
    p = -0.000200214257;
    p = p * w + 0.000100950558;
    p = p * w + 0.00134934322;
    p = p * w - 0.00367342844;
    p = p * w + 0.00573950773;
    p = p * w - 0.0076224613;
    p = p * w + 0.00943887047;
    p = p * w + 1.00167406;
    p = p * w + 2.83297682;
  }
  return Math.fround(1.4142135381698608 * Math.fround(p * x));
}

/** The same in float64: Giles' polynomials, which hold 1 − x² alone, are what JAX's numbers come from. */
export function normal64(x: number): number {
  const w = -log1p(-x * x);
  const p = w < 6.25 ? horner(near, w - 3.125) : w < 16 ? horner(far, Math.sqrt(w) - 3.25) : horner(farthest, Math.sqrt(w) - 5);
  return Math.SQRT2 * (p * x);
}

const logarithm = [
  [
    4.52700008624452e-5, 0.49854102823193375, 6.578732594206104, 29.911919328553072, 60.94966798098779, 57.11296359058554,
    20.039553499201283,
  ],
  [1, 15.062909083469192, 83.04756596796722, 221.76239823732857, 309.09872225312057, 216.42788614495947, 60.11866049760384],
] as const;

const near = [
  -3.64441206401782e-21, -1.6850591381820166e-19, 1.28584807152564e-18, 1.1157877678025181e-17, -1.333171662854621e-16,
  2.0972767875968562e-17, 6.637638134358324e-15, -4.054566272975207e-14, -8.151934197605472e-14, 2.6335093153082323e-12,
  -1.2975133253453532e-11, -5.415412054294628e-11, 1.0512122733215323e-9, -4.112633980346984e-9, -2.9070369957882005e-8,
  4.2347877827932404e-7, -1.3654692000834679e-6, -1.3882523362786469e-5, 0.00018673420803405714, -0.000740702534166267,
  -0.006033670871430149, 0.24015818242558962, 1.6536545626831027,
];

const far = [
  2.2137376921775787e-9, 9.075656193888539e-8, -2.7517406297064545e-7, 1.8239629214389228e-8, 1.5027403968909828e-6, -4.013867526981546e-6,
  2.9234449089955446e-6, 1.2475304481671779e-5, -4.7318229009055734e-5, 6.828485145957318e-5, 2.4031110387097894e-5, -0.0003550375203628475,
  0.0009532893797373805, -0.0016882755560235047, 0.002491442096107851, -0.003751208507569241, 0.005370914553590064, 1.0052589676941592,
  3.0838856104922208,
];

const farthest = [
  -2.7109920616438573e-11, -2.555641816996525e-10, 1.5076572693500548e-9, -3.789465440126737e-9, 7.61570120807834e-9, -1.496002662714924e-8,
  2.914795345090108e-8, -6.771199775845234e-8, 2.2900482228026655e-7, -9.9298272942317e-7, 4.526062597223154e-6, -1.968177810553167e-5,
  7.599527703001776e-5, -0.00021503011930044477, -0.00013871931833623122, 1.0103004648645344, 4.849906401408584,
];
