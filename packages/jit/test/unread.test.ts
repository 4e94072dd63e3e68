import { array, cond, customJvp, customVjp, foriLoop, grad, type NDArray, scan, stack, switchCase, vjp, whileLoop } from "@ad/core";
import { jvp } from "@ad/forward";
import { hessian, jacfwd } from "@ad/functional";
import { vmap } from "@ad/vmap";
import { expect, test } from "vitest";
import { jit } from "../src/index.js";

type Scalar = (x: NDArray) => NDArray;

/** A sum of mapped values, of one point after the other. */
const sum =
  (f: Scalar): Scalar =>
  (xs) =>
    vmap(f)(xs).sum();

/** Two turns of a loop. Each turn gives a step the state, which the step does not read. */
const turns =
  (step: (i: NDArray, a: NDArray, z: NDArray) => NDArray): Scalar =>
  (a) =>
    foriLoop(0, 2, (i, z: NDArray) => step(i, a, z).tanh(), a);

const unread: Readonly<Record<string, Scalar>> = {
  "branches that are alike": turns((_, a, z) =>
    cond(
      a.greater(0),
      (_w: NDArray) => a,
      (_w: NDArray) => a,
      z,
    ),
  ),
  "branches that differ": turns((_, a, z) =>
    cond(
      a.greater(0),
      (_w: NDArray) => a.mul(2),
      (_w: NDArray) => a.mul(3),
      z,
    ),
  ),
  "a choice of several": turns((i, a, z) => switchCase(i, [(_w: NDArray) => a.mul(2), (_w: NDArray) => a.mul(3)], z)),
  "one of two results that are read": turns((_, a, z) =>
    cond(
      a.greater(0),
      (w: NDArray): [NDArray, NDArray] => [a.mul(2), w.sin()],
      (w: NDArray): [NDArray, NDArray] => [a.mul(3), w],
      z,
    )
      .map((x, i) => x.mul(i + 1).tanh())
      .reduce((x, y) => x.mul(y)),
  ),
  "branches in lanes": turns((_, a, z) =>
    sum((t) =>
      cond(
        a.greater(0),
        (_w: NDArray) => a.mul(2),
        (_w: NDArray) => a.mul(3),
        t,
      ),
    )(stack([z, z])),
  ),
  "the rows of a scan": turns((_, a, z) => scan((s: NDArray) => [s.sin(), null], a, stack([z, z]))[0]),
  "a state of a loop": turns((_, a, z) => {
    const step = (_: NDArray, { s, t }: { s: NDArray; t: NDArray }) => ({ s: s.sin(), t });
    return foriLoop(0, 2, step, { s: a, t: z }).s;
  }),
};

test.each(Object.entries(unread))("a loop has its derivatives around what a step does not read: %s", (_, f) => {
  const x = array(0.7);
  const first = grad(f)(x).item();
  for (const g of [jit(grad(f)), grad(jit(f)), jacfwd(jit(f))]) expect(g(x).item()).toBeCloseTo(first, 12);
  const second = grad(grad(f))(x).item();
  expect(jit(hessian(f))(x).item()).toBeCloseTo(second, 12);
  const points = array([0.7, -0.9]);
  const all = grad(sum(f))(points).toArray() as number[];
  for (const g of [vmap(grad(jit(f))), jit(vmap(grad(f)))])
    (g(points).toArray() as number[]).forEach((value, i) => {
      expect(value).toBeCloseTo(all[i], 12);
    });
});

const doubled: Scalar = (a) =>
  whileLoop(
    (z) => z.less(1),
    (z: NDArray) => z.mul(2),
    a,
  );
const inner: Readonly<Record<string, Scalar>> = {
  whileLoop: doubled,
  "a branch": (a) =>
    cond(
      a.greater(1),
      () => a.log(),
      () => a.mul(2),
    ),
  foriLoop: (a) => foriLoop(0, 2, (_, z: NDArray) => z.sin(), a),
  "an index in a branch": (a) =>
    cond(
      a.greater(1),
      () => a,
      () => a.mul(array([3, 4]).take(a.astype("int32"))),
    ),
  "an index in a loop": (a) => foriLoop(0, 2, (i, z: NDArray) => stack([z, z.mul(2)]).take(i), a),
};
const ruled: Readonly<Record<string, Scalar>> = {
  ...Object.fromEntries(
    Object.entries(inner).map(([name, f]) => [
      `${name} in a branch`,
      (a: NDArray) =>
        cond(
          a.greater(0),
          () => f(a),
          () => a.square(),
        ),
    ]),
  ),
  "a branch in a loop": (a) =>
    foriLoop(
      0,
      2,
      (_, z: NDArray) =>
        cond(
          z.greater(0),
          () => z.sin(),
          () => z,
        ),
      a,
    ),
  "the gradient of a branch": (a) =>
    grad((b: NDArray) =>
      cond(
        b.greater(0),
        () => b.square(),
        () => b.sin(),
      ).sin(),
    )(a),
};

test.each(Object.entries(ruled))("a rule has derivatives in the other mode and in lanes: %s", (_, f) => {
  const points = array([-1.8, 0.7]);
  const wanted = grad(sum(f))(points).toArray() as number[];
  const ahead = customJvp(f, ([a], [t]) => jvp(f, [a], [t]));
  const back = customVjp(f, (a: NDArray) => vjp(f, a));
  const all = [
    jit(grad(sum(ahead))),
    grad(sum(jit(ahead))),
    jit(vmap(grad(ahead))),
    jit(vmap(jacfwd(back))),
    jit((x: NDArray) => jacfwd(vmap(back))(x).sum(0)),
  ];
  for (const g of all)
    (g(points).toArray() as number[]).forEach((value, i) => {
      expect(value).toBeCloseTo(wanted[i], 12);
    });
  expect(jit(jacfwd(back))(array(0.7)).item()).toBeCloseTo(wanted[1], 12);
});
