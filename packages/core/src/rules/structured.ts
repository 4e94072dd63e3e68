import type { NDArray } from "../array/ndarray.js";
import type { NamesOf, Params } from "../primitives/index.js";
import { backwards, pulledCumprod, shifted } from "./running.js";

/** The cotangent of operand i of a structured operation. */
type Rule<P extends NamesOf<"structured">> = (
  ct: NDArray,
  inputs: readonly NDArray[],
  out: NDArray,
  params: Params<P>,
  i: number,
) => NDArray;

/** The Jacobian of softmax is diag(s) − s·sᵀ: symmetric, so this serves tangents and cotangents. */
export const softmaxProduct = (out: NDArray, v: NDArray, axis: number): NDArray => out.mul(v.sub(out.mul(v).sum(axis, { keepdims: true })));

export const rules: { readonly [P in NamesOf<"structured">]: Rule<P> } = {
  softmax: (ct, _, out, { axis }) => softmaxProduct(out, ct, axis),
  cumprod: (ct, [x], out, params) => pulledCumprod(ct, x, out, params),
  recurrence: (ct, [a], out, params, i) => {
    const r = backwards(ct, a, params);
    return i === 1 ? r : r.mul(shifted(out, params.axis, !params.reverse, 0));
  },
};
