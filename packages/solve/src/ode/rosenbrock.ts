import { eye, linalg, type NDArray } from "@ad/core";
import { combination, type Method } from "./method.js";

/**
 * Rodas5P, stiffly accurate and L-stable, of order 5 with an estimate of order 4: G. Steinebach, Construction of Rosenbrock–Wanner method
 * Rodas5P and numerical benchmarks within the Julia Differential Equations package (2023). In the form of E. Hairer and G. Wanner, Solving
 * ordinary differential equations II, section IV.7, that multiplies no vector by the Jacobian.
 */
const gamma = 0.21193756319429014;

const a = [
  [],
  [3],
  [2.849394379747939, 0.45842242204463923],
  [-6.954028509809101, 2.489845061869568, -10.358996098473584],
  [2.8029986275628964, 0.5072464736228206, -0.3988312541770524, -0.04721187230404641],
  [-7.502846399306121, 2.561846144803919, -11.627539656261098, -0.18268767659942256, 0.030198172008377946],
];

const c = [
  [],
  [-14.155112264123755],
  [-17.97296035885952, -2.859693295451294],
  [147.12150275711716, -1.41221402718213, 71.68940251302358],
  [165.43517024871676, -0.4592823456491126, 42.90938336958603, -5.961986721573306],
  [24.854864614690072, -3.0009227002832186, 47.4931110020768, 5.5814197821558125, -0.6610691825249471],
  [30.91273214028599, -3.1208243349937974, 77.79954646070892, 34.28646028294783, -19.097331116725623, -28.087943162872662],
  [37.80277123390563, -3.2571969029072276, 112.26918849496327, 66.9347231244047, -40.06618937091002, -54.66780262877968, -9.48861652309627],
];

/** The solution within a step is y₀ + θ(y₁ − y₀) + θ(1 − θ)(k₁ + θ(k₂ + θk₃)) of these kᵢ. */
const inner = [
  [
    25.948786856663858, -2.5579724845846235, 10.433815404888879, -2.3679251022685204, 0.524948541321073, 1.1241088310450404,
    0.4272876194431874, -0.17202221070155493,
  ],
  [
    -9.91568850695171, -0.9689944594115154, 3.0438037242978453, -24.495224566215796, 20.176138334709044, 15.98066361424651,
    -6.789040303419874, -6.710236069923372,
  ],
  [
    11.419903575922262, 2.8879645146136994, 72.92137995996029, 80.12511834622643, -52.072871366152654, -59.78993625266729,
    -0.15582684282751913, 4.883087185713722,
  ],
];

/** For stiff problems: each step solves eight linear systems with one matrix. */
export const rosenbrock: Method = {
  order: 5,
  share: 1,
  memory: 0,
  // That of the first stage comes with the derivatives.
  evaluations: 7,
  step({ f, slope }, t, y, _, h) {
    const n = y.size;
    const all = slope(t, y);
    const [first, ft, j] = [all.slice(":", 0), all.slice(":", 1), all.slice(":", [2, null])];
    const { p, l, u } = linalg.lu(eye(n, n, y.dtype).sub(j.mul(h.mul(gamma))));
    const solve = (b: NDArray): NDArray => linalg.solveTriangular(u, linalg.solveTriangular(l, b.take(p), { lower: true }));
    const [step, moved] = [h.mul(gamma), ft.mul(h.square().mul(gamma))];
    const us: NDArray[] = [];
    // The same for time, whose derivative is 1: where each stage is, in parts of the step, and the weights of ∂f/∂t.
    const drifts: number[] = [];
    const along = (row: readonly number[]): number => row.reduce((sum, factor, j) => sum + factor * drifts[j], 0);
    let next = y;
    c.forEach((row, i) => {
      if (i > 5) next = next.add(us[i - 1]);
      else if (i > 0) next = y.add(combination(a[i], us));
      let b = (i === 0 ? first : f(t.add(h.mul(i < 5 ? along(a[i]) : 1)), next)).mul(step);
      if (i > 0) b = b.add(combination(row, us).mul(gamma));
      const drift = gamma * (1 + along(row));
      if (i < 5) b = b.add(moved.mul(drift));
      drifts.push(drift);
      us.push(solve(b));
    });
    const y1 = next.add(us[7]);
    const [k1, k2, k3] = inner.map((row) => combination(row, us));
    return { next: [y1, y, y, y1.sub(y).add(k1), k2.sub(k1), k3.sub(k2), k3.neg()], error: us[7] };
  },
};
