import { sliceAxis } from "../array/movement.js";
import type { NDArray } from "../array/ndarray.js";
import { bind } from "../engine/trace.js";
import { type NamesOf, none, type Params } from "../primitives/index.js";
import { spread } from "./weights.js";

/** The cotangent of operand i, given that of the result. */
type Transpose<P extends NamesOf<"view" | "linear">> = (ct: NDArray, inputs: readonly NDArray[], params: Params<P>, i: number) => NDArray;

const zeros = (like: NDArray): NDArray => like.filled(0, like.aval);

/** The transposes of the operations that are linear in all their floating operands together. */
export const transposes: { readonly [P in NamesOf<"view" | "linear">]: Transpose<P> } = {
  transpose: (ct, _, { perm }) => bind("transpose", [ct], { perm: perm.map((_p, i) => perm.indexOf(i)) }),
  broadcast(ct, [x], { shape, dims }) {
    const axes = shape.map((_, i) => i).filter((i) => !dims.includes(i) || x.shape[dims.indexOf(i)] !== shape[i]);
    const total = axes.length === 0 ? ct : bind("sum", [ct], { axes });
    return bind("reshape", [total], { shape: x.shape });
  },
  reshape: (ct, [x]) => bind("reshape", [ct], { shape: x.shape }),
  slice: (ct, [x], { starts, steps }) => bind("place", [ct], { starts, steps, shape: x.shape }),
  place: (ct, [x], { starts, steps }) => bind("slice", [ct], { starts, steps, sizes: x.shape }),
  windows: (ct, [x], windowing) => bind("fold", [ct], { ...windowing, shape: x.shape }),
  fold: (ct, _, windowing) => bind("windows", [ct], windowing),
  concatenate(ct, inputs, { axis }, i) {
    let start = 0;
    for (let k = 0; k < i; k++) start += inputs[k].shape[axis];
    return sliceAxis(ct, axis, start, inputs[i].shape[axis]);
  },
  select: (ct, [condition], _, i) => bind("select", i === 1 ? [condition, ct, zeros(ct)] : [condition, zeros(ct), ct], none),
  // The dtype of a number is not known to every device, and a number takes any.
  cast: (ct, [x]) => (x.aval.weak && !ct.device.dtypes.includes(x.dtype) ? ct : bind("cast", [ct], { dtype: x.dtype })),
  take: (ct, [x, indices], params) => bind("scatterAdd", [zeros(x), indices, ct], params),
  scatterAdd: (ct, [, indices], params, i) => (i === 0 ? ct : bind("take", [ct, indices], params)),
  sum: (ct, [x], { axes }) => spread(ct, x.shape, axes),
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
