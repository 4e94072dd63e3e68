// The dependence of a differential equation's solution on its parameters: derivatives through the loop that solves it.
import { arange, array, type NDArray, scan, vjp } from "@ad/core";
import { expectClose } from "@ad/expect";
import { jvp } from "@ad/forward";
import { describe, expect, test } from "vitest";
import { jacfwd, jacobian, jacrev, jvpMany } from "../../src/index.js";

/** Lotka's and Volterra's prey and predators: x' = ax - bxy, y' = dxy - cy with the parameters [a, b, c, d]. */
function slope(z: NDArray, p: NDArray): NDArray {
  const meeting = z.prod();
  const own = z.mul(p.take([0, 2])).mul([1, -1]);
  return own.add(meeting.mul(p.take([1, 3])).mul([-1, 1]));
}

/** The state after each of so many steps of Runge's and Kutta's classical method. */
function path(z: NDArray, p: NDArray, time: number, steps: number): NDArray {
  const h = time / steps;
  const step = (now: NDArray): [NDArray, NDArray] => {
    const k1 = slope(now, p);
    const k2 = slope(now.add(k1.mul(h / 2)), p);
    const k3 = slope(now.add(k2.mul(h / 2)), p);
    const k4 = slope(now.add(k3.mul(h)), p);
    const next = now.add(
      k1
        .add(k2.mul(2))
        .add(k3.mul(2))
        .add(k4)
        .mul(h / 6),
    );
    return [next, next];
  };
  return scan((now: NDArray, _: NDArray) => step(now), z, arange(steps))[1];
}

const z = array([1, 1]);
const p = array([1.5, 1, 3, 1]);
const end = (q: NDArray): NDArray => path(z, q, 2, 400).slice(-1);

// The equation with its sensitivities beside it, by SciPy's DOP853 with a relative tolerance of 1e-13.
const state = [6.777189388280341, 2.01275371156474];
const sensitivities = [
  [-3.381527125863032, 0.26631953618793425, 3.50596079871175, -12.661969269164823],
  [10.143810601920489, -4.5580891971015, -0.15876158787742356, 5.023761978941244],
];

describe("sensitivities of prey and predators", () => {
  test("by a JVP for one direction of the parameters", () => {
    const [out, tangent] = jvp(end, [p], [array([0, 1, 0, 0])]);
    expectClose(out, state, 7);
    expectClose(
      tangent,
      sensitivities.map((row) => row[1]),
      7,
    );
  });

  test("by the Jacobian, whichever way", () => {
    for (const J of [jacobian(end)(p), jacfwd(end)(p), jacrev(end)(p), jacfwd(end, { chunkSize: 3 })(p)]) expectClose(J, sensitivities, 7);
  });

  test("along the whole path, in the directions that are asked for", () => {
    const [, products] = jvpMany(
      (q: NDArray) => path(z, q, 2, 400),
      [p],
      [
        array([
          [1, 0, 0, 0],
          [0, 0, 0, 1],
        ]),
      ],
    );
    expect(products.shape).toEqual([2, 400, 2]);
    for (const [k, column] of [0, 3].entries())
      expectClose(
        products.slice(k, -1),
        sensitivities.map((row) => row[column]),
        7,
      );
  });

  test("of a cost at the end, by one pullback through the loop", () => {
    const [, pullback] = vjp((q: NDArray) => end(q).square().sum(), p);
    const expected = [0, 1, 2, 3].map((j) => 2 * (state[0] * sensitivities[0][j] + state[1] * sensitivities[1][j]));
    expectClose(pullback(1)[0], expected, 7);
  });
});
