import { array, cond, customJvp, foriLoop, grad, type NDArray, scan, whileLoop } from "@ad/core";
import { derivative, jvp } from "@ad/forward";
import { hessian, jacrev } from "@ad/functional";
import { vmap } from "@ad/vmap";
import { expect, test } from "vitest";
import { jit } from "../../src/index.js";

/** Derivatives of any order in reverse mode of loops whose number of steps is known only when they run. */

type F = (x: NDArray) => NDArray;

const loops: Readonly<Record<string, F>> = {
  "a whileLoop": (x) =>
    whileLoop(
      ([k, s]) => s.add(k).less(2.2),
      ([k, s]: NDArray[]) => [k.add(0.6), s.mul(x).sin().add(0.3)],
      [array(0), x] as NDArray[],
    )[1],
  "a foriLoop to a traced bound": (x) => foriLoop(0, x.mul(0).add(3).astype("int32"), (i, s: NDArray) => s.mul(x).add(i).tanh(), x),
  "a whileLoop of no step": (x) =>
    whileLoop(
      (s) => s.greater(100),
      (s: NDArray) => s.mul(s),
      x,
    ).mul(x),
  "a whileLoop around a whileLoop": (x) =>
    whileLoop(
      (s) => s.less(2),
      (s: NDArray) =>
        whileLoop(
          (u) => u.less(1),
          (u: NDArray) => u.mul(x).exp(),
          s,
        ).add(0.5),
      x,
    ),
  "a whileLoop around a scan and a cond": (x) =>
    whileLoop(
      (s) => s.less(2),
      (s: NDArray) =>
        scan(
          (u: NDArray, r) => [
            cond(
              u.greater(0.5),
              (u: NDArray) => u.mul(x),
              (u: NDArray) => u.sin(),
              u,
            ),
            u.mul(r),
          ],
          s,
          array([0.5, -0.2]),
        )[1]
          .sum()
          .square()
          .add(s)
          .add(0.6),
      x,
    ),
};
const grown = (z: NDArray): NDArray =>
  whileLoop(
    (y) => y.less(3),
    (y: NDArray) => y.square(),
    z.add(1),
  );
const around: Readonly<Record<string, F>> = {
  "a foriLoop": (x) => foriLoop(0, 2, (_, z: NDArray) => grown(z).mul(x), x),
  "a foriLoop without constants": (x) => foriLoop(0, 2, (_, z: NDArray) => grown(z), x),
  "a foriLoop of no step": (x) => foriLoop(0, 0, (_, z: NDArray) => grown(z), x).square(),
  "a scan": (x) => scan((z: NDArray, row) => [grown(z), z.mul(row)], x, array([0.5, -0.2]))[0],
  "a scan that computes its steps again": (x) =>
    scan((z: NDArray, row) => [grown(z).mul(row), z], x, array([0.5, 0.7]), { checkpoint: true })[0],
};
const orders: Readonly<Record<string, (f: F) => F>> = {
  "the second": (f) => grad(grad(f)),
  "the second, of forward mode": (f) => derivative(grad(grad(f))),
  "the third": (f) => grad(grad(grad(f))),
  "the third, by a Hessian": (f) => grad(hessian(f)),
};
const x0 = array(0.7);
const lanes = array([0.7, 0.4, 0.9]);

function expectClose(found: NDArray, wanted: NDArray, what: string): void {
  const all = wanted.ravel().toArray() as number[];
  (found.ravel().toArray() as number[]).forEach((each, i) => {
    expect(Math.abs(each - all[i]), `${what}: ${each}, and not ${all[i]}`).toBeLessThan(1e-9 * Math.max(1, Math.abs(all[i])));
  });
}

test.each(Object.entries(loops))("%s has derivatives of any order in reverse mode", (loop, f) => {
  for (const [what, order] of Object.entries(orders)) {
    if (what.includes("third") && loop.includes("around")) continue;
    const wanted = order(f)(x0);
    expectClose(jit(order(f))(x0), wanted, `${what} in jit`);
    expectClose(order(jit(f))(x0), wanted, `${what} around jit`);
    if (what.includes("third")) continue;
    const all = vmap(order(f))(lanes);
    expectClose(jit(vmap(order(f)))(lanes), all, `${what} of lanes in jit`);
    expectClose(vmap(order(jit(f)))(lanes), all, `${what} of lanes around jit`);
  }
});

test.each(Object.entries(around))("%s around a whileLoop has second derivatives of lanes in reverse mode", (loop, f) => {
  const all = vmap(grad(grad(f)))(lanes);
  expectClose(vmap(grad(grad(jit(f))))(lanes), all, `${loop}, two gradients around jit`);
  expectClose(vmap(hessian(jit(f)))(lanes), all, `${loop}, a Hessian around jit`);
  expectClose(jit(vmap(hessian(f)))(lanes), all, `${loop}, in jit`);
});

test("what no turn of an inner loop changes is there before the state of the outer loop, on which the number of turns depends", () => {
  const own: F = (x) =>
    foriLoop(
      0,
      2,
      (_, z: NDArray) => {
        const [y, c] = whileLoop(
          ([y]) => y.less(3),
          ([y, c]: NDArray[]) => [y.square(), c],
          [z.add(1.5), x.sin()] as NDArray[],
        );
        return c.mul(z).sin().add(y.mul(0.1));
      },
      x,
    );
  const wanted = grad(own)(x0);
  expectClose(grad(jit(own))(x0), wanted, "a gradient around jit");
  expectClose(jit(grad(own))(x0), wanted, "a gradient in jit");
  expectClose(vmap(grad(grad(jit(own))))(lanes), vmap(grad(grad(own)))(lanes), "the second, of lanes around jit");
});

test("what no turn of a rule's loop changes is there before the tangents, on which the number of turns depends", () => {
  const ruled = customJvp(
    (x: NDArray) => x.sin(),
    ([x]: readonly NDArray[], [t]: readonly NDArray[]) => {
      const [, c] = whileLoop(
        ([y]) => y.abs().less(3),
        ([y, c]: NDArray[]) => [y.mul(2), c],
        [t, x.cos()] as NDArray[],
      );
      return [x.sin(), c.exp().cos().mul(t)] as [NDArray, NDArray];
    },
  );
  const own: F = (x) => ruled(x.mul(2)).square();
  const along = (f: F): NDArray => vmap((t: NDArray) => jvp(f, [x0], [t])[1])(lanes);
  expectClose(along(jit(own)), along(own), "tangents of lanes");
});

test("a gradient of gradients of many numbers, with constants of the loop and a state that counts beside", () => {
  const w = array([
    [0.2, -0.5, 0.1],
    [0.4, 0.3, -0.2],
    [-0.1, 0.6, 0.2],
  ]);
  const value = (x: NDArray, w: NDArray): NDArray =>
    whileLoop(
      ([k]) => k.less(4),
      ([k, s]: NDArray[]) => [k.add(1), w.matmul(s).tanh().add(x)],
      [array(0, { dtype: "int32" }), x] as NDArray[],
    )[1]
      .square()
      .sum();
  const ofBoth = (f: typeof value) => (w: NDArray) => jacrev((x: NDArray) => grad(f)(x, w))(array([0.3, -0.2, 0.5]));
  expectClose(jit(ofBoth(value))(w), ofBoth(value)(w), "the Hessian");
  const mixed = (f: typeof value) =>
    grad((w: NDArray) =>
      grad(f)(array([0.3, -0.2, 0.5]), w)
        .square()
        .sum(),
    );
  expectClose(jit(mixed(value))(w), mixed(value)(w), "the gradient of a gradient's norm");
  expectClose(mixed(jit(value))(w), mixed(value)(w), "the same around jit");
  const along = (f: typeof value) => jvp((w: NDArray) => mixed(f)(w), [w], [w])[1];
  expectClose(jit(() => along(value))(), along(value), "its tangent");
});

test.each([3, 1, 0])("a scan of %i steps that is linear has second derivatives that are 0", (n) => {
  const rows = array([1, 2, 3]).slice([0, n]);
  const linear: Readonly<Record<string, F>> = {
    state: (x) => scan((s: NDArray, r: NDArray) => [s.neg(), r.neg()], x, rows)[0],
    "what it collects": (x) => scan((s: NDArray, r: NDArray) => [s.neg(), s.mul(r)], x, rows)[1].sum(),
    "steps that keep a constant": (x) => foriLoop(0, 0, (_, s: NDArray) => s.maximum(s), x),
    rows: (x) => scan((s: NDArray, r: NDArray) => [s.add(r), r.neg()], array(1), rows.mul(x))[0].add(x),
  };
  for (const f of Object.values(linear)) {
    const slope = grad(f)(array(2)).item();
    const first = (x: NDArray): NDArray => grad(f)(x);
    expect(jit(first)(array(2)).item()).toBe(slope);
    for (const second of [jit(grad(first)), grad(jit(first)), jit(hessian(f)), jit(derivative(first))])
      expect(second(array(2)).item()).toBe(0);
  }
});
