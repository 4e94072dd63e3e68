import { type ArrayLike, concatenate, flip, type NDArray, ShapeError, stack, TreeError, zerosLike } from "@ad/core";
import { bare, describe } from "@ad/core/internals/checks";
import { sliceAxis } from "@ad/core/internals/trace";
import { ends, turns } from "./constants.js";
import { alongOf, type LineOptions, lined, placed, scaled, scaleOf } from "./lines.js";
import { cosinesOf, forward, halve, type Pair, sumOfCosines } from "./operations.js";
import { real } from "./pairs.js";

/** The types of the cosine transform. */
export type CosineType = 1 | 2 | 3 | 4;

/** Options of {@link dct} and {@link idct}. */
export interface CosineOptions extends LineOptions {
  /** It is 2 by default. */
  readonly type?: CosineType;
}

/** Elements start + step·i of the last axis. */
const part = (x: NDArray, start: number, size: number, step = 1): NDArray => sliceAxis(x, x.ndim - 1, start, size, step);
const backwards = (x: NDArray): NDArray => flip(x, -1);
const chain = (parts: readonly NDArray[]): NDArray => concatenate(parts, -1);

const turned = ([re, im]: Pair, [c, s]: Pair): Pair => [re.mul(c).sub(im.mul(s)), re.mul(s).add(im.mul(c))];

/** Type 4 of an odd length: half of a transform of twice the length, turned before and after. */
function oddLength(x: NDArray, n: number): NDArray {
  const [a, b] = turns(4 * n, 0, 1, n, x);
  const zeros = zerosLike(x);
  const [re, im] = forward([chain([x.mul(a), zeros]), chain([x.mul(b), zeros])]);
  return turned([part(re, 0, n), part(im, 0, n)], turns(8 * n, 1, 2, n, x))[0];
}

/** Along the last axis, of length n: half of what is meant, undivided. */
const cosines: Readonly<Record<CosineType, (x: NDArray, n: number) => NDArray>> = {
  /** The transform of what goes on evenly at both ends. */
  1: (x, n) => halve(chain([x, backwards(part(x, 1, n - 2))]))[0].mul(0.5),

  2: cosinesOf,

  3: (x, n) => sumOfCosines(x.mul(ends(n, x, 0.5, 1, 1))),

  /** The transform of what stands in pairs, turned before and after: the even elements and, backwards, the odd ones. */
  4(x, n) {
    if (n % 2) return oddLength(x, n);
    const half = n / 2;
    const [even, odd] = [part(x, 0, half, 2), backwards(part(x, 1, half, 2))];
    const [re, im] = turned(forward(turned([even, odd], turns(8 * n, 1, 4, half, x))), turns(2 * n, 0, 1, half, x));
    return stack([re, backwards(im.neg())], -1).reshape(x.shape);
  },
};

/** Each type's inverse, but for a factor. */
const inverses: Readonly<Record<CosineType, CosineType>> = { 1: 1, 2: 3, 3: 2, 4: 4 };

function transformed(op: string, given: ArrayLike, options: CosineOptions | undefined, inverse: boolean): NDArray {
  const x = real(op, given);
  const { axis, n, norm } = alongOf(op, x, options, ["type"]);
  const type = bare(options?.type ?? 2);
  if (typeof type !== "number" || !(type in cosines)) throw new TreeError(`${op}: type is ${describe(type)}; give 1, 2, 3 or 4.`);
  if (type === 1 && n === 1) throw new ShapeError(`${op}: one entry has no transform of type 1; give two at least.`);
  const own = inverse ? inverses[type] : type;
  const factor = 2 * scaleOf(op, norm, type === 1 ? 2 * n - 2 : 2 * n, inverse);
  // The ends as they make the matrix orthogonal.
  const ortho = norm === "ortho" && own !== 4;
  const last = own === 1 ? Math.SQRT2 : 1;
  const lines = lined(op, x, axis, n);
  const before = ortho && own !== 2 ? lines.mul(ends(n, x, Math.SQRT2, 1, last)) : lines;
  const out = cosines[own](before, n);
  return placed(ortho && own !== 3 ? out.mul(ends(n, x, factor * Math.SQRT1_2, factor, factor / last)) : scaled(out, factor), axis);
}

/**
 * The discrete cosine transform along an axis. With the default norm, where j and k go from 0 to n − 1,
 *
 * - type 1 is x₀ + (−1)ᵏ xₙ₋₁ + 2 Σ xⱼ cos(π k j / (n − 1)), without the ends in the sum,
 * - type 2 is 2 Σ xⱼ cos(π k (2j + 1) / 2n),
 * - type 3 is x₀ + 2 Σ xⱼ cos(π (2k + 1) j / 2n), without j = 0 in the sum,
 * - type 4 is 2 Σ xⱼ cos(π (2k + 1) (2j + 1) / 4n).
 *
 * With the norm "ortho" the matrix of each is orthogonal.
 *
 * @param x a real array of any shape; float32 stays float32, int32 and bool become float64
 * @param options type, by default 2; n, axis and norm as in {@link fft}, where 2n, or 2n − 2 for type 1, stands for the length
 * @returns an array of the shape of x, where the axis has length n
 * @throws AxisError where x has no such axis, ShapeError where n is no whole number of at least 1 or 1 for type 1, TreeError for an unknown
 * option, type or norm, DTypeError where x is no {@link ArrayLike}
 * @example
 * dct(array([1, 2, 3])).toArray(); // [12, -3.464102, 0]
 * dct(array([1, 1, 1, 1]), { norm: "ortho" }).toArray(); // [2, 0, 0, 0]
 */
export const dct = (x: ArrayLike, options?: CosineOptions): NDArray => transformed("dct", x, options, false);

/**
 * The inverse of {@link dct}.
 *
 * @param x a real array of any shape; float32 stays float32, int32 and bool become float64
 * @param options as in {@link dct}
 * @returns an array of the shape of x, where the axis has length n
 * @throws AxisError where x has no such axis, ShapeError where n is no whole number of at least 1 or 1 for type 1, TreeError for an unknown
 * option, type or norm, DTypeError where x is no {@link ArrayLike}
 * @example
 * idct(dct(array([1, 2, 3]))).toArray(); // [1, 2, 3]
 */
export const idct = (x: ArrayLike, options?: CosineOptions): NDArray => transformed("idct", x, options, true);
