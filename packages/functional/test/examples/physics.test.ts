// A differential equation solved by a network: the loss is what is left over of the equation, with the network's Laplacian in it.
import { arange, array, concatenate, diag, linalg, type NDArray, zeros } from "@ad/core";
import { expectClose } from "@ad/expect";
import { vmap } from "@ad/vmap";
import { describe, expect, test } from "vitest";
import { checkGrad, hessian, laplacian, valueAndJacobian } from "../../src/index.js";

const width = 12;

/** A network 2 → width → 1 from one vector of parameters, times what is zero on the border of the unit square. */
function network(parameters: NDArray, x: NDArray): NDArray {
  const w = parameters.slice([0, 2 * width]).reshape(2, width);
  const b = parameters.slice([2 * width, 3 * width]);
  const last = parameters.slice([3 * width, 4 * width]);
  const border = x.mul(x.neg().add(1)).prod();
  return x.matmul(w).add(b).tanh().dot(last).mul(border);
}

/** Δu = -2π²·sin(πx)·sin(πy), whose solution is sin(πx)·sin(πy). */
const solution = (x: NDArray): NDArray => x.mul(Math.PI).sin().prod();
const source = (x: NDArray): NDArray => solution(x).mul(-2 * Math.PI ** 2);

/** The residual of the equation at each point. */
const residuals = (parameters: NDArray, points: NDArray): NDArray =>
  vmap((x: NDArray) => laplacian((y: NDArray) => network(parameters, y))(x).sub(source(x)))(points);

const grid = (n: number): NDArray => {
  const t = arange(n).add(0.5).div(n);
  return concatenate([t.reshape(n, 1, 1).broadcastTo([n, n, 1]), t.reshape(1, n, 1).broadcastTo([n, n, 1])], 2).reshape(n * n, 2);
};

const start = arange(4 * width)
  .mul(12.9898)
  .sin()
  .mul(1.5);

describe("Poisson's equation on the unit square", () => {
  test("the Laplacian is the Hessian's trace, and has derivatives by the parameters", () => {
    const x = array([0.3, 0.8]);
    const u = (y: NDArray): NDArray => network(start, y);
    expectClose(laplacian(u)(x), hessian(u)(x).trace().item());
    checkGrad((p: NDArray) => residuals(p, grid(2)), [start], { rtol: 1e-4 });
  });

  test("is solved by damped Gauss–Newton steps on the residuals", () => {
    const points = grid(9);
    const at = valueAndJacobian((p: NDArray) => residuals(p, points));
    let p = start;
    let [r, J] = at(p);
    let damping = 1;
    const loss = (v: NDArray): number => v.square().mean().item() as number;
    for (let k = 0; k < 80 && loss(r) > 1e-6; k++) {
      const scale = J.square().sum(0).sqrt().add(1e-8);
      const step = linalg.lstsq(concatenate([J, diag(scale.mul(Math.sqrt(damping)))]), concatenate([r, zeros([p.size])]));
      const [next, slope] = at(p.sub(step));
      if (loss(next) < loss(r)) {
        [p, r, J] = [p.sub(step), next, slope];
        damping /= 3;
      } else damping *= 2;
    }
    expect(loss(r)).toBeLessThan(1e-3);
    // Between the points, too.
    const between = grid(11);
    const error = vmap((x: NDArray) => network(p, x).sub(solution(x)))(between);
    expect(error.abs().max().item()).toBeLessThan(1e-3);
  });
});
