import type { NDArray } from "@ad/core";
import { balanced, shifted, softmaxProduct } from "@ad/core/internals/rules";
import { bind, type NamesOf, type Params } from "@ad/core/internals/trace";

/** The tangent of the result of a structured operation; a tangent that is undefined is zero, and one at least is not. */
type Rule<P extends NamesOf<"structured">> = (
  inputs: readonly NDArray[],
  tangents: readonly (NDArray | undefined)[],
  out: NDArray,
  params: Params<P>,
) => NDArray;

/** The rules that forward mode cannot take from core's partials, transposes and weights. */
export const rules: { readonly [P in NamesOf<"structured">]: Rule<P> } = {
  softmax: (_, [t], out, { axis }) => softmaxProduct(out, t as NDArray, axis),
  /** p[i] = x[i]·p[i-1], so ṗ[i] = x[i]·ṗ[i-1] + ẋ[i]·p[i-1]. */
  cumprod([x], [t], out, params) {
    const { factors, products, inward, outward } = balanced(x, out, params);
    const before = shifted(products, params.axis, !params.reverse, 1);
    return outward(bind("linearScan", [factors, inward(t as NDArray).mul(before)], params)).astype(x.dtype);
  },
  /** ḣ[i] = a[i]·ḣ[i-1] + ȧ[i]·h[i-1] + ḃ[i]. */
  linearScan([a], [ta, tb], out, { axis, reverse }) {
    const fromA = ta?.mul(shifted(out, axis, !reverse, 0));
    const drive = fromA === undefined ? tb : tb === undefined ? fromA : fromA.add(tb);
    return bind("linearScan", [a, drive as NDArray], { axis, reverse });
  },
};
