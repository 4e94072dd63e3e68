import {
  array,
  betainc,
  bincount,
  concatenate,
  convolve,
  diff,
  einsum,
  exp,
  foriLoop,
  gammainc,
  grad,
  histogram,
  linalg,
  median,
  type NDArray,
  ones,
  stack,
  topK,
  unique,
  valueAndGrad,
  vjp,
} from "@ad/core";
import { fft, rfft } from "@ad/fft";
import { jvp } from "@ad/forward";
import { hessian, jacobian, jvpMany, valueAndJacobian } from "@ad/functional";
import { jit } from "@ad/jit";
import * as random from "@ad/random";
import { leastSquares, minimize } from "@ad/solve";
import { vmap } from "@ad/vmap";
import { sequence, sequenceGradient } from "../programs/models.js";
import { normals } from "../tour/random.js";

export interface Case {
  readonly name: string;
  readonly run: () => unknown;
  /** The number of operations in one run: the time is given for one of them. */
  readonly operations?: number;
  /** Floating-point operations of one run. */
  readonly flops?: number;
  /** Microseconds that the repository sets itself as a ceiling. */
  readonly ceiling?: number;
  /** A case before it in the group, and how many times its time the repository sets itself as a ceiling. */
  readonly against?: { readonly name: string; readonly ceiling: number };
}
export interface Group {
  readonly title: string;
  readonly cases: readonly Case[];
}

const normal = normals(1);

/** The cost of one operation where its elements cost next to nothing. */
function overhead(): Group {
  const x = normal([10]);
  const y = normal([10]);
  const one = ones([10]);
  const length = 100;
  const chain =
    (step: (x: NDArray, at: number) => NDArray) =>
    (x: NDArray): NDArray => {
      for (let i = 0; i < length; i++) x = step(x, i);
      return x;
    };
  const forwardAndBackward = (name: string, step: (x: NDArray, at: number) => NDArray): Case => {
    const f = chain(step);
    return { name, run: () => vjp(f, x)[1](one), operations: length, ceiling: 2 };
  };
  const mixed = chain((x, i) => (i % 2 === 0 ? x.sin() : x.mul(y)));
  const rows = normal([4, 10]);
  const bySlices = (all: NDArray): NDArray => chain((x, i) => x.mul(all.slice(i % 4)))(x);
  return {
    title: "10 elements, per operation",
    cases: [
      { name: "eager, unary: sin", run: () => x.sin() },
      { name: "eager, binary: mul", run: () => x.mul(y) },
      { name: "eager, chain of 100: sin, mul", run: () => mixed(x), operations: length },
      forwardAndBackward("forward and backward, chain of 100: sin", (x) => x.sin()),
      forwardAndBackward("forward and backward, chain of 100: mul", (x) => x.mul(y)),
      forwardAndBackward("forward and backward, chain of 100: sigmoid", (x) => x.sigmoid()),
      forwardAndBackward("forward and backward, chain of 100: sin, mul", (x, i) => (i % 2 === 0 ? x.sin() : x.mul(y))),
      { name: "forward and backward, 100 slices of one array: slice, mul", run: () => vjp(bySlices, rows)[1](one), operations: 2 * length },
      { name: "vjp of one operation, with its pullback: sin", run: () => vjp((x: NDArray) => x.sin(), x)[1](one) },
      { name: "grad of one operation: sum", run: () => grad((x) => x.sum())(x) },
    ],
  };
}

function matrices(): Group {
  const sizes = [64, 256, 512];
  return {
    title: "matmul",
    cases: (["float64", "float32"] as const).flatMap((dtype) =>
      sizes.map((n): Case => {
        const [x, y] = [normal([n, n]).astype(dtype), normal([n, n]).astype(dtype)];
        return { name: `${dtype}, ${n}`, run: () => x.matmul(y), flops: 2 * n ** 3 };
      }),
    ),
  };
}

function elementwise(): Group {
  const chain = (x: NDArray): NDArray => x.sin().mul(x).add(exp(x.square().neg())).tanh();
  const gradient = grad((x) => chain(x).sum());
  return {
    title: "tanh(sin(x)·x + exp(−x²)), 1e6 elements",
    cases: (["float64", "float32"] as const).flatMap((dtype): Case[] => {
      const x = normal([1e6]).astype(dtype);
      return [
        { name: `${dtype}, value`, run: () => chain(x) },
        { name: `${dtype}, gradient of its sum`, run: () => gradient(x) },
      ];
    }),
  };
}

function sums(): Group {
  return {
    title: "sum of 1000 × 1000",
    cases: (["float64", "float32"] as const).flatMap((dtype) => {
      const x = normal([1000, 1000]).astype(dtype);
      return [0, 1].map((axis): Case => ({ name: `${dtype}, axis ${axis}`, run: () => x.sum(axis) }));
    }),
  };
}

/** Of short and middle lines, as programs have them; src/micro/reductions.ts has all kinds beside PyTorch. */
function reductions(): Group {
  const x = normal([200_000]);
  const [pairs, rows] = [x.reshape(2, 100_000), x.reshape(2000, 100)];
  const singles = x.astype("float32");
  const [whole, counts] = [pairs.mul(1000).astype("int32"), x.reshape(50_000, 4).mul(10).astype("int32")];
  return {
    title: "reductions of 200 000 elements",
    cases: [
      { name: "float64, max of lines of 100", run: () => rows.max(1) },
      { name: "float64, prod of lines of 4", run: () => x.reshape(50_000, 4).prod(1) },
      { name: "float64, logsumexp of [2, 100000], axis 0", run: () => pairs.logsumexp(0) },
      { name: "float64, softmax of [2, 100000], axis 0", run: () => pairs.softmax(0) },
      { name: "float64, sum of lines of 10", run: () => x.reshape(20_000, 10).sum(1) },
      { name: "float64, sum of [1250, 10, 16], axis 1", run: () => x.reshape(1250, 10, 16).sum(1) },
      { name: "float32, sum of lines of 10", run: () => singles.reshape(20_000, 10).sum(1) },
      { name: "float32, max of [3, 66666], axis 0", run: () => singles.slice([0, 199_998]).reshape(3, 66_666).max(0) },
      { name: "float64, max of [1250, 10, 16], axis 1", run: () => x.reshape(1250, 10, 16).max(1) },
      { name: "float64, prod of [1250, 10, 16], axis 1", run: () => x.reshape(1250, 10, 16).prod(1) },
      { name: "float64, softmax of lines of 16", run: () => x.reshape(12_500, 16).softmax(1) },
      { name: "float32, softmax of lines of 100", run: () => singles.reshape(2000, 100).softmax(1) },
      { name: "float64, logsumexp of [1250, 10, 16], axis 1", run: () => x.reshape(1250, 10, 16).logsumexp(1) },
      { name: "int32, max of [2, 100000], axis 0", run: () => whole.max(0) },
      { name: "int32, sum of lines of 4", run: () => counts.sum(1) },
      { name: "int32, sum of all", run: () => whole.sum() },
    ],
  };
}

function jacobians(): Group {
  const w1 = normal([50, 100]).div(Math.sqrt(50));
  const w2 = normal([100, 50]).div(Math.sqrt(100));
  const f = (x: NDArray): NDArray => x.matmul(w1).tanh().matmul(w2).tanh();
  const x = normal([50]);
  const tangents = normal([256, 50]);
  const list = Array.from({ length: 256 }, (_, i) => array(tangents.slice(i)));
  return {
    title: "tanh network 50 → 100 → 50, float64",
    cases: [
      { name: "jacobian", run: () => jacobian(f)(x) },
      { name: "jacobian, vectorize: false", run: () => jacobian(f, { vectorize: false })(x) },
      { name: "256 JVPs, jvpMany", run: () => jvpMany(f, [x], [tangents]) },
      { name: "256 JVPs, loop of jvp", run: () => list.map((v) => jvp(f, [x], [v])) },
    ],
  };
}

/** The cost of vmap, which finds out for each operation how to do it for all lanes. */
function batches(): Group {
  const lanes = 1024;
  const steps = 100;
  const both = (name: string, shape: readonly number[], step: (x: NDArray, c: NDArray, at: number) => NDArray): Case[] => {
    const [xs, c] = [normal([lanes, ...shape]), normal(shape)];
    const f = (x: NDArray): NDArray => {
      for (let i = 0; i < steps; i++) x = step(x, c, i);
      return x;
    };
    const byHand = `${name}, written for the batch`;
    return [
      { name: byHand, run: () => f(xs) },
      { name: `${name}, vmap`, run: () => vmap(f)(xs), against: { name: byHand, ceiling: 1.5 } },
    ];
  };
  const flat = (x: NDArray, c: NDArray, at: number): NDArray => (at % 2 === 0 ? x.mul(c).add(0.1) : x.mul(0.5).sub(c));
  const curved = (x: NDArray, c: NDArray, at: number): NDArray => (at % 2 === 0 ? x.tanh().mul(c) : x.square().sub(c));
  return {
    title: `200 operations on ${lanes} lanes, float64`,
    cases: [
      ...both("numbers: mul, add, sub", [], flat),
      ...both("rows of 16: mul, add, sub", [16], flat),
      ...both("rows of 16: tanh, mul, square, sub", [16], curved),
    ],
  };
}

function draws(): Group {
  const from = random.key(0);
  return {
    title: "1e6 normal numbers",
    cases: (["float64", "float32"] as const).map((dtype): Case => ({ name: dtype, run: () => random.normal(from, [1e6], { dtype }) })),
  };
}

/** peers/scipy_fft.py times the same with SciPy. */
function transforms(): Group {
  const n = 2 ** 20;
  const z = { re: normal([n]), im: normal([n]) };
  const lines = { re: z.re.reshape(2 ** 10, 2 ** 10), im: z.im.reshape(2 ** 10, 2 ** 10) };
  return {
    title: "Fourier transforms of 2^20 numbers, float64",
    cases: [
      { name: "fft", run: () => fft(z), flops: 5 * n * 20 },
      { name: "rfft", run: () => rfft(z.re), flops: 2.5 * n * 20 },
      { name: "fft of 2^10 lines", run: () => fft(lines), flops: 5 * n * 10 },
      { name: "fft of 2^10 columns", run: () => fft(lines, { axis: 0 }), flops: 5 * n * 10 },
    ],
  };
}

/** peers/numpy_everyday.py times the same with NumPy and SciPy. */
function everyday(): Group {
  const x = normal([1e6]);
  const whole = x.mul(300).abs().minimum(999).astype("int32");
  const part = x.slice([0, 1e5]).sin().abs();
  const kernel = normal([31]);
  return {
    title: "everyday names, 1e6 elements (betainc and gammainc 1e5), float64",
    cases: [
      { name: "diff", run: () => diff(x).data() },
      { name: "histogram of 100 bins", run: () => histogram(x, 100) },
      { name: "bincount", run: () => bincount(whole) },
      { name: "unique", run: () => unique(x) },
      { name: "median", run: () => median(x).item() },
      { name: "topK of 10", run: () => topK(x, 10).values.data() },
      { name: "sort", run: () => x.sort() },
      { name: "convolve with 31", run: () => convolve(x, kernel).data() },
      { name: "gammainc", run: () => gammainc(2.5, part) },
      { name: "betainc", run: () => betainc(2.5, 3.5, part) },
    ],
  };
}

/** The costs with which programs lost their time: a row for each cause, so that a change that brings one back is seen. Imports and memory have benches of their own. */
function causes(): Group {
  const [blocks, lines] = [normal([44_800, 3, 3]), normal([63_686, 3])];
  const [long, other] = [normal([190_000]), normal([190_000])];
  const [table, column, square] = [normal([31_843, 11]), normal([1000, 1]), normal([1000, 1000])];
  const [narrow, wide] = [normal([20_000, 4]), normal([4, 64])];
  const [points10, roots] = [normal([25, 1000, 10]), normal([25, 10, 10])];
  const heads = normal([8, 16, 8, 4]).swapaxes(1, 2);
  const [observed, observed3, thirds] = [normal([31_843, 15]), normal([31_843, 3]), normal([3, 31_843])];
  const four = [1, 2, 3, 4].map((i) => normal([10]).mul(i));
  const lstm = [normal([2, 2, 4, 14]), normal([3, 14]), normal([256, 14]).greater(0).astype("float64")] as const;
  const at = array(Int32Array.from({ length: 31_843 }, (_, i) => (7 * i) % 7776));
  const points = normal([7776, 3]);
  const slices = (n: number): Case["run"] => {
    const x = normal([n]);
    const gradient = grad((x: NDArray) => {
      let sum = x.slice(0);
      for (let i = 1; i < n; i++) sum = sum.add(x.slice(i).square());
      return sum;
    });
    return () => gradient(x);
  };
  const parts = grad((x: NDArray) => {
    const columns = Array.from({ length: 11 }, (_, i) => x.slice(":", i).sin());
    return stack(columns).sum();
  });
  const energy = (x: NDArray): NDArray => x.square().sum().mul(x.sin().sum());
  return {
    title: "causes of slow programs, float64",
    cases: [
      { name: "sum [44800, 3, 3], axis 1", run: () => blocks.sum(1) },
      { name: "max [44800, 3, 3], axis 1", run: () => blocks.max(1) },
      { name: "max [63686, 3], axis 1", run: () => lines.max(1) },
      { name: "logsumexp [63686, 3], axis 1", run: () => lines.logsumexp(1) },
      { name: "gradient through 11 columns of one array", run: () => parts(table) },
      { name: "add, 1.5 MB", run: () => long.add(other) },
      { name: "column + row", run: () => column.add(square.slice(0)) },
      { name: "matrix + column", run: () => square.add(column) },
      { name: "matrix + transposed matrix", run: () => square.add(square.T) },
      { name: "matrix + row", run: () => square.add(square.slice(0)) },
      { name: "matrix + matrix, both transposed", run: () => square.T.add(square.T) },
      { name: "3 of 11 columns, times 2", run: () => table.slice(":", [3, 6]).mul(2) },
      { name: "column · column of [31843, 3]", run: () => observed3.slice(":", 0).mul(observed3.slice(":", 1)) },
      { name: "column · column of [31843, 15]", run: () => observed.slice(":", 0).mul(observed.slice(":", 1)) },
      { name: "[31843, 3] · [31843, 1]", run: () => observed3.mul(observed.slice(":", [0, 1])) },
      { name: "concatenate to [31843, 15]", run: () => concatenate([table, observed3, observed.slice(":", [0, 1])], 1) },
      {
        name: "stack of three lines of 31843",
        run: () =>
          stack(
            [0, 1, 2].map((i) => thirds.slice(i)),
            1,
          ),
      },
      { name: "take of 31843 rows of 3", run: () => points.take(at) },
      { name: "product [20000, 4] · [4, 64]", run: () => narrow.matmul(wide), flops: 2 * 20_000 * 4 * 64 },
      { name: "product [100, 4] · [4, 64]", run: () => narrow.slice([0, 100]).matmul(wide), flops: 2 * 100 * 4 * 64 },
      { name: "products [25, 1000, 10] · [25, 10, 10]", run: () => points10.matmul(roots), flops: 2 * 250_000 * 10 },
      {
        name: "einsum of these products",
        run: () => einsum("bij,bjk->bik", points10, roots),
        against: { name: "products [25, 1000, 10] · [25, 10, 10]", ceiling: 1.1 },
      },
      {
        name: "64 products [16, 4] · [4, 16]",
        run: () => heads.matmul(heads.swapaxes(2, 3)),
        flops: 2 * 64 * 16 * 16 * 4,
      },
      { name: "matmul of 256", run: () => square.slice([0, 256], [0, 256]).matmul(square.slice([0, 256], [256, 512])) },
      {
        name: "einsum of 256",
        run: () => einsum("ij,jk->ik", square.slice([0, 256], [0, 256]), square.slice([0, 256], [256, 512])),
        against: { name: "matmul of 256", ceiling: 1.1 },
      },
      {
        name: "matmul with transposed weights",
        run: () => square.slice([0, 256], [0, 256]).matmul(square.slice([0, 256], [256, 512]).T),
        against: { name: "matmul of 256", ceiling: 1.5 },
      },
      { name: "product [20000, 3] · [3, 3]", run: () => lines.slice([0, 20_000]).matmul(blocks.slice(0)), flops: 2 * 20_000 * 9 },
      { name: "mul of 256 × 1000", run: () => square.slice([0, 256]).mul(square.slice([256, 512])) },
      {
        name: "einsum without a sum",
        run: () => einsum("ij,ij->ij", square.slice([0, 256]), square.slice([256, 512])),
        against: { name: "mul of 256 × 1000", ceiling: 1.1 },
      },
      { name: "1 of 11 columns, sin", run: () => table.slice(":", 3).sin() },
      { name: "Jacobian of 1000", run: () => jacobian((x: NDArray) => x.sin().mul(x.sum()))(square.slice(0)) },
      { name: "stack of four", run: () => stack(four) },
      { name: "concatenate of four", run: () => concatenate(four) },
      { name: "gradient of a stack of four", run: () => grad((x) => stack([x, x, x, x]).sum())(four[0]) },
      { name: "LSTM, value", run: () => sequence(...lstm) },
      { name: "LSTM, gradient", run: () => sequenceGradient(...lstm), against: { name: "LSTM, value", ceiling: 4 } },
      { name: "gradient of 1000 slices", run: slices(1000) },
      { name: "gradient of 4000 slices", run: slices(4000), against: { name: "gradient of 1000 slices", ceiling: 5 } },
      {
        name: "Hessian of 400",
        run: (
          (x) => () =>
            hessian(energy)(x)
        )(normal([400])),
      },
    ],
  };
}

/** The time that a solver adds, under jit, to that of the function of 10 unknowns that it evaluates: three bells and a height, at 500 points. */
function solvers(): Group {
  const points = 500;
  const t = array(Float64Array.from({ length: points }, (_, i) => i / points));
  const model = (p: NDArray): NDArray =>
    [0, 3, 6].reduce(
      (sum, at) => {
        const [size, centre, width] = [0, 1, 2].map((i) => p.slice(at + i));
        return sum.add(size.mul(t.sub(centre).div(width).square().neg().exp()));
      },
      p.slice(9).broadcastTo([points]),
    );
  const truth = array([1, 0.2, 0.1, 0.8, 0.5, 0.15, 1.2, 0.8, 0.08, 0.3]);
  const data = model(truth).add(t.mul(900).sin().mul(0.01));
  const start = truth.add([0.2, 0.03, 0.02, -0.2, 0.03, 0.03, 0.2, -0.02, 0.02, 0.1]);
  const residuals = (p: NDArray): NDArray => model(p).sub(data);
  const misfit = (p: NDArray): NDArray => residuals(p).square().sum();
  const count = 20;
  /** A program that asks a function many times, each time elsewhere, and has all that it gives as arrays. */
  const asked = (f: (p: NDArray) => readonly NDArray[]): (() => readonly NDArray[]) => {
    const run = jit((p: NDArray) => foriLoop(0, count, (_, [own]: readonly NDArray[]) => [own.mul(1.0001), ...f(own)], [p, ...f(p)]));
    return () => run(start);
  };
  const [both, slope] = [valueAndJacobian(residuals, { strategy: "forward" }), valueAndGrad(misfit)];
  const solver = (name: string, than: string, run: (p: NDArray) => { readonly x: NDArray; readonly evaluations: number }): Case => {
    const solve = jit((p: NDArray) => {
      const { x, evaluations } = run(p);
      return [x, evaluations] as const;
    });
    // Inside of jit the count is an array.
    const operations = array(solve(start)[1]).item<number>();
    return { name, operations, run: () => solve(start), against: { name: than, ceiling: 1.3 } };
  };
  const [jacobian, gradient] = ["residuals and Jacobian", "value and gradient"];
  return {
    title: "solvers of 10 unknowns, under jit, an evaluation",
    cases: [
      { name: jacobian, operations: count + 1, run: asked(both) },
      solver("leastSquares, lm", jacobian, (p) => leastSquares(residuals, p)),
      solver("leastSquares, dogleg", jacobian, (p) => leastSquares(residuals, p, { method: "dogleg" })),
      { name: gradient, operations: count + 1, run: asked(slope) },
      solver("minimize, lbfgs", gradient, (p) => minimize(misfit, p, { method: "lbfgs", gtol: 1e-6 })),
      solver("minimize, bfgs", gradient, (p) => minimize(misfit, p, { gtol: 1e-6 })),
    ],
  };
}

/** Factorisations of many small matrices and of large ones, beside their derivatives and a matrix of a low rank. */
function factorisations(): Group {
  const [threes, tens, large] = [normal([1000, 3, 3]), normal([200, 10, 10]), normal([200, 200])];
  const tall = normal([1000, 50]);
  const low = normal([200, 5]).matmul(normal([5, 200]));
  const symmetric = (x: NDArray): NDArray => x.add(x.swapaxes(-1, -2));
  const values = (x: NDArray): NDArray => linalg.eigh(symmetric(x)).values;
  const gradient = (f: (x: NDArray) => NDArray) => grad((x: NDArray) => f(x).square().sum());
  const [slope, distance] = [gradient((x) => linalg.eigh(symmetric(x)).vectors), gradient((x) => linalg.svd(x).u.sum(-1))];
  const sizes: [string, NDArray][] = [
    ["[1000, 3, 3]", threes],
    ["[200, 10, 10]", tens],
    ["[200, 200]", large],
  ];
  return {
    title: "factorisations",
    cases: [
      ...sizes.flatMap(([size, x]) => [
        { name: `qr of ${size}`, run: () => linalg.qr(x) },
        { name: `eigh of ${size}`, run: () => values(x) },
        { name: `svd of ${size}`, run: () => linalg.svd(x) },
      ]),
      { name: "eigh of [200, 200], gradient", run: () => slope(large), against: { name: "eigh of [200, 200]", ceiling: 3 } },
      { name: "svd of [200, 200], gradient", run: () => distance(large), against: { name: "svd of [200, 200]", ceiling: 2 } },
      { name: "svd of rank 5", run: () => linalg.svd(low), against: { name: "svd of [200, 200]", ceiling: 2 } },
      { name: "qr of [1000, 50]", run: () => linalg.qr(tall) },
      { name: "expm of [200, 10, 10]", run: () => linalg.expm(tens) },
    ],
  };
}

/** Made one by one, so that no group's arrays weigh on another one's garbage collection. */
export const groups: readonly (() => Group)[] = [
  overhead,
  matrices,
  elementwise,
  sums,
  reductions,
  jacobians,
  batches,
  draws,
  transforms,
  factorisations,
  everyday,
  causes,
  solvers,
];
