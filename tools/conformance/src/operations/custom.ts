import type { NDArray } from "@ad/core";
import { of, real } from "../inputs.js";
import { type Calls, calls } from "./operation.js";

const any = real(-2, 2);
const shapes = [[of(any, 2, 3)], [of(any)], [of(any, 0, 2)]];

/** Rules that say the truth, so that what is derived from them can be held to differences. */
export const custom: Calls<"checkpoint" | "customJvp" | "customVjp" | "customOp"> = {
  checkpoint: [
    ...calls("checkpoint")((checkpoint, x) => checkpoint((y) => y.sin().exp().mul(y))(x), ...shapes),
    // With a closure, and one inside of the other.
    ...calls("checkpoint")(
      (checkpoint, x, w) => checkpoint((y) => checkpoint((z) => z.mul(w).sin())(y).add(w.square()))(x),
      [of(any, 2), of(any)],
      [of(any), of(any, 2)],
    ),
  ],
  customJvp: [
    ...calls("customJvp")(
      (customJvp, x) =>
        customJvp(
          (y) => y.sin(),
          ([y], [t]) => [y.sin(), y.cos().mul(t)],
        )(x),
      ...shapes,
    ),
    ...calls("customJvp")(
      (customJvp, x, y) => {
        const { sum, product } = customJvp(
          (p: { a: NDArray; b: NDArray }) => ({ sum: p.a.add(p.b), product: p.a.mul(p.b) }),
          ([p], [t]) => [
            { sum: p.a.add(p.b), product: p.a.mul(p.b) },
            { sum: t.a.add(t.b), product: t.a.mul(p.b).add(p.a.mul(t.b)) },
          ],
        )({ a: x, b: y });
        return [sum, product];
      },
      [of(any, 2), of(any, 2)],
      [of(any), of(any)],
    ),
  ],
  customVjp: [
    ...calls("customVjp")(
      (customVjp, x) =>
        customVjp(
          (y) => y.sin(),
          (y) => [y.sin(), (ct) => [y.cos().mul(ct)]],
        )(x),
      ...shapes,
    ),
    ...calls("customVjp")(
      (customVjp, x, y) => {
        const { sum, product } = customVjp(
          (a, b) => ({ sum: a.add(b), product: a.matmul(b) }),
          (a, b) => [
            { sum: a.add(b), product: a.matmul(b) },
            (ct) => [ct.sum.add(ct.product.matmul(b.T)), ct.sum.add(a.T.matmul(ct.product))],
          ],
        )(x, y);
        return [sum, product];
      },
      [of(any, 2, 2), of(any, 2, 2)],
    ),
  ],
  customOp: [
    ...calls("customOp")((customOp, x) => customOp({ forward: (y) => y.square().sin() })(x), ...shapes),
    ...calls("customOp")(
      (customOp, x, y) =>
        customOp({
          forward: (a, b) => a.mul(b).sum(),
          jvp: ([a, b], [s, t]) => [a.mul(b).sum(), s.mul(b).add(a.mul(t)).sum()],
          vjp: (a, b) => [a.mul(b).sum(), (ct) => [b.mul(ct), a.mul(ct)]],
          vmap: (a, b) => a.mul(b).sum(1),
        })(x, y),
      [of(any, 3), of(any, 3)],
      [of(any, 0), of(any, 0)],
    ),
  ],
};
