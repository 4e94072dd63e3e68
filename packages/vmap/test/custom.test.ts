import { array, checkpoint, customJvp, customOp, customVjp, grad, type NDArray, stack, TreeError, vjp, zeros } from "@ad/core";
import { expectClose, fails } from "@ad/expect";
import { describe, expect, test } from "vitest";
import { vmap } from "../src/index.js";

type Scalar = (x: NDArray) => NDArray;

const { sin, cos } = Math;

/** sin, whose derivative is said to be twice what it is: so one sees which rule was used. */
const vjpRule = (x: NDArray) => [x.sin(), (ct: NDArray) => [ct.mul(x.cos()).mul(2)] as const] as const;
const jvpRule = ([x]: [NDArray], [t]: [NDArray]) => [x.sin(), x.cos().mul(t).mul(2)] as const;
const viaVjp: Scalar = customVjp((x) => x.sin(), vjpRule);
const viaJvp: Scalar = customJvp((x) => x.sin(), jvpRule);

/** A function, and what it and its first two derivatives are. */
const operations: Record<string, [f: Scalar, value: (x: number) => number, slope: (x: number) => number, second: (x: number) => number]> = {
  customVjp: [viaVjp, sin, (x) => 2 * cos(x), (x) => -2 * sin(x)],
  customJvp: [viaJvp, sin, (x) => 2 * cos(x), (x) => -2 * sin(x)],
  "customOp of a pullback": [customOp({ forward: (x: NDArray) => x.sin(), vjp: vjpRule }), sin, (x) => 2 * cos(x), (x) => -2 * sin(x)],
  "customOp of both rules": [
    customOp({ forward: (x: NDArray) => x.sin(), vjp: vjpRule, jvp: jvpRule }),
    sin,
    (x) => 2 * cos(x),
    (x) => -2 * sin(x),
  ],
  "customOp without rules": [customOp({ forward: (x: NDArray) => x.sin() }), sin, cos, (x) => -sin(x)],
  "customOp with a rule for batches": [customOp({ forward: (x: NDArray) => x.sin(), vmap: (x) => x.sin() }), sin, cos, (x) => -sin(x)],
  "customOp with a rule for batches and a pullback": [
    customOp({ forward: (x: NDArray) => x.sin(), vmap: (x) => x.sin(), vjp: vjpRule }),
    sin,
    (x) => 2 * cos(x),
    (x) => -2 * sin(x),
  ],
  "customOp with a rule for batches and one for tangents": [
    customOp({ forward: (x: NDArray) => x.sin(), vmap: (x) => x.sin(), jvp: jvpRule }),
    sin,
    (x) => 2 * cos(x),
    (x) => -2 * sin(x),
  ],
  "customVjp in the function of a customVjp": [
    customVjp(
      (x) => viaVjp(x).mul(x),
      (x) => [viaVjp(x).mul(x), (ct) => [ct.mul(viaJvp(x))]],
    ),
    (x) => x * sin(x),
    sin,
    (x) => 2 * cos(x),
  ],
  "customJvp in the rule of a customJvp": [
    customJvp(
      (x) => x.square(),
      ([x], [t]) => [x.square(), viaVjp(x).mul(t)],
    ),
    (x) => x ** 2,
    sin,
    (x) => 2 * cos(x),
  ],
  "a gradient in a pullback": [
    customVjp(
      (x) => x.exp(),
      (x) => [x.exp(), (ct) => [ct.mul(grad(viaVjp)(x))]],
    ),
    Math.exp,
    (x) => 2 * cos(x),
    (x) => -2 * sin(x),
  ],
  checkpoint: [checkpoint((x) => x.sin().mul(x)), (x) => x * sin(x), (x) => sin(x) + x * cos(x), (x) => 2 * cos(x) - x * sin(x)],
  "checkpoint of a customVjp": [checkpoint(viaVjp), sin, (x) => 2 * cos(x), (x) => -2 * sin(x)],
  "checkpoint of a checkpoint": [checkpoint(checkpoint((x: NDArray) => x.sin())), sin, cos, (x) => -sin(x)],
  "customVjp of a checkpoint": [
    customVjp(
      (x) => checkpoint((y: NDArray) => y.sin())(x),
      (x) => [x.sin(), (ct) => [ct.mul(checkpoint((y: NDArray) => y.cos())(x)).mul(2)]],
    ),
    sin,
    (x) => 2 * cos(x),
    (x) => -2 * sin(x),
  ],
  "a pullback inside of a checkpoint": [
    checkpoint((x: NDArray) => grad(viaVjp)(x)),
    (x) => 2 * cos(x),
    (x) => -2 * sin(x),
    (x) => -2 * cos(x),
  ],
};

describe.each(Object.entries(operations))("%s", (_, [f, value, slope, second]) => {
  const lanes = [0.3, -1, 2];
  const xs = array(lanes);
  const grid = stack([xs, xs.flip()]);
  const [values, slopes, seconds] = [value, slope, second].map((g) => lanes.map(g));
  const twice = (row: number[]): number[][] => [row, [...row].reverse()];
  const sum = (g: Scalar): Scalar => grad((x) => g(x).sum());

  test("values", () => {
    expectClose(vmap(f)(xs), values);
    expectClose(vmap(vmap(f))(grid), twice(values));
    expect(vmap(f)(zeros([0])).shape).toEqual([0]);
  });
  test("gradients inside and around", () => {
    expectClose(vmap(grad(f))(xs), slopes);
    expectClose(sum(vmap(f))(xs), slopes);
    expectClose(vmap(vmap(grad(f)))(grid), twice(slopes));
    expectClose(sum(vmap(vmap(f)))(grid), twice(slopes));
    expectClose(vmap(sum(vmap(f)))(grid), twice(slopes));
    expect(vmap(grad(f))(zeros([0])).shape).toEqual([0]);
  });
  test("second derivatives, in every order", () => {
    expectClose(vmap(grad(grad(f)))(xs), seconds);
    expectClose(sum(vmap(grad(f)))(xs), seconds);
    expectClose(sum(sum(vmap(f)))(xs), seconds);
    expectClose(sum(vmap(vmap(grad(f))))(grid), twice(seconds));
  });
  test("a pullback mapped over cotangents, and called twice", () => {
    const [, pull] = vjp(f, array(0.3));
    for (const k of [1, 10])
      expectClose(
        vmap((ct: NDArray) => pull(ct)[0])(array([k, 2 * k])),
        [1, 2].map((c) => k * c * slope(0.3)),
      );
    const [, all] = vjp(vmap(f), xs);
    for (const k of [1, 10])
      expectClose(
        all(xs.mul(k))[0],
        lanes.map((x) => k * x * slope(x)),
      );
  });
  test("in chunks", () => expectClose(vmap(grad(f), { chunkSize: 2 })(xs), slopes));
});

describe("several arguments", () => {
  const product = customVjp(
    (p: { w: NDArray }, x: NDArray) => [p.w.mul(x), p.w.add(x)] as const,
    (p, x) => [[p.w.mul(x), p.w.add(x)] as const, ([a, b]) => [{ w: a.mul(x).mul(10).add(b) }, null]],
  );
  const xs = array([1, 2, 3]);
  test("one of them mapped", () => {
    const f = (w: NDArray, x: NDArray): NDArray => product({ w }, x)[0];
    const mapped = vmap(f, { inAxes: [null, 0] });
    expect(mapped(array(5), xs).toArray()).toEqual([5, 10, 15]);
    expect(grad((w: NDArray) => mapped(w, xs).sum())(array(5)).item()).toBe(60);
    expect(vmap(grad(f), { inAxes: [null, 0] })(array(5), xs).toArray()).toEqual([10, 20, 30]);
    expect(grad((x: NDArray) => mapped(array(5), x).sum())(xs).toArray()).toEqual([0, 0, 0]);
  });
  test("the rule for batches sees every array with the batch axis", () => {
    let shapes: unknown;
    const op = customOp({
      forward: (x: NDArray, y: NDArray) => x.dot(y),
      vmap: (x, y) => {
        shapes = [x.shape, y.shape];
        return x.mul(y).sum(1);
      },
    });
    const matrix = array([
      [1, 2],
      [3, 4],
    ]);
    expect(vmap(op, { inAxes: [0, null] })(matrix, array([1, 10])).toArray()).toEqual([21, 43]);
    expect(shapes).toEqual([
      [2, 2],
      [2, 2],
    ]);
    expect(op(array([1, 2]), array([1, 10])).item()).toBe(21);
  });
  test("a rule for batches without the batch axis", () => {
    const op = customOp({ forward: (x: NDArray) => x, vmap: (x) => x.sum() });
    fails(
      () => vmap(op)(xs),
      TreeError,
      "customOp: the vmap rule returned an array of shape [] and dtype float64 at $; the first axis is the batch, of 3.",
    );
  });
});

describe("checkpoint", () => {
  const xs = array([0.3, 1, 2]);
  const expected = [0.3, 1, 2].map((x) => 3 * cos(3 * x));
  test("of a function that closes over lanes, and over what is shared", () => {
    const f = (w: NDArray, x: NDArray): NDArray => checkpoint((y: NDArray) => y.mul(w).sin())(x);
    const shared = (w: NDArray): NDArray => vmap((x: NDArray) => f(w, x))(xs).sum();
    const slope = [0.3, 1, 2].reduce((sum, x) => sum + x * cos(3 * x), 0);
    expectClose(grad(shared)(array(3)), slope);
    expectClose(
      vmap(
        grad((x: NDArray, w: NDArray) => f(w, x)),
        { inAxes: [0, null] },
      )(xs, array(3)),
      expected,
    );
    expectClose(vmap((w: NDArray) => grad(shared)(w))(array([3, 3])), [slope, slope]);
  });
  test("of what the lanes share, closing over the lanes", () => {
    const loss = (w: NDArray): NDArray => vmap((x: NDArray) => checkpoint((v: NDArray) => v.mul(x).sin())(w))(xs).sum();
    expectClose(
      grad(loss)(array(3)),
      [0.3, 1, 2].reduce((sum, x) => sum + x * cos(3 * x), 0),
    );
  });
  test("of a function that returns what it closes over", () => {
    const f = (x: NDArray): NDArray => checkpoint((y: NDArray) => [y, x] as const)(x.square())[1];
    expect(vmap(grad(f))(xs).toArray()).toEqual([1, 1, 1]);
    expect(grad((x) => vmap(f)(x).sum())(xs).toArray()).toEqual([1, 1, 1]);
  });
  test("of transformations of what it closes over", () => {
    const f = (x: NDArray): NDArray => checkpoint((y: NDArray) => grad((z: NDArray) => z.square().mul(y))(x))(x);
    // 2 x · x
    expectClose(vmap(grad(f))(xs), [1.2, 4, 8]);
    expectClose(grad((x) => vmap(f)(x).sum())(xs), [1.2, 4, 8]);
    const g = (x: NDArray): NDArray => checkpoint((y: NDArray) => vmap((k: NDArray) => k.mul(x).mul(y))(array([1, 2])).sum())(x);
    expectClose(vmap(grad(g))(xs), [1.8, 6, 12]);
    expectClose(grad((x) => vmap(g)(x).sum())(xs), [1.8, 6, 12]);
  });
});
