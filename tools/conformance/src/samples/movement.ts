import { type NamesOf, none, type PrimitiveName } from "@ad/core/internals/trace";
import { distinct, exactly, of, real, truth, whole } from "../inputs.js";
import type { Samples } from "./sample.js";

const any = real(-2, 2);
const wide = true;

type Name = Exclude<NamesOf<"view" | "linear">, "sum" | "cumsum"> | Extract<PrimitiveName, "argsort" | "lastWriter">;

export const movement: Samples<Name> = {
  transpose: [
    { operands: [of(any, 2, 4)], params: { perm: [1, 0] } },
    { operands: [of(any, 2, 4, 3)], params: { perm: [2, 0, 1] } },
    { operands: [of(any)], params: { perm: [] } },
    { operands: [of(any, 0, 2)], params: { perm: [1, 0] } },
    { operands: [of(truth, 2, 4)], params: { perm: [1, 0] } },
  ],
  broadcast: [
    { operands: [of(any)], params: { shape: [2, 4], dims: [] } },
    { operands: [of(any, 4)], params: { shape: [2, 4], dims: [1] } },
    { operands: [of(any, 2)], params: { shape: [2, 4], dims: [0] } },
    { operands: [of(any, 1, 4)], params: { shape: [2, 4], dims: [0, 1] } },
    { operands: [of(any, 2, 1)], params: { shape: [3, 2, 4], dims: [1, 2] } },
    { operands: [of(any, 2, 4)], params: { shape: [2, 4], dims: [0, 1] } },
    { operands: [of(any, 1)], params: { shape: [0], dims: [0] } },
    { operands: [of(any, 0, 2)], params: { shape: [3, 0, 2], dims: [1, 2] } },
    { operands: [of(any, 2, 4)], params: { shape: [0, 2, 4], dims: [1, 2] } },
  ],
  reshape: [
    { operands: [of(any, 2, 6)], params: { shape: [3, 4] } },
    { operands: [of(any, 2, 3, 2)], params: { shape: [6, 2] } },
    { operands: [of(any, 4)], params: { shape: [1, 2, 1, 2] } },
    { operands: [of(any)], params: { shape: [1, 1] } },
    { operands: [of(any, 1)], params: { shape: [] } },
    { operands: [of(any, 0, 2)], params: { shape: [3, 0] } },
    { operands: [of(truth, 2, 2)], params: { shape: [4] } },
  ],
  slice: [
    { operands: [of(any, 5)], params: { starts: [1], steps: [2], sizes: [2] } },
    { operands: [of(any, 5)], params: { starts: [4], steps: [-2], sizes: [3] } },
    { operands: [of(any, 4, 5)], params: { starts: [1, 3], steps: [1, -1], sizes: [2, 4] } },
    { operands: [of(any, 3)], params: { starts: [3], steps: [1], sizes: [0] } },
    { operands: [of(any, 0, 2)], params: { starts: [0, 1], steps: [1, 1], sizes: [0, 1] } },
    { operands: [of(any)], params: { starts: [], steps: [], sizes: [] } },
  ],
  place: [
    { operands: [of(any, 2)], params: { starts: [1], steps: [2], shape: [5] } },
    { operands: [of(any, 3)], params: { starts: [4], steps: [-2], shape: [5] } },
    { operands: [of(any, 2, 4)], params: { starts: [1, 3], steps: [1, -1], shape: [4, 5] } },
    { operands: [of(any, 0)], params: { starts: [3], steps: [1], shape: [3] } },
    { operands: [of(any)], params: { starts: [], steps: [], shape: [] } },
    { operands: [of(whole(-5, 5), 2)], params: { starts: [1], steps: [2], shape: [5] } },
  ],
  unfold: [
    { operands: [of(any, 5)], params: { axes: [0], sizes: [3], steps: [1], dilations: [1] } },
    { operands: [of(any, 6)], params: { axes: [0], sizes: [2], steps: [2], dilations: [2] } },
    { operands: [of(any, 2, 7)], params: { axes: [1], sizes: [2], steps: [4], dilations: [3] } },
    { operands: [of(any, 3, 2, 4)], params: { axes: [0, 2], sizes: [2, 3], steps: [1, 1], dilations: [1, 1] } },
    { operands: [of(any, 5, 4)], params: { axes: [0, 1], sizes: [2, 2], steps: [2, 1], dilations: [2, 1] } },
    { operands: [of(any, 3)], params: { axes: [0], sizes: [3], steps: [1], dilations: [1] } },
    { operands: [of(any, 0, 4)], params: { axes: [1], sizes: [2], steps: [1], dilations: [2] } },
    { operands: [of(any)], params: { axes: [], sizes: [], steps: [], dilations: [] } },
    { operands: [of(truth, 5)], params: { axes: [0], sizes: [2], steps: [3], dilations: [1] } },
  ],
  fold: [
    { operands: [of(any, 3, 3)], params: { axes: [0], sizes: [3], steps: [1], dilations: [1], shape: [5] } },
    { operands: [of(any, 2, 2)], params: { axes: [0], sizes: [2], steps: [2], dilations: [2], shape: [6] } },
    { operands: [of(any, 2, 1, 2)], params: { axes: [1], sizes: [2], steps: [4], dilations: [3], shape: [2, 7] } },
    { operands: [of(any, 2, 2, 2, 2, 3)], params: { axes: [0, 2], sizes: [2, 3], steps: [1, 1], dilations: [1, 1], shape: [3, 2, 4] } },
    { operands: [of(any, 0, 2, 2)], params: { axes: [1], sizes: [2], steps: [1], dilations: [2], shape: [0, 4] } },
    { operands: [of(any)], params: { axes: [], sizes: [], steps: [], dilations: [], shape: [] } },
    { operands: [of(whole(-5, 5), 3, 2)], params: { axes: [0], sizes: [2], steps: [1], dilations: [1], shape: [4] } },
  ],
  concatenate: [
    { operands: [of(any, 2), of(any, 3)], params: { axis: 0 } },
    { operands: [of(any, 2, 3), of(any, 2, 1), of(any, 2, 2)], params: { axis: 1 } },
    { operands: [of(any, 2, 2)], params: { axis: 0 } },
    { operands: [of(any, 0, 2), of(any, 3, 2)], params: { axis: 0 } },
    { operands: [of(truth, 2), of(truth, 3)], params: { axis: 0 } },
  ],
  select: [
    { operands: [of(truth, 2, 3), of(any, 2, 3), of(any, 2, 3)], params: none },
    { operands: [of(truth), of(any), of(any)], params: none },
    { operands: [of(truth, 0), of(any, 0), of(any, 0)], params: none },
    { operands: [of(truth, 4), of(whole(-5, 5), 4), of(whole(-5, 5), 4)], params: none },
  ],
  cast: [
    { operands: [of(any, 2, 3)], params: { dtype: "float64" }, wide },
    { operands: [of(whole(-5, 5), 2, 3)], params: { dtype: "float64" } },
    { operands: [of(any, 2, 3)], params: { dtype: "int32" } },
    { operands: [of(exactly([0, 1.5, Number.NaN, -0]), 2, 2)], params: { dtype: "bool" } },
    { operands: [of(truth, 2, 3)], params: { dtype: "int32" } },
    { operands: [of(any)], params: { dtype: "int32" } },
    { operands: [of(any, 0)], params: { dtype: "float64" }, wide },
  ],
  take: [
    { operands: [of(any, 4), of(whole(0, 3), 3)], params: { axis: 0 } },
    { operands: [of(any, 2, 4), of(whole(0, 3), 3)], params: { axis: 1 } },
    { operands: [of(any, 4, 2), of(whole(0, 3), 2, 3)], params: { axis: 0 } },
    { operands: [of(any, 2, 4, 2), of(whole(0, 3), 3, 2)], params: { axis: 1 } },
    { operands: [of(any, 2, 4), of(whole(0, 3))], params: { axis: 1 } },
    { operands: [of(any, 4), of(whole(0, 3), 0)], params: { axis: 0 } },
    { operands: [of(any, 4, 0), of(whole(0, 3), 2)], params: { axis: 0 } },
    { operands: [of(whole(-5, 5), 4), of(whole(0, 3), 3)], params: { axis: 0 } },
  ],
  scatterAdd: [
    { operands: [of(any, 4), of(whole(0, 3), 6), of(any, 6)], params: { axis: 0 } },
    { operands: [of(any, 2, 4), of(whole(0, 3), 3), of(any, 2, 3)], params: { axis: 1 } },
    { operands: [of(any, 4, 2), of(whole(0, 3), 2, 3), of(any, 2, 3, 2)], params: { axis: 0 } },
    { operands: [of(any, 2, 4, 2), of(whole(0, 3), 3, 2), of(any, 2, 3, 2, 2)], params: { axis: 1 } },
    { operands: [of(any, 2, 4), of(whole(0, 3)), of(any, 2)], params: { axis: 1 } },
    { operands: [of(any, 4), of(whole(0, 3), 0), of(any, 0)], params: { axis: 0 } },
    { operands: [of(whole(-5, 5), 4), of(whole(0, 3), 6), of(whole(-5, 5), 6)], params: { axis: 0 } },
  ],
  argsort: [
    { operands: [of(distinct(), 5)], params: { axis: 0 } },
    { operands: [of(distinct(), 3, 4)], params: { axis: 0 } },
    { operands: [of(distinct(), 3, 4)], params: { axis: 1 } },
    { operands: [of(whole(0, 3), 8)], params: { axis: 0 } },
    { operands: [of(exactly([2, Number.NaN, 1, Number.NaN, 0]), 5)], params: { axis: 0 } },
    { operands: [of(any, 0)], params: { axis: 0 } },
    { operands: [of(any, 2, 0)], params: { axis: 1 } },
  ],
  lastWriter: [
    { operands: [of(whole(0, 5), 4)], params: { size: 6 } },
    { operands: [of(whole(0, 2), 6)], params: { size: 3 } },
    { operands: [of(whole(0, 2), 0)], params: { size: 3 } },
  ],
};
