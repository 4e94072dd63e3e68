import { sliceAxis } from "../array/movement.js";
import type { NDArray } from "../array/ndarray.js";
import type { NamesOf, Params } from "../primitives/index.js";
import { bind } from "../trace.js";

/** The cotangent of operand i of a structured operation. */
type Rule<P extends NamesOf<"structured">> = (
  ct: NDArray,
  inputs: readonly NDArray[],
  out: NDArray,
  params: Params<P>,
  i: number,
) => NDArray;

/** Each element replaced by its predecessor (successor) along an axis; the end is filled with a value. */
export function shifted(x: NDArray, axis: number, towardsEnd: boolean, value: number): NDArray {
  const n = x.shape[axis];
  if (n === 0) return x;
  const kept = sliceAxis(x, axis, towardsEnd ? 0 : 1, n - 1);
  const end = sliceAxis(x.filled(value, x.aval), axis, 0, 1);
  return bind("concatenate", towardsEnd ? [end, kept] : [kept, end], { axis });
}

/**
 * h[i] = a[i]·h[i-1] + b[i] backwards: the cotangent r of b runs r[i] = ct[i] + a[i+1]·r[i+1], that of a is r[i]·h[i-1].
 * cumprod is p[i] = x[i]·p[i-1]; its r is the same recurrence, and exact where an x is 0.
 */
const backwards = (ct: NDArray, a: NDArray, { axis, reverse }: Params<"recurrence">): NDArray =>
  bind("recurrence", [shifted(a, axis, reverse, 0), ct], { axis, reverse: !reverse });

/** The Jacobian of softmax is diag(s) − s·sᵀ: symmetric, so this serves tangents and cotangents. */
export const softmaxProduct = (out: NDArray, v: NDArray, axis: number): NDArray => out.mul(v.sub(out.mul(v).sum(axis, { keepdims: true })));

export const rules: { readonly [P in NamesOf<"structured">]: Rule<P> } = {
  softmax: (ct, _, out, { axis }) => softmaxProduct(out, ct, axis),
  cumprod: (ct, [x], out, params) => backwards(ct, x, params).mul(shifted(out, params.axis, !params.reverse, 1)),
  recurrence: (ct, [a], out, params, i) => {
    const r = backwards(ct, a, params);
    return i === 1 ? r : r.mul(shifted(out, params.axis, !params.reverse, 0));
  },
};
