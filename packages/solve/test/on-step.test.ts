import { array, type NDArray, stack } from "@ad/core";
import { isTurn } from "@ad/expect/turns";
import { jit } from "@ad/jit";
import { vmap } from "@ad/vmap";
import { describe, expect, test } from "vitest";
import { bisect, brent, fixedPoint, leastSquares, minimize, root } from "../src/index.js";

interface Step {
  readonly iteration: number;
  readonly x: NDArray;
}
type Solve = (x0: NDArray, onStep: (step: Step) => void) => { readonly x: NDArray };

const banana = (x: NDArray): NDArray => stack([x.slice(1).sub(x.slice(0).square()).mul(10), x.slice(0).sub(1).neg()]);
const vectors = [array([-1.2, 1]), array([0.9, 0.85]), array([1, 1])];
const ends = [array(0), array(1.4), array(-0.5)];

const row = (name: string, starts: readonly NDArray[], solve: Solve) => [name, starts, solve] as const;
const solvers = [
  ...(["bfgs", "lbfgs", "newton-cg", "trust", "nelder-mead"] as const).map((method) =>
    row(`minimize, ${method}`, vectors, (x0, onStep) => minimize((x: NDArray) => banana(x).square().sum(), x0, { method, onStep })),
  ),
  ...(["lm", "dogleg"] as const).map((method) =>
    row(`leastSquares, ${method}`, vectors, (x0, onStep) => leastSquares(banana, x0, { method, onStep })),
  ),
  ...(["hybrid", "newton", "broyden"] as const).map((method) =>
    row(`root, ${method}`, vectors, (x0, onStep) => root(banana, x0, { method, onStep })),
  ),
  ...[false, 2].map((anderson) =>
    row(`fixedPoint, anderson ${anderson}`, vectors, (x0, onStep) =>
      fixedPoint((x: NDArray) => x.sub(1).mul([0.5, 0.1]).add(1), x0, { anderson, onStep }),
    ),
  ),
  ...[brent, bisect].map((solve) => row(solve.name, ends, (x0, onStep) => solve((x) => x.square().sub(2), x0, 3, { onStep }))),
];

describe.each(solvers)("onStep of %s", (name, starts, solve) => {
  /** The points of each lane's search, when it runs alone: the n-th one is that after n steps. */
  const paths = starts.map((x0) => {
    const path = [x0.ravel().toArray()];
    solve(x0, ({ iteration, x }) => {
      expect(iteration).toBe(path.length);
      path.push(x.ravel().toArray());
    });
    return path;
  });

  const index = solvers.findIndex(([own]) => own === name);
  test.each(["in lanes", "in a program"].filter((_, i) => isTurn(index + i, 2)))(
    "shows each lane on its own way, and where it has ended: %s",
    (where) => {
      const last = starts.map(() => 0);
      let calls = 0;
      const run = vmap(
        (x0: NDArray) =>
          solve(x0, ({ iteration, x }) => {
            // In lanes they are arrays.
            const counts = (iteration as unknown as NDArray).toArray() as number[];
            const rows = x.toArray() as unknown[];
            expect(counts).not.toEqual(last);
            counts.forEach((n, lane) => {
              if (n > 0) expect([rows[lane]].flat()).toEqual((paths[lane][n] as number[]).map((own) => expect.closeTo(own, 7)));
              last[lane] = n;
            });
            calls++;
          }).x,
      );
      (where === "in lanes" ? run : jit(run))(stack(starts));
      expect(last).toEqual(paths.map(({ length }) => length - 1));
      expect(calls).toBeGreaterThanOrEqual(Math.max(...last));
    },
  );
});

test("what onStep throws ends the search, and the next one begins anew", () => {
  const iterations: number[] = [];
  const run = jit((x0: NDArray) => {
    const onStep = ({ iteration }: Step): void => {
      iterations.push(iteration);
      if (iterations.length === 2) throw new Error("enough");
    };
    return minimize((x: NDArray) => banana(x).square().sum(), x0, { maxIterations: 3, onStep }).x;
  });
  expect(() => run(vectors[0])).toThrow("enough");
  run(vectors[0]);
  expect(iterations).toEqual([1, 2, 1, 2, 3]);
});
