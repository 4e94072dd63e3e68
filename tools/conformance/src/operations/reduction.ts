import type { ArrayLike, Axes, Keep, NDArray } from "@ad/core";
import { type Domain, distinct, exactly, of, real, signed, truth, whole } from "../inputs.js";
import { derive } from "../rows/derive.js";
import { type Reduction, reductions as rows } from "../rows/reduction.js";
import { type Call, type Calls, calls, family, flagged } from "./operation.js";

type Op = (x: ArrayLike, axis?: Axes, options?: Keep) => NDArray;

const any = real(-2, 2);
const ties = { ties: true } as const;

/** A reduction over one axis, several and all, kept or not. `empty`: it has a value for no elements. */
const reduction = (from: Domain, empty: boolean): Call<Op>[] => [
  ...family((op: Op, x) => op(x), [of(from, 2, 3)], [of(from, 5)], [of(from)]),
  ...family((op: Op, x) => op(x, 0), [of(from, 2, 3)], [of(from, 3, 2, 2)], [of(from, 2, 0)]),
  ...family((op: Op, x) => op(x, -1), [of(from, 2, 3)]),
  ...family((op: Op, x) => op(x, [0, 2]), [of(from, 2, 3, 2)]),
  ...family((op: Op, x) => op(x, 1, { keepdims: true }), [of(from, 2, 3)]),
  ...family((op: Op, x) => op(x, null, { keepdims: true }), [of(from, 2, 3)]),
  ...(empty ? family((op: Op, x) => op(x, 0), [of(from, 0, 2)]) : []),
];

const position = [
  ...family((op: (x: ArrayLike, axis?: number | null, options?: Keep) => NDArray, x) => op(x), [of(distinct(), 2, 3)], [of(distinct(), 5)]),
  ...family(
    (op: (x: ArrayLike, axis?: number | null, options?: Keep) => NDArray, x) => op(x, 0),
    [of(distinct(), 3, 2)],
    [of(whole(0, 2), 4, 3)],
  ),
  ...family(
    (op: (x: ArrayLike, axis?: number | null, options?: Keep) => NDArray, x) => op(x, -1, { keepdims: true }),
    [of(distinct(), 2, 3)],
  ),
];

const running = (from: Domain): Call<(x: ArrayLike, axis?: number | null) => NDArray>[] => [
  ...family((op: (x: ArrayLike, axis?: number | null) => NDArray, x) => op(x, 0), [of(from, 3, 2)], [of(from, 5)], [of(from, 0, 2)]),
  ...family((op: (x: ArrayLike, axis?: number | null) => NDArray, x) => op(x, -1), [of(from, 2, 3)]),
  ...family((op: (x: ArrayLike, axis?: number | null) => NDArray, x) => op(x), [of(from, 2, 2)], [of(from)]),
];

const normalised = [
  ...family(
    (op: (x: ArrayLike, axis?: number) => NDArray, x) => op(x),
    [of(any, 2, 3)],
    [of(any, 4)],
    [of(whole(0, 3), 3)],
    [of(any, 2, 0)],
  ),
  ...family((op: (x: ArrayLike, axis?: number) => NDArray, x) => op(x, 0), [of(any, 3, 2)]),
  ...family((op: (x: ArrayLike, axis?: number) => NDArray, x) => op(x, 1), [of(any, 2, 3, 2)]),
];

const made = derive(rows, ({ domain, calls = [], empty, ties: hasTies }: Reduction) =>
  flagged(hasTies ? ties : {}, [...reduction(domain, empty), ...calls.flatMap((from) => reduction(from, false))]),
);

export const reductions: Calls<
  | keyof typeof rows
  | "mean"
  | "variance"
  | "std"
  | "logsumexp"
  | "norm"
  | "argmax"
  | "argmin"
  | "cumsum"
  | "cumprod"
  | "logcumsumexp"
  | "softmax"
  | "logSoftmax"
> = {
  ...made,
  sum: [...made.sum, ...calls("sum")((sum, x) => sum(x), [of(truth, 2, 3)], [of(whole(-4, 4), 3)])],
  prod: [
    ...made.prod,
    ...calls("prod")((prod, x) => prod(x, -1), [of(exactly([0, -0.7, 0, 1.2, 0.5, 0.9, 0, 2]), 2, 4)], [of(whole(-4, 4), 3)]),
  ],
  mean: [...reduction(any, false), ...calls("mean")((mean, x) => mean(x, 0), [of(whole(-4, 4), 3)], [of(truth, 4)])],
  variance: [...reduction(any, false), ...calls("variance")((variance, x) => variance(x, 0, { ddof: 1, keepdims: true }), [of(any, 3, 2)])],
  std: flagged(ties, [
    ...calls("std")((std, x) => std(x), [of(distinct(), 2, 3)], [of(distinct(), 5)]),
    ...calls("std")((std, x) => std(x, 0), [of(distinct(), 3, 2)], [of(distinct(), 2, 0)]),
    ...calls("std")((std, x) => std(x, [0, 2], { ddof: 1 }), [of(distinct(), 2, 3, 2)]),
    ...calls("std")((std, x) => std(x, 1, { keepdims: true }), [of(distinct(), 2, 3)]),
  ]),
  logsumexp: reduction(any, false),
  norm: flagged(ties, [
    ...reduction(signed(0.5, 2), true),
    ...[1, 2, 3, 2.5, 0.5, -1, -2].flatMap((ord) =>
      calls("norm")((norm, x) => norm(x, 0, { ord }), [of(signed(0.5, 2), 3, 2)], [of(signed(0.5, 2), 2, 0)]),
    ),
    ...calls("norm")((norm, x) => norm(x, -1, { ord: 0 }), [of(exactly([0, 1, 2, 0, 0, 3]), 2, 3)]),
    ...[Infinity, -Infinity].flatMap((ord) => calls("norm")((norm, x) => norm(x, 1, { ord }), [of(distinct(0.5), 2, 3)])),
    ...([1, -1, Infinity, -Infinity] as const).flatMap((ord) =>
      calls("norm")((norm, x) => norm(x, [0, 1], { ord, keepdims: true }), [of(distinct(0.5), 2, 3)]),
    ),
    ...calls("norm")((norm, x) => norm(x, [-2, -1], { ord: "fro" }), [of(signed(0.5, 2), 2, 3, 2)]),
  ]),
  argmax: position,
  argmin: position,
  cumsum: [...running(any), ...calls("cumsum")((cumsum, x) => cumsum(x, 0), [of(truth, 4)])],
  cumprod: [
    ...running(signed(0.5, 2)),
    ...calls("cumprod")((cumprod, x) => cumprod(x, 0), [of(exactly([1.5, 0, -2, 0, 0.5]), 5)], [of(whole(-3, 3), 4)]),
  ],
  logcumsumexp: running(any),
  softmax: normalised,
  logSoftmax: normalised,
};
