import type { NDArray } from "@ad/core";
import { of, real, signed, whole } from "../inputs.js";
import { type Calls, calls } from "./operation.js";

const any = real(-2, 2);
/** Away from 0, where the branches below part. */
const apart = signed(0.5, 2);
const positive = (x: NDArray): NDArray => x.greater(0);

export const control: Calls<"cond" | "switchCase" | "whileLoop" | "foriLoop" | "scan" | "safeWhere"> = {
  cond: [
    ...calls("cond")(
      (cond, x) =>
        cond(
          positive(x),
          (y) => y.log(),
          (y) => y.neg().exp(),
          x,
        ),
      [of(apart)],
    ),
    // An array that a branch closes over counts as much as an operand.
    ...calls("cond")(
      (cond, x, y) =>
        cond(
          positive(x.sum()),
          () => x.mul(y),
          () => y.sin().broadcastTo(x.shape),
        ),
      [of(apart, 1), of(any, 1)],
      [of(apart, 1), of(any)],
    ),
    ...calls("cond")(
      (cond, x, y) => {
        const { a, b } = cond(
          positive(x),
          (p: { x: NDArray; y: NDArray }) => ({ a: p.x.sqrt(), b: p.y.square() }),
          (p) => ({ a: p.x, b: p.y.mul(p.x) }),
          { x, y },
        );
        return [a, b];
      },
      [of(apart), of(any, 2)],
    ),
    // One inside of the other, each by its own predicate.
    ...calls("cond")(
      (cond, x, y) =>
        cond(
          positive(x),
          () =>
            cond(
              positive(y),
              () => x.log().mul(y.log()),
              () => x.sqrt().mul(y),
            ),
          () => y.mul(x),
        ),
      [of(apart), of(apart)],
    ),
    ...calls("cond")(
      (cond, x, on) =>
        cond(
          on,
          () => x.square(),
          () => x.neg(),
        ),
      [of(any, 0, 2), of(whole(0, 1))],
      [of(any, 3), of(whole(0, 1))],
    ),
  ],
  switchCase: calls("switchCase")(
    (switchCase, i, x) => switchCase(i, [(y: NDArray) => y.sin(), (y) => y.square(), (y) => y.mul(x)], x),
    [of(whole(-1, 3)), of(any, 2)],
    [of(whole(0, 2)), of(any)],
    [of(whole(0, 2)), of(any, 0)],
  ),
  whileLoop: [
    // As often as the operand's size asks for.
    ...calls("whileLoop")(
      (whileLoop, x) =>
        whileLoop(
          (y) => y.less(20),
          (y) => y.mul(x),
          x,
        ),
      [of(real(1.7, 2.9))],
    ),
    ...calls("whileLoop")(
      (whileLoop, x, n) => {
        const { y } = whileLoop(
          ({ i }) => i.less(n),
          ({ i, y }) => ({ i: i.add(1), y: y.sin().add(x) }),
          { i: n.mul(0), y: x },
        );
        return y;
      },
      [of(any, 2), of(whole(0, 4))],
      [of(any, 0), of(whole(0, 4))],
    ),
    // A lane that went on after its end would take the logarithm of what is negative.
    ...calls("whileLoop")(
      (whileLoop, x) =>
        whileLoop(
          (y) => y.greater(0.3),
          (y) => y.log(),
          x,
        ),
      [of(signed(1.5, 2.4))],
    ),
  ],
  foriLoop: [
    ...calls("foriLoop")((foriLoop, x) => foriLoop(1, 4, (i, y) => y.mul(x).add(i), x), [of(any, 2)], [of(any)], [of(any, 0)]),
    ...calls("foriLoop")(
      (foriLoop, x, lo, hi) => foriLoop(lo, hi, (i, y) => y.add(x.slice(i).square()), x.slice(0).mul(0)),
      [of(any, 4), of(whole(0, 2)), of(whole(1, 4))],
    ),
    ...([true, "sqrt", "log"] as const).flatMap((checkpoint) =>
      calls("foriLoop")(
        (foriLoop, x, lo, hi) => foriLoop(lo, hi, (i, y) => y.mul(x).add(x.slice(i).square()), x.mul(0.5), { checkpoint }),
        [of(any, 5), of(whole(0, 2)), of(whole(1, 5))],
      ),
    ),
  ],
  scan: [
    ...calls("scan")(
      (scan, s, xs) => {
        const [state, ys] = scan((own: NDArray, x: NDArray) => [own.mul(x).sin(), own.add(x)], s, xs);
        return [state, ys];
      },
      [of(any), of(any, 4)],
      [of(any, 2), of(any, 3, 2)],
      [of(any), of(any, 0)],
    ),
    ...calls("scan")(
      (scan, w, xs) => {
        const [state, ys] = scan(
          (own: { h: NDArray }, x: { a: NDArray; b: NDArray }) => [{ h: own.h.mul(w).add(x.a) }, [x.b.mul(own.h)]],
          { h: w },
          { a: xs, b: xs.square() },
        );
        return [state.h, ...ys];
      },
      [of(any), of(any, 3)],
    ),
    ...([true, "sqrt", "log"] as const).flatMap((checkpoint) =>
      calls("scan")(
        (scan, w, xs) => scan((own: NDArray, x: NDArray) => [own.mul(w).add(x).sin(), own.add(x)], w, xs, { checkpoint }),
        [of(any), of(any, 5)],
      ),
    ),
    ...([false, "sqrt"] as const).flatMap((checkpoint) =>
      calls("scan")(
        (scan, w, xs) => {
          const [state, { sums }] = scan(
            (own: NDArray, x: { a: NDArray; b: NDArray }) => [own.mul(w).add(x.a).sin(), { sums: own.add(x.b) }],
            w,
            { a: xs, b: xs.square() },
            { reverse: true, checkpoint },
          );
          return [state, sums];
        },
        [of(any), of(any, 3)],
        [of(any, 2), of(any, 4, 2)],
      ),
    ),
  ],
  safeWhere: calls("safeWhere")(
    (safeWhere, x, y) => safeWhere(positive(x), (z) => z.log(), x, y),
    [of(apart, 2, 3), of(any, 3)],
    [of(apart), of(any)],
    [of(apart, 0, 2), of(any)],
  ),
};
