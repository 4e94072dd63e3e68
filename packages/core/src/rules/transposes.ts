import { parts } from "../array/movement.js";
import type { NDArray } from "../array/ndarray.js";
import { below } from "../array/views.js";
import type { Aval } from "../engine/aval.js";
import { type Arity, type NamesOf, none, type Params } from "../engine/primitive.js";
import { bind } from "../engine/trace.js";
import { spread } from "./weights.js";

/**
 * The cotangent of operand i, given that of the result. A linear map's transpose reads no numbers of what the map is linear in: it gets the
 * shape and dtype of the first operand, and the values of those alone that are not floating (indices, conditions), each at its place.
 */
type Transpose<P extends NamesOf<"view" | "linear">> = (
  ct: NDArray,
  x: Aval,
  params: Params<P>,
  i: number,
  others: readonly NDArray[],
) => NDArray;

/** The same for many operands, all at once. */
interface Transposed<P extends NamesOf<"view" | "linear">> {
  readonly all: (ct: NDArray, avals: readonly Aval[], params: Params<P>) => readonly NDArray[];
}

const zeros = (ct: NDArray, aval = ct.aval): NDArray => ct.filled(0, aval);

/** The transposes of the operations that are linear in all their floating operands together. */
export const transposes: { readonly [P in NamesOf<"view" | "linear">]: Arity<P> extends "many" ? Transposed<P> : Transpose<P> } = {
  transpose: (ct, _, { perm }) => bind("transpose", [ct], { perm: perm.map((_p, i) => perm.indexOf(i)) }),
  broadcast(ct, x, { shape, dims }) {
    const axes = below(shape.length).filter((i) => !dims.includes(i) || x.shape[dims.indexOf(i)] !== shape[i]);
    const total = axes.length === 0 ? ct : bind("sum", [ct], { axes });
    return bind("reshape", [total], { shape: x.shape });
  },
  reshape: (ct, x) => bind("reshape", [ct], { shape: x.shape }),
  slice: (ct, x, { starts, steps }) => bind("place", [ct], { starts, steps, shape: x.shape }),
  place: (ct, x, { starts, steps }) => bind("slice", [ct], { starts, steps, sizes: x.shape }),
  unfold: (ct, x, windowing) => bind("fold", [ct], { ...windowing, shape: x.shape }),
  fold: (ct, _, windowing) => bind("unfold", [ct], windowing),
  // One operation with many results, whose own transpose joins them once.
  concatenate: {
    all: (ct, avals, { axis }) =>
      parts(
        ct,
        axis,
        avals.map(({ shape }) => shape[axis]),
      ),
  },
  select: (ct, _, _params, i, [condition]) => bind("select", i === 1 ? [condition, ct, zeros(ct)] : [condition, zeros(ct), ct], none),
  // The dtype of a number is not known to every device, and a number takes any.
  cast: (ct, x) => (x.weak && !ct.device.dtypes.includes(x.dtype) ? ct : bind("cast", [ct], { dtype: x.dtype })),
  take: (ct, x, params, _, [, indices]) => bind("scatterAdd", [zeros(ct, x), indices, ct], params),
  scatterAdd: (ct, _, params, i, [, indices]) => (i === 0 ? ct : bind("take", [ct, indices], params)),
  sum: (ct, x, { axes }) => spread(ct, x.shape, axes),
  cumsum: (ct, _, { axis, reverse }) => bind("cumsum", [ct], { axis, reverse: !reverse }),
};

/** The two transposes of a bilinear operation: the cotangents of the first and of the second operand. */
type Transposes<P extends NamesOf<"bilinear">> = readonly [
  (ct: NDArray, y: NDArray, params: Params<P>) => NDArray,
  (ct: NDArray, x: NDArray, params: Params<P>) => NDArray,
];

export const bilinear: { readonly [P in NamesOf<"bilinear">]: Transposes<P> } = {
  matmul: [(ct, y) => bind("matmul", [ct, y.swapaxes(-1, -2)], none), (ct, x) => bind("matmul", [x.swapaxes(-1, -2), ct], none)],
};
