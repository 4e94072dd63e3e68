import { array, checkpoint, cond, foriLoop, grad, linalg, type NDArray, stack, whileLoop, zeros } from "@ad/core";
import { isTurn } from "@ad/expect/turns";
import { derivative, jvp } from "@ad/forward";
import { hessian, jacfwd, jacrev } from "@ad/functional";
import { jit } from "@ad/jit";
import { customLinearSolve, customRoot, implicit } from "@ad/solve";
import { vmap } from "@ad/vmap";
import { expect, test } from "vitest";

const newton = (f: (x: NDArray) => NDArray, x0: NDArray): NDArray =>
  whileLoop(
    ({ x, n }) => f(x).abs().greater(1e-14).logicalAnd(n.less(50)),
    ({ x, n }) => ({ x: x.sub(f(x).div(derivative(f)(x))), n: n.add(1) }),
    { x: x0, n: array(0) },
  ).x;
/** ∛a. */
const cubeRoot = (a: NDArray): NDArray => customRoot((x: NDArray) => x.pow(3).sub(a), 1, newton as never);

test("grad, jvp, second order", () => {
  expect(cubeRoot(array(8)).item()).toBeCloseTo(2, 12);
  expect(grad(cubeRoot)(8).item()).toBeCloseTo(1 / 12, 12);
  expect(derivative(cubeRoot)(8).item()).toBeCloseTo(1 / 12, 12);
  const second = (-2 / 9) * 8 ** (-5 / 3);
  expect(grad(grad(cubeRoot))(8).item()).toBeCloseTo(second, 12);
  expect(derivative(derivative(cubeRoot))(8).item()).toBeCloseTo(second, 12);
  expect(grad(derivative(cubeRoot))(8).item()).toBeCloseTo(second, 12);
  expect(derivative(grad(cubeRoot))(8).item()).toBeCloseTo(second, 12);
  expect(grad(grad(grad(cubeRoot)))(8).item()).toBeCloseTo((10 / 27) * 8 ** (-8 / 3), 12);
});
test("vmap and jit", () => {
  const as = array([1, 8, 27]);
  const slopes = [1 / 3, 1 / 12, 1 / 27];
  const close = (x: NDArray, y: readonly number[]): void => {
    (x.toArray() as number[]).forEach((v, i) => expect(v).toBeCloseTo(y[i], 12));
  };
  close(vmap(cubeRoot)(as), [1, 2, 3]);
  close(vmap(grad(cubeRoot))(as), slopes);
  close(grad((a: NDArray) => vmap(cubeRoot)(a).sum())(as), slopes);
  close(vmap(derivative(cubeRoot))(as), slopes);
  close(jvp((a: NDArray) => vmap(cubeRoot)(a), [as], [array([1, 1, 1])])[1], slopes);
  expect(jit(cubeRoot)(array(8)).item()).toBeCloseTo(2, 12);
  expect(jit(grad(cubeRoot))(array(8)).item()).toBeCloseTo(1 / 12, 12);
  expect(grad(jit(cubeRoot))(array(8)).item()).toBeCloseTo(1 / 12, 12);
  expect(derivative(jit(cubeRoot))(array(8)).item()).toBeCloseTo(1 / 12, 12);
  expect(grad(grad(jit(cubeRoot)))(array(8)).item()).toBeCloseTo((-2 / 9) * 8 ** (-5 / 3), 12);
  close(jit(vmap(grad(cubeRoot)))(as), slopes);
  close(vmap(jit(grad(cubeRoot)))(as), slopes);
  close(vmap(grad(jit(cubeRoot)))(as), slopes);
  close(jit(grad((a: NDArray) => vmap(cubeRoot)(a).sum()))(as), slopes);
  close(grad(jit((a: NDArray) => vmap(cubeRoot)(a).sum()))(as), slopes);
  close(grad((a: NDArray) => jit(vmap(cubeRoot))(a).sum())(as), slopes);
});

const near = (x: NDArray, y: unknown, digits = 10): void => {
  const [a, b] = [x, Array.isArray(y) || typeof y === "number" ? array(y as number[]) : (y as NDArray)];
  expect(a.shape).toEqual(b.shape);
  const got = a.ravel().toArray() as number[];
  (b.ravel().toArray() as number[]).forEach((v, i) => expect(got[i]).toBeCloseTo(v, digits));
};

/** Conjugate gradients, by a loop that knows nothing of derivatives. */
const cg = (matvec: (v: NDArray) => NDArray, b: NDArray): NDArray =>
  whileLoop(
    ({ r, n }) => r.square().sum().greater(1e-28).logicalAnd(n.less(50)),
    ({ x, r, p, n }) => {
      const [rr, ap] = [r.square().sum(), matvec(p)];
      const alpha = rr.div(p.mul(ap).sum());
      const next = r.sub(ap.mul(alpha));
      return { x: x.add(p.mul(alpha)), r: next, p: next.add(p.mul(next.square().sum().div(rr))), n: n.add(1) };
    },
    { x: b.mul(0), r: b, p: b, n: array(0) },
  ).x;
const base = array([
  [4, 1, 0],
  [1, 3, -1],
  [0, -1, 5],
]);
const b = array([1, 2, -1]);
const by = (solve: (a: NDArray, y: NDArray) => NDArray) => ({
  a: (t: NDArray) =>
    solve(
      base.add(
        t.mul(
          array([
            [1, 0.5, 0],
            [0.5, 0, 0.2],
            [0, 0.2, -1],
          ]),
        ),
      ),
      b,
    ),
  b: (y: NDArray) => solve(base, y),
  both: (y: NDArray) => solve(base.add(y.mul(y.expandDims(1))), y.sin()),
});
const reference = by((a, y) => linalg.solve(a, y));
const own = by((a, y) => customLinearSolve((v) => a.matmul(v), y, cg as never, undefined, { symmetric: true }));

test("linear solves are those of linalg.solve in every transformation", () => {
  const ys = array([
    [1, 2, -1],
    [0.3, 0.1, 2],
  ]);
  const functions: readonly (readonly [f: typeof own.a, g: typeof own.a, x: NDArray, xs: NDArray])[] = [
    [own.a, reference.a, array(0.3), array([0.3, -0.2])],
    [own.b, reference.b, b, ys],
    [own.both, reference.both, b, ys],
  ];
  const wraps = [(h: (x: NDArray) => NDArray) => h, jit<[NDArray]>, (h: (x: NDArray) => NDArray) => jit((x: NDArray) => jit(h)(x))];
  functions.forEach(([f, g, x, xs], k) => {
    near(f(x), g(x));
    for (const wrap of wraps.filter((_, i) => isTurn(3 * k + i, 9))) {
      const w = wrap(f);
      near(w(x), g(x));
      near(jacrev(w)(x), jacrev(g)(x));
      near(jacfwd(w)(x), jacfwd(g)(x));
      near(jacrev(jacfwd(w))(x), jacrev(jacfwd(g))(x));
      near(jacfwd(jacrev(w))(x), jacfwd(jacrev(g))(x));
      near(jacfwd(jacfwd(w))(x), jacfwd(jacfwd(g))(x));
      near(jacrev(jacrev(w))(x), jacrev(jacrev(g))(x));
      near(vmap(w)(xs), vmap(g)(xs));
      near(vmap(jacrev(w))(xs), vmap(jacrev(g))(xs));
      near(jacrev(vmap(w))(xs), jacrev(vmap(g))(xs));
      near(jacfwd(vmap(w))(xs), jacfwd(vmap(g))(xs));
      near(vmap(hessian((y) => w(y).square().sum()))(xs), vmap(hessian((y) => g(y).square().sum()))(xs));
    }
    if (!isTurn(k, 3)) return;
    near(jit(jacrev(f))(x), jacrev(g)(x));
    near(jit(jacfwd(f))(x), jacfwd(g)(x));
    near(jit(jacfwd(jacrev(f)))(x), jacfwd(jacrev(g))(x));
    near(jit(vmap(jacrev(f)))(xs), vmap(jacrev(g))(xs));
    near(jit(jacrev(vmap(f)))(xs), jacrev(vmap(g))(xs));
  });
});

test("a solver may read numbers", () => {
  const r = implicit(
    (a) => array(Math.cbrt(a.item() as number)),
    (x, a) => x.pow(3).sub(a),
  );
  expect(grad(r)(8).item()).toBeCloseTo(1 / 12, 12);
  expect(grad(grad(r))(8).item()).toBeCloseTo((-2 / 9) * 8 ** (-5 / 3), 12);
});

test("inside of control flow, checkpoints and other roots", () => {
  const as = array([8, -27, 64]);
  const f = (a: NDArray): NDArray =>
    cond(
      a.greater(0),
      (a) => cubeRoot(a),
      (a) => a.mul(2),
      a,
    );
  near(vmap(f)(as), [2, -54, 4]);
  near(vmap(grad(f))(as), [1 / 12, 2, 1 / 48]);
  near(grad((a: NDArray) => vmap(f)(a).sum())(as), [1 / 12, 2, 1 / 48]);
  near(jit(vmap(grad(f)))(as), [1 / 12, 2, 1 / 48]);
  near(grad(checkpoint(cubeRoot))(array(8)), 1 / 12);
  near(grad(grad(checkpoint(cubeRoot)))(array(8)), (-2 / 9) * 8 ** (-5 / 3));
  near(vmap(grad(checkpoint((a: NDArray) => cubeRoot(a))))(array([8, 27])), [1 / 12, 1 / 27]);
  // y with y³ = ∛(a·y): y⁹ = a·y, y = a^(1/8).
  const nested = (a: NDArray): NDArray => customRoot((y: NDArray) => y.pow(3).sub(cubeRoot(a.mul(y))), 1.3, newton as never);
  near(nested(array(2)), 2 ** (1 / 8));
  for (const g of [nested, jit(nested), checkpoint(nested)].filter((_, i) => isTurn(i, 3))) {
    near(grad(g)(array(2)), 2 ** (-7 / 8) / 8);
    near(derivative(g)(array(2)), 2 ** (-7 / 8) / 8);
    near(grad(grad(g))(array(2)), ((-7 / 8) * 2 ** (-15 / 8)) / 8);
    near(derivative(grad(g))(array(2)), ((-7 / 8) * 2 ** (-15 / 8)) / 8);
    near(vmap(grad(g))(array([2, 1])), [2 ** (-7 / 8) / 8, 1 / 8]);
    near(grad((a: NDArray) => vmap(g)(a).sum())(array([2, 1])), [2 ** (-7 / 8) / 8, 1 / 8]);
  }
  near(jit(grad(nested))(array(2)), 2 ** (-7 / 8) / 8);
  // A root in the steps of a loop: ((a^⅓)^⅓).
  const loop = (a: NDArray): NDArray => foriLoop(0, 2, (_, x) => cubeRoot(x), a);
  for (const g of [loop, jit(loop)].filter((_, i) => isTurn(i, 2))) {
    near(grad(g)(array(2)), 2 ** (-8 / 9) / 9);
    near(derivative(g)(array(2)), 2 ** (-8 / 9) / 9);
    near(vmap(grad(g))(array([2, 3])), [2 ** (-8 / 9) / 9, 3 ** (-8 / 9) / 9]);
  }
});

test("the user's own linear solver, and trees", () => {
  const solve = (a: NDArray): { u: NDArray; v: NDArray } =>
    customRoot(
      ({ u, v }: { u: NDArray; v: NDArray }) => ({ u: u.mul(u).sub(a), v: v.mul(u).sub(a.sin()) }),
      { u: array([1, 1]), v: array([0, 0]) },
      (_f, x0) => {
        const u = foriLoop(0, 30, (_, x) => x.add(a.div(x)).mul(0.5), x0.u);
        return { u, v: a.sin().div(u) };
      },
    );
  const g = (a: NDArray): NDArray => {
    const { u, v } = solve(a);
    return stack([u, v]);
  };
  const closed = (a: NDArray): NDArray => stack([a.sqrt(), a.sin().div(a.sqrt())]);
  const a = array([2, 3]);
  near(g(a), closed(a));
  for (const w of [g, jit(g)]) {
    near(jacrev(w)(a), jacrev(closed)(a));
    near(jacfwd(w)(a), jacfwd(closed)(a));
    near(jacfwd(jacrev(w))(a), jacfwd(jacrev(closed))(a));
    near(jacrev(jacrev(w))(a), jacrev(jacrev(closed))(a));
  }
  const scalar = (a: NDArray): NDArray =>
    customRoot(
      (x: NDArray) => x.pow(3).sub(a),
      1,
      newton as never,
      (h, y) => y.div(h(array(1))),
    );
  near(grad(scalar)(8), 1 / 12);
  near(grad(grad(scalar))(8), (-2 / 9) * 8 ** (-5 / 3));
  near(derivative(derivative(scalar))(8), (-2 / 9) * 8 ** (-5 / 3));
  near(jit(vmap(grad(scalar)))(array([8, 27])), [1 / 12, 1 / 27]);
  near(vmap(grad(jit(scalar)))(array([8, 27])), [1 / 12, 1 / 27]);
});

test("a derivative whose equations have no solution, or are not solved, is NaN in both modes, in its lane alone and inside of jit", () => {
  // x³ = a at 0: the slope is 0, and the derivative of the root infinite.
  const cubes = (a: NDArray): NDArray =>
    implicit(
      (a: NDArray) => a.cbrt(),
      (x: NDArray, a: NDArray) => x.pow(3).sub(a),
    )(a);
  const both = (a: NDArray): NDArray => stack([a, a]);
  const [singular, sound] = [array(0), array(8)];
  for (const run of [grad(cubes), derivative(cubes), jit(grad(cubes))]) {
    expect(Number.isFinite(run(singular).item())).toBe(false);
    expect(run(sound).item()).toBeCloseTo(1 / 12, 12);
  }
  const pairs = (a: NDArray): NDArray => cubes(both(a)).sum();
  for (const run of [grad(pairs), jit(grad(pairs))]) expect(run(singular).item()).toBeNaN();
  expect(vmap(grad(pairs))(array([0, 8])).toArray()).toEqual([Number.NaN, expect.closeTo(1 / 6, 12)]);

  /** A few steps of steepest descent, and NaN where they are too few. */
  const descend =
    (steps: number) =>
    (g: (v: NDArray) => NDArray, y: NDArray): NDArray => {
      const x = foriLoop(0, steps, (_, x: NDArray) => x.add(y.sub(g(x)).mul(0.4)), y.mul(0));
      return g(x).sub(y).abs().max().less(1e-10).where(x, Number.NaN);
    };
  const scaled = (steps: number) => (a: NDArray) =>
    customRoot(
      (x: NDArray) => x.mul(a).sub([1, 2]),
      zeros([2]),
      () => array([1, 2]).div(a),
      descend(steps),
    ).sum();
  const at = array([1, 2]);
  expect(scaled(80)(at).item()).toBe(2);
  for (const run of [grad(scaled(80)), jacfwd(scaled(80)), jit(grad(scaled(80)))]) near(run(at) as NDArray, [-1, -0.5]);
  for (const run of [grad(scaled(3)), jacfwd(scaled(3)), jit(grad(scaled(3)))])
    expect((run(at) as NDArray).isNaN().all().item()).toBe(true);
});

test("what a solver returned is no argument of jit: staticArgnums is not named", () => {
  const aux = { hasAux: true } as const;
  const rooted = (y: NDArray): NDArray => customRoot((x: NDArray) => x.sub(y), array(0), (() => y) as never, undefined, aux)[0];
  const solved = (y: NDArray): NDArray =>
    customLinearSolve((v: NDArray) => v, y, ((_: unknown, b: NDArray) => b) as never, undefined, aux)[0];
  for (const run of [rooted, solved])
    expect(() => jit(run)(1)).toThrow(/with hasAux solve returns \[x, aux\], but .* \(traced by \w+\) came\.$/);
});
