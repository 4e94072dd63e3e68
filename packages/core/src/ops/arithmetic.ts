import type { ArrayLike } from "../array/base.js";
import { asArray, asFirst } from "../array/convert.js";
import type { NDArray } from "../array/ndarray.js";
import { bare, cast, pair, toFloat } from "../array/operands.js";
import { Concrete } from "../cpu/concrete.js";
import { compact } from "../cpu/storage.js";
import { isFloat, numeric } from "../engine/aval.js";
import { checkOptions, DTypeError, describe } from "../engine/errors.js";

/** Two numbers of one dtype and one shape; truth values count as int32. */
const numbers = (op: string, x: ArrayLike, y: ArrayLike): NDArray[] => pair(op, asFirst(x, y, op), y).map((a) => cast(a, numeric(a.dtype)));

/** The floor of p / q, exact where q goes into p; it is a constant almost everywhere. */
function quotient([given, divisor]: readonly NDArray[]): NDArray {
  const [p, q] = [given.stopGradient(), divisor.stopGradient()];
  const direct = p.div(q);
  if (!isFloat(p.dtype)) return q.equal(0).where(0, direct.floor()).astype("int32");
  // Of p / q alone the rounding may pass a whole number: 1 / 0.1 is 10, and 0.1 goes into 1 nine times.
  const rest = p.mod(q);
  const near = p.sub(rest).div(q).round();
  const far = rest.sub(p).abs().sign().neg();
  return q.equal(0).where(direct, rest.equal(p).where(direct.trunc(), q.isFinite().where(near, far)));
}

/**
 * ⌊x / y⌋, so that x = y · floorDivide(x, y) + {@link mod}(x, y); of floats by 0 as {@link div}, of whole numbers by 0 it is 0. Its
 * derivatives are 0.
 *
 * @param x its shape broadcasts against that of y; the dtype is the promoted one, of two bools int32; a JS number takes the dtype of the array that it
 * meets
 * @param y its shape broadcasts against that of x; the dtype is the promoted one, of two bools int32; a JS number takes the dtype of the array that it
 * meets
 * @throws ShapeError where the shapes do not broadcast, DTypeError where x or y is no {@link ArrayLike}
 * @example
 * floorDivide(array([7, -7]), 2).toArray(); // [3, -4]
 */
export const floorDivide = (x: ArrayLike, y: ArrayLike): NDArray => quotient(numbers("floorDivide", x, y));

/**
 * {@link floorDivide} and {@link mod} at once, as Python's `divmod`.
 *
 * @param x as in {@link floorDivide}: its shape broadcasts against that of y; any dtype
 * @param y as in {@link floorDivide}: its shape broadcasts against that of x; any dtype
 * @returns `[quotient, remainder]`
 * @throws as {@link floorDivide} does
 * @example
 * const [q, r] = divmod(array([7, -7]), 2);
 * q.toArray(); // [3, -4]
 * r.toArray(); // [1, 1]
 */
export function divmod(x: ArrayLike, y: ArrayLike): [quotient: NDArray, remainder: NDArray] {
  const [p, q] = numbers("divmod", x, y);
  return [quotient([p, q]), p.mod(q)];
}

/**
 * The remainder of x / y with the sign of x, as C's `fmod` and JavaScript's `%`; {@link mod} has the sign of y.
 *
 * @param x its shape broadcasts against that of y; the dtype is the promoted one, of two bools int32; a JS number takes the dtype of the array that it
 * meets
 * @param y its shape broadcasts against that of x; the dtype is the promoted one, of two bools int32; a JS number takes the dtype of the array that it
 * meets
 * @throws ShapeError where the shapes do not broadcast, DTypeError where x or y is no {@link ArrayLike}
 * @example
 * fmod(array([5, -5]), array([3, -3])).toArray(); // [2, -2]
 */
export function fmod(x: ArrayLike, y: ArrayLike): NDArray {
  const [p, q] = numbers("fmod", x, y);
  if (!isFloat(p.dtype)) return q.equal(0).where(0, p.sub(q.mul(p.div(q).trunc().astype("int32"))));
  const negative = signbit(p);
  const rest = negative.where(p.neg(), p).mod(q.abs());
  return negative.where(rest.neg(), rest);
}

/**
 * The absolute value of x with the sign of y, which may be that of −0. Its derivative at x = 0 is 0, as that of {@link abs}; there is none by y.
 *
 * @param x its shape broadcasts against that of y; the dtype is the promoted one, float64 for int32 and bool
 * @param y its shape broadcasts against that of x; the dtype is the promoted one, float64 for int32 and bool
 * @throws ShapeError where the shapes do not broadcast, DTypeError where x or y is no {@link ArrayLike}
 * @example
 * copysign(array([1, -2]), array([-3, 0])).toArray(); // [-1, 2]
 */
export function copysign(x: ArrayLike, y: ArrayLike): NDArray {
  const [p, q] = pair("copysign", asFirst(x, y, "copysign"), y).map(toFloat);
  return p.abs().mul(signbit(q).where(-1, 1));
}

/**
 * Tests elementwise whether the sign is minus, that of −0 too; never of NaN, whose sign JavaScript does not show. Gives bool.
 *
 * @param x any shape and dtype
 * @throws DTypeError where x is no {@link ArrayLike}
 * @example
 * signbit(array([1, -1, 0, -0])).toArray(); // [false, true, false, true]
 */
export function signbit(x: ArrayLike): NDArray {
  const y = asArray(x, "signbit").stopGradient();
  if (y instanceof Concrete) {
    const out = new Uint8Array(y.size);
    if (y.dtype === "bool") return new Concrete(y.aval.with("bool"), out);
    const data = compact(y);
    // The last of an element's words has its sign.
    const words = new Int32Array(data.buffer, data.byteOffset);
    const width = data.BYTES_PER_ELEMENT / 4;
    for (let i = 0, last = width - 1; i < out.length; i++, last += width) out[i] = +(data[i] <= 0) & (words[last] >>> 31);
    return new Concrete(y.aval.with("bool"), out);
  }
  // 1 / x tells −0 from 0, and x −Infinity, whose 1 / x is −0.
  return isFloat(y.dtype) ? y.less(0).logicalOr(y.reciprocal().less(0)) : y.less(0);
}

/**
 * sin(πx) / (πx), which is 1 at 0, where it has all its derivatives too, and 0 at all other whole numbers.
 *
 * @param x any shape; int32 and bool become float64
 * @throws DTypeError where x is no {@link ArrayLike}
 * @example
 * sinc(array([0, 0.5])).toArray(); // [1, 0.63662]
 */
export function sinc(x: ArrayLike): NDArray {
  const y = toFloat(asArray(x, "sinc"));
  const isNear = y.abs().less(0.3);
  const square = isNear.where(y, 0).mul(Math.PI).square();
  // The series 1 − u² / (2 · 3) (1 − u² / (4 · 5) (…)), as far as its terms count.
  let near = square.div(-420).add(1);
  for (let k = 9; k > 0; k--)
    near = near
      .mul(square)
      .div(-2 * k * (2 * k + 1))
      .add(1);
  const far = isNear.where(1, y);
  // The distance from a whole number is exact, and πx is not.
  const whole = far.round();
  const sine = far.sub(whole).mul(Math.PI).sin().mul(whole.mod(2).mul(-2).add(1));
  return isNear.where(near, sine.div(far).div(Math.PI));
}

/** The one that is a number, or what `both` makes of two numbers. */
function ignoring(op: "fmax" | "fmin", x: ArrayLike, y: ArrayLike, both: "maximum" | "minimum"): NDArray {
  const [p, q] = pair(op, asFirst(x, y, op), y);
  return p.isNaN().where(q, q.isNaN().where(p, p[both](q)));
}

/**
 * The greater of both, where one is NaN the other one; {@link maximum} gives NaN there. At a tie each gets half of the derivative.
 *
 * @param x its shape broadcasts against that of y; the dtype is the promoted one; a JS number takes the dtype of the array that it meets
 * @param y its shape broadcasts against that of x; the dtype is the promoted one; a JS number takes the dtype of the array that it meets
 * @throws ShapeError where the shapes do not broadcast, DTypeError where x or y is no {@link ArrayLike}
 * @example
 * fmax(array([1, NaN]), array([3, 2])).toArray(); // [3, 2]
 */
export const fmax = (x: ArrayLike, y: ArrayLike): NDArray => ignoring("fmax", x, y, "maximum");

/**
 * The lesser of both, where one is NaN the other one; {@link minimum} gives NaN there. At a tie each gets half of the derivative.
 *
 * @param x its shape broadcasts against that of y; the dtype is the promoted one; a JS number takes the dtype of the array that it meets
 * @param y its shape broadcasts against that of x; the dtype is the promoted one; a JS number takes the dtype of the array that it meets
 * @throws ShapeError where the shapes do not broadcast, DTypeError where x or y is no {@link ArrayLike}
 * @example
 * fmin(array([1, NaN]), array([3, 2])).toArray(); // [1, 2]
 */
export const fmin = (x: ArrayLike, y: ArrayLike): NDArray => ignoring("fmin", x, y, "minimum");

/**
 * Tests elementwise whether x is infinite, of either sign. Gives bool.
 *
 * @param x any shape and dtype
 * @throws DTypeError where x is no {@link ArrayLike}
 * @example
 * isInf(array([1, -Infinity, NaN])).toArray(); // [false, true, false]
 */
export function isInf(x: ArrayLike): NDArray {
  const y = asArray(x, "isInf");
  return isFloat(y.dtype) ? y.abs().equal(Infinity) : y.isFinite().logicalNot();
}

/** Options of {@link nanToNum}. */
export interface NanToNumOptions {
  /** The value in place of NaN. Default 0. */
  readonly nan?: number;
  /** The value in place of Infinity: by default the greatest number of the dtype. */
  readonly posinf?: number;
  /** The value in place of −Infinity: by default the least number of the dtype. */
  readonly neginf?: number;
}

const greatest = { float64: 1.7976931348623157e308, float32: 3.4028234663852886e38, int32: 0, bool: 0 } as const;

/**
 * x with numbers in the place of NaN and of the infinities, which have the derivative 0 there.
 *
 * @param x any shape and dtype; int32 and bool have nothing to replace
 * @param options nan: by default 0; posinf, neginf: by default the greatest and the least number of the dtype
 * @throws TreeError for an unknown option, DTypeError where an option is no number or x is no {@link ArrayLike}
 * @example
 * nanToNum(array([NaN, 2, Infinity]), { posinf: 9 }).toArray(); // [0, 2, 9]
 */
export function nanToNum(x: ArrayLike, options: NanToNumOptions = {}): NDArray {
  checkOptions("nanToNum", options, ["nan", "posinf", "neginf"]);
  const y = asArray(x, "nanToNum");
  const most = greatest[y.dtype];
  const [nan, posinf, neginf] = [options.nan ?? 0, options.posinf ?? most, options.neginf ?? -most].map((given) => {
    const value = bare<unknown>(given);
    if (typeof value !== "number") throw new DTypeError(`nanToNum: a replacement is ${describe(given)}; give a number.`);
    return value;
  });
  if (!isFloat(y.dtype)) return y;
  return y.isNaN().where(nan, y.equal(Infinity).where(posinf, y.equal(-Infinity).where(neginf, y)));
}
