import { array, grad, type NDArray } from "@ad/core";
import { isTurn } from "@ad/expect/turns";
import { hessian, jacfwd, jacrev } from "@ad/functional";
import { jit } from "@ad/jit";
import { root } from "@ad/solve";
import { vmap } from "@ad/vmap";
import { describe, expect, test } from "vitest";

const methods = ["newton", "broyden", "hybrid"] as const;
const near = (x: NDArray, y: unknown, digits = 9): void => {
  const b = Array.isArray(y) || typeof y === "number" ? array(y as number[]) : (y as NDArray);
  expect(x.shape).toEqual(b.shape);
  const got = x.ravel().toArray() as number[];
  (b.ravel().toArray() as number[]).forEach((v, i) => expect(got[i]).toBeCloseTo(v, digits));
};

describe.each(methods)("%s", (method) => {
  const o = { method } as const;
  test("a system as a tree, and what is reported", () => {
    const steps: number[] = [];
    const found = root(
      ({ x, y }) => [x.square().add(y.square()).sub(4), x.mul(y).sub(1)],
      { x: 2, y: 0.5 },
      {
        ...o,
        onStep: ({ iteration, x, residualNorm }) => {
          steps.push(iteration);
          expect(x.x.shape).toEqual([]);
          expect(residualNorm).toBeGreaterThanOrEqual(0);
        },
      },
    );
    near(found.x.x, (Math.sqrt(6) + Math.sqrt(2)) / 2, 12);
    near(found.x.y, (Math.sqrt(6) - Math.sqrt(2)) / 2, 12);
    expect(found.converged).toBe(true);
    expect(found.status).toMatch(/^converged/);
    expect(found.iterations).toBeGreaterThan(2);
    expect(found.iterations).toBeLessThan(20);
    expect(found.evaluations).toBeGreaterThanOrEqual(found.iterations + 1);
    expect(steps).toEqual(Array.from({ length: found.iterations }, (_, i) => i + 1));
    near(found.residual[0], 0, 12);
  });
  test("it says why it stopped", () => {
    expect(root((x: NDArray) => x.square().add(1), 1.5, o).converged).toBe(false);
    const few = root((x: NDArray) => x.exp().sub(5), 10, { ...o, maxIterations: 2 });
    expect([few.converged, few.status, few.iterations]).toEqual([false, "stopped: maxIterations is reached", 2]);
    expect(root((x: NDArray) => x.log(), -1, o).status).toBe("stopped: the function gives a value that is not finite");
    expect(root((x: NDArray) => x.sub(2), 2, o)).toMatchObject({ converged: true, iterations: 0, evaluations: 1 });
    expect(root((x: NDArray) => x.mul(0).add(1), 2, o).status).toBe("stopped: a linear system is singular");
  });
  const f = (a: NDArray): NDArray => root((x: NDArray) => x.pow(3).add(x.mul(a.sum())).sub(a), array([1, 1]), o).x;
  test.each(["derivatives of both modes, to the second order"].filter(() => isTurn(methods.indexOf(method), methods.length)))("%s", () => {
    const a = array([2, 3]);
    const slope = (g: (x: NDArray) => NDArray) => {
      const h = 1e-5;
      return array(
        [
          [1, 0],
          [0, 1],
        ].map(
          (e) =>
            g(a.add(array(e).mul(h)))
              .sub(g(a.sub(array(e).mul(h))))
              .div(2 * h)
              .toArray() as number[],
        ),
      ).T;
    };
    for (const g of [f, jit(f)]) {
      near(jacrev(g)(a), slope(f), 8);
      near(jacfwd(g)(a), slope(f), 8);
    }
    const both = jacfwd(jacrev(f))(a);
    near(jacrev(jacfwd(f))(a), both);
    near(jacrev(jacrev(f))(a), both);
    near(jacfwd(jacfwd(f))(a), both);
    near(jacfwd(jacrev(jit(f)))(a), both);
    near(jit(jacfwd(jacrev(f)))(a), both);
    near(
      slope((x) => jacrev(f)(x).slice(0, 0)),
      both.slice(0, 0),
      7,
    );
  });
  test.each(["in lanes, each of which stops by itself, and in jit"].filter(() => isTurn(methods.indexOf(method) + 1, methods.length)))(
    "%s",
    () => {
      const as = array([
        [2, 3],
        [0.1, 0.2],
        [30, -4],
      ]);
      const one = [0, 1, 2].map((i) => f(as.slice(i)).toArray());
      near(vmap(f)(as), array(one as number[][]), 10);
      near(jit(vmap(f))(as), array(one as number[][]), 10);
      near(vmap(jit(f))(as), array(one as number[][]), 10);
      near(vmap(jacrev(f))(as), array([0, 1, 2].map((i) => jacrev(f)(as.slice(i)).toArray() as number[][])));
      near(
        vmap(hessian((x) => f(x).sum()))(as),
        array([0, 1, 2].map((i) => hessian((x: NDArray) => f(x).sum())(as.slice(i)).toArray() as number[][])),
      );
      const report = vmap((a: NDArray) => {
        const { converged, iterations, status } = root((x: NDArray) => x.square().sub(a), 1, o);
        return { converged, iterations, status: status as unknown as NDArray };
      })(array([4, 1, -1]));
      expect(report.converged.toArray()).toEqual([true, true, false]);
      const alone = [4, 1].map((a) => root((x: NDArray) => x.square().sub(a), 1, o).iterations);
      expect((report.iterations.toArray() as number[]).slice(0, 2)).toEqual(alone);
      expect((report.status.toArray() as number[])[1]).toBe(1);
      const traced = jit((a: NDArray) => root((x: NDArray) => x.square().sub(a), 1, o))(array(4));
      near(traced.x, 2);
      expect((traced.iterations as unknown as NDArray).item()).toBe(alone[0]);
    },
  );
  test("float32", () => {
    const { x, converged } = root((x: NDArray) => x.exp().sub(2), array(1, { dtype: "float32" }), o);
    expect(x.dtype).toBe("float32");
    expect(converged).toBe(true);
    near(x, Math.log(2), 6);
  });
});
test("grad with aux and plain reports inside of grad", () => {
  const [slope, aux] = grad(
    (a: NDArray) => {
      const r = root((x: NDArray) => x.square().sub(a), 1);
      return [r.x, r] as const;
    },
    { hasAux: true },
  )(4);
  near(slope, 0.25);
  expect(aux.converged).toBe(true);
});

test.each(methods)("%s: a parameter that is NaN has no finite derivative, and other lanes keep theirs", (method) => {
  const slope = grad((a: NDArray) => root((x: NDArray) => x.pow(3).sub(a), array([1]), { method }).x.sum());
  expect(slope(array(Number.NaN)).item()).toBeNaN();
  expect(jit(slope)(array(Number.NaN)).item()).toBeNaN();
  const [broken, sound] = vmap(slope)(array([Number.NaN, 8]));
  expect(broken.item()).toBeNaN();
  near(sound, 1 / 12);
});

test("at a double root there is no derivative: Infinity of one unknown, and NaN of more", () => {
  const slope = (x0: NDArray) => grad((a: NDArray) => root((x: NDArray) => x.square().sub(a), x0).x.sum())(0);
  expect(slope(array([0])).item()).toBe(Infinity);
  expect(slope(array([0, 0])).item()).toBeNaN();
  // From elsewhere rounding leaves a root beside it.
  expect(slope(array([1])).item()).toBeGreaterThan(1e6);
});
