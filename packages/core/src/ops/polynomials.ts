import type { ArrayLike } from "../array/base.js";
import { asArray, asArrays } from "../array/convert.js";
import { joined, list } from "../array/lists.js";
import { sliceAxis } from "../array/movement.js";
import type { NDArray } from "../array/ndarray.js";
import { cast, checkShape, stretch, toBool, whole } from "../array/operands.js";
import { common, numeric } from "../engine/aval.js";
import { checkOptions, checkPlace, describe, ShapeError, showShape, TreeError } from "../engine/errors.js";
import { bind } from "../engine/trace.js";

/**
 * The part of a convolution that is wanted: "full", wherever both meet; "same", as many places as the longer one has; "valid", where the longer
 * one holds the whole of the shorter one.
 */
export type ConvolveMode = "full" | "same" | "valid";

/** The most elements that the windows of one part of a kernel may have together. */
const most = 4194304;

/** Σₖ x[i + k] y[k] at the places of a mode, where y is the shorter one. */
function slide(x: NDArray, y: NDArray, mode: ConvolveMode): NDArray {
  const k = y.size - 1;
  const isValid = mode === "valid";
  const places = isValid ? x.size - k : x.size;
  const [long, short] = [x, isValid ? y : y.flip()].map((each) => cast(each, numeric(each.dtype)));
  // Of all windows together a long kernel would make too much.
  const length = Math.max(16, Math.floor(most / places));
  let out: NDArray | undefined;
  for (let start = 0; start < y.size; start += length) {
    const part = sliceAxis(short, 0, start, Math.min(length, y.size - start));
    const n = places + part.size - 1;
    let own: NDArray;
    if (isValid)
      own = sliceAxis(long, 0, start, n)
        .reshape([1, 1, -1])
        .conv(part.reshape([1, 1, -1]))
        .ravel();
    else {
      // Products of the elements that meet, and none with a padding, which 0 · NaN would spread.
      const products = part.expandDims(1).matmul(long.expandDims(0)).T;
      const folded = bind("fold", [products], { axes: [0], sizes: [part.size], steps: [1], dilations: [1], shape: [n] });
      own = y.size > part.size ? folded.pad([[start, y.size - part.size - start]]) : folded;
    }
    out = out === undefined ? own : out.add(own);
  }
  const all = out as NDArray;
  const wanted = mode === "same" ? sliceAxis(all, 0, k >> 1, x.size) : all;
  return x.dtype === "bool" ? toBool(wanted) : wanted;
}

/** Two vectors of one dtype, neither empty. */
function vectors(op: string, x: ArrayLike, y: ArrayLike, mode: unknown): NDArray[] {
  if (mode !== "full" && mode !== "same" && mode !== "valid")
    throw new TreeError(`${op}: the mode is ${describe(mode)}; give "full", "same" or "valid".`);
  const both = list(op, [x, y]).map((each) => (each.ndim === 0 ? each.reshape([1]) : each));
  const [a, b] = both;
  if (a.ndim !== 1 || b.ndim !== 1 || a.size === 0 || b.size === 0)
    throw new ShapeError(`${op}: shapes ${showShape(a.shape)} and ${showShape(b.shape)}; give two vectors that are not empty.`);
  return both;
}

/**
 * The convolution of two vectors: Σₖ x[k] y[n − k]. That of neural networks, over batches and channels, is {@link conv}.
 *
 * @param x a vector that is not empty
 * @param y another one; dtypes are promoted; of truth values it says whether any product is true
 * @param mode "full" (the default), of n + m − 1 elements; "same", of as many as the longer one has; "valid", of n − m + 1
 * @throws ShapeError where x or y is no vector or empty, TreeError where there is no such mode, DTypeError where x or y is no {@link ArrayLike}
 * @example
 * convolve([1, 2, 3], [0, 1, 0.5]).toArray(); // [0, 1, 2.5, 4, 1.5]
 * convolve([1, 2, 3], [0, 1, 0.5], "same").toArray(); // [1, 2.5, 4]
 */
export function convolve(x: ArrayLike, y: ArrayLike, mode: ConvolveMode = "full"): NDArray {
  const [a, b] = vectors("convolve", x, y, mode);
  const [long, short] = a.size < b.size ? [b, a] : [a, b];
  return slide(long, short.flip(), mode);
}

/**
 * The correlation of two vectors: Σₖ x[n + k] y[k], of which y is not flipped as in {@link convolve}.
 *
 * @param x a vector that is not empty
 * @param y another one; dtypes are promoted; of truth values it says whether any product is true
 * @param mode "valid" (the default), "same" or "full", as in {@link convolve}
 * @throws ShapeError where x or y is no vector or empty, TreeError where there is no such mode, DTypeError where x or y is no {@link ArrayLike}
 * @example
 * correlate([1, 2, 3], [0, 1, 0.5]).toArray(); // [3.5]
 * correlate([1, 2, 3], [0, 1, 0.5], "full").toArray(); // [0.5, 2, 3.5, 3, 0]
 */
export function correlate(x: ArrayLike, y: ArrayLike, mode: ConvolveMode = "valid"): NDArray {
  const [a, b] = vectors("correlate", x, y, mode);
  return a.size < b.size ? slide(b, a, mode).flip() : slide(a, b, mode);
}

/** Options of {@link vander}. */
export interface VanderOptions {
  /** Powers from 0 on, instead of down to 0. Default false. */
  readonly increasing?: boolean;
}

/**
 * The Vandermonde matrix: row i holds the powers of xᵢ, from n − 1 down to 0.
 *
 * @param x a vector, any dtype; bool counts as int32
 * @param n the number of columns, by default the length of x
 * @param options increasing: powers from 0 on
 * @returns [length of x, n]
 * @throws ShapeError where x is no vector or n no whole number, TreeError for an unknown option, DTypeError where x is no {@link ArrayLike}
 * @example
 * vander([1, 2, 3]).toArray(); // [[1, 1, 1], [4, 2, 1], [9, 3, 1]]
 */
export function vander(x: ArrayLike, n?: number | null, options: VanderOptions = {}): NDArray {
  checkOptions("vander", options, ["increasing"]);
  checkPlace("vander", n, "vander(x, undefined, options)");
  const y = asArray(x, "vander");
  if (y.ndim !== 1) throw new ShapeError(`vander: an array of shape ${showShape(y.shape)} arrives; give a vector.`);
  const [rows, columns] = checkShape("vander", [y.size, whole("vander", "n", n ?? y.size, 0)]);
  const base = cast(y, numeric(y.dtype)).reshape([rows, 1]);
  if (columns === 0) return base.broadcastTo([rows, 0]);
  const powers = [base.filled(1, base.aval)];
  while (powers.length < columns) powers.push(powers[powers.length - 1].mul(base));
  return joined("vander", options.increasing ? powers : powers.reverse(), 1);
}

/** Coefficients, the highest power first. */
function coefficients(op: string, p: NDArray): NDArray {
  if (p.ndim <= 1) return p.ndim === 0 ? p.reshape([1]) : p;
  throw new ShapeError(`${op}: coefficients of shape ${showShape(p.shape)} arrive; give a vector, the highest power first.`);
}

/**
 * The value of a polynomial, by Horner's scheme.
 *
 * @param p its coefficients, a vector, the highest power first
 * @param x where it is wanted, any shape, which is the result's; dtypes are promoted, and bool counts as int32
 * @throws ShapeError where p is no vector, DTypeError where p or x is no {@link ArrayLike}
 * @example
 * polyval([1, 0, -2], [1, 2, 3]).toArray(); // [-1, 2, 7]
 */
export function polyval(p: ArrayLike, x: ArrayLike): NDArray {
  const both = asArrays([p, x], "polyval");
  const dtype = numeric(common(both));
  const [own, at] = both.map((each) => cast(each, dtype));
  const c = coefficients("polyval", own);
  let out = at.filled(0, at.aval);
  for (let i = 0; i < c.size; i++) out = i === 0 ? stretch(c.slice(0), at.shape) : out.mul(at).add(c.slice(i));
  return out;
}

/**
 * The sum of two polynomials.
 *
 * @param p coefficients, a vector, the highest power first; dtypes are promoted
 * @param q coefficients, a vector, the highest power first; dtypes are promoted
 * @returns as many coefficients as the longer one has
 * @throws ShapeError where p or q is no vector, DTypeError where one is no {@link ArrayLike}
 * @example
 * polyadd([1, 2], [9, 5, 4]).toArray(); // [9, 6, 6]
 */
export function polyadd(p: ArrayLike, q: ArrayLike): NDArray {
  const both = list("polyadd", [p, q]).map((each) => coefficients("polyadd", each));
  const n = Math.max(...both.map(({ size }) => size));
  const [a, b] = both.map((each) => each.pad([[n - each.size, 0]]));
  return a.add(b);
}

/**
 * The product of two polynomials. Leading zeros stay: how many there are depends on the numbers.
 *
 * @param p coefficients, a vector that is not empty, the highest power first; dtypes are promoted
 * @param q coefficients, a vector that is not empty, the highest power first; dtypes are promoted
 * @returns n + m − 1 coefficients
 * @throws ShapeError where p or q is no vector or empty, DTypeError where one is no {@link ArrayLike}
 * @example
 * polymul([1, 2], [1, -2]).toArray(); // [1, 0, -4]
 */
export function polymul(p: ArrayLike, q: ArrayLike): NDArray {
  const [a, b] = vectors("polymul", p, q, "full");
  return a.size < b.size ? slide(b, a.flip(), "full") : slide(a, b.flip(), "full");
}
