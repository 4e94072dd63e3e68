import { array, grad, type NDArray, stack } from "@ad/core";
import { jvp } from "@ad/forward";
import { hessian, jacfwd, jacobian, jacrev } from "@ad/functional";
import { jit } from "@ad/jit";
import { curveFit, leastSquares, root } from "@ad/solve";
import { vmap } from "@ad/vmap";
import { describe, expect, test } from "vitest";

const single = { dtype: "float32" } as const;
const near = (x: NDArray, y: NDArray, relative: number): void => {
  expect(x.shape).toEqual(y.shape);
  const apart = x.astype("float64").sub(y).abs();
  expect(apart.lessEqual(y.abs().mul(relative)).all().item()).toBe(true);
};

const banana = (x: NDArray): NDArray => {
  const [a, b] = x;
  return stack([b.sub(a.square()).mul(10), a.sub(1)]);
};
const start = [-1.2, 1];

describe.each(["lm", "dogleg"] as const)("leastSquares, %s", (method) => {
  test.each([18, 25, -18, -30])("residuals of 1e%i in float32 take the steps of others", (power) => {
    const fit = (scale: number) => leastSquares((x) => banana(x).mul(scale), array(start, single), { method });
    const { x, converged, iterations } = fit(10 ** power);
    near(x, array([1, 1]), 1e-6);
    expect(converged).toBe(true);
    expect(Math.abs(iterations - fit(1).iterations)).toBeLessThanOrEqual(1);
  });
  test.each([77, 153, 200, 300, -82, -90, -153, -200, -300])("residuals of 1e%i take the steps of others", (power) => {
    const fit = (scale: number) => leastSquares((x) => banana(x).mul(scale), array(start), { method });
    const { x, converged, iterations } = fit(10 ** power);
    near(x, array([1, 1]), 1e-12);
    expect(converged).toBe(true);
    expect(Math.abs(iterations - fit(1).iterations)).toBeLessThanOrEqual(1);
  });
  test.each([-200, 200])("columns of 1e%i", (power) => {
    const fit = leastSquares((x) => banana(x.mul(10 ** power)), array(start).mul(10 ** -power), { method });
    near(fit.x.mul(10 ** power), array([1, 1]), 1e-9);
    expect(fit.converged).toBe(true);
    near(fit.jacobian, jacobian((x: NDArray) => banana(x.mul(10 ** power)))(fit.x), 1e-12);
    near(fit.cost, fit.residuals.square().sum().mul(0.5), 1e-12);
    const first = leastSquares((x) => banana(x.mul(10 ** power)), array(start).mul(10 ** -power), { method, maxIterations: 1 });
    near(array(first.gradientNorm), first.residuals.matmul(first.jacobian).abs().max(), 1e-12);
  });
  test("what a step shows, and what comes out, is in the function's units", () => {
    const costs: number[] = [];
    const shown: number[][] = [];
    const scale = 2 ** 300;
    const fit = leastSquares((x) => banana(x.mul(scale)).mul(scale), array(start).div(scale), {
      method,
      maxIterations: 3,
      bounds: [-2 / scale, array([0.5, 3]).div(scale)],
      onStep: ({ x, cost }) => {
        costs.push(cost);
        shown.push(x.toArray() as number[]);
      },
    });
    const same = leastSquares(banana, array(start), { method, maxIterations: 3, bounds: [-2, array([0.5, 3])] });
    near(fit.x.mul(scale), same.x, 1e-12);
    near(fit.residuals.div(scale), same.residuals, 1e-12);
    near(fit.jacobian.div(scale).div(scale), same.jacobian, 1e-12);
    near(array(costs.slice(-1)), fit.cost.reshape([1]), 1e-12);
    expect(shown.at(-1)).toEqual(fit.x.toArray());
  });
});

/** x = 2·c·(q + q³), for the unit c of what is measured, by fits whose Jacobian is of c's reciprocal. */
const charge = 1.6e-19;
const fits = {
  leastSquares: (q: NDArray): NDArray =>
    leastSquares(
      (x) =>
        x
          .div(charge)
          .sub(q.add(q.pow(3)).mul(2))
          .mul(array([1, 2, 3], single)),
      array(charge, single),
    ).x.div(charge),
  "leastSquares of two unknowns within bounds": (q: NDArray): NDArray =>
    leastSquares((x) => x.div(charge).sub(stack([q.add(q.pow(3)).mul(2), q])), array([charge, charge], single), {
      bounds: [-1, array([1, 0], single)],
    })
      .x.sum()
      .div(charge),
  curveFit: (q: NDArray): NDArray =>
    curveFit(
      (t, x) => x.div(charge).mul(t),
      array([1, 2, 3], single),
      q
        .add(q.pow(3))
        .mul(2)
        .mul(array([1, 2, 3], single)),
      array(charge, single),
    ).params.div(charge),
  "root, hybrid": (q: NDArray): NDArray =>
    root(
      (x) =>
        x
          .div(charge)
          .sub(q.add(q.pow(3)).mul(2))
          .mul(1e15),
      array(charge / 3, single),
    ).x.div(charge),
};

describe.each(Object.entries(fits))("%s in float32, of the size of an electron's charge", (_, f) => {
  const [at, value, slope, bend] = [0.5, 1.25, 3.5, 6].map((x) => array(x));
  const q = at.astype("float32");
  const first = grad(f);
  const along =
    (g: (x: NDArray) => NDArray) =>
    (x: NDArray): NDArray =>
      jvp(g, [x], [array(1, single)])[1];
  test("the value", () => near(f(q), value, 1e-5));
  test.each<[string, (x: NDArray) => NDArray, NDArray]>([
    ["grad", first, slope],
    ["jvp", along(f), slope],
    ["grad of grad", grad(first), bend],
    ["jvp of grad", along(first), bend],
    ["grad of jvp", grad(along(f)), bend],
    ["the third derivative", grad(along(first)), array(12)],
  ])("%s, in lanes, and in jit", (_, g, wanted) => {
    near(g(q), wanted, 1e-4);
    near(jit(g)(q), wanted, 1e-4);
    near(vmap(g)(stack([q, q])), stack([wanted, wanted]), 1e-4);
    near(jit(vmap(g))(stack([q, q])), stack([wanted, wanted]), 1e-4);
    near(vmap(jit(g))(stack([q, q])), stack([wanted, wanted]), 1e-4);
  });
  test("a program differentiated", () => {
    near(grad(jit(f))(q), slope, 1e-4);
    near(jacfwd(jit(f))(q), slope, 1e-4);
    near(hessian(jit(f))(q), bend, 1e-4);
    near(jacrev(vmap(f))(stack([q, q])).sum(0), stack([slope, slope]), 1e-4);
  });
});

describe.each(["hybrid", "newton", "broyden"] as const)("root, %s", (method) => {
  test.each([10, 30, -20, -30])("residuals of 1e%i in float32", (power) => {
    const f = (x: NDArray): NDArray =>
      x
        .square()
        .sub(array([2, 3], single))
        .mul(10 ** power);
    const { x, converged } = root(f, array([0.1, 1], single), { method });
    near(x, array([2, 3]).sqrt(), 1e-6);
    expect(converged).toBe(true);
  });
  test.each([77, 153, 200, 300, -200, -300])("residuals of 1e%i take the steps of others", (power) => {
    const solve = (scale: number) =>
      root(
        (x) =>
          x
            .square()
            .sub(array([2, 3]))
            .mul(scale),
        array([0.1, 1]),
        { method },
      );
    const { x, converged, iterations } = solve(10 ** power);
    near(x, array([2, 3]).sqrt(), 1e-12);
    expect(converged).toBe(true);
    expect(iterations).toBe(solve(1).iterations);
  });
  test.each([200, -200])("unknowns of 1e%i", (power) => {
    const f = (x: NDArray): NDArray =>
      x
        .div(10 ** power)
        .square()
        .sub(array([2, 3]));
    const { x, converged } = root(f, array([1, 1]).mul(10 ** power), { method });
    near(x.div(10 ** power), array([2, 3]).sqrt(), 1e-9);
    expect(converged).toBe(true);
  });
});

test("each lane has units of its own", () => {
  const fit = vmap((scale: NDArray, x0: NDArray) => leastSquares((x) => banana(x).mul(scale), x0).x);
  const [scales, starts] = [array([1e200, 1, 1e-200]), array([start, [0, 0], [3, 3]])];
  const wanted = array([
    [1, 1],
    [1, 1],
    [1, 1],
  ]);
  near(fit(scales, starts), wanted, 1e-12);
  near(jit(fit)(scales, starts), wanted, 1e-12);
});
