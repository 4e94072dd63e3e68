import { arange, array, checkpoint, cond, DTypeError, grad, type NDArray, ShapeError, scan, TreeError } from "@ad/core";
import { fails } from "@ad/expect";
import { vmap } from "@ad/vmap";
import { expect, test } from "vitest";
import {
  ball,
  bernoulli,
  beta,
  binomial,
  bits,
  categorical,
  choice,
  dirichlet,
  exponential,
  foldIn,
  gamma,
  key,
  multivariateNormal,
  normal,
  orthogonal,
  permutation,
  poisson,
  rademacher,
  randint,
  shuffle,
  split,
  studentT,
  truncatedNormal,
  uniform,
} from "../src/index.js";

const k = key(3);
const samplers: Readonly<Record<string, (key: NDArray) => NDArray>> = {
  split: (key) => split(key, 3),
  foldIn: (key) => foldIn(key, 5),
  bits: (key) => bits(key, [3]),
  uniform: (key) => uniform(key, [3], { min: -1 }),
  normal: (key) => normal(key, [3], { dtype: "float32" }),
  truncatedNormal: (key) => truncatedNormal(key, [3], -1, array([1, 2, 3])),
  exponential: (key) => exponential(key, [2, 2]),
  randint: (key) => randint(key, [4], 0, array([5, 50, 500, 5000], { dtype: "int32" })),
  bernoulli: (key) => bernoulli(key, [4]),
  rademacher: (key) => rademacher(key, [4], { dtype: "float32" }),
  categorical: (key) =>
    categorical(
      key,
      [4, 2],
      [
        [0, 1, 2],
        [2, 1, 0],
      ],
    ),
  poisson: (key) => poisson(key, [3], array([0.5, 5, 50])),
  binomial: (key) => binomial(key, [3], array([10, 20, 500]), 0.4),
  permutation: (key) => permutation(key, 6),
  shuffle: (key) =>
    shuffle(
      key,
      [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
      1,
    ),
  choice: (key) => choice(key, [3], 9, { replace: false }),
  "choice by weights": (key) => choice(key, [3], [1, 2, 4], { p: [0.2, 0.3, 0.5] }),
  gamma: (key) => gamma(key, [3], array([0.3, 1, 4])),
  beta: (key) => beta(key, [3], 2, 0.5),
  dirichlet: (key) => dirichlet(key, [2], [1, 2, 3]),
  studentT: (key) => studentT(key, [3], 4),
  multivariateNormal: (key) =>
    multivariateNormal(
      key,
      [2],
      [1, 2],
      [
        [2, 1],
        [1, 2],
      ],
    ),
  orthogonal: (key) => orthogonal(key, [], 2),
  ball: (key) => ball(key, [2], 3),
};
const named = Object.entries(samplers);

test.each(named)("%s gives the same for the same key, another for another, and uses it in each lane", (_, draw) => {
  expect(draw(k)).toEqual(draw(key(3)));
  const keys = split(k, 12);
  const lanes = vmap(draw)(keys);
  const alone = Array.from({ length: 12 }, (_, i) => draw(keys.slice(i)));
  for (let i = 0; i < 12; i++) expect(lanes.slice(i)).toEqual(alone[i]);
  expect(new Set(alone.map((x) => x.toString())).size).toBeGreaterThan(1);
  // A batch of batches.
  expect(vmap(vmap(draw))(keys.reshape(3, 4, 2)).reshape([...lanes.shape])).toEqual(lanes);
});

test.each(named)("%s refuses what is no key", (name, draw) => {
  const op = name.split(" ")[0];
  fails(() => draw(array([1, 2])), DTypeError, `${op}: an array of shape [2] and dtype float64 is no key`);
  for (const wrong of [array([1, 2, 3], { dtype: "int32" }), split(k, 4)]) fails(() => draw(wrong), ShapeError, `${op}: an array of shape`);
});

test("one key in all lanes gives each lane the same", () => {
  const x = vmap((a: NDArray) => gamma(k, [], a))(array([2, 2, 2]));
  expect(x.toArray()).toEqual([0, 0, 0].map(() => gamma(k, [], 2).item()));
});

test("a lane that does not draw may have parameters and seeds that would be refused", () => {
  const draws: readonly ((x: NDArray) => NDArray)[] = [(x) => gamma(k, [], x), (x) => normal(foldIn(k, x))];
  for (const draw of draws) {
    const f = (x: NDArray): NDArray =>
      cond(
        x.greater(0),
        () => draw(x),
        () => x,
      );
    expect(vmap(f)(array([2, -0.3])).toArray()).toEqual([draw(array(2)).item(), -0.3]);
  }
});

test("a walk draws in each step of scan, alone, in a batch and under grad", () => {
  const walk = (start: NDArray, from: NDArray): NDArray => {
    const step = ([k, x]: readonly NDArray[]): [NDArray[], NDArray] => {
      const [next, own] = split(k);
      const y = x.mul(0.9).add(normal(own));
      return [[next, y], y];
    };
    return scan(step, [from, start], arange(4))[1];
  };
  const ends = walk(array(1), k);
  let [from, x] = [k, array(1)];
  for (let i = 0; i < 4; i++) {
    const [next, own] = split(from);
    x = x.mul(0.9).add(normal(own));
    expect(ends.slice(i).item()).toBe(x.item());
    from = next;
  }
  const keys = split(k, 3);
  expect(vmap(walk, { inAxes: [null, 0] })(array(1), keys).slice(2)).toEqual(walk(array(1), keys.slice(2)));
  expect(grad((start: NDArray) => walk(start, k).slice(3))(array(1)).item()).toBeCloseTo(0.9 ** 4, 14);
  expect(grad(checkpoint((a: NDArray) => gamma(k, [], a)))(2).item()).toBe(grad((a: NDArray) => gamma(k, [], a))(2).item());
});

test("keys are made and folded inside of a batch", () => {
  const seeds = arange(0, 5, 1, { dtype: "int32" });
  expect(vmap(key)(seeds)).toEqual(array([0, 1, 2, 3, 4].map((i) => key(i))));
  expect(vmap(key)(arange(5))).toEqual(vmap(key)(seeds));
  expect(vmap((i: NDArray) => foldIn(k, i))(seeds)).toEqual(array([0, 1, 2, 3, 4].map((i) => foldIn(k, i))));
});

test("the dtype may be that of an array", () => {
  const noise = (x: NDArray): NDArray => x.add(normal(k, x.shape, { dtype: x.dtype }));
  expect(noise(array([1, 2], { dtype: "float32" })).dtype).toBe("float32");
  expect(noise(array([1, 2])).dtype).toBe("float64");
});

test.each<[string, () => unknown, new (message?: string) => Error, string]>([
  ["a seed that is no whole number", () => key(0.5), DTypeError, "key: the seed is 0.5 (number)"],
  ["a seed that is too large", () => key(2 ** 53), DTypeError, "at most 53 bits"],
  ["several seeds", () => key([1, 2]), DTypeError, "shape [2]"],
  ["a string", () => key("1" as never), DTypeError, "key: "],
  ["a negative length", () => normal(k, [-1]), ShapeError, "normal: the shape is [-1]"],
  ["half a length", () => split(k, 1.5), ShapeError, "split: the shape is [1.5]"],
  [
    "a dtype that is not floating",
    () => uniform(k, [2], { dtype: "int32" }),
    DTypeError,
    "uniform: dtype is int32; use float64 or float32.",
  ],
  ["a dtype that is none", () => normal(k, [2], { dtype: "half" as never }), DTypeError, "normal: dtype is"],
  ["an unknown option", () => uniform(k, [2], { low: 1 } as never), TreeError, "uniform: there is no option"],
  ["a parameter that is larger than the shape", () => gamma(k, [2], [1, 2, 3]), ShapeError, "gamma: "],
  ["a parameter with more axes", () => gamma(k, [], [1, 2, 3]), ShapeError, "do not broadcast to the shape []"],
  ["alpha = 0", () => gamma(k, [2], [1, 0]), DTypeError, "gamma: alpha is 0; give numbers above 0."],
  ["a negative b", () => beta(k, [], 1, -1), DTypeError, "beta: b is -1"],
  ["df below 0", () => studentT(k, [], -2), DTypeError, "studentT: df is -2"],
  ["a probability above 1", () => bernoulli(k, [2], 1.5), DTypeError, "bernoulli: p is 1.5; give numbers from 0 to 1."],
  ["a negative rate", () => poisson(k, [2], -1), DTypeError, "poisson: rate is -1"],
  ["a rate that is NaN", () => poisson(k, [2], Number.NaN), DTypeError, "poisson: rate is NaN; give numbers from 0 to 2 ** 30."],
  ["a probability that is NaN", () => binomial(k, [2], 10, Number.NaN), DTypeError, "binomial: p is NaN"],
  ["trials that are NaN", () => binomial(k, [2], Number.NaN, 0.5), DTypeError, "binomial: n is NaN"],
  ["a coin that is NaN", () => bernoulli(k, [2], [0.5, Number.NaN]), DTypeError, "bernoulli: p is NaN"],
  [
    "data of 33 bits",
    () => foldIn(k, 2 ** 32),
    DTypeError,
    "foldIn: data is 4294967296 (number); give one whole number of at most 32 bits.",
  ],
  ["data below 32 bits", () => foldIn(k, -(2 ** 31) - 1), DTypeError, "at most 32 bits"],
  ["bounds in the wrong order", () => truncatedNormal(k, [2], [0, 1], 0.5), DTypeError, "truncatedNormal: lower is above upper"],
  ["ends too far apart", () => uniform(k, [2], { min: -1.7e308, max: 1.7e308 }), DTypeError, "max − min is not finite"],
  [
    "ends too far apart in float32",
    () => uniform(k, [2], { min: -3e38, max: 3e38, dtype: "float32" }),
    DTypeError,
    "max − min is not finite",
  ],
  ["an infinite end", () => uniform(k, [2], { max: Infinity }), DTypeError, "max − min is not finite"],
  ["ends in the wrong order", () => uniform(k, [2], { min: [0, 1], max: 0.5 }), DTypeError, "uniform: min is above max"],
  ["half a trial", () => binomial(k, [2], 2.5, 0.5), DTypeError, "binomial: n is 2.5"],
  ["max = min", () => randint(k, [2], 3, 3), DTypeError, "randint: max is not above min"],
  ["max of 33 bits", () => randint(k, [2], 0, 2 ** 33), DTypeError, "randint: max is 8589934592"],
  [
    "more than there are",
    () => choice(k, [4], 3, { replace: false }),
    ShapeError,
    "choice: 4 of 3 elements are wanted without replacement",
  ],
  ["a choice of nothing", () => choice(k, [4], 0), ShapeError, "choice: 4 of 0 elements are wanted"],
  ["too few probabilities", () => choice(k, [4], 3, { p: [0.5, 0.5] }), ShapeError, "choice: p has the shape [2]; give [3]"],
  [
    "probabilities that are all 0",
    () => choice(k, [2], 3, { p: [0, 0, 0] }),
    DTypeError,
    "choice: of the probabilities p fewer than 1 are above 0, or one is not finite; give more, or choose fewer.",
  ],
  ["a negative probability", () => choice(k, [2], 2, { p: [2, -1] }), DTypeError, "choice: p is -1; give numbers of 0 or more."],
  ["a weight that is NaN", () => choice(k, [2], 2, { p: [2, Number.NaN] }), DTypeError, "choice: p is NaN"],
  ["an infinite weight", () => choice(k, [2], 2, { p: [2, Number.POSITIVE_INFINITY] }), DTypeError, "or one is not finite"],
  [
    "more than have a probability",
    () => choice(k, [2], 3, { p: [1, 0, 0], replace: false }),
    DTypeError,
    "choice: of the probabilities p fewer than 2 are above 0",
  ],
  [
    "outcomes that are never drawn",
    () => categorical(k, [], [-Infinity, -Infinity]),
    DTypeError,
    "categorical: the largest of some logits is NaN or infinite",
  ],
  [
    "a logit that is NaN",
    () =>
      categorical(k, undefined, [
        [0, 1],
        [0, Number.NaN],
      ]),
    DTypeError,
    "the largest of some logits is NaN",
  ],
  ["a covariance of another size", () => multivariateNormal(k, [], [1, 2], [[1]]), ShapeError, "give [..., 2, 2]"],
  ["alpha without an axis", () => dirichlet(k, [], 1), ShapeError, "dirichlet: alpha is"],
  ["no dimension", () => ball(k, [2], 0), ShapeError, "ball: n is 0"],
  ["half a row", () => orthogonal(k, [], 2.5), ShapeError, "orthogonal: n is 2.5"],
  ["a number of x that is no n", () => permutation(k, -1), ShapeError, "permutation: n is -1"],
])("%s is refused", (_, run, Class, text) => fails(run, Class, text));
