import { special } from "@ad/core/internals/backend";

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

/** The 32 bits of two words, as an int32. */
export const bits32 = (first: number, second: number): number => first ^ second;

/** The floating dtypes. */
export type Float = "float64" | "float32";

/** Makes a number of the two words of a counter. */
export type OfWords = (first: number, second: number) => number;

/** The number in [0, 1) of two words: as many random bits as a mantissa has. */
export const unitOf: Readonly<Record<Float, OfWords>> = {
  float32: (first, second) => ((first ^ second) >>> 9) * 2 ** -23,
  float64: (first, second) => (first >>> 0) * 2 ** -32 + (second >>> 12) * 2 ** -52,
};

/** The standard normal number of two words. */
export const gaussianOf: Readonly<Record<Float, OfWords>> = {
  float32: (first, second) => normal32(Math.fround(2 * unitOf.float32(first, second) - below1)),
  float64: (first, second) => normal64(2 * unitOf.float64(first, second) - (1 - 2 ** -53)),
};

/** The i-th of the numbers that are made of a key's words. */
export function numberOf([k0, k1]: Words, i: number, number: OfWords): number {
  hash(k0, k1, 0, i);
  return number(first, second);
}

/** The i-th number of a key in [0, 1). */
export const unit = (key: Words, i: number, dtype: Float): number => numberOf(key, i, unitOf[dtype]);

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

const round = Math.fround;

/** A float32 and its bits. */
const single = /* @__PURE__ */ new Float32Array(1);
const pattern = /* @__PURE__ */ (() => new Int32Array(single.buffer))();

/**
 * √2 times the inverse error function in float32, by the polynomials of M. Giles, "Approximating the erfinv function" (2010). Each step is rounded:
 * kernels/index.ts takes the same steps, to the same bits.
 */
export function normal32(x: number): number {
  single[0] = 1 - round(x * x);
  const q = pattern[0];
  const k = (q - 0x3f3504f3) >> 23;
  pattern[0] = q - (k << 23);
  const m = single[0];
  const s = round(round(m - 1) / round(m + 1));
  const w = -round(round(k * ln2) + round(round(s + s) * horner32(series, round(s * s))));
  const p = w < 5 ? horner32(near32, round(w - 2.5)) : horner32(far32, round(round(Math.sqrt(w)) - 3));
  return round(root2 * round(p * x));
}

function horner32(coefficients: readonly number[], t: number): number {
  let sum = round(coefficients[0]);
  for (let i = 1; i < coefficients.length; i++) sum = round(round(sum * t) + round(coefficients[i]));
  return sum;
}

const ln2 = 0.6931471824645996;
const root2 = 1.4142135381698608;

/** Of log((1 + s) / (1 − s)) / 2 s, in s². */
export const series = [1 / 9, 1 / 7, 1 / 5, 1 / 3, 1];

export const near32 = [
  2.81022636e-8, 3.43273939e-7, -3.5233877e-6, -4.39150654e-6, 0.00021858087, -0.00125372503, -0.00417768164, 0.246640727, 1.50140941,
];

export const far32 = [
  -0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773, -0.0076224613, 0.00943887047, 1.00167406, 2.83297682,
];

/**
 * The same in float64. JAX's numbers come from Giles' polynomials, which hold 1 − x² alone; in the tails, where special.erfc(y) = 1 − |x| is
 * (1 − x²) / (1 + |x|), Newton's method in its logarithm leads to the same from the float32 value.
 */
export function normal64(x: number): number {
  const square = x * x;
  const w = -log1p(-square);
  if (w < 6.25) return Math.SQRT2 * (horner(near, w - 3.125) * x);
  const rest = (1 - square) / (1 + Math.sqrt(square));
  let y = horner(far32, Math.sqrt(w) - 3) * Math.abs(x);
  for (let step = 0; step < 4; step++) y += special.erfc(y) * Math.log(special.erfc(y) / rest) * Math.exp(y * y) * (Math.sqrt(Math.PI) / 2);
  return Math.SQRT2 * y * Math.sign(x);
}

const logarithm = [
  [
    4.52700008624452e-5, 0.49854102823193375, 6.578732594206104, 29.911919328553072, 60.94966798098779, 57.11296359058554,
    20.039553499201283,
  ],
  [1, 15.062909083469192, 83.04756596796722, 221.76239823732857, 309.09872225312057, 216.42788614495947, 60.11866049760384],
] as const;

const near = [
  -3.6444121e-21, -1.685059138e-19, 1.2858480715e-18, 1.1157877678e-17, -1.33317166285e-16, 2.097276788e-17, 6.6376381344e-15,
  -4.05456627298e-14, -8.1519341976e-14, 2.633509315308e-12, -1.297513325345e-11, -5.415412054295e-11, 1.0512122733215e-9,
  -4.112633980347e-9, -2.9070369957882e-8, 4.23478778279324e-7, -1.36546920008347e-6, -1.388252336278647e-5, 0.0001867342080340571,
  -0.000740702534166267, -0.006033670871430149, 0.24015818242558962, 1.6536545626831027,
];
