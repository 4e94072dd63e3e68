import { arange, array, concatenate, full, type NDArray, ones, stack, tril, triu, zeros } from "@ad/core";

/**
 * The problems of Moré, Garbow and Hillstrom, "Testing unconstrained optimization software" (1981): sums of squares of residuals, the
 * standard starts, and the values of the minima that the paper gives, to the digits that it gives. In the 11th the residuals are those of the
 * paper's text on where the data come from: the formula as it is printed has another sign.
 */
export interface TestProblem {
  readonly name: string;
  readonly residuals: (x: NDArray) => NDArray;
  readonly start: NDArray;
  readonly minima: readonly number[];
}

const { PI, sqrt, exp } = Math;
const i = (m: number, from = 1): NDArray => arange(from, from + m);
const each = (x: NDArray): NDArray[] => Array.from({ length: x.size }, (_, k) => x.slice(k));
const list = (...parts: readonly NDArray[]): NDArray => stack(parts);
const repeated = (n: number, ...values: readonly number[]): NDArray =>
  array(Array.from({ length: n }, (_, k) => values[k % values.length]));
const problem = (
  name: string,
  start: NDArray | readonly number[],
  minima: readonly number[],
  residuals: TestProblem["residuals"],
): TestProblem => ({
  name,
  start: array(start as number[]),
  minima,
  residuals,
});
const ofParts =
  (f: (...x: NDArray[]) => NDArray): TestProblem["residuals"] =>
  (x) =>
    f(...each(x));

const bard = [0.14, 0.18, 0.22, 0.25, 0.29, 0.32, 0.35, 0.39, 0.37, 0.58, 0.73, 0.96, 1.34, 2.1, 4.39];
const gauss = [0.0009, 0.0044, 0.0175, 0.054, 0.1295, 0.242, 0.3521, 0.3989, 0.3521, 0.242, 0.1295, 0.054, 0.0175, 0.0044, 0.0009];
const meyer = [34780, 28610, 23650, 19630, 16370, 13720, 11540, 9744, 8261, 7030, 6005, 5147, 4427, 3820, 3307, 2872];
const kowalik = [0.1957, 0.1947, 0.1735, 0.16, 0.0844, 0.0627, 0.0456, 0.0342, 0.0323, 0.0235, 0.0246];
const doses = [4, 2, 1, 0.5, 0.25, 0.167, 0.125, 0.1, 0.0833, 0.0714, 0.0625];
const osborne1 = [
  0.844, 0.908, 0.932, 0.936, 0.925, 0.908, 0.881, 0.85, 0.818, 0.784, 0.751, 0.718, 0.685, 0.658, 0.628, 0.603, 0.58, 0.558, 0.538, 0.522,
  0.506, 0.49, 0.478, 0.467, 0.457, 0.448, 0.438, 0.431, 0.424, 0.42, 0.414, 0.411, 0.406,
];
const osborne2 = [
  1.366, 1.191, 1.112, 1.013, 0.991, 0.885, 0.831, 0.847, 0.786, 0.725, 0.746, 0.679, 0.608, 0.655, 0.616, 0.606, 0.602, 0.626, 0.651,
  0.724, 0.649, 0.649, 0.694, 0.644, 0.624, 0.661, 0.612, 0.558, 0.533, 0.495, 0.5, 0.423, 0.395, 0.375, 0.372, 0.391, 0.396, 0.405, 0.428,
  0.429, 0.523, 0.562, 0.607, 0.653, 0.672, 0.708, 0.633, 0.668, 0.645, 0.632, 0.591, 0.559, 0.597, 0.625, 0.739, 0.71, 0.729, 0.72, 0.636,
  0.581, 0.428, 0.292, 0.162, 0.098, 0.054,
];

const rosenbrock = (x: NDArray): NDArray => {
  const [a, b] = [x.slice([0, null, 2]), x.slice([1, null, 2])];
  return concatenate([b.sub(a.square()).mul(10), a.neg().add(1)]);
};
const powell = (x: NDArray): NDArray => {
  const [a, b, c, d] = [0, 1, 2, 3].map((k) => x.slice([k, null, 4]));
  return concatenate([b.mul(10).add(a), c.sub(d).mul(sqrt(5)), c.mul(-2).add(b).square(), a.sub(d).square().mul(sqrt(10))]);
};
const watson = (n: number, least: number): TestProblem => {
  const t = i(29).div(29);
  const powers = stack(
    Array.from({ length: n }, (_, j) => t.pow(j)),
    1,
  );
  const slopes = stack(
    Array.from({ length: n }, (_, j) => (j === 0 ? zeros([29]) : t.pow(j - 1).mul(j))),
    1,
  );
  return problem(`20 Watson, n = ${n}`, zeros([n]), [least], (x) =>
    concatenate([
      slopes.matmul(x).sub(powers.matmul(x).square()).sub(1),
      x.slice([0, 1]),
      x
        .slice([1, 2])
        .sub(x.slice([0, 1]).square())
        .sub(1),
    ]),
  );
};
const penalty1 = (n: number, least: number): TestProblem =>
  problem(`23 penalty I, n = ${n}`, i(n), [least], (x) =>
    concatenate([x.sub(1).mul(sqrt(1e-5)), x.square().sum().sub(0.25).expandDims(0)]),
  );
const penalty2 = (n: number, least: number): TestProblem => {
  const k = i(n - 1, 2).div(10);
  const y = k.exp().add(k.sub(0.1).exp());
  return problem(`24 penalty II, n = ${n}`, full([n], 0.5), [least], (x) => {
    const e = x.div(10).exp();
    const [tail, head] = [e.slice([1, null]), e.slice([0, -1])];
    const last = i(n)
      .neg()
      .add(n + 1)
      .mul(x.square())
      .sum()
      .sub(1)
      .expandDims(0);
    return concatenate([x.slice([0, 1]).sub(0.2), tail.add(head).sub(y).mul(sqrt(1e-5)), tail.sub(exp(-0.1)).mul(sqrt(1e-5)), last]);
  });
};
const chebyquad = (n: number, least: number): TestProblem =>
  problem(`35 Chebyquad, n = ${n}`, i(n).div(n + 1), [least], (x) => {
    const z = x.mul(2).sub(1);
    const T = [ones([n]), z];
    while (T.length <= n)
      T.push(
        z
          .mul(2)
          .mul(T[T.length - 1])
          .sub(T[T.length - 2]),
      );
    return stack(T.slice(1).map((own, k) => own.mean().add(k % 2 === 1 ? 1 / ((k + 1) ** 2 - 1) : 0)));
  });
const grid = (n: number): NDArray => i(n).div(n + 1);
const padded = (x: NDArray): [before: NDArray, after: NDArray] => [
  concatenate([zeros([1]), x.slice([0, -1])]),
  concatenate([x.slice([1, null]), zeros([1])]),
];
const band = tril(ones([10, 10]), 1)
  .sub(tril(ones([10, 10]), -6))
  .sub(array(Array.from({ length: 10 }, (_, r) => Array.from({ length: 10 }, (_, c) => +(r === c)))));

export const problems: readonly TestProblem[] = [
  problem("1 Rosenbrock", [-1.2, 1], [0], rosenbrock),
  problem(
    "2 Freudenstein and Roth",
    [0.5, -2],
    [0, 48.9842],
    ofParts((a, b) => list(a.sub(13).add(b.neg().add(5).mul(b).sub(2).mul(b)), a.sub(29).add(b.add(1).mul(b).sub(14).mul(b)))),
  ),
  problem(
    "3 Powell, badly scaled",
    [0, 1],
    [0],
    ofParts((a, b) => list(a.mul(b).mul(1e4).sub(1), a.neg().exp().add(b.neg().exp()).sub(1.0001))),
  ),
  problem(
    "4 Brown, badly scaled",
    [1, 1],
    [0],
    ofParts((a, b) => list(a.sub(1e6), b.sub(2e-6), a.mul(b).sub(2))),
  ),
  problem(
    "5 Beale",
    [1, 1],
    [0],
    ofParts((a, b) => array([1.5, 2.25, 2.625]).sub(b.pow(i(3)).neg().add(1).mul(a))),
  ),
  problem(
    "6 Jennrich and Sampson",
    [0.3, 0.4],
    [124.362],
    ofParts((a, b) => i(10).mul(2).add(2).sub(i(10).mul(a).exp()).sub(i(10).mul(b).exp())),
  ),
  problem(
    "7 helical valley",
    [-1, 0, 0],
    [0],
    ofParts((a, b, c) => {
      const turn = b
        .div(a)
        .atan()
        .div(2 * PI)
        .add(a.less(0).where(0.5, 0));
      return list(c.sub(turn.mul(10)).mul(10), a.square().add(b.square()).sqrt().sub(1).mul(10), c);
    }),
  ),
  problem(
    "8 Bard",
    [1, 1, 1],
    [8.21487e-3, 17.4286],
    ofParts((a, b, c) => {
      const [u, v] = [i(15), i(15).neg().add(16)];
      return array(bard).sub(a.add(u.div(v.mul(b).add(u.minimum(v).mul(c)))));
    }),
  ),
  problem(
    "9 Gaussian",
    [0.4, 1, 0],
    [1.12793e-8],
    ofParts((a, b, c) => a.mul(i(15).neg().add(8).div(2).sub(c).square().mul(b).div(-2).exp()).sub(gauss)),
  ),
  problem(
    "10 Meyer",
    [0.02, 4000, 250],
    [87.9458],
    ofParts((a, b, c) => a.mul(b.div(i(16).mul(5).add(45).add(c)).exp()).sub(meyer)),
  ),
  problem(
    "11 Gulf research and development",
    [5, 2.5, 0.15],
    [0],
    ofParts((a, b, c) => {
      const t = i(99).div(100);
      return t
        .log()
        .mul(-50)
        .pow(2 / 3)
        .add(25)
        .sub(b)
        .abs()
        .pow(c)
        .div(a)
        .neg()
        .exp()
        .sub(t);
    }),
  ),
  problem(
    "12 box",
    [0, 10, 20],
    [0],
    ofParts((a, b, c) => {
      const t = i(10).div(10);
      return t
        .mul(a)
        .neg()
        .exp()
        .sub(t.mul(b).neg().exp())
        .sub(t.neg().exp().sub(t.mul(-10).exp()).mul(c));
    }),
  ),
  problem("13 Powell, singular", [3, -1, 0, 1], [0], powell),
  problem(
    "14 Wood",
    [-3, -1, -3, -1],
    [0],
    ofParts((a, b, c, d) =>
      list(
        b.sub(a.square()).mul(10),
        a.neg().add(1),
        d.sub(c.square()).mul(sqrt(90)),
        c.neg().add(1),
        b.add(d).sub(2).mul(sqrt(10)),
        b.sub(d).div(sqrt(10)),
      ),
    ),
  ),
  problem(
    "15 Kowalik and Osborne",
    [0.25, 0.39, 0.415, 0.39],
    [3.07505e-4, 1.02734e-3],
    ofParts((a, b, c, d) => {
      const u = array(doses);
      return array(kowalik).sub(a.mul(u.square().add(u.mul(b))).div(u.square().add(u.mul(c)).add(d)));
    }),
  ),
  problem(
    "16 Brown and Dennis",
    [25, 5, -5, -1],
    [85822.2],
    ofParts((a, b, c, d) => {
      const t = i(20).div(5);
      return a
        .add(t.mul(b))
        .sub(t.exp())
        .square()
        .add(c.add(t.sin().mul(d)).sub(t.cos()).square());
    }),
  ),
  problem(
    "17 Osborne 1",
    [0.5, 1.5, -1, 0.01, 0.02],
    [5.46489e-5],
    ofParts((a, b, c, d, e) => {
      const t = i(33, 0).mul(10);
      return array(osborne1).sub(a.add(b.mul(t.mul(d).neg().exp())).add(c.mul(t.mul(e).neg().exp())));
    }),
  ),
  problem(
    "18 Biggs EXP6",
    [1, 2, 1, 1, 1, 1],
    [0, 5.65565e-3],
    ofParts((a, b, c, d, e, f) => {
      const t = i(13).div(10);
      const y = t.neg().exp().sub(t.mul(-10).exp().mul(5)).add(t.mul(-4).exp().mul(3));
      return c
        .mul(t.mul(a).neg().exp())
        .sub(d.mul(t.mul(b).neg().exp()))
        .add(f.mul(t.mul(e).neg().exp()))
        .sub(y);
    }),
  ),
  problem(
    "19 Osborne 2",
    [1.3, 0.65, 0.65, 0.7, 0.6, 3, 5, 7, 2, 4.5, 5.5],
    [4.01377e-2],
    ofParts((...x) => {
      const t = i(65, 0).div(10);
      const bells = [0, 1, 2].map((k) =>
        t
          .sub(x[8 + k])
          .square()
          .mul(x[5 + k])
          .neg()
          .exp()
          .mul(x[1 + k]),
      );
      return bells.reduce((rest, bell) => rest.sub(bell), array(osborne2).sub(t.mul(x[4]).neg().exp().mul(x[0])));
    }),
  ),
  watson(6, 2.28767e-3),
  watson(9, 1.39976e-6),
  watson(12, 4.72238e-10),
  problem("21 Rosenbrock, n = 10", repeated(10, -1.2, 1), [0], rosenbrock),
  problem("22 Powell, singular, n = 12", repeated(12, 3, -1, 0, 1), [0], powell),
  penalty1(4, 2.24997e-5),
  penalty1(10, 7.08765e-5),
  penalty2(4, 9.37629e-6),
  penalty2(10, 2.9366e-4),
  problem("25 variable dimension, n = 10", i(10).div(-10).add(1), [0], (x) => {
    const sum = x.sub(1).mul(i(10)).sum().expandDims(0);
    return concatenate([x.sub(1), sum, sum.square()]);
  }),
  problem("26 trigonometric, n = 10", full([10], 0.1), [0, 2.79506e-5], (x) =>
    x
      .cos()
      .sum()
      .neg()
      .add(10)
      .add(x.cos().neg().add(1).mul(i(10)))
      .sub(x.sin()),
  ),
  problem("27 Brown, almost linear, n = 10", full([10], 0.5), [0, 1], (x) =>
    concatenate([x.slice([0, -1]).add(x.sum()).sub(11), x.prod().sub(1).expandDims(0)]),
  ),
  problem("28 boundary values, n = 10", grid(10).mul(grid(10).sub(1)), [0], (x) => {
    const [before, after] = padded(x);
    return x
      .mul(2)
      .sub(before)
      .sub(after)
      .add(
        x
          .add(grid(10))
          .add(1)
          .pow(3)
          .div(2 * 11 ** 2),
      );
  }),
  problem("29 integral equation, n = 10", grid(10).mul(grid(10).sub(1)), [0], (x) => {
    const t = grid(10);
    const cube = x.add(t).add(1).pow(3);
    const [below, above] = [tril(ones([10, 10])).matmul(t.mul(cube)), triu(ones([10, 10]), 1).matmul(t.neg().add(1).mul(cube))];
    return x.add(t.neg().add(1).mul(below).add(t.mul(above)).div(22));
  }),
  problem("30 Broyden, tridiagonal, n = 10", full([10], -1), [0], (x) => {
    const [before, after] = padded(x);
    return x.mul(-2).add(3).mul(x).sub(before).sub(after.mul(2)).add(1);
  }),
  problem("31 Broyden, banded, n = 10", full([10], -1), [0], (x) =>
    x
      .square()
      .mul(5)
      .add(2)
      .mul(x)
      .add(1)
      .sub(band.matmul(x.add(1).mul(x))),
  ),
  problem("32 linear, full rank", ones([10]), [10], (x) =>
    concatenate([x, zeros([10])])
      .sub(x.sum().div(10))
      .sub(1),
  ),
  problem("33 linear, rank 1", ones([10]), [(20 * 19) / (2 * 41)], (x) => i(20).mul(i(10).mul(x).sum()).sub(1)),
  problem("34 linear, rank 1, zero columns and rows", ones([10]), [(400 + 60 - 6) / (2 * 37)], (x) => {
    const sum = i(10).mul(x).slice([1, -1]).sum();
    return concatenate([zeros([1]), i(18).mul(sum), zeros([1])]).sub(1);
  }),
  chebyquad(7, 0),
  chebyquad(8, 3.51687e-3),
  chebyquad(9, 0),
];
