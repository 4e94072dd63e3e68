import { distinct, exactly, of, real, whole } from "../inputs.js";
import { type Calls, calls, flagged } from "./operation.js";

const int = whole(-4, 4);
const ties = { ties: true } as const;
/** Parts that lie between the positions of 5 elements. */
const parts = exactly([0.1, 0.8, 0.45]);

export const order: Calls<"searchsorted" | "median" | "quantile"> = {
  searchsorted: [
    ...calls("searchsorted")(
      (search, x, v) => search(x.sort(), v),
      [of(distinct(), 5), of(real(-2, 2), 2, 3)],
      [of(int, 7), of(int, 4)],
      [of(int, 8), of(real(-5, 5))],
      [of(int, 0), of(int, 2)],
      [of(exactly([1, 2, Number.NaN]), 3), of(exactly([Number.NaN, 3, 1]), 3)],
    ),
    ...calls("searchsorted")(
      (search, x, v) => search(x.sort(), v, { side: "right" }),
      [of(int, 6), of(int, 2, 3)],
      [of(exactly([1, 2, Number.NaN]), 3), of(exactly([Number.NaN, 3, 1]), 3)],
    ),
  ],
  median: flagged(ties, [
    ...calls("median")((median, x) => median(x), [of(distinct(), 5)], [of(distinct(), 2, 3)], [of(distinct())], [of(int, 4)]),
    ...calls("median")((median, x) => median(x, 0), [of(distinct(), 4, 2)], [of(distinct(), 2, 0)]),
    ...calls("median")((median, x) => median(x, [0, -1], { keepdims: true }), [of(distinct(), 2, 2, 3)]),
  ]),
  quantile: flagged(ties, [
    ...calls("quantile")((quantile, x) => quantile(x, 0.3), [of(distinct(), 5)], [of(distinct(), 2, 3)], [of(int, 4)]),
    ...calls("quantile")((quantile, x) => quantile(x, 0.5, -1, { keepdims: true }), [of(distinct(), 2, 4)], [of(distinct(), 0, 3)]),
    ...flagged(
      { wide: true },
      calls("quantile")((quantile, x) => quantile(x, [0.2, 0.9], 0), [of(distinct(), 4, 2)]),
    ),
    ...calls("quantile")((quantile, x, q) => quantile(x, q, 0), [of(distinct(), 5), of(parts)], [of(distinct(), 5, 2), of(parts, 3)]),
    ...calls("quantile")((quantile, x, q) => quantile(x, q, 1, { keepdims: true }), [of(distinct(), 2, 5), of(parts, 2)]),
  ]),
};
