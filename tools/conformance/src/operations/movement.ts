import { array } from "@ad/core";
import { distinct, exactly, of, real, truth, whole } from "../inputs.js";
import { type Calls, calls, flagged } from "./operation.js";

const any = real(-2, 2);
const int = whole(-4, 4);
const ties = { ties: true } as const;

export const movement: Calls<
  | "reshape"
  | "transpose"
  | "swapaxes"
  | "moveaxis"
  | "expandDims"
  | "squeeze"
  | "ravel"
  | "broadcastTo"
  | "concatenate"
  | "stack"
  | "split"
  | "unstack"
  | "tile"
  | "repeat"
  | "flip"
  | "roll"
  | "pad"
  | "sort"
  | "argsort"
  | "diag"
  | "tril"
  | "triu"
  | "diagonal"
> = {
  reshape: [
    ...calls("reshape")((reshape, x) => reshape(x, [3, -1]), [of(any, 2, 6)], [of(any, 3)], [of(any, 3, 0)]),
    ...calls("reshape")((reshape, x) => reshape(x, []), [of(any, 1, 1)], [of(any)]),
    ...calls("reshape")((reshape, x) => reshape(x, [0, 5]), [of(any, 2, 0)]),
  ],
  transpose: [
    ...calls("transpose")((transpose, x) => transpose(x), [of(any, 2, 4)], [of(any, 2, 3, 4)], [of(any, 3)], [of(any)], [of(any, 0, 2)]),
    ...calls("transpose")((transpose, x) => transpose(x, [1, -1, 0]), [of(any, 2, 3, 4)]),
  ],
  swapaxes: calls("swapaxes")((swapaxes, x) => swapaxes(x, 0, -1), [of(any, 2, 3, 4)], [of(any, 0, 2)]),
  moveaxis: [
    ...calls("moveaxis")((moveaxis, x) => moveaxis(x, 0, -1), [of(any, 2, 3, 4)], [of(any, 0, 2)]),
    ...calls("moveaxis")((moveaxis, x) => moveaxis(x, [0, 1], [2, 0]), [of(any, 2, 3, 4)]),
  ],
  expandDims: [
    ...calls("expandDims")((expandDims, x) => expandDims(x, 0), [of(any, 2, 3)], [of(any)], [of(any, 0)]),
    ...calls("expandDims")((expandDims, x) => expandDims(x, [0, -1]), [of(any, 2, 3)]),
  ],
  squeeze: [
    ...calls("squeeze")((squeeze, x) => squeeze(x), [of(any, 1, 3, 1)], [of(any)], [of(any, 1, 0)]),
    ...calls("squeeze")((squeeze, x) => squeeze(x, -1), [of(any, 1, 3, 1)]),
  ],
  ravel: calls("ravel")((ravel, x) => ravel(x), [of(any, 2, 3)], [of(any)], [of(any, 2, 0)]),
  broadcastTo: calls("broadcastTo")(
    (broadcastTo, x) => broadcastTo(x, [2, 3]),
    [of(any, 3)],
    [of(any, 2, 1)],
    [of(any)],
    [of(any, 2, 3)],
  ).concat(calls("broadcastTo")((broadcastTo, x) => broadcastTo(x, [0, 3]), [of(any, 3)], [of(any, 1, 1)])),
  concatenate: [
    ...calls("concatenate")(
      (concatenate, x, y) => concatenate([x, y]),
      [of(any, 2), of(any, 3)],
      [of(any, 0, 2), of(any, 3, 2)],
      [of(int, 2), of(any, 3)],
    ),
    ...calls("concatenate")((concatenate, x, y, z) => concatenate([x, y, z], -1), [of(any, 2, 1), of(any, 2, 3), of(any, 2, 2)]),
    ...flagged(
      { wide: true },
      calls("concatenate")((concatenate, x) => concatenate([x, [1, 2], x]), [of(any, 2)]),
    ),
  ],
  stack: [
    ...calls("stack")((stack, x, y) => stack([x, y]), [of(any, 2, 3), of(any, 2, 3)], [of(any), of(any)], [of(int, 2), of(any, 2)]),
    ...calls("stack")((stack, x, y) => stack([x, y], -1), [of(any, 3), of(any, 3)], [of(any, 0), of(any, 0)]),
  ],
  split: [
    ...calls("split")((split, x) => split(x, 2), [of(any, 4)], [of(any, 4, 2)], [of(any, 0)]),
    ...calls("split")((split, x) => split(x, [1, 3], 1), [of(any, 2, 4)]),
  ],
  unstack: [
    ...calls("unstack")((unstack, x) => unstack(x), [of(any, 3)], [of(any, 2, 3)], [of(any, 2, 0)], [of(int, 2)]),
    ...calls("unstack")((unstack, x) => unstack(x, -1), [of(any, 2, 3)], [of(any, 0, 2)]),
    // Of several parts some are used, and some twice.
    ...calls("unstack")(
      (unstack, x) => {
        const [a, , b, c] = unstack(x, 1);
        return [a.mul(b), b.mul(c)];
      },
      [of(any, 2, 4)],
    ),
    // Iteration is the same along the first axis.
    ...calls("unstack")((_, x) => [...x], [of(any, 3)], [of(any, 2, 3)]),
    ...calls("unstack")(
      (_, p) => {
        const [x, y] = p;
        return x.mul(y).add(x.sin());
      },
      [of(any, 2)],
      [of(any, 2, 3)],
    ),
  ],
  tile: [
    ...calls("tile")((tile, x) => tile(x, 2), [of(any, 3)], [of(any, 2, 2)], [of(any)], [of(any, 0)]),
    ...calls("tile")((tile, x) => tile(x, [2, 1, 3]), [of(any, 2, 2)]),
  ],
  repeat: [
    ...calls("repeat")((repeat, x) => repeat(x, 2), [of(any, 2, 2)], [of(any)], [of(any, 0)]),
    ...calls("repeat")((repeat, x) => repeat(x, 2, 1), [of(any, 2, 2)]),
    ...calls("repeat")((repeat, x) => repeat(x, [0, 2, 1], 0), [of(any, 3, 2)]),
  ],
  flip: [
    ...calls("flip")((flip, x) => flip(x), [of(any, 2, 3)], [of(any)], [of(any, 0, 2)]),
    ...calls("flip")((flip, x) => flip(x, -1), [of(any, 2, 3)]),
  ],
  roll: [
    ...calls("roll")((roll, x) => roll(x, 2), [of(any, 2, 3)], [of(any, 0)]),
    ...calls("roll")((roll, x) => roll(x, -1, 0), [of(any, 3, 2)]),
    ...calls("roll")((roll, x) => roll(x, [1, 2], [0, 1]), [of(any, 3, 3)]),
  ],
  pad: [
    ...calls("pad")((pad, x) => pad(x, 1), [of(any, 2, 3)], [of(any)], [of(any, 0)]),
    ...calls("pad")((pad, x) => pad(x, [1, 2], { value: 1.5 }), [of(any, 3)]),
    ...calls("pad")(
      (pad, x) =>
        pad(
          x,
          [
            [0, 1],
            [2, 0],
          ],
          { value: -1 },
        ),
      [of(any, 2, 2)],
      [of(int, 2, 2)],
    ),
  ],
  sort: flagged(ties, [
    ...calls("sort")((sort, x) => sort(x), [of(distinct(), 5)], [of(distinct(), 2, 3)], [of(int, 5)], [of(any, 0)], [of(any, 2, 0)]),
    ...calls("sort")((sort, x) => sort(x, 0), [of(distinct(), 3, 2)]),
  ]),
  argsort: [
    ...calls("argsort")((argsort, x) => argsort(x), [of(distinct(), 5)], [of(distinct(), 2, 3)], [of(int, 5)], [of(any, 0)]),
    ...calls("argsort")((argsort, x) => argsort(x, 0), [of(distinct(), 3, 2)]),
  ],
  diag: [
    ...calls("diag")((diag, x) => diag(x), [of(any, 3)], [of(any, 2, 3)], [of(any, 0)]),
    ...calls("diag")((diag, x) => diag(x, 1), [of(any, 3)], [of(any, 3, 3)]),
    ...calls("diag")((diag, x) => diag(x, -1), [of(any, 3)], [of(any, 3, 2)]),
  ],
  tril: [
    ...calls("tril")((tril, x) => tril(x), [of(any, 3, 3)], [of(any, 2, 2, 3)], [of(any, 0, 2)]),
    ...calls("tril")((tril, x) => tril(x, -1), [of(any, 3, 3)]),
  ],
  triu: [
    ...calls("triu")((triu, x) => triu(x), [of(any, 3, 3)], [of(any, 2, 3, 2)], [of(any, 2, 0)]),
    ...calls("triu")((triu, x) => triu(x, 1), [of(any, 3, 3)]),
  ],
  diagonal: [
    ...calls("diagonal")((diagonal, x) => diagonal(x), [of(any, 3, 3)], [of(any, 2, 3)], [of(any, 3, 2, 2)], [of(any, 0, 2)]),
    ...calls("diagonal")((diagonal, x) => diagonal(x, 1, 2, 0), [of(any, 3, 2, 3)]),
    ...calls("diagonal")((diagonal, x) => diagonal(x, -1), [of(any, 3, 3)]),
  ],
};

const index = whole(-3, 2);
const mask = array([true, false, true]);
const masks = array([
  [true, false, true],
  [false, false, true],
]);

export const indexing: Calls<"slice" | "take" | "takeAlongAxis" | "scatterAdd"> = {
  slice: [
    ...calls("slice")((slice, x) => slice(x, 1), [of(any, 3)], [of(any, 3, 2)]),
    ...calls("slice")((slice, x) => slice(x, [1, null]), [of(any, 4)], [of(any, 0, 2)]),
    ...calls("slice")((slice, x) => slice(x, [null, null, -2], [-2, null]), [of(any, 4, 3)]),
    ...calls("slice")((slice, x) => slice(x, "...", -1), [of(any, 2, 3)], [of(any, 2, 2, 3)]),
    ...calls("slice")((slice, x) => slice(x, null, 0, ":", null), [of(any, 2, 3)]),
    ...calls("slice")((slice, x) => slice(x, [2, 1]), [of(any, 3)]),
    ...calls("slice")((slice, x) => slice(x), [of(any)], [of(any, 2)]),
    ...calls("slice")(
      (slice, x, i) => slice(x, i),
      [of(any, 3), of(index, 4)],
      [of(any, 3, 2), of(index, 2, 2)],
      [of(any, 3), of(index)],
      [of(any, 3), of(index, 0)],
    ),
    ...calls("slice")(
      (slice, x, i, j) => slice(x, i, j),
      [of(any, 3, 4), of(index, 5), of(index, 5)],
      [of(any, 3, 3), of(index, 2, 1), of(index, 3)],
    ),
    ...calls("slice")((slice, x, i) => slice(x, ":", i, [1, null]), [of(any, 2, 3, 3), of(index, 4)]),
    ...calls("slice")((slice, x, i, j) => slice(x, i, ":", j), [of(any, 3, 2, 3), of(index, 4), of(index, 4)]),
    ...calls("slice")((slice, x, i) => slice(x, 1, ":", i), [of(any, 2, 2, 3), of(index, 4)]),
    ...calls("slice")((slice, x) => slice(x, mask), [of(any, 3)], [of(any, 3, 2)], [of(int, 3)], [of(any, 3, 0)]),
    ...calls("slice")((slice, x) => slice(x, ":", masks), [of(any, 2, 2, 3)]),
    ...calls("slice")((slice, x, i) => slice(x, masks, ":", i), [of(any, 2, 3, 2, 3), of(index, 3)]),
    ...calls("slice")((slice, x) => slice(x, mask.logicalNot().logicalAnd(mask), 0), [of(any, 3, 2)]),
  ],
  take: [
    ...calls("take")(
      (take, x, i) => take(x, i),
      [of(any, 3), of(index, 4)],
      [of(any, 3, 2), of(index, 2, 2)],
      [of(any, 3), of(index)],
      [of(truth, 3), of(index, 2)],
    ),
    ...calls("take")((take, x, i) => take(x, i, -1), [of(any, 2, 3), of(index, 4)], [of(any, 0, 3), of(index, 2)]),
    ...calls("take")((take, x) => take(x, [2, 0, 2]), [of(any, 3, 2)]),
    ...calls("take")((take, x) => take(x, 1, 1), [of(any, 2, 3)]),
  ],
  takeAlongAxis: [
    ...calls("takeAlongAxis")(
      (op, x, i) => op(x, i, 0),
      [of(any, 3, 2), of(index, 4, 2)],
      [of(any, 3, 2), of(index, 1, 2)],
      [of(any, 3), of(index, 0)],
    ),
    ...calls("takeAlongAxis")(
      (op, x, i) => op(x, i, -1),
      [of(any, 2, 3), of(index, 2, 2)],
      [of(any, 2, 3), of(index, 1, 2)],
      [of(any, 1, 3), of(index, 2, 2)],
    ),
  ],
  scatterAdd: [
    ...calls("scatterAdd")(
      (op, x, i, u) => op(x, i, u),
      [of(any, 3), of(index, 5), of(any, 5)],
      [of(any, 3, 2), of(index, 4), of(any, 2)],
      [of(any, 3), of(index), of(any)],
    ),
    ...calls("scatterAdd")(
      (op, x, i, u) => op(x, i, u, 1),
      [of(any, 2, 3), of(index, 4), of(any, 2, 4)],
      [of(any, 2, 3), of(index, 0), of(any)],
    ),
    ...calls("scatterAdd")((op, x, i) => op(x, i, 2), [of(any, 3), of(index, 4)], [of(int, 3), of(index, 4)]),
  ],
};

/** Operations on the form of an array alone: their results do not depend on its elements. */
export const creation: Calls<"array" | "full" | "fullLike" | "onesLike" | "zerosLike"> = {
  array: [
    ...calls("array")((make, x) => make(x), [of(any, 2, 3)], [of(any)]),
    ...calls("array")((make, x) => make(x, { shape: [3, 2] }), [of(any, 6)]),
    // Lists that hold arrays are stacked; numbers are weak.
    ...calls("array")(
      (make, x, y) =>
        make([
          [x, 1],
          [2.5, y],
        ]),
      [of(any), of(any)],
    ),
    ...calls("array")((make, x, y) => make([x, [1, 2], y]), [of(any, 2), of(any, 2)], [of(any, 2), of(int, 2)]),
    ...calls("array")((make, x) => make([[x], [x]]), [of(any, 2, 0)], [of(any, 2)]),
    ...calls("array")((_, x, y) => x.mul([y, 2]), [of(any, 2), of(any)]),
    ...flagged(
      { wide: true },
      calls("array")((make, x) => make(x, { dtype: "float64", shape: [2] }), [of(int, 2)], [of(any, 2)]),
    ),
  ],
  full: calls("full")((full, x) => full([2, 3], x), [of(any)], [of(any, 3)], [of(exactly([7], "int32"))]),
  fullLike: calls("fullLike")((fullLike, x) => [fullLike(x, 1.5), x.mul(fullLike(x, 2))], [of(any, 2, 3)], [of(any)], [of(any, 0)]),
  onesLike: calls("onesLike")((onesLike, x) => x.add(onesLike(x)).mul(2), [of(any, 2, 3)]),
  zerosLike: calls("zerosLike")((zerosLike, x) => [zerosLike(x), x.add(zerosLike(x))], [of(any, 2, 3)], [of(int, 3)]),
};
