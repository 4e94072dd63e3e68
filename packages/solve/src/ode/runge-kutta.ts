import type { NDArray } from "@ad/core";
import { combination, type Method, type System } from "./method.js";

/**
 * An explicit method of seven stages whose last stage is the first one of the next step. Of each list of weights the first one is left out:
 * those of a stage add up to its c, those of `error` and `inner` to 0.
 */
interface Tableau {
  readonly c: readonly number[];
  /** Errors add up along a solution: with this they stay within ten times the tolerance on the problems of DETEST. */
  readonly share: number;
  /** The last row gives the step. */
  readonly a: readonly (readonly number[])[];
  readonly error: readonly number[];
  /** The weights of the stages in what is added to Hermite's cubic within the step, θ²(1 − θ)² times. */
  readonly inner: readonly number[];
}

/** Ch. Tsitouras, Runge–Kutta pairs of order 5(4) satisfying only the first column simplifying assumption (2011). */
const tsitouras: Tableau = {
  share: 0.05,
  c: [0.161, 0.327, 0.9, 0.9800255409045097, 1, 1],
  a: [
    [],
    [0.335480655492357],
    [-6.359448489975075, 4.3622954328695815],
    [-11.748883564062828, 7.4955393428898365, -0.09249506636175525],
    [-12.92096931784711, 8.159367898576159, -0.071584973281401, -0.028269050394068383],
    [0.01, 0.4798896504144996, 1.379008574103742, -3.290069515436081, 2.324710524099774],
  ],
  error: [
    -0.0008164344596567469, 0.007880878010261995, -0.1447110071732629, 0.5823571654525552, -0.45808210592918697, 0.015151515151515152,
  ],
  inner: [0.1017, 2.490627285651253, -16.548102889244902, 47.37952196281928, -34.87065786149661, 2.5],
};

/** J. R. Dormand and P. J. Prince (1980); within the step the polynomial of L. F. Shampine, Some practical Runge–Kutta formulas (1986). */
const dormandPrince: Tableau = {
  share: 0.01,
  c: [1 / 5, 3 / 10, 4 / 5, 8 / 9, 1, 1],
  a: [
    [],
    [9 / 40],
    [-56 / 15, 32 / 9],
    [-25360 / 2187, 64448 / 6561, -212 / 729],
    [-355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656],
    [0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84],
  ],
  error: [0, 71 / 16695, -71 / 1920, 17253 / 339200, -22 / 525, 1 / 40],
  inner: [
    0,
    87487479700 / 32700410799,
    -10690763975 / 1880347072,
    701980252875 / 199316789632,
    -1453857185 / 822651844,
    69997945 / 29380423,
  ],
};

/** Weights with the first one, which is what the others leave of their sum. */
const whole = (sum: number, others: readonly number[]): number[] => [others.reduce((left, weight) => left - weight, sum), ...others];

const rungeKutta = ({ share, c, a, error, inner }: Tableau): Method => ({
  order: 5,
  share,
  memory: 0.04,
  evaluations: c.length,
  step({ f }, t, y, k, h) {
    const ks: NDArray[] = [k];
    let next = y;
    a.forEach((row, i) => {
      next = y.add(combination(whole(c[i], row), ks).mul(h));
      ks.push(f(t.add(h.mul(c[i])), next));
    });
    const [start, end, bend] = [k, ks[6], combination(whole(0, inner), ks)].map((slope) => slope.mul(h));
    const way = next.sub(y);
    const cubic = start.add(end).sub(way.add(bend).mul(2));
    // The powers add up to the whole way.
    return {
      next: [next, ks[6], y, start, way.sub(start).sub(cubic).sub(bend), cubic, bend],
      error: combination(whole(0, error), ks).mul(h),
    };
  },
});

export const tsit5 = /* @__PURE__ */ rungeKutta(tsitouras);
export const dopri5 = /* @__PURE__ */ rungeKutta(dormandPrince);

/** y after a step of the classical method of order 4. */
export function rk4({ f }: System, t: NDArray, y: NDArray, h: NDArray): NDArray {
  const half = h.mul(0.5);
  const middle = t.add(half);
  const k1 = f(t, y);
  const k2 = f(middle, y.add(k1.mul(half)));
  const k3 = f(middle, y.add(k2.mul(half)));
  const k4 = f(t.add(h), y.add(k3.mul(h)));
  return y.add(k2.add(k3).mul(2).add(k1).add(k4).mul(h.div(6)));
}
