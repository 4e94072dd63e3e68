import { array, grad, type NDArray } from "@ad/core";
import { isTurn } from "@ad/expect/turns";
import { hessian, jacfwd, jacrev } from "@ad/functional";
import { jit } from "@ad/jit";
import { bisect, brent } from "@ad/solve";
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

describe.each([
  ["bisect", bisect],
  ["brent", brent],
] as const)("%s", (name, solve) => {
  /** Functions with their brackets and roots. */
  const samples: [(x: NDArray) => NDArray, number, number, number][] = [
    [(x) => x.square().sub(2), 0, 2, Math.SQRT2],
    [(x) => x.cos().sub(x), 0, 1, 0.7390851332151607],
    [(x) => x.exp().sub(1), -10, 3, 0],
    [(x) => x.pow(9), -1, 4, 0],
    [(x) => x.sub(1).pow(3), 5, -3, 1],
    [(x) => x.atan(), -1e6, 2e6, 0],
    [(x) => x.sub(1e-9).mul(1e-20), -1, 1, 1e-9],
    [(x) => x.sub(3e8).sign(), 0, 1e9, 3e8],
    [(x) => x.sub(1), 0, 1, 1],
    [(x) => x, 0, 1, 0],
  ];
  test.each(samples)("%s in [%d, %d]", (f, lo, hi, root) => {
    const r = solve(f, lo, hi);
    expect(r.converged).toBe(true);
    expect(Math.abs(r.x.item<number>() - root)).toBeLessThan(4e-12 + 1e-15 * Math.abs(root));
    expect(r.evaluations).toBe(r.iterations + 2);
    if (name === "brent") expect(r.iterations).toBeLessThan(110);
  });
  test("arrays of intervals, and of functions", () => {
    const a = array([1, 8, 27]);
    near(solve((x) => x.pow(3).sub(a), 0, 5).x, [1, 2, 3]);
    near(solve((x) => x.pow(3).sub(8), array([0, 1]), array([[3], [4]])).x, [
      [2, 2],
      [2, 2],
    ]);
    const half = solve((x) => x.square().sub(array([1, -1])), 0, 3);
    expect([half.converged, half.status]).toEqual([false, "stopped: the values at the ends of the interval have one sign"]);
    near(half.x.slice(0), 1);
    expect(half.x.slice(1).item()).toBeNaN();
    const broken = "stopped: the function gives a value that is not finite";
    expect(solve((x) => x.log(), -1, 2).status).toBe(broken);
    // An element that is no number keeps no other one from its root, whether it is so from the start or on the way.
    const gap = (x: NDArray): NDArray => x.abs().less(0.4).where(Number.NaN, x);
    for (const partly of [solve((x) => x.sub(array([0.3, Number.NaN, 0.7])), 0, 1), solve(gap, array([0.5, -1, 0]), array([-3, 2, 1]))]) {
      expect([partly.converged, partly.status]).toEqual([false, broken]);
      expect(partly.x.isNaN().any().item()).toBe(true);
    }
    near(solve((x) => x.sub(array([0.3, Number.NaN, 0.7])), 0, 1).x.take([0, 2]), [0.3, 0.7]);
    near(solve((x) => x.log(), 0, 2).x, 1);
    const none = solve((x) => x, array([]), array([]));
    expect([none.converged, none.x.shape, none.iterations]).toEqual([true, [0], 0]);
    expect(solve((x) => x.sub(0.3), 0, 1, { maxIterations: 0 }).status).toBe("stopped: maxIterations is reached");
    expect(() => solve((x) => x.sum(), array([1, 2]), 3)).toThrow("element by element");
    expect(() => solve((x) => x, 0, 1, { tol: 1 } as never)).toThrow("there is no option");
    const seen: number[] = [];
    const { iterations } = solve((x) => x.sub(0.3), 0, 1, { onStep: ({ iteration }) => seen.push(iteration) });
    expect(seen.length).toBe(iterations);
    expect(solve((x) => x.exp().sub(2), array(0, { dtype: "float32" }), 1).x.dtype).toBe("float32");
  });
  test("derivatives in every transformation", () => {
    const f = (a: NDArray): NDArray => solve((x) => x.pow(3).sub(a), 0, 5).x;
    const a = array([1, 8, 27]);
    const slopes = [1 / 3, 1 / 12, 1 / 27];
    const diagonal = (v: number[]): number[][] => v.map((x, i) => v.map((_, j) => (i === j ? x : 0)));
    const transformed = [() => jit(f), () => vmap(f), () => jit(vmap(f)), () => vmap(jit(f))].filter((_, i) => isTurn(i, 4));
    for (const g of [f, ...transformed.map((make) => make())]) {
      near(jacrev(g)(a), diagonal(slopes));
      near(jacfwd(g)(a), diagonal(slopes));
      near(hessian((x: NDArray) => g(x).sum())(a), diagonal([1, 8, 27].map((v) => (-2 / 9) * v ** (-5 / 3))));
    }
    near(jit(grad((x: NDArray) => f(x).sum()))(a), slopes);
    near(vmap(grad(f))(a), slopes);
  });
});

test.each([brent, bisect])("%o finds a root between the largest numbers, whose distance is none", (solver) => {
  const { x, converged } = solver((x) => x.sub(1), -1.7e308, 1.7e308, { maxIterations: 1100 });
  expect(converged).toBe(true);
  expect(x.item()).toBeCloseTo(1, 11);
});

test.each([bisect, brent])("an infinite end is refused, and gives NaN inside of jit", (solver) => {
  const f = (hi: NDArray | number) => solver((x) => x.atan().sub(1), 0, hi);
  expect(() => f(Infinity)).toThrow("an end of an interval is infinite; give finite ones");
  const { x, converged } = jit((hi: NDArray) => f(hi))(array([2, Infinity]));
  near(x.slice(0), Math.tan(1));
  expect([x.slice(1).item(), array(converged).item()]).toEqual([Number.NaN, false]);
});

test.each([bisect, brent])("a parameter that is NaN has no finite derivative, and other lanes keep theirs", (find) => {
  const slope = grad((a: NDArray) => find((x) => x.pow(3).sub(a), 0, 5).x);
  expect(slope(array(Number.NaN)).item()).toBeNaN();
  expect(jit(slope)(array(Number.NaN)).item()).toBeNaN();
  const [broken, sound] = vmap(slope)(array([Number.NaN, 8])).toArray() as number[];
  expect(broken).toBeNaN();
  expect(sound).toBeCloseTo(1 / 12, 9);
});
