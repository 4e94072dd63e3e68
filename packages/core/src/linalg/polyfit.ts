import type { ArrayLike } from "../array/base.js";
import { asArrays, generate } from "../array/convert.js";
import type { NDArray } from "../array/ndarray.js";
import { cast, checkShape, whole } from "../array/operands.js";
import { common, floating } from "../engine/aval.js";
import { checkOptions, ShapeError, showShape } from "../engine/errors.js";
import { lstsq } from "./pinv.js";

/** Options of {@link polyfit}. */
export interface PolyfitOptions {
  /** The factor of each point's distance: a vector. */
  readonly weights?: ArrayLike;
}

/**
 * The polynomial that comes nearest to points, by least squares. It has derivatives by the places, the values and the weights.
 *
 * @param x the places, a vector of m elements; int32 and bool become float64
 * @param y the values, [m], or [m, k] for k polynomials
 * @param degree of the polynomial, a whole number
 * @param options weights: what each distance is multiplied with before it is squared
 * @returns degree + 1 coefficients, [degree + 1] or [degree + 1, k], the highest power first, as {@link polyval} takes them
 * @throws ShapeError where x, y or the weights do not fit each other, or the degree is no whole number; TreeError for an unknown option, DTypeError
 * where an operand is no {@link ArrayLike}
 * @example
 * polyfit([0, 1, 2, 3], [1, 3, 5, 7], 1).toArray(); // [2, 1]
 */
export function polyfit(x: ArrayLike, y: ArrayLike, degree: number, options: PolyfitOptions = {}): NDArray {
  checkOptions("polyfit", options, ["weights"]);
  const { weights } = options;
  const lifted = asArrays(weights === undefined ? [x, y] : [x, y, weights], "polyfit");
  const dtype = floating(common(lifted));
  const [at, values, w] = lifted.map((each) => cast(each, dtype));
  const n = whole("polyfit", "degree", degree, 0);
  const m = at.size;
  if (at.ndim !== 1 || m === 0 || values.ndim < 1 || values.ndim > 2 || values.shape[0] !== m)
    throw new ShapeError(
      `polyfit: the places have shape ${showShape(at.shape)} and the values ${showShape(values.shape)}; give vectors of one length, not empty.`,
    );
  if (w && (w.ndim !== 1 || w.size !== m))
    throw new ShapeError(`polyfit: the weights have shape ${showShape(w.shape)}; give a number for each of ${m} points.`);
  checkShape("polyfit", [m, n + 1]);
  const powers = at.reshape([m, 1]).pow(at.lift(generate([n + 1], "int32", (i) => n - i).data(), "polyfit"));
  const rows = w ? powers.mul(w.reshape([m, 1])) : powers;
  // Columns of one length make the equations as well conditioned as they can be.
  const lengths = rows.square().sum(0).sqrt();
  const scale = lengths.equal(0).where(1, lengths).stopGradient();
  const right = w ? values.mul(values.ndim === 2 ? w.reshape([m, 1]) : w) : values;
  const out = lstsq(rows.div(scale), right);
  return out.div(values.ndim === 2 ? scale.reshape([n + 1, 1]) : scale);
}
