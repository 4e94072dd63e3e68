import { array, checkpoint, cond, foriLoop, grad, type NDArray, scan, whileLoop } from "@ad/core";
import { jvp, pushforward } from "@ad/forward";
import { hessian } from "@ad/functional";
import { vmap } from "@ad/vmap";
import { describe, expect, test } from "vitest";
import { jit } from "../src/index.js";

/** A derivative that nothing depends on is a zero that was never made: it meets no NaN on its way. */

const x = array([1, Number.NaN, 3]);
const largest = (x: NDArray): NDArray => x.max();
const slopes =
  (f: (x: NDArray) => NDArray) =>
  (x: NDArray): NDArray =>
    grad(f)(x)
      .mul(array([1, 2, 3]))
      .sum();

test("second derivatives of a maximum that is NaN are 0, with jit and with checkpoint as without", () => {
  expect(grad(slopes(largest))(x).toArray()).toEqual([0, 0, 0]);
  for (const f of [jit(largest), checkpoint(largest), jit(checkpoint(largest))]) {
    expect(grad(slopes(f))(x).toArray()).toEqual([0, 0, 0]);
    expect(hessian(f)(x).toArray()).toEqual(hessian(largest)(x).toArray());
  }
});

type Scalar = (x: NDArray) => NDArray;
interface Two {
  a: NDArray;
  b: NDArray;
}

/** Functions in which a derivative that is never made stands where √x has the slope ∞: 0 · ∞ would be NaN. */
const cases: Record<string, readonly [f: Scalar, at: number]> = {
  "a state of a loop that is overwritten unread": [
    (x) => foriLoop(0, 3, (_, { b }) => ({ a: x.sqrt(), b: b.add(1).mul(x) }), { a: x, b: x }).b,
    0,
  ],
  "a state of a loop that takes a value of outside, unread": [
    (x) => {
      const root = x.sqrt();
      return foriLoop(0, 3, (_, { b }) => ({ a: root, b: b.add(1).mul(x) }), { a: x, b: x }).b;
    },
    0,
  ],
  "a state of a scan that is overwritten unread": [
    (x) => scan(({ b }: Two, row) => [{ a: x.sqrt(), b: b.mul(row).add(x) }, null], { a: x, b: x }, array([1, 2, 3]))[0].b,
    0,
  ],
  "a state of a scan with checkpoints that is overwritten unread": [
    (x) =>
      scan(({ b }: Two, row) => [{ a: x.sqrt(), b: b.mul(row).add(x) }, null], { a: x, b: x }, array([1, 2, 3]), { checkpoint: true })[0].b,
    0,
  ],
  "a state of a while that is overwritten unread": [
    (x) =>
      whileLoop(
        ({ i }) => i.less(3),
        ({ i, b }) => ({ i: i.add(1), a: x.sqrt(), b: b.add(1).mul(x) }),
        { i: 0, a: x, b: x } as unknown as Two & { i: NDArray },
      ).b,
    0,
  ],
  "a state of a scan that depends on no argument": [
    (x) => scan(({ a, b }: Two, row) => [{ a: a.mul(row), b: b.add(a.sqrt()).mul(x) }, null], { a: array(0), b: x }, array([1, 2, 3]))[0].b,
    2,
  ],
  "a state of a while that depends on no argument": [
    (x) =>
      whileLoop(
        ({ i }) => i.less(3),
        ({ i, a, b }) => ({ i: i.add(1), a: a.mul(2), b: b.add(a.sqrt()).mul(x) }),
        { i: 0, a: array(0), b: x } as unknown as Two & { i: NDArray },
      ).b,
    2,
  ],
  "a last state that depends on no argument": [
    (x) => {
      const { a, b } = foriLoop(0, 3, (_, { a, b }) => ({ a: a.mul(1), b: b.mul(x) }), { a: array(0), b: x });
      return a.sqrt().add(b);
    },
    2,
  ],
  "what a scan collects that depends on no argument": [
    (x) => {
      const [last, ys] = scan((b: NDArray, row) => [b.mul(x), row.mul(0)], x, array([1, 2, 3]));
      return (ys as NDArray).sqrt().sum().add(last);
    },
    2,
  ],
  "a result of branches that depends on no argument": [
    (x) => {
      const [a, b] = cond(
        x.greater(0),
        (y) => [y, array(0)],
        (y) => [y.mul(2), array(1)],
        x,
      );
      return a.add(b.sqrt());
    },
    2,
  ],
  "an operand of branches to which none of them passes anything": [
    (x) =>
      cond(
        x.greater(3),
        (y) => y.stopGradient().mul(x),
        (y) => y.stopGradient().add(x.mul(2)),
        x.sqrt(),
      ),
    0,
  ],
};

const derivatives: Record<string, (f: Scalar, around: (f: Scalar) => Scalar) => Scalar> = {
  gradients: (f, around) => grad(around(f)),
  tangents: (f, around) => (x) => jvp(around(f), [x], [array(1)])[1],
  "linear maps": (f, around) => (x) => pushforward(around(f), x)[1]([array(1)]),
  "second derivatives": (f, around) => grad(around(grad(f))),
  "tangents of gradients": (f, around) => (x) => jvp(around(grad(f)), [x], [array(1)])[1],
};

describe.each(Object.entries(cases))("%s", (_, [f, at]) => {
  test.each(Object.entries(derivatives))("%s", (_name, of) => {
    const wanted = of(f, (g) => g)(array(at)).item();
    expect(Number.isFinite(wanted)).toBe(true);
    expect(jit(of(f, (g) => g))(array(at)).item()).toBeCloseTo(wanted as number, 12);
    expect(of(f, jit)(array(at)).item()).toBeCloseTo(wanted as number, 12);
  });
});

test("a result of a program that depends on no argument has no tangent", () => {
  const parts = jit((x: NDArray): readonly [NDArray, NDArray] => [x.mul(2), array(0).mul(1)]);
  const f = (x: NDArray): NDArray => {
    const [a, b] = parts(x);
    return a.add(b.sqrt());
  };
  expect(jvp(f, [array(1)], [array(1)])[1].item()).toBe(2);
});

test("a constant of a loop that is the same in all lanes has its own cotangent", () => {
  const [x, lanes] = [array([0.1, 0.2, 0.3, 0.4]), array([1, 2, 3, 4, 5])];
  const f = (x: NDArray): NDArray =>
    vmap((own: NDArray) => scan((sum: NDArray, row: NDArray) => [sum.add(x.sum()), row], own, lanes)[0])(lanes).sum();
  expect(grad(jit(f))(x).toArray()).toEqual([25, 25, 25, 25]);
  expect(jit(grad(f))(x).toArray()).toEqual([25, 25, 25, 25]);
});
