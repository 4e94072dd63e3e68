import {
  array,
  concatenate,
  cond,
  diag,
  fmax,
  maximum,
  maxPool,
  median,
  minimum,
  type NDArray,
  nanmax,
  nanToNum,
  partition,
  piecewise,
  quantile,
  rot90,
  safeWhere,
  select,
  stack,
  topK,
  tril,
  triu,
  where,
} from "@ad/core";
import { pmax, pmin, vmap } from "@ad/vmap";

/** A function that copies elements, at a point without ties: for each element of its result the elements that it is the sum of, most often one. */
export interface Choice {
  readonly name: string;
  readonly f: (x: NDArray) => NDArray;
  readonly at: readonly number[];
  readonly sources: readonly (readonly number[])[];
}

const parts = (x: NDArray): [NDArray, NDArray] => [x.slice([0, null, 2]), x.slice([1, null, 2])];
const square = (x: NDArray): NDArray => x.reshape([2, 2]);
const whole = (...positions: readonly number[]): NDArray => array(positions, { dtype: "int32" });

/** Everything that chooses: what is not chosen contributes nothing, whatever comes from behind. */
export const choices: readonly Choice[] = [
  { name: "relu", f: (x) => x.relu(), at: [-1, 2], sources: [[], [1]] },
  { name: "relu at 0", f: (x) => x.relu(), at: [0, 2], sources: [[], [1]] },
  { name: "maximum", f: (x) => maximum(...parts(x)), at: [1, 3, 4, 2], sources: [[1], [2]] },
  { name: "minimum", f: (x) => minimum(...parts(x)), at: [1, 3, 4, 2], sources: [[0], [3]] },
  { name: "maximum with a number", f: (x) => x.maximum(1), at: [0, 3], sources: [[], [1]] },
  { name: "clip", f: (x) => x.clip(-1, 1), at: [-3, 0.5, 2], sources: [[], [1], []] },
  {
    name: "clip, by its bounds",
    f: (x) =>
      array([-3, 0.5, 2])
        .astype(x.dtype)
        .clip(x.slice([0, 3]), x.slice([3, 6])),
    at: [-1, -1, -1, 1, 1, 1],
    sources: [[0], [], [5]],
  },
  { name: "mod of a number below the divisor", f: (x) => x.slice([0, 1]).mod(x.slice([1, 2])), at: [1, 3], sources: [[0]] },
  { name: "where", f: (x) => where([true, false], ...parts(x)), at: [1, 2, 3, 4], sources: [[0], [3]] },
  { name: "where beside a number", f: (x) => where(x.greater(0), x, 5), at: [-1, 2], sources: [[], [1]] },
  { name: "safeWhere", f: (x) => safeWhere(x.greater(0), (y) => y.mul(1), x, 5), at: [-1, 2], sources: [[], [1]] },
  { name: "max", f: (x) => x.max(), at: [1, 3, 2], sources: [[1]] },
  { name: "max over rows", f: (x) => square(x).max(1), at: [1, 3, 4, 2], sources: [[1], [2]] },
  { name: "min over columns", f: (x) => square(x).min(0, { keepdims: true }), at: [1, 3, 4, 2], sources: [[0], [3]] },
  { name: "norm of order ∞", f: (x) => x.norm(0, { ord: Infinity }), at: [1, 3, 2], sources: [[1]] },
  { name: "maxPool", f: (x) => maxPool(x.reshape([1, 1, 4]), { window: 2 }), at: [1, 3, 4, 2], sources: [[1], [2]] },
  {
    name: "maxPool with padding, of windows that overlap",
    f: (x) => maxPool(x.reshape([1, 1, 4]), { window: 2, stride: 1, padding: 1 }),
    at: [1, 3, 4, 2],
    sources: [[0], [1], [2], [2], [3]],
  },
  { name: "median", f: (x) => median(x), at: [3, 1, 2], sources: [[2]] },
  { name: "quantile at an element", f: (x) => quantile(x, 0.5), at: [3, 1, 2], sources: [[2]] },
  { name: "sort", f: (x) => x.sort(), at: [3, 1, 2], sources: [[1], [2], [0]] },
  { name: "take", f: (x) => x.take([2, 0, -1]), at: [1, 2, 3], sources: [[2], [0], [2]] },
  { name: "takeAlongAxis", f: (x) => square(x).takeAlongAxis([[1], [0]], 1), at: [1, 2, 3, 4], sources: [[1], [2]] },
  { name: "slice", f: (x) => x.slice([null, null, -2]), at: [1, 2, 3], sources: [[2], [0]] },
  { name: "slice by indices", f: (x) => x.slice(whole(1, 1)), at: [1, 2, 3], sources: [[1], [1]] },
  { name: "set to a number", f: (x) => x.set([[0, 2]], 5), at: [1, 2, 3], sources: [[], [], [2]] },
  { name: "set to elements, twice", f: (x) => x.set([whole(0, 0)], x.slice([1, 3])), at: [1, 2, 3], sources: [[2], [1], [2]] },
  { name: "addAt", f: (x) => x.slice([0, 2]).addAt([0], x.slice(2)), at: [1, 2, 3], sources: [[0, 2], [1]] },
  { name: "scatterAdd", f: (x) => x.slice([0, 2]).scatterAdd([1], x.slice([2, 3])), at: [1, 2, 3], sources: [[0], [1, 2]] },
  { name: "pad", f: (x) => x.pad([[1, 1]], { value: 5 }), at: [1, 2], sources: [[], [0], [1], []] },
  { name: "tril", f: (x) => tril(square(x)), at: [1, 2, 3, 4], sources: [[0], [], [2], [3]] },
  { name: "triu", f: (x) => triu(square(x), 1), at: [1, 2, 3, 4], sources: [[], [1], [], []] },
  { name: "diag", f: (x) => diag(x), at: [1, 2], sources: [[0], [], [], [1]] },
  { name: "diagonal", f: (x) => square(x).diagonal(), at: [1, 2, 3, 4], sources: [[0], [3]] },
  { name: "concatenate", f: (x) => concatenate([x.slice([1, 2]), x]), at: [1, 2], sources: [[1], [0], [1]] },
  { name: "stack", f: (x) => stack([x.slice(1), x.slice(0)]), at: [1, 2], sources: [[1], [0]] },
  { name: "flip, roll and repeat", f: (x) => x.flip().roll(1).repeat(2), at: [1, 2], sources: [[0], [0], [1], [1]] },
  { name: "fmax", f: (x) => fmax(...parts(x)), at: [1, 3, 4, 2], sources: [[1], [2]] },
  { name: "select", f: (x) => select([x.less(0), x.less(2)], [5, x]), at: [-1, 1, 3], sources: [[], [1], []] },
  { name: "piecewise", f: (x) => piecewise(x, [x.less(0)], [(y) => y.mul(1)]), at: [-1, 2], sources: [[0], []] },
  { name: "nanmax", f: (x) => nanmax(x), at: [1, 3, 2], sources: [[1]] },
  { name: "nanToNum", f: (x) => nanToNum(x), at: [1, 3], sources: [[0], [1]] },
  { name: "topK", f: (x) => topK(x, 2).values, at: [1, 3, 2], sources: [[1], [2]] },
  { name: "partition", f: (x) => partition(x, 1), at: [3, 1, 2], sources: [[1], [2], [0]] },
  { name: "rot90", f: (x) => rot90(square(x)), at: [1, 2, 3, 4], sources: [[1], [3], [0], [2]] },
  { name: "tile", f: (x) => x.tile([2]), at: [1, 2], sources: [[0], [1], [0], [1]] },
  { name: "cumsum", f: (x) => x.cumsum(), at: [1, 2, 3], sources: [[0], [0, 1], [0, 1, 2]] },
  { name: "stopGradient", f: (x) => x.stopGradient(), at: [1, 2], sources: [[], []] },
  {
    name: "cond in lanes",
    f: vmap((x: NDArray) =>
      cond(
        x.greater(0),
        (y) => y.mul(1),
        (y) => y.filled(5, y.aval),
        x,
      ),
    ),
    at: [-1, 2],
    sources: [[], [1]],
  },
  { name: "pmax", f: vmap((x: NDArray) => pmax(x, "i"), { axisName: "i" }), at: [1, 3, 2], sources: [[1], [1], [1]] },
  { name: "pmin", f: vmap((x: NDArray) => pmin(x, "i"), { axisName: "i" }), at: [3, 1, 2], sources: [[1], [1], [1]] },
];
