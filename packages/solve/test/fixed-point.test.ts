import { array, grad, linalg, type NDArray } from "@ad/core";
import { isTurn } from "@ad/expect/turns";
import { hessian, jacfwd, jacrev } from "@ad/functional";
import { jit } from "@ad/jit";
import { fixedPoint } from "@ad/solve";
import { vmap } from "@ad/vmap";
import { describe, expect, test } from "vitest";

const near = (x: NDArray, y: unknown, digits = 9): void => {
  const b = Array.isArray(y) || typeof y === "number" ? array(y as number[]) : (y as NDArray);
  expect(x.shape).toEqual(b.shape);
  const got = x.ravel().toArray() as number[];
  (b.ravel().toArray() as number[]).forEach((v, i) => {
    expect(got[i]).toBeCloseTo(v, digits);
  });
};
const matrix = array([
  [0.4, 0.3, 0],
  [0.1, 0.5, 0.2],
  [0, 0.3, 0.6],
]);
/** x = matrix·x + b has a solution in closed form. */
const closed = (b: NDArray): NDArray =>
  linalg.solve(
    array([
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ]).sub(matrix),
    b,
  );

const depths = [false, 1, 3, true] as const;
describe.each(depths)("anderson %s", (anderson) => {
  const f = (b: NDArray): NDArray => fixedPoint((x: NDArray) => matrix.matmul(x).add(b), array([0, 0, 0]), { anderson }).x;
  const b = array([1, 2, 3]);
  test("values and reports", () => {
    near(f(b), closed(b));
    const r = fixedPoint(({ u, v }) => ({ u: v.cos(), v: u.sin().mul(0.5) }), { u: array([1, 2]), v: array([0, 0]) }, { anderson });
    expect(r.converged).toBe(true);
    near(r.x.u, r.x.v.cos());
    near(r.residual.v, [0, 0]);
    expect(r.evaluations).toBe(r.iterations + 1);
    expect(fixedPoint((x: NDArray) => x.mul(0.5), 1, { anderson }).converged).toBe(true);
    expect(fixedPoint((x: NDArray) => x.mul(2), 1, { maxIterations: 3 }).status).toBe("stopped: maxIterations is reached");
    expect(fixedPoint((x: NDArray) => x.square().add(1), 2).status).toMatch(/not finite/);
    const seen: number[] = [];
    const { iterations } = fixedPoint((x: NDArray) => x.cos(), 1, { anderson, onStep: ({ iteration }) => seen.push(iteration) });
    expect(seen.length).toBe(iterations);
    expect(() => fixedPoint((x: NDArray) => x.sum(), array([1, 2]))).toThrow("shape");
    expect(() => fixedPoint((x: NDArray) => x, 1, { anderson: -1 })).toThrow("anderson is -1");
  });
  test("in lanes it shows the unknowns of all of them, in the form of x0", () => {
    const shapes: unknown[] = [];
    const run = (a: NDArray) =>
      fixedPoint(
        ({ u, v }: { u: NDArray; v: NDArray }) => ({ u: u.mul(a), v: v.mul(0.5) }),
        { u: 1, v: array([1, 2]) },
        {
          anderson,
          onStep: ({ x: { u, v } }) => shapes.push([u.shape, v.shape]),
        },
      ).x.u;
    vmap(run)(array([0.1, 0.2]));
    expect(shapes).toContainEqual([[2], [2, 2]]);
  });
  test("derivatives in every transformation", () => {
    const bs = array([
      [1, 2, 3],
      [-1, 0, 0.1],
    ]);
    for (const g of [f, jit(f)].filter((_, i) => isTurn(i + depths.indexOf(anderson), 2))) {
      near(jacrev(g)(b), jacrev(closed)(b));
      near(jacfwd(g)(b), jacfwd(closed)(b));
      near(vmap(g)(bs), vmap(closed)(bs));
      near(vmap(jacrev(g))(bs), vmap(jacrev(closed))(bs));
      near(hessian((x: NDArray) => g(x.sin()).sum())(b), hessian((x: NDArray) => closed(x.sin()).sum())(b));
    }
    near(jit(grad((x: NDArray) => f(x).sum()))(b), grad((x: NDArray) => closed(x).sum())(b));
  });
});
test("Anderson's acceleration takes fewer steps", () => {
  const steps = (anderson: number): number => fixedPoint((x: NDArray) => x.cos(), 1, { anderson }).iterations;
  expect(steps(0)).toBeGreaterThan(50);
  expect(steps(2)).toBeLessThan(12);
});
