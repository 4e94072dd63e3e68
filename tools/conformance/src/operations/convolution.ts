import { distinct, of, real, truth, whole } from "../inputs.js";
import { type Calls, calls, flagged } from "./operation.js";

const any = real(-2, 2);
const int = whole(-4, 4);
const ties = { ties: true } as const;

export const convolutions: Calls<"conv" | "avgPool" | "maxPool"> = {
  conv: [
    ...calls("conv")(
      (conv, x, w) => conv(x, w),
      [of(any, 2, 2, 5), of(any, 3, 2, 2)],
      [of(any, 1, 2, 3, 4), of(any, 2, 2, 2, 3)],
      [of(any, 2, 2, 2, 2), of(any, 3, 2, 1, 1)],
      [of(any, 0, 2, 4), of(any, 3, 2, 2)],
      [of(int, 1, 2, 4), of(int, 2, 2, 2)],
    ),
    ...calls("conv")((conv, x, w) => conv(x, w, { stride: 2, padding: "same" }), [of(any, 1, 2, 5), of(any, 2, 2, 2)]),
    ...calls("conv")((conv, x, w) => conv(x, w, { groups: 2, padding: 1 }), [of(any, 2, 4, 3), of(any, 2, 2, 3)]),
    ...calls("conv")(
      (conv, x, w) =>
        conv(x, w, {
          stride: [1, 2],
          dilation: [2, 1],
          groups: 2,
          padding: [
            [1, 0],
            [0, 2],
          ],
        }),
      [of(any, 1, 2, 3, 3), of(any, 4, 1, 2, 2)],
    ),
    ...calls("conv")((conv, x) => conv(x, x, { padding: "same" }), [of(any, 2, 2, 3)]),
  ],
  avgPool: [
    ...calls("avgPool")((avgPool, x) => avgPool(x, { window: 2 }), [of(any, 1, 2, 5)], [of(any, 2, 1, 2, 4)], [of(int, 1, 1, 4)]),
    ...calls("avgPool")((avgPool, x) => avgPool(x, { window: [2, 3], stride: 1, padding: 1 }), [of(any, 1, 2, 2, 3)]),
    ...calls("avgPool")((avgPool, x) => avgPool(x, { window: 3, stride: 2, padding: "same" }), [of(any, 2, 1, 4)], [of(any, 0, 1, 4)]),
  ],
  maxPool: flagged(ties, [
    ...calls("maxPool")(
      (maxPool, x) => maxPool(x, { window: 2 }),
      [of(distinct(), 1, 2, 5)],
      [of(distinct(), 2, 1, 2, 4)],
      [of(int, 1, 1, 4)],
      [of(truth, 1, 1, 4)],
    ),
    ...calls("maxPool")((maxPool, x) => maxPool(x, { window: [2, 3], stride: 1, padding: 1 }), [of(distinct(), 1, 2, 2, 3)]),
    ...calls("maxPool")(
      (maxPool, x) => maxPool(x, { window: 3, stride: 2, padding: "same" }),
      [of(distinct(), 2, 1, 4)],
      [of(int, 1, 1, 4)],
    ),
  ]),
};
