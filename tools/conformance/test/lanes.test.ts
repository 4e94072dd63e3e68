// Values that pass between lanes, operations in some of them alone, and rules of a user's own: in forward mode and its compositions.
import {
  arange,
  array,
  checkpoint,
  cond,
  customJvp,
  customOp,
  customVjp,
  grad,
  type NDArray,
  quantile,
  stack,
  switchCase,
  whileLoop,
} from "@ad/core";
import { derivative, jvp } from "@ad/forward";
import { hessian, hessianDiagonal, jacobian } from "@ad/functional";
import { allGather, axisIndex, pmax, pmean, pmin, psum, vmap } from "@ad/vmap";
import { describe, expect, test } from "vitest";
import { agree } from "../src/compare.js";

type F = (x: NDArray) => NDArray;

const same = (actual: NDArray, expected: NDArray): void => agree(actual, expected, 1e-11, "");
const total =
  (f: F): F =>
  (x) =>
    f(x).sum();

describe("collectives", () => {
  const named = { axisName: "i" };
  const x = array([1, 3, 4, 4]);
  const [t, u] = [array([0.3, -1, 2, 0.7]), array([1, 0.5, -0.4, 0.2])];
  /** A function of one lane, and the same written for the whole batch. */
  const pairs: Record<string, [lane: F, batch: F]> = {
    psum: [(y) => psum(y.square(), "i").sin().mul(y), (y) => y.square().sum(0).sin().mul(y)],
    pmean: [(y) => y.mul(pmean(y.exp(), "i")).div(5), (y) => y.mul(y.exp().mean(0)).div(5)],
    pmax: [(y) => pmax(y.mul(y), "i").mul(y), (y) => y.mul(y).max(0).mul(y)],
    pmin: [(y) => pmin(y.sin(), "i").mul(y), (y) => y.sin().min(0).mul(y)],
    allGather: [(y) => allGather(y, "i").sub(y).square().square().sum(), (y) => y.sub(y.expandDims(1)).square().square().sum(1)],
    axisIndex: [(y) => psum(y.mul(axisIndex("i")), "i").mul(y), (y) => y.mul(arange(4)).sum(0).mul(y)],
  };
  describe.each(Object.entries(pairs))("%s", (_, [lane, batch]) => {
    const mapped = vmap(lane, named);
    const push =
      (f: F, along: NDArray): F =>
      (y) =>
        jvp(f, [y], [along])[1];
    test("jvp of vmap", () => {
      const [out, pushed] = jvp(mapped, [x], [t]);
      same(out, batch(x));
      same(pushed, push(batch, t)(x));
    });
    test("vmap of jvp", () => {
      const inside = vmap((y: NDArray, s: NDArray) => jvp(lane, [y], [s])[1], named);
      same(inside(x, t), push(batch, t)(x));
    });
    test("two directions, in every order", () => {
      const expected = push(push(batch, t), u)(x);
      const inside = (y: NDArray): NDArray => vmap((z: NDArray, s: NDArray) => jvp(lane, [z], [s])[1], named)(y, t);
      same(push(push(mapped, t), u)(x), expected);
      same(push(inside, u)(x), expected);
      const both = vmap((z: NDArray, s: NDArray, v: NDArray) => jvp((w: NDArray) => jvp(lane, [w], [s])[1], [z], [v])[1], named);
      same(both(x, t, u), expected);
    });
    test("forward and reverse mode", () => {
      const expected = push(grad(total(batch)), t)(x);
      same(push(grad(total(mapped)), t)(x), expected);
      same(push(vmap(grad(lane), named), t)(x), expected);
      same(vmap((y: NDArray, s: NDArray) => jvp(grad(lane), [y], [s])[1], named)(x, t), expected);
      same(grad((y) => push(mapped, t)(y).sum())(x), grad((y) => push(batch, t)(y).sum())(x));
    });
    test("Jacobians and Hessians", () => {
      same(jacobian(mapped)(x), jacobian(batch)(x));
      same(jacobian(mapped, { strategy: "reverse", vectorize: false })(x), jacobian(batch)(x));
      same(hessian(total(mapped))(x), hessian(total(batch))(x));
    });
  });
  test("what is not mapped", () => {
    const f = (w: NDArray, y: NDArray): NDArray => psum(w.square(), "i").mul(y).add(allGather(w, "i").sum()).add(pmax(w, "i"));
    const over = (w: NDArray): NDArray => vmap(f, { ...named, inAxes: [null, 0] })(w, x);
    const plain = (w: NDArray): NDArray => w.square().mul(4).mul(x).add(w.mul(4)).add(w);
    const [out, pushed] = jvp(over, [array(3)], [array(2)]);
    const [expected, tangent] = jvp(plain, [array(3)], [array(2)]);
    same(out, expected);
    same(pushed, tangent);
    const inside = vmap((w: NDArray, y: NDArray) => jvp((v: NDArray) => f(v, y), [w], [array(2)])[1], { ...named, inAxes: [null, 0] });
    same(inside(array(3), x), tangent);
  });
});

describe("branches and loops whose lanes differ", () => {
  const programs: Record<string, [f: F, lanes: readonly number[]]> = {
    "cond, by closure": [
      (x) =>
        cond(
          x.greater(0),
          () => x.log(),
          () => x.neg(),
        ),
      [0, -1, 4],
    ],
    "cond, by operand": [
      (x) =>
        cond(
          x.greater(0),
          (y) => y.sqrt().mul(y.reciprocal()),
          (y) => y.square(),
          x,
        ),
      [0, -1, 4],
    ],
    "cond inside of cond": [
      (x) =>
        cond(
          x.greater(0),
          (y) =>
            cond(
              y.greater(1),
              (_) => y.sub(1).sqrt(),
              (z) => z.log(),
              y,
            ),
          (y) => y.square(),
          x,
        ),
      [-2, 0.5, 3, 0, 1],
    ],
    "what other lanes would be refused": [
      (x) =>
        cond(
          x.greater(0),
          () => quantile([1, 2, 4, 8], x),
          () => x.square(),
        ),
      [0.2, -2, 0.9],
    ],
    switchCase: [
      (x) => switchCase(x.round().astype("int32"), [(y) => y.square(), (y) => y.log(), (y) => y.sub(1).sqrt()], x),
      [0, 1, 2, -3],
    ],
    whileLoop: [
      (x) =>
        whileLoop(
          ({ n }) => n.greater(0),
          ({ n, y }) => ({ n: n.sub(1), y: y.mul(x).add(x.div(n)) }),
          { n: x, y: x },
        ).y,
      [0, 1, 3, 2],
    ],
    "a tangent inside of a branch": [
      (x) =>
        cond(
          x.greater(0),
          () => jvp((y: NDArray) => y.log().mul(x), [x.square()], [x])[1],
          () => x.square(),
        ),
      [0, 2, -1],
    ],
  };
  describe.each(Object.entries(programs))("%s", (_, [f, lanes]) => {
    const x = array(lanes as number[]);
    const t = array(lanes.map((_lane, i) => i - 0.7));
    const loop = (g: F): NDArray => stack(lanes.map((at) => g(array(at))));
    test("are finite in every lane by themselves", () => {
      for (const g of [f, derivative(f), derivative(derivative(f))])
        expect(
          loop(g as F)
            .isFinite()
            .all()
            .item(),
        ).toBe(true);
    });
    test("first derivatives", () => {
      const slopes = loop(derivative(f) as F);
      same(loop(grad(f)), slopes);
      same(vmap(derivative(f) as F)(x), slopes);
      same(jvp(vmap(f), [x], [t])[1], slopes.mul(t));
      same(vmap((y: NDArray, s: NDArray) => jvp(f, [y], [s])[1])(x, t), slopes.mul(t));
      same(jacobian(vmap(f))(x), slopes.diag());
      const grid = stack([x, x.flip()]);
      same(vmap(vmap(derivative(f) as F))(grid), stack([slopes, slopes.flip()]));
      same(jvp(vmap(vmap(f)), [grid], [stack([t, t])])[1], stack([slopes, slopes.flip()]).mul(t));
    });
    test("second derivatives, in every order", () => {
      const second = loop(derivative(derivative(f)) as F);
      same(vmap(derivative(derivative(f)) as F)(x), second);
      same(vmap(grad(derivative(f) as F))(x), second);
      same(vmap(derivative(grad(f)) as F)(x), second);
      same(vmap(hessian(f) as F)(x), second);
      same(jvp(vmap(grad(f)), [x], [t])[1], second.mul(t));
      same(grad(total(vmap(derivative(f) as F)))(x), second);
      same(hessianDiagonal(total(vmap(f)))(x), second);
    });
  });
});

describe("rules of a user's own", () => {
  // sin, whose derivative is said to be twice what it is: so one sees which rule was used.
  const vjpRule = (x: NDArray) => [x.sin(), (ct: NDArray) => [ct.mul(x.cos()).mul(2)] as const] as const;
  const jvpRule = ([x]: [NDArray], [t]: [NDArray]) => [x.sin(), x.cos().mul(t).mul(2)] as const;
  const forward = (x: NDArray): NDArray => x.sin();
  const viaVjp: F = customVjp(forward, vjpRule);
  const viaJvp: F = customJvp(forward, jvpRule);
  const twice: [F, F] = [(x) => x.cos().mul(2), (x) => x.sin().mul(-2)];
  const operations: Record<string, [f: F, slope: F, second: F]> = {
    customVjp: [viaVjp, ...twice],
    customJvp: [viaJvp, ...twice],
    "customOp of both": [customOp({ forward, vjp: vjpRule, jvp: jvpRule }), ...twice],
    "customOp with a rule for batches": [customOp({ forward, vjp: vjpRule, vmap: forward }), ...twice],
    "customOp without rules": [customOp({ forward }), (x) => x.cos(), (x) => x.sin().neg()],
    "one in the rule of the other": [
      customVjp(
        (x) => x.square(),
        (x) => [x.square(), (ct) => [viaJvp(x).mul(ct)]],
      ),
      (x) => x.sin(),
      (x) => x.cos().mul(2),
    ],
    checkpoint: [checkpoint(viaVjp), ...twice],
    "a tangent inside of a checkpoint": [
      checkpoint((x: NDArray) => jvp(viaVjp, [x], [x])[1]),
      (x) => x.cos().sub(x.mul(x.sin())).mul(2),
      (x) => x.sin().mul(2).add(x.mul(x.cos())).mul(-2),
    ],
  };
  describe.each(Object.entries(operations))("%s", (_, [f, slope, second]) => {
    const x = array([0.3, -1, 2]);
    const t = array([1, 0.5, -2]);
    const grid = stack([x, t]);
    test("first derivatives", () => {
      const [out, pushed] = jvp(f, [x], [t]);
      same(out, f(x));
      same(pushed, slope(x).mul(t));
      same(jvp(vmap(f), [x], [t])[1], slope(x).mul(t));
      same(vmap(derivative(f) as F)(x), slope(x));
      same(vmap(vmap(derivative(f) as F))(grid), slope(grid));
      for (const strategy of ["forward", "reverse"] as const)
        for (const vectorize of [true, false]) same(jacobian(f, { strategy, vectorize })(x), slope(x).diag());
      same(vmap(jacobian(f) as F)(grid), vmap((y: NDArray) => slope(y).diag())(grid));
    });
    test("second derivatives", () => {
      same(jvp(grad(total(f)), [x], [t])[1], second(x).mul(t));
      same(grad((y) => jvp(f, [y], [t])[1].sum())(x), second(x).mul(t));
      same(jvp((y: NDArray) => jvp(f, [y], [t])[1], [x], [t])[1], second(x).mul(t).mul(t));
      same(vmap(hessian(f) as F)(x), second(x));
      for (const outerStrategy of ["forward", "reverse"] as const)
        for (const innerStrategy of ["forward", "reverse"] as const)
          same(hessian(total(f), { outerStrategy, innerStrategy })(x), second(x).diag());
      same(hessian(total(vmap(f)))(x), second(x).diag());
    });
  });
});
