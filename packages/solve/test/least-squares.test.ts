import { readFileSync } from "node:fs";
import { array, grad, type NDArray, ones, stack } from "@ad/core";
import { isTurn } from "@ad/expect/turns";
import { jacfwd, jacobian, jacrev } from "@ad/functional";
import { jit } from "@ad/jit";
import { type LeastSquaresOptions, leastSquares, odeSolve } from "@ad/solve";
import { vmap } from "@ad/vmap";
import { describe, expect, test } from "vitest";
import { problems } from "./more-garbow-hillstrom.js";

const near = (x: NDArray, y: unknown, relative = 1e-8): void => {
  const b = Array.isArray(y) || typeof y === "number" ? array(y as number[]) : (y as NDArray);
  expect(x.shape).toEqual(b.shape);
  const scale = b.abs().max().item<number>();
  expect(x.sub(b).abs().max().item<number>()).toBeLessThanOrEqual(relative * Math.max(scale, 1));
};
const scipy = JSON.parse(readFileSync(new URL("expectations/least-squares.json", import.meta.url), "utf8"));
const [x, y] = [array(scipy.x), array(scipy.y)];
const model = (p: NDArray): NDArray => {
  const [a, k, c] = p;
  return k.mul(x).neg().exp().mul(a).add(c);
};
const p0 = array([2, 1, 0]);
const losses = ["linear", "softL1", "huber", "cauchy"] as const;

describe.each(["lm", "dogleg"] as const)("%s", (method) => {
  test.each(losses)("loss %s: SciPy's minimum", (loss) => {
    const own = leastSquares((p) => model(p).sub(y), p0, { method, loss, lossScale: 0.1 });
    near(own.x, scipy.losses[loss].x, 1e-6);
    near(own.cost, scipy.losses[loss].cost, 1e-12);
    expect(own.converged).toBe(true);
    expect(own.gradientNorm).toBeLessThan(1e-6);
    near(own.residuals, model(own.x).sub(y), 1e-12);
    near(own.jacobian, jacobian((p: NDArray) => model(p).sub(y))(own.x), 1e-12);
    expect(own.evaluations).toBe(own.iterations + 1);
  });
  test("bounds: SciPy's minimum, and no point outside", () => {
    const [lower, upper] = scipy.bounds.bounds.map((b: number[]) => array(b));
    let outside = false;
    const own = leastSquares((p) => model(p).sub(y), array([2, 1, 0.8]), {
      method,
      bounds: [lower, upper],
      onStep: ({ x }) => {
        outside ||= x.less(lower).logicalOr(x.greater(upper)).any().item<boolean>();
      },
    });
    near(own.x, scipy.bounds.x, 1e-6);
    near(own.cost, scipy.bounds.cost, 1e-12);
    expect(outside).toBe(false);
    expect(own.converged).toBe(true);
    expect(own.gradientNorm).toBeLessThan(1e-6);
    // A start outside is moved in; a bound that holds nothing changes nothing.
    near(leastSquares((p) => model(p).sub(y), array([9, -1, 0]), { method, bounds: [lower, upper] }).x, scipy.bounds.x, 1e-6);
    near(leastSquares((p) => model(p).sub(y), p0, { method, bounds: [-10, 10] }).x, scipy.losses.linear.x, 1e-6);
    // Lists stand for arrays, as the parameters are one array.
    near(leastSquares((p) => model(p).sub(y), p0, { method, bounds: scipy.bounds.bounds }).x, scipy.bounds.x, 1e-6);
  });
  test("trees, few equations, exact fits, singular Jacobians", () => {
    const tree = leastSquares(
      ({ a, b }) => ({ u: a.sub(3), v: [b.mul(a).sub(array([6, 9])), a.mul(2).sub(6)] }),
      { a: 1, b: array([1, 1]) },
      { method },
    );
    near(tree.x.a, 3);
    near(tree.x.b, [2, 3]);
    expect(tree.converged).toBe(true);
    expect(tree.jacobian.v[0].b.shape).toEqual([2, 2]);
    near(tree.jacobian.v[0].b, [
      [3, 0],
      [0, 3],
    ]);
    near(tree.jacobian.v[0].a, [2, 3]);
    near(tree.residuals.v[1], 0);
    const under = leastSquares((p: NDArray) => p.sum().sub(3), array([1, 1, 0]), { method });
    near(under.cost, 0);
    expect(under.converged).toBe(true);
    const flat = leastSquares(
      (p: NDArray) =>
        p
          .slice(0)
          .square()
          .mul(array([1, 2]))
          .sub(array([1, 2])),
      array([3, 5]),
      { method },
    );
    near(flat.x, [1, 5]);
    expect(leastSquares((p: NDArray) => p.mul(0).add(1), array([1]), { method })).toMatchObject({ converged: true, iterations: 0 });
    expect(leastSquares((p: NDArray) => p.log(), array([-1]), { method }).status).toMatch(/not finite/);
    const few = leastSquares((p) => model(p).sub(y), p0, { method, maxIterations: 1 });
    expect([few.converged, few.status, few.iterations]).toEqual([false, "stopped: maxIterations is reached", 1]);
    expect(leastSquares((p: NDArray) => p.exp().sub(array([2, 3])), array([1, 1], { dtype: "float32" }), { method }).x.dtype).toBe(
      "float32",
    );
  });
  const cases: readonly [string, LeastSquaresOptions<NDArray>][] = [
    ...losses.map((loss): [string, LeastSquaresOptions<NDArray>] => [loss, { loss, lossScale: 0.2 }]),
    ["bounds", { bounds: [array([0, 0, 0.6]), array([2.5, 10, 1])] }],
  ];
  test.each(cases.filter((_, i) => isTurn(i + 4 * Number(method === "lm"), 8)))("derivatives in every transformation: %s", (_, options) => {
    const f = (data: NDArray): NDArray => leastSquares((p: NDArray) => model(p).sub(data), array([2, 1, 0.7]), { method, ...options }).x;
    const v = array(Array.from({ length: 9 }, (_, i) => Math.sin(3 * i + 1)));
    const h = 1e-3;
    const J = jacrev(f)(y);
    near(
      J.matmul(v),
      f(y.add(v.mul(h)))
        .sub(f(y.sub(v.mul(h))))
        .div(2 * h),
      2e-4,
    );
    const ys = stack([y, y.mul(1.1).add(0.01)]);
    for (const g of [f, jit(f)]) {
      near(jacrev(g)(y), J);
      near(jacfwd(g)(y), J);
      near(vmap(g)(ys), stack([f(ys.slice(0)), f(ys.slice(1))]));
    }
    near(jit(jacrev(f))(y), J);
    near(vmap(jacrev(f))(ys), stack([J, jacrev(f)(ys.slice(1))]));
    const both = jacfwd(jacrev(f))(y);
    near(jacrev(jacrev(f))(y), both);
    near(both, both.swapaxes(1, 2));
  });
});

const classic = (name: string) => problems.find((own) => own.name.includes(name)) ?? expect.fail(name);

// MINPACK's lmder takes 130 from here. With a λ that begins anew at each step it is 207.
test("a valley whose Jacobian is nearly singular takes as many evaluations as MINPACK", () => {
  const { residuals, start, minima } = classic("10 Meyer");
  const { cost, evaluations } = leastSquares(residuals, start);
  near(cost.mul(2), minima[0], 1e-5);
  expect(evaluations).toBeLessThan(140);
});

test.each(["33 ", "34 "])("columns that depend on each other, in a region that is too small for the whole step: %s", (name) => {
  const { residuals, start, minima } = classic(name);
  const { cost, converged } = leastSquares(residuals, start.mul(10));
  near(cost.mul(2), minima[0], 1e-5);
  expect(converged).toBe(true);
});

test.each(["lm", "dogleg"] as const)("a point of a finite cost whose gradient is not finite is refused: %s", (method) => {
  // The first step leads from 1 to 1.25, exactly.
  const { x, converged, iterations } = leastSquares(
    (x) => {
      const away = x.sub(1.25).abs();
      return stack([x.square().sub(1.5), away.less(0.01).where(away.sqrt(), 0)]);
    },
    array(1),
    { method },
  );
  near(x, Math.sqrt(1.5));
  expect(converged).toBe(true);
  expect(iterations).toBeLessThan(20);
});

test("a bound that holds has a derivative by the bound", () => {
  const f = (bound: NDArray): NDArray =>
    leastSquares((p: NDArray) => p.sub(array([1, 2])), array([0, 0]), { bounds: [-5, bound.mul(array([1, 1]))] }).x.sum();
  near(grad(f)(1.5), 1);
  near(grad(f)(0.5), 2);
});

test("wrong input", () => {
  const f = (p: NDArray): NDArray => p;
  expect(() => leastSquares(f, array([1]), { method: "newton" } as never)).toThrow('give one of ["lm","dogleg"]');
  expect(() => leastSquares(f, array([1]), { loss: "l1" } as never)).toThrow("loss");
  expect(() => leastSquares(f, array([1]), { lossScale: 0 })).toThrow("lossScale");
  expect(() => leastSquares(f, array([1]), { bounds: [array([1, 2]), 3] })).toThrow("shape");
  expect(() => leastSquares(f, array([1, 2]), { bounds: [0, array([3, -1])] })).toThrow("above its upper bound");
  expect(() => leastSquares(f, array([1]), { xtol: -1 })).toThrow("xtol");
  expect(() => leastSquares(f, array([1]), { maxIterations: 1.5 })).toThrow("maxIterations");
  expect(() => leastSquares(f as never, [])).toThrow("x0");
  expect(() => leastSquares(() => [], array([1]))).toThrow("leastSquares: the function's result holds no arrays");
  let size = 0;
  expect(() => leastSquares((p: NDArray) => p.mul(ones([++size])), array([1]))).toThrow(
    "leastSquares: the function's result has another form or shape",
  );
  expect(() => leastSquares(3 as never, array([1]))).toThrow("function");
  expect(() => leastSquares((p: NDArray) => p.greater(0), array([1]))).toThrow("bool");
});

test("the fit of a differential equation has derivatives in reverse mode inside of jit", () => {
  const rate = (y: NDArray): NDArray =>
    leastSquares(
      (k: NDArray) =>
        odeSolve((_, u) => u.mul(k).neg(), array([1]), [0, 1], { rtol: 1e-6, atol: 1e-8 })
          .ys.slice(-1)
          .sub(y),
      1,
    ).x;
  // k = −log y
  near(jit(grad(rate))(0.6), -1 / 0.6, 1e-5);
});

test.each(["lm", "dogleg"] as const)("bounds in the wrong order inside of jit end the search: %s", (method) => {
  const found = jit((lower: NDArray) => {
    const { x, converged } = leastSquares((x: NDArray) => x, array([1, 2]), { bounds: [lower, 3], method });
    return [x, converged];
  });
  const [x, converged] = found(array([4, 1]));
  expect(x.slice(0).item()).toBeNaN();
  expect(converged.item()).toBe(false);
  expect(found(array([2, 1]))[1].item()).toBe(true);
});

describe("an arm of six joints, whose angles have bounds, reaches for points", () => {
  const lengths = array([0.4, 0.35, 0.3, 0.2, 0.1]);
  const rest = array([0, 0.6, -0.6, 0, 0, 0]);
  const bounds = [array([-2.5, -0.2, -1.5, -1.5, -1.5, -1.5]), array([2.5, 1.8, 0.2, 1.5, 1.5, 1.5])] as const;
  const reach = (point: NDArray, method: "lm" | "dogleg") =>
    leastSquares(
      (q) => {
        const [turn, angles] = [q.slice(0), q.slice([1, null]).cumsum()];
        const [far, high] = [lengths.mul(angles.cos()).sum(), lengths.mul(angles.sin()).sum()];
        const hand = stack([far.mul(turn.cos()), far.mul(turn.sin()), high]);
        return { hand: hand.sub(point), level: angles.slice(-1).mul(0.3), rest: q.sub(rest).mul(0.01) };
      },
      array([0, 0.6, -0.6, 0.1, 0.1, 0.1]),
      { method, bounds },
    );
  // From these, several bounds hold, and the search comes along others; the point of the last one is out of reach.
  const points = array([
    [-0.69, 0.2, 0.5],
    [-0.3, -0.6, 0.1],
    [0.1, 0.05, 0.3],
    [-0.75, -0.7, 0.75],
    [0.8, 0.7, 0.75],
  ]);
  test.each(["lm", "dogleg"] as const)("%s: in as few steps as without", (method) => {
    const all = jit(
      vmap((point: NDArray) => {
        const { converged, iterations, x, gradientNorm } = reach(point, method);
        return [converged, iterations, x, gradientNorm] as const;
      }),
    );
    const [converged, iterations, x, gradient] = all(points) as unknown as NDArray[];
    expect(converged.toArray()).toEqual([true, true, true, true, true]);
    expect(iterations.max().item()).toBeLessThan(150);
    expect(gradient.max().item()).toBeLessThan(1e-6);
    const [lower, upper] = bounds;
    expect(x.greaterEqual(lower).logicalAnd(x.lessEqual(upper)).all().item()).toBe(true);
    expect(x.equal(lower).logicalOr(x.equal(upper)).any(1).toArray()).toContain(true);
  });
});
