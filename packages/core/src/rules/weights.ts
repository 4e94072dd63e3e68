import type { NDArray } from "../array/ndarray.js";
import { bind } from "../engine/trace.js";
import type { NamesOf, Params, PrimitiveName } from "../primitives/index.js";
import { pulledCumprod, shifted } from "./running.js";

type Name = NamesOf<"reduction">;

/** The weight of each element; or, where the reduction chooses elements, what passes of a tangent or cotangent t, which has the shape of x. */
type Weight<P extends Name> =
  | ((x: NDArray, out: NDArray, params: Params<P>) => NDArray)
  | { readonly passes: (t: NDArray, x: NDArray, out: NDArray, params: Params<P>) => NDArray };

/** A reduced result stretched back over the axes that it lost. */
export const spread = (out: NDArray, shape: readonly number[], axes: readonly number[]): NDArray =>
  bind("broadcast", [out], { shape, dims: shape.map((_, i) => i).filter((i) => !axes.includes(i)) });

/** The elements that attain an extremum share it equally. */
const attained = {
  passes(t: NDArray, x: NDArray, out: NDArray, { axes }: Params<"max">): NDArray {
    const mask = x.equal(spread(out, x.shape, axes));
    return mask.where(t, 0).div(mask.astype(x.dtype).sum(axes, { keepdims: true }));
  },
};

/** The weight of each element in a reduction: d out = Σ weight · dx. Stated once for both modes. */
export const weights: { readonly [P in Name]: Weight<P> } = {
  max: attained,
  min: attained,
  logsumexp: (x, _, { axes: [axis] }) => bind("softmax", [x], { axis, limit: true }),
  prod(x, _, { axes }) {
    if (x.size === 0) return x;
    const order = [...x.shape.map((_n, i) => i).filter((i) => !axes.includes(i)), ...axes];
    const moved = bind("transpose", [x], { perm: order });
    const kept = x.ndim - axes.length;
    const flat = moved.reshape([...moved.shape.slice(0, kept), -1]);
    const along = { axis: kept, reverse: false };
    const last = shifted(x.filled(0, flat.aval), kept, false, 1);
    const others = pulledCumprod(last, flat, bind("cumprod", [flat], along), along, true);
    return bind("transpose", [others.reshape(moved.shape)], { perm: order.map((_n, i) => order.indexOf(i)) });
  },
};

/** What passes of t, of the shape of x: a tangent, or a cotangent that is spread. */
export function weighed(name: PrimitiveName, t: NDArray, x: NDArray, out: NDArray, params: unknown): NDArray {
  const weight = weights[name as Name];
  return typeof weight === "function" ? weight(x, out, params as never).mul(t) : weight.passes(t, x, out, params as never);
}
