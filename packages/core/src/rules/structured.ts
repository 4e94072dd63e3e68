import type { NDArray } from "../array/ndarray.js";
import type { NamesOf, Params } from "../engine/primitive.js";
import { passesOut, passesX, passesXOut, type Rule } from "./reads.js";
import { backwards, pulledCumprod, shifted } from "./running.js";

/** The Jacobian of softmax is diag(s) − s·sᵀ: symmetric, so this serves tangents and cotangents. */
export const softmaxProduct = (out: NDArray, v: NDArray, axis: number): NDArray => out.mul(v.sub(out.mul(v).sum(axis, { keepdims: true })));

/** The cotangents of the operands of a structured operation. */
export const rules: { readonly [P in NamesOf<"structured">]: readonly Rule<Params<P>>[] } = {
  softmax: [passesOut((ct, out, { axis }) => softmaxProduct(out, ct, axis))],
  cumprod: [passesXOut(pulledCumprod)],
  linearScan: [
    passesXOut((ct, a, out, params) => backwards(ct, a, params).mul(shifted(out, params.axis, !params.reverse, 0))),
    passesX(backwards),
  ],
};
