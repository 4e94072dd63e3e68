// The problems of tools/expectations/ode.py.
import { array, concatenate, type NDArray } from "@ad/core";

export interface Case {
  readonly f: (t: NDArray, y: NDArray) => NDArray;
  readonly y0: NDArray;
}

const zero = array([0]);
const first = (n: number): NDArray => concatenate([array([1]), array(Array(n - 1).fill(0))]);
const shifted = (y: NDArray, by: 1 | -1): NDArray =>
  by > 0 ? concatenate([zero, y.slice([0, -1])]) : concatenate([y.slice([1, null]), zero]);
const heads = (n: number): NDArray => array(Array.from({ length: n }, (_, i) => (i < n - 1 ? 1 : 0)));
const counts = array(Array.from({ length: 10 }, (_, i) => (i < 9 ? i + 1 : 0)));

const chain = (n: number) => (_: NDArray, y: NDArray) => shifted(y, 1).sub(y.mul(heads(n)));
const growing = (_: NDArray, y: NDArray) => shifted(y.mul(counts), 1).sub(y.mul(counts));
const diffusion = (_: NDArray, y: NDArray) => shifted(y, 1).add(shifted(y, -1)).sub(y.mul(2));

const masses = array([0.000954786104043, 0.000285583733151, 0.0000437273164546, 0.0000517759138449, 0.00000277777777778]);
const places = [
  3.42947415189, 3.35386959711, 1.35494901715, 6.6414554255, 5.97156957878, 2.18231499728, 11.2630437207, 14.6952576794, 6.27960525067,
  -30.1552268759, 1.65699966404, 1.43785752721, -21.123835338, 28.4465098142, 15.3882659679,
];
const speeds = [
  -0.557160570446, 0.505696783289, 0.230578543901, -0.415570776342, 0.365682722812, 0.169143213293, -0.325325669158, 0.189706021964,
  0.087726532278, -0.024047625417, -0.287659532608, -0.117219543175, -0.176860753121, -0.216393453025, -0.014864789309,
];

function planets(_: NDArray, y: NDArray): NDArray {
  const p = y.slice([0, 15]).reshape([5, 3]);
  const own = p.div(p.square().sum(1, { keepdims: true }).pow(1.5));
  const between = p.expandDims(0).sub(p.expandDims(1));
  const others = array(
    Array.from({ length: 25 }, (_, i) => (i % 6 === 0 ? 1 : 0)),
    { shape: [5, 5] },
  );
  const cubes = between.square().sum(2).add(others).pow(1.5);
  const pull = between
    .div(cubes.expandDims(2))
    .sub(own.expandDims(0))
    .mul(masses.reshape([1, 5, 1]))
    .sum(1);
  const m = masses.expandDims(1);
  const a = pull
    .add(own.mul(m))
    .sub(own.mul(m.add(1.00000597682)))
    .mul(2.95912208286);
  return concatenate([y.slice([15, null]), a.ravel()]);
}

const orbit = (eccentricity: number): Case => ({
  f: (_, y) => {
    const [place, speed] = [y.slice([0, 2]), y.slice([2, 4])];
    return concatenate([speed, place.div(place.square().sum().pow(1.5)).neg()]);
  },
  y0: array([1 - eccentricity, 0, 0, Math.sqrt((1 + eccentricity) / (1 - eccentricity))]),
});

const torus = (_: NDArray, [a, b, c]: NDArray): NDArray => {
  const r = a.hypot(b);
  return array([b.neg().sub(a.mul(c).div(r)), a.sub(b.mul(c).div(r)), a.div(r)]);
};

export const detest: { readonly [name: string]: Case } = {
  A1: { f: (_, y) => y.neg(), y0: array([1]) },
  A2: { f: (_, y) => y.pow(3).div(-2), y0: array([1]) },
  A3: { f: (t, y) => y.mul(t.cos()), y0: array([1]) },
  A4: { f: (_, y) => y.div(4).mul(y.div(-20).add(1)), y0: array([1]) },
  A5: { f: (t, y) => y.sub(t).div(y.add(t)), y0: array([4]) },
  B1: {
    f: (_, [a, b]) => {
      const both = a.mul(b);
      return array([a.sub(both).mul(2), both.sub(b)]);
    },
    y0: array([1, 3]),
  },
  B2: { f: (_, [a, b, c]) => array([b.sub(a), a.sub(b.mul(2)).add(c), b.sub(c)]), y0: array([2, 0, 1]) },
  B3: { f: (_, [a, b]) => array([a.neg(), a.sub(b.square()), b.square()]), y0: array([1, 0, 0]) },
  B4: { f: torus, y0: array([3, 0, 0]) },
  B5: { f: (_, [a, b, c]) => array([b.mul(c), a.mul(c).neg(), a.mul(b).mul(-0.51)]), y0: array([0, 1, 1]) },
  C1: { f: chain(10), y0: first(10) },
  C2: { f: growing, y0: first(10) },
  C3: { f: diffusion, y0: first(10) },
  C4: { f: diffusion, y0: first(51) },
  C5: { f: planets, y0: array([...places, ...speeds]) },
  D1: orbit(0.1),
  D2: orbit(0.3),
  D3: orbit(0.5),
  D4: orbit(0.7),
  D5: orbit(0.9),
  E1: {
    f: (t, [a, b]) => {
      const x = t.add(1);
      return array([b, b.div(x).add(x.square().reciprocal().mul(-0.25).add(1).mul(a)).neg()]);
    },
    y0: array([0.671396707141803, 0.09540051444747447]),
  },
  E2: { f: (_, [a, b]) => array([b, b.sub(a.square().mul(b)).sub(a)]), y0: array([2, 0]) },
  E3: { f: (t, [a, b]) => array([b, a.pow(3).div(6).sub(a).add(t.mul(2.78535).sin().mul(2))]), y0: array([0, 0]) },
  E4: { f: (_, [, b]) => array([b, b.square().mul(-0.4).add(0.032)]), y0: array([30, 0]) },
  E5: { f: (t, [, b]) => array([b, b.square().add(1).sqrt().div(t.neg().add(25))]), y0: array([0, 0]) },
};

export const stiff: { readonly [name: string]: Case } = {
  "van der Pol": { f: (_, [a, b]) => array([b, a.square().neg().add(1).mul(b).mul(1000).sub(a)]), y0: array([2, 0]) },
  Robertson: {
    f: (_, [y1, y2, y3]) => {
      const [a, b, c] = [y1.mul(0.04), y2.mul(y3).mul(1e4), y2.square().mul(3e7)];
      return array([b.sub(a), a.sub(b).sub(c), c]);
    },
    y0: array([1, 0, 0]),
  },
  HIRES: {
    f: (_, y) => {
      const u = y.slice(5).mul(y.slice(7)).mul(280);
      return linear.matmul(y).add(drive).add(coupling.mul(u));
    },
    y0: array([1, 0, 0, 0, 0, 0, 0, 0.0057]),
  },
  OREGO: {
    f: (_, [a, b, c]) =>
      array([b.add(a.mul(a.mul(-8.375e-6).add(1).sub(b))).mul(77.27), c.sub(a.add(1).mul(b)).div(77.27), a.sub(c).mul(0.161)]),
    y0: array([1, 2, 3]),
  },
};

const linear = array([
  [-1.71, 0.43, 8.32, 0, 0, 0, 0, 0],
  [1.71, -8.75, 0, 0, 0, 0, 0, 0],
  [0, 0, -10.03, 0.43, 0.035, 0, 0, 0],
  [0, 8.32, 1.71, -1.12, 0, 0, 0, 0],
  [0, 0, 0, 0, -1.745, 0.43, 0.43, 0],
  [0, 0, 0, 0.69, 1.71, -0.43, 0.69, 0],
  [0, 0, 0, 0, 0, 0, -1.81, 0],
  [0, 0, 0, 0, 0, 0, 1.81, 0],
]);
const drive = array([0.0007, 0, 0, 0, 0, 0, 0, 0]);
const coupling = array([0, 0, 0, 0, 0, -1, 1, -1]);
