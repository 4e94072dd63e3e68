import type { ArrayLike } from "../array/base.js";
import { asArray } from "../array/convert.js";
import type { NDArray } from "../array/ndarray.js";
import { broadcastShapes, toBool, toFloat } from "../array/operands.js";
import { sameShape } from "../engine/aval.js";
import { ShapeError, showShape } from "../engine/errors.js";
import { checkFunction } from "../engine/invoke.js";
import { peek } from "../engine/peek.js";

/**
 * where(condition, f(x), otherwise), with derivatives that are finite where f is not wanted. `where` alone has the derivative
 * 0 · f′(x) there, which is NaN where f′ is infinite: `where(x.greater(0), x.sqrt(), 0)` at 0. Here f sees, in place of the elements
 * that the condition excludes, one that it admits.
 *
 * @param condition an array of any dtype that broadcasts with x
 * @param f an elementwise function: its result has the shape of its argument
 * @param x the operand of f, floating or made so
 * @param otherwise what stands where the condition does not hold
 * @throws ShapeError where the shapes do not broadcast or f's result has another shape, TransformError where f is no function, DTypeError
 * where an operand or f's result is no {@link ArrayLike}
 * @example
 * const root = (x: NDArray) => safeWhere(x.greater(0), (y) => y.sqrt(), x, 0);
 * grad((x) => root(x).sum())(array([0, 4])).toArray(); // [0, 0.25]
 */
export function safeWhere(condition: ArrayLike, f: (x: NDArray) => NDArray, x: ArrayLike, otherwise: ArrayLike): NDArray {
  return admitting("safeWhere", condition, f, x, otherwise);
}

/** The same under the name of what asks for it. */
export function admitting(op: string, condition: ArrayLike, f: (x: NDArray) => ArrayLike, x: ArrayLike, otherwise: ArrayLike): NDArray {
  checkFunction(op, f);
  const on = toBool(asArray(condition, op));
  const operand = toFloat(asArray(x, op));
  broadcastShapes(op, broadcastShapes(op, on.shape, operand.shape), asArray(otherwise, op).shape);
  // Any admitted number of any lane will do; where there is none, f's result is not wanted at all.
  const admitted = peek(on.where(operand, Number.NaN))?.values.data();
  const safe = on.where(operand, admitted?.find((value) => !Number.isNaN(value)) ?? 1);
  const out = asArray(f(safe), op);
  if (!sameShape(out.shape, safe.shape))
    throw new ShapeError(`${op}: f returned shape ${showShape(out.shape)} for ${showShape(safe.shape)}; give an elementwise function.`);
  return on.where(out, otherwise);
}
