import type { NDArray } from "../array/ndarray.js";
import { below } from "../array/views.js";
import type { NamesOf, Params } from "../engine/primitive.js";
import { bind } from "../engine/trace.js";
import { ofX, passesXOut, type Rule } from "./reads.js";
import { pulledCumprod, shifted } from "./running.js";

/** A reduced result stretched back over the axes that it lost. */
export const spread = (out: NDArray, shape: readonly number[], axes: readonly number[]): NDArray =>
  bind("broadcast", [out], { shape, dims: below(shape.length).filter((i) => !axes.includes(i)) });

/** The elements that attain an extremum share it equally. */
const attained = passesXOut<Params<"max">>((t, x, out, { axes }) => {
  const mask = x.equal(spread(out, x.shape, axes));
  return mask.where(t, 0).div(mask.astype(x.dtype).sum(axes, { keepdims: true }));
});

/**
 * The weight of each element in a reduction: d out = Σ weight · dx; or, where the reduction chooses elements, what passes of t. Stated once for
 * both modes: t is a tangent, or a cotangent that is spread, and has the shape of x.
 */
export const weights: { readonly [P in NamesOf<"reduction">]: Rule<Params<P>> } = {
  max: attained,
  min: attained,
  logsumexp: ofX((x, { axes: [axis] }) => bind("softmax", [x], { axis, limit: true })),
  prod: ofX((x, { axes }) => {
    if (x.size === 0) return x;
    const order = [...x.shape.map((_n, i) => i).filter((i) => !axes.includes(i)), ...axes];
    const moved = bind("transpose", [x], { perm: order });
    const kept = x.ndim - axes.length;
    const flat = moved.reshape([...moved.shape.slice(0, kept), -1]);
    const along = { axis: kept, reverse: false };
    const last = shifted(x.filled(0, flat.aval), kept, false, 1);
    const others = pulledCumprod(last, flat, bind("cumprod", [flat], along), along, true);
    return bind("transpose", [others.reshape(moved.shape)], { perm: order.map((_n, i) => order.indexOf(i)) });
  }),
};
