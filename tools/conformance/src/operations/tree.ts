import type { NDArray } from "@ad/core";
import { of, real, whole } from "../inputs.js";
import { type Calls, calls } from "./operation.js";

const any = real(-2, 2);

export const trees: Calls<"ravelTree" | "treeLeaves" | "treeMap"> = {
  ravelTree: [
    ...calls("ravelTree")(
      (ravelTree, x, y) => {
        const [flat, unravel] = ravelTree({ a: x, b: [y, x] });
        const { a, b } = unravel(flat.sin());
        return [flat, a, b[0].mul(b[1].sum())];
      },
      [of(any, 2), of(any, 2, 3)],
      [of(any), of(any, 2)],
      [of(any, 0), of(any)],
    ),
    // The vector may be another one, and parts of it may go unused.
    ...calls("ravelTree")(
      (ravelTree, x, v) => {
        const [, unravel] = ravelTree({ b: x, a: 2, c: x });
        return unravel(v).b;
      },
      [of(any, 2), of(any, 5)],
      [of(whole(-3, 3), 2), of(whole(-3, 3), 5)],
    ),
  ],
  treeLeaves: calls("treeLeaves")(
    (treeLeaves, x, y) => treeLeaves({ y, x: [x.mul(y), x] }),
    [of(any, 2, 3), of(any, 3)],
    [of(any), of(any, 0)],
  ),
  treeMap: calls("treeMap")(
    (treeMap, x, y) => {
      const { a, b } = treeMap((p, q) => p.mul(q).sin(), { a: x, b: [y] as [NDArray] }, { b: [x], a: y });
      return [a, b[0]];
    },
    [of(any, 2, 3), of(any, 3)],
    [of(any), of(any)],
  ),
};
