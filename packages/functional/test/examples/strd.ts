import { array, type NDArray } from "@ad/core";

/**
 * Nonlinear regressions of the Statistical Reference Datasets, with certified results.
 * National Institute of Standards and Technology, https://www.itl.nist.gov/div898/strd/nls/nls_main.shtml (public domain).
 */
export interface Regression {
  readonly name: string;
  readonly model: (b: NDArray, x: NDArray) => NDArray;
  readonly x: NDArray;
  readonly y: NDArray;
  readonly starts: readonly (readonly number[])[];
  readonly parameters: readonly number[];
  readonly deviations: readonly number[];
  readonly residual: number;
}

/** Dental research, monomolecular adsorption (Misra 1978): volume by pressure. */
const misra1a: Regression = {
  name: "Misra1a",
  model: (b, x) => b.slice(0).mul(x.mul(b.slice(1)).neg().expm1().neg()),
  x: array([77.6, 114.9, 141.1, 190.8, 239.9, 289, 332.8, 378.4, 434.8, 477.3, 536.8, 593.1, 689.1, 760]),
  y: array([10.07, 14.73, 17.94, 23.93, 29.61, 35.18, 40.02, 44.82, 50.76, 55.05, 61.01, 66.4, 75.47, 81.78]),
  starts: [
    [500, 1e-4],
    [250, 5e-4],
  ],
  parameters: [2.3894212918e2, 5.5015643181e-4],
  deviations: [2.7070075241, 7.2668688436e-6],
  residual: 1.2455138894e-1,
};

/** Semiconductors, electron mobility by the logarithm of density (Thurber 1979). */
const thurber: Regression = {
  name: "Thurber",
  model(b, x) {
    const [b1, b2, b3, b4, b5, b6, b7] = [0, 1, 2, 3, 4, 5, 6].map((i) => b.slice(i));
    const [x2, x3] = [x.square(), x.pow(3)];
    const above = b1.add(b2.mul(x)).add(b3.mul(x2)).add(b4.mul(x3));
    return above.div(b5.mul(x).add(b6.mul(x2)).add(b7.mul(x3)).add(1));
  },
  x: array([
    -3.067, -2.981, -2.921, -2.912, -2.84, -2.797, -2.702, -2.699, -2.633, -2.481, -2.363, -2.322, -1.501, -1.46, -1.274, -1.212, -1.1,
    -1.046, -0.915, -0.714, -0.566, -0.545, -0.4, -0.309, -0.109, -0.103, 0.01, 0.119, 0.377, 0.79, 0.963, 1.006, 1.115, 1.572, 1.841,
    2.047, 2.2,
  ]),
  y: array([
    80.574, 84.248, 87.264, 87.195, 89.076, 89.608, 89.868, 90.101, 92.405, 95.854, 100.696, 101.06, 401.672, 390.724, 567.534, 635.316,
    733.054, 759.087, 894.206, 990.785, 1090.109, 1080.914, 1122.643, 1178.351, 1260.531, 1273.514, 1288.339, 1327.543, 1353.863, 1414.509,
    1425.208, 1421.384, 1442.962, 1464.35, 1468.705, 1447.894, 1457.628,
  ]),
  starts: [
    [1000, 1000, 400, 40, 0.7, 0.3, 0.03],
    [1300, 1500, 500, 75, 1, 0.4, 0.05],
  ],
  parameters: [1.28813968e3, 1.4910792535e3, 5.8323836877e2, 7.5416644291e1, 9.6629502864e-1, 3.9797285797e-1, 4.9727297349e-2],
  deviations: [4.6647963344, 3.9571156086e1, 2.8698696102e1, 5.567537027, 3.1333340687e-2, 1.4984928198e-2, 6.5842344623e-3],
  residual: 5.6427082397e3,
};

/** Two exponentials, Osborne's first (Moré, Garbow, Hillstrom 1981): of higher difficulty. */
const mgh17: Regression = {
  name: "MGH17",
  model: (b, x) =>
    b
      .slice(0)
      .add(b.slice(1).mul(x.mul(b.slice(3)).neg().exp()))
      .add(b.slice(2).mul(x.mul(b.slice(4)).neg().exp())),
  x: array(Array.from({ length: 33 }, (_, i) => 10 * i)),
  y: array([
    0.844, 0.908, 0.932, 0.936, 0.925, 0.908, 0.881, 0.85, 0.818, 0.784, 0.751, 0.718, 0.685, 0.658, 0.628, 0.603, 0.58, 0.558, 0.538,
    0.522, 0.506, 0.49, 0.478, 0.467, 0.457, 0.448, 0.438, 0.431, 0.424, 0.42, 0.414, 0.411, 0.406,
  ]),
  starts: [
    [50, 150, -100, 1, 2],
    [0.5, 1.5, -1, 0.01, 0.02],
  ],
  parameters: [3.7541005211e-1, 1.9358469127, -1.4646871366, 1.286753464e-2, 2.2122699662e-2],
  deviations: [2.0723153551e-3, 2.2031669222e-1, 2.2175707739e-1, 4.4861358114e-4, 8.9471996575e-4],
  residual: 5.4648946975e-5,
};

export const regressions: readonly Regression[] = [misra1a, thurber, mgh17];
