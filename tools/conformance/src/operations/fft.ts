import type { NDArray } from "@ad/core";
import type * as fft from "@ad/fft";
import type { Complex, CosineType } from "@ad/fft";
import { type Domain, type Input, of, real, signed, whole } from "../inputs.js";
import { type Call, family } from "./operation.js";

type Transforms = Omit<typeof fft, "complex" | "fftfreq" | "rfftfreq">;
type OfComplex = { readonly [N in keyof typeof fft.complex as `complex.${N}`]: (typeof fft.complex)[N] };
type Functions = Transforms & OfComplex;

/** The functions of @ad/fft that take arrays: one that has no row below does not compile. */
export type FftName = keyof Functions;

const any = real(-1, 1);
const int = whole(-4, 4);
const apart = signed(0.3, 1.5);

/** A pair of one shape. */
const pair = (from: Domain, ...shape: readonly number[]): Input[] => [of(from, ...shape), of(from, ...shape)];
const pairs = (from: Domain, ...shapes: readonly (readonly number[])[]): Input[][] => shapes.map((shape) => pair(from, ...shape));

const parts = ({ re, im }: Complex): NDArray[] => [re, im];

type Line = typeof fft.fft;
type Grid = typeof fft.fftn;

const lines: readonly Input[][] = [...pairs(any, [1], [4], [2, 5], [2, 1, 6], [0, 3]), pair(int, 3), [of(any, 2, 1), of(any, 3)]];

const complexLines: readonly Call<Line>[] = [
  ...family<Line>((f, re, im) => parts(f({ re, im })), ...lines),
  ...family<Line>((f, re, im) => parts(f({ re, im }, { axis: 0, n: 4, norm: "ortho" })), ...pairs(any, [3, 2], [5, 2])),
  ...family<Line>((f, re, im) => parts(f({ re, im }, { axis: -2, norm: "forward" })), ...pairs(any, [3, 2])),
  ...family<Line>((f, x) => parts(f(x)), [of(any, 4)], [of(any, 2, 3)], [of(int, 3)]),
];

const planes: readonly Call<Grid>[] = [
  ...family<Grid>((f, re, im) => parts(f({ re, im })), ...pairs(any, [2, 1, 3])),
  ...family<Grid>((f, re, im) => parts(f({ re, im }, { axes: [1] })), ...pairs(any, [0, 2, 1])),
];
const grids: readonly Call<Grid>[] = [
  ...family<Grid>((f, re, im) => parts(f({ re, im })), ...pairs(any, [2, 3])),
  ...family<Grid>((f, re, im) => parts(f({ re, im }, { axes: [0, -1], s: [2, 4], norm: "ortho" })), ...pairs(any, [3, 0, 3], [3, 2, 1])),
  ...family<Grid>((f, x) => parts(f(x)), [of(any, 3, 4)]),
];

type Cosine = typeof fft.dct;
const cosines: readonly Call<Cosine>[] = [
  ...([1, 2, 3, 4] as const satisfies readonly CosineType[]).flatMap((type) => [
    ...family<Cosine>((f, x) => f(x, { type }), [of(any, 5)], [of(any, 2, 4)]),
    ...family<Cosine>((f, x) => f(x, { type, norm: "ortho" }), [of(any, 2, 3)]),
  ]),
  ...family<Cosine>((f, x) => f(x, { norm: "forward" }), [of(any, 1)], [of(any, 0, 3)], [of(int, 4)]),
  ...family<Cosine>((f, x) => f(x, { axis: 0, n: 4 }), [of(any, 3, 2)], [of(any, 5, 2)]),
];

type Shift = typeof fft.fftshift;
const shifts: readonly Call<Shift>[] = [
  ...family<Shift>((f, x) => f(x), [of(any, 4)], [of(any, 5)], [of(any, 2, 3)], [of(any)], [of(any, 0)], [of(int, 3)]),
  ...family<Shift>((f, x) => f(x, -1), [of(any, 2, 3)]),
  ...family<Shift>((f, re, im) => parts(f({ re, im }, [0])), pair(any, 3, 2)),
];

type Binary = typeof fft.complex.mul;
const binary: readonly Call<Binary>[] = [
  ...family<Binary>(
    (f, a, b, c, d) => parts(f({ re: a, im: b }, { re: c, im: d })),
    ...[[2, 2], [0]].map((shape) => [...pair(apart, ...shape), ...pair(apart, ...shape)]),
  ),
  ...family<Binary>((f, a, b, c) => parts(f({ re: a, im: b }, c)), [...pair(apart, 2, 3), of(apart, 3)], [...pair(apart, 3), of(apart)]),
  ...family<Binary>(
    (f, a, c, d) => parts(f(a, { re: c, im: d })),
    [of(apart, 2, 1), ...pair(apart, 3)],
    [of(whole(1, 4), 3), ...pair(apart, 3)],
  ),
];

type Unary = typeof fft.complex.exp;
const unaryOf = (from: Domain): readonly Call<Unary>[] => [
  ...family<Unary>((f, re, im) => parts(f({ re, im })), ...pairs(from, [2, 3], [0], [])),
  ...family<Unary>((f, re, im) => parts(f({ re, im })), [of(from, 2, 1), of(from, 3)]),
];
const unary: readonly Call<Unary>[] = [...unaryOf(apart), ...family<Unary>((f, x) => parts(f(x)), [of(real(0.3, 2), 3)])];

type Size = typeof fft.complex.abs;
const sizes: readonly Call<Size>[] = [
  ...family<Size>((f, re, im) => f({ re, im }), ...pairs(apart, [2, 3], [0], [])),
  ...family<Size>((f, x) => f(x), [of(real(0.3, 2), 3)]),
];

export const fftCalls: { readonly [N in FftName]: readonly Call<Functions[N]>[] } = {
  fft: complexLines,
  ifft: complexLines,
  rfft: [
    ...family<typeof fft.rfft>(
      (f, x) => parts(f(x)),
      [of(any, 1)],
      [of(any, 2)],
      [of(any, 5)],
      [of(any, 2, 6)],
      [of(any, 3, 3)],
      [of(any, 0, 4)],
      [of(int, 4)],
    ),
    ...family<typeof fft.rfft>((f, x) => parts(f(x, { axis: 0, n: 4, norm: "ortho" })), [of(any, 3, 2)], [of(any, 5, 2)]),
  ],
  irfft: [
    ...family<typeof fft.irfft>((f, re, im) => f({ re, im }), ...pairs(any, [2], [3], [4], [2, 3], [0, 3]), pair(int, 3)),
    ...[1, 3, 6].flatMap((n) => family<typeof fft.irfft>((f, re, im) => f({ re, im }, { n, norm: "forward" }), ...pairs(any, [2, 3]))),
    ...family<typeof fft.irfft>((f, re, im) => f({ re, im }, { axis: 0 }), pair(any, 3, 2)),
    ...family<typeof fft.irfft>((f, x) => f(x), [of(any, 3)]),
  ],
  fft2: planes,
  ifft2: planes,
  fftn: grids,
  ifftn: grids,
  rfftn: [
    ...family<typeof fft.rfftn>((f, x) => parts(f(x)), [of(any, 2, 3)], [of(any, 3, 4)]),
    ...family<typeof fft.rfftn>((f, x) => parts(f(x, { s: [3] })), [of(any, 0, 2)]),
    ...family<typeof fft.rfftn>((f, x) => parts(f(x, { s: [3, 2], axes: [1, 0], norm: "ortho" })), [of(any, 2, 3, 2)]),
  ],
  irfftn: [
    ...family<typeof fft.irfftn>((f, re, im) => f({ re, im }), ...pairs(any, [2, 3], [3, 2])),
    ...family<typeof fft.irfftn>((f, re, im) => f({ re, im }, { s: [3] }), pair(any, 0, 2)),
    ...family<typeof fft.irfftn>((f, re, im) => f({ re, im }, { s: [3, 3], axes: [-1, 0] }), pair(any, 2, 3)),
  ],
  fftshift: shifts,
  ifftshift: shifts,
  dct: cosines,
  idct: cosines,
  "complex.add": binary,
  "complex.sub": binary,
  "complex.mul": binary,
  "complex.div": binary,
  "complex.neg": unary,
  "complex.conj": unary,
  "complex.exp": unary,
  "complex.log": unary,
  "complex.sqrt": unary,
  "complex.abs": sizes,
  "complex.abs2": sizes,
  "complex.angle": sizes,
  "complex.polar": family<typeof fft.complex.polar>(
    (f, r, t) => parts(f(r, t)),
    [of(any, 3), of(any, 3)],
    [of(any, 2, 1), of(any, 3)],
    [of(any), of(int, 2)],
    [of(any, 0), of(any)],
  ),
};

export const fftNames = Object.keys(fftCalls) as FftName[];
