import { AxisError, array, DTypeError, full, grad, linspace, type NDArray, ShapeError, stack, TreeError, zeros } from "@ad/core";
import { fails } from "@ad/expect";
import { jit } from "@ad/jit";
import { vmap } from "@ad/vmap";
import { describe, expect, test } from "vitest";
import {
  type Complex,
  complex,
  dct,
  fft,
  fft2,
  fftfreq,
  fftn,
  fftshift,
  idct,
  ifft,
  ifft2,
  ifftn,
  ifftshift,
  irfft,
  irfftn,
  type Norm,
  rfft,
  rfftfreq,
  rfftn,
} from "../src/index.js";

const numbers = (seed: number, ...shape: number[]): NDArray =>
  array(
    Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => ((7919 * i + 31 * seed) % 1009) / 1009 - 0.5),
    { shape },
  );
const pair = (...shape: number[]): Complex => ({ re: numbers(1, ...shape), im: numbers(2, ...shape) });

/** The distance of two arrays or pairs. */
const apart = (x: Complex | NDArray, y: Complex | NDArray): number =>
  "re" in x && "re" in y
    ? Math.max(apart(x.re, y.re), apart(x.im, y.im))
    : (x as NDArray)
        .sub(y as NDArray)
        .abs()
        .max()
        .item();

const norms: readonly Norm[] = ["backward", "ortho", "forward"];
const lengths = [1, 2, 3, 8, 12, 31, 67, 128, 134];

describe.each(norms)("with the norm %s", (norm) => {
  test("each transform has its inverse", () => {
    for (const n of lengths) {
      const [z, x] = [pair(3, n), numbers(3, 3, n)];
      expect(apart(ifft(fft(z, { norm }), { norm }), z)).toBeLessThan(1e-14);
      expect(apart(fft(ifft(z, { norm }), { norm }), z)).toBeLessThan(1e-14);
      expect(apart(irfft(rfft(x, { norm }), { n, norm }), x)).toBeLessThan(1e-14);
      expect(apart(ifft2(fft2(z, { norm }), { norm }), z)).toBeLessThan(1e-14);
      expect(apart(ifftn(fftn(z, { norm }), { norm }), z)).toBeLessThan(1e-14);
      expect(apart(irfftn(rfftn(x, { norm }), { s: [3, n], norm }), x)).toBeLessThan(1e-14);
      for (const type of [1, 2, 3, 4] as const)
        if (n > type % 2) expect(n === 1 && type === 1 ? 0 : apart(idct(dct(x, { type, norm }), { type, norm }), x)).toBeLessThan(1e-14);
    }
  });
});

test("an orthogonal transform keeps the sum of squares (Parseval)", () => {
  for (const n of lengths) {
    const [z, x] = [pair(n), numbers(3, n)];
    const energy = complex.abs2(z).sum().item();
    expect(
      complex
        .abs2(fft(z, { norm: "ortho" }))
        .sum()
        .item() / energy,
    ).toBeCloseTo(1, 13);
    expect(complex.abs2(fft(z)).sum().item() / (n * energy)).toBeCloseTo(1, 13);
    for (const type of [1, 2, 3, 4] as const)
      if (n > 1) expect(dct(x, { type, norm: "ortho" }).square().sum().div(x.square().sum()).item()).toBeCloseTo(1, 13);
  }
});

test("a transform is linear over complex numbers", () => {
  const [a, b] = [pair(15), { re: numbers(5, 15), im: numbers(6, 15) }];
  const c = { re: 0.3, im: -2 };
  expect(apart(fft(complex.add(complex.mul(c, a), b)), complex.add(complex.mul(c, fft(a)), fft(b)))).toBeLessThan(1e-13);
});

test("a product of transforms is the transform of a convolution", () => {
  const [a, b] = [numbers(1, 9), numbers(2, 9)];
  const round = array(
    Array.from({ length: 9 }, (_, k) =>
      a
        .mul(b.flip().roll(k + 1))
        .sum()
        .item(),
    ),
  );
  expect(apart(irfft(complex.mul(rfft(a), rfft(b)), { n: 9 }), round)).toBeLessThan(1e-15);
});

test("real numbers and pairs of them have the same transform", () => {
  for (const n of lengths) {
    const x = numbers(4, 2, n);
    const z = { re: x, im: 0 };
    expect(apart(fft(x), fft(z))).toBeLessThan(1e-13);
    expect(apart(ifft(x), ifft(z))).toBeLessThan(1e-13);
    expect(apart(fft2(x), fft2(z))).toBeLessThan(1e-13);
  }
});

test.each([3, 5, 6, 8, 9, 35, 67, 134])("of the length %d, lines are transformed each for itself", (n) => {
  const line = linspace(1, 2, n).sin();
  const others = [full([n], Number.NaN), full([n], Infinity), line.mul(1e16)];
  const half = (n >> 1) + 1;
  const transforms: Record<string, (x: NDArray) => NDArray[]> = {
    fft: (x) => Object.values(fft(x)),
    rfft: (x) => Object.values(rfft(x)),
    irfft: (x) => [irfft({ re: x.slice("...", [0, half]), im: x.slice("...", [0, half]) }, { n })],
    ifft: (x) => Object.values(ifft({ re: x, im: x.neg() })),
    dct: (x) => [dct(x)],
    idct: (x) => [idct(x)],
  };
  for (const [name, f] of Object.entries(transforms))
    f(stack([others[0], line, ...others.slice(1), line])).forEach((together, part) => {
      const alone = f(line)[part].toArray();
      for (const i of [1, 4]) expect(together.slice(i).toArray(), name).toEqual(alone);
    });
});

test("a batch under vmap is one call, and agrees with jit", () => {
  const z = pair(4, 6);
  const f = (w: Complex): NDArray => complex.abs2(fft(complex.mul(w, w))).sum();
  const slopes = vmap(grad(f))(z);
  expect(apart(jit(vmap(grad(f)))(z), slopes)).toBeLessThan(1e-14);
  const first = { re: z.re.slice(1), im: z.im.slice(1) };
  expect(apart(grad(f)(first), { re: slopes.re.slice(1), im: slopes.im.slice(1) })).toBeLessThan(1e-14);
});

test("the gradient of the power of a spectrum is 2n times the signal", () => {
  const x = numbers(1, 12);
  expect(apart(grad((y: NDArray) => complex.abs2(fft(y)).sum())(x), x.mul(24))).toBeLessThan(1e-13);
  expect(apart(grad((y: NDArray) => complex.abs(fft(y)).square().sum())(x), x.mul(24))).toBeLessThan(1e-13);
});

test("a transform of nothing but zeros can be differentiated", () => {
  expect(grad((y: NDArray) => complex.abs(fft(y)).sum())(zeros(4)).toArray()).toEqual([0, 0, 0, 0]);
});

test("frequencies and shifts", () => {
  expect(fftfreq(1).toArray()).toEqual([0]);
  expect(fftfreq(6, 0.5).toArray()).toEqual([0, 1 / 3, 2 / 3, -1, -2 / 3, -1 / 3]);
  expect(rfftfreq(5).toArray()).toEqual([0, 0.2, 0.4]);
  for (const n of [4, 5]) {
    expect(fftshift(fftfreq(n)).mul(n).toArray()).toEqual([-2, -1, 0, 1, 2].slice(0, n));
    expect(ifftshift(fftshift(fftfreq(n))).toArray()).toEqual(fftfreq(n).toArray());
  }
  expect(fftshift({ re: [1, 2, 3], im: array([true, false, false]) }).im.toArray()).toEqual([false, true, false]);
  expect(
    fftshift(
      [
        [1, 2],
        [3, 4],
      ],
      0,
    ).toArray(),
  ).toEqual([
    [3, 4],
    [1, 2],
  ]);
});

test("what cannot be transformed is refused, and told why", () => {
  const x = numbers(1, 2, 3);
  fails(() => fft(1), AxisError, "fft: axis -1 is out of bounds");
  fails(() => fft(x, { axis: 2 }), AxisError, "fft: axis 2 is out of bounds");
  fails(() => fft(x, 8 as never), TreeError, "fft(x, { n: 8, axis: 0 })");
  fails(() => fft(x, { size: 3 } as never), TreeError, 'fft: there is no option "size"');
  fails(() => fft(x, { n: 0 }), ShapeError, "fft: n is 0");
  fails(() => fft(x, { n: 2.5 }), ShapeError, "fft: n is 2.5");
  fails(() => fft(x, { norm: "orthogonal" as never }), TreeError, "fft: norm is");
  fails(() => fft(zeros([2, 0])), ShapeError, "fft: axis 1 of an array of shape [2, 0] is too short");
  fails(() => irfft({ re: [1], im: [0] }), ShapeError, "irfft: axis 0 of an array of shape [1] is too short");
  fails(() => rfft({ re: x, im: x } as never), DTypeError, "rfft: a pair { re, im } arrives");
  fails(() => fft({ re: x, im: [1, 2] }), ShapeError, "fft: shapes [2, 3] and [2]");
  fails(() => fft2([1, 2]), AxisError, "fft2: axis -2 is out of bounds");
  fails(() => fftn(x, { axes: [0, 0] }), AxisError, "name an axis twice");
  fails(() => fftn(x, { s: [2], axes: [0, 1] }), ShapeError, "fftn: s has 1 lengths for 2 axes");
  fails(() => fftn(x, { s: [1, 2, 3] }), AxisError, "fftn: axis -3 is out of bounds");
  fails(() => fftn(1), ShapeError, "fftn: there is no axis");
  // Each length alone would do.
  for (const f of [fft2, ifft2, fftn, ifftn, rfftn, irfftn])
    fails(() => f(x, { s: [2 ** 20, 2 ** 20] }), ShapeError, `${f.name}: 1099511627776 elements, of shape [1048576, 1048576]`);
  fails(() => fft2(zeros([2 ** 16, 1]), { s: [1, 2 ** 16] }), ShapeError, "fft2: 4294967296 elements, of shape [65536, 65536]");
  fails(() => dct(x, { type: 5 as never }), TreeError, "dct: type is 5");
  fails(() => dct([1], { type: 1 }), ShapeError, "dct: one entry has no transform of type 1");
  fails(() => fft("x" as never), DTypeError, "fft:");
  fails(() => fftfreq(0), ShapeError, "fftfreq: n is 0");
  fails(() => rfftfreq(3, 0), DTypeError, "rfftfreq: d is 0");
  fails(() => fftshift(x, 2), AxisError, "fftshift: axis 2 is out of bounds");
});
