import { array, foriLoop, grad, type NDArray, scan, stack, whileLoop, zeros } from "@ad/core";
import { hessian, jacobian, jvpMany } from "@ad/functional";
import { vmap } from "@ad/vmap";
import { numbers } from "../compare/numbers.js";
import type { DType } from "../compare/workloads.js";
import { ofObservations, type Program, programs } from "../programs/index.js";
import { classifier } from "../programs/models.js";

/** A function and what it is called with. `peers/jax_jit.py` has the same by the same name. */
export interface Case {
  readonly name: string;
  /** Only in this type, where it says so. */
  readonly dtype?: DType;
  readonly make: (dtype: DType) => { readonly f: (...args: NDArray[]) => NDArray; readonly args: readonly NDArray[] };
}

const filled = (dtype: DType, seed: number, shape: readonly number[], scale?: number): NDArray => {
  const size = shape.reduce((a, b) => a * b, 1);
  return array(numbers(seed, size, scale), { shape }).astype(dtype);
};

const chain = (x: NDArray): NDArray => x.sin().mul(x).add(x.square().neg().exp()).tanh().sum();

const ofNumbers = (name: string, size: number, f: (x: NDArray) => NDArray): Case => ({
  name,
  make: (dtype) => ({ f, args: [filled(dtype, 1, [size], 4)] }),
});

/** A case of a tanh network 50 → 100 → 50. */
const ofNetwork = (name: string, shapes: readonly (readonly number[])[], from: (f: (x: NDArray) => NDArray) => Made["f"]): Case => ({
  name,
  make: (dtype) => {
    const [w1, w2] = [filled(dtype, 1, [100, 50], 0.5), filled(dtype, 2, [50, 100], 0.5)];
    const network = (x: NDArray): NDArray => w2.matmul(w1.matmul(x).tanh()).tanh();
    return { f: from(network), args: shapes.map((shape, i) => filled(dtype, 3 + i, shape)) };
  },
});
type Made = ReturnType<Case["make"]>;

const squares =
  (f: (x: NDArray) => NDArray) =>
  (x: NDArray): NDArray =>
    f(x).square().sum();

/** A case of a state of four numbers, which is carried through a hundred steps. */
const ofLoop = (name: string, from: (f: (s: NDArray) => NDArray) => Made["f"]): Case => ({
  name,
  make: (dtype) => {
    const [w, rows] = [filled(dtype, 1, [4, 4]), filled(dtype, 2, [100, 4])];
    const run = (s: NDArray): NDArray => scan((s: NDArray, x: NDArray) => [w.matmul(s).add(x).tanh(), null], s, rows)[0].sum();
    return { f: from(run), args: [filled(dtype, 3, [4])] };
  },
});

/** The distance to two balls over a plane. */
function distance(p: NDArray): NDArray {
  const ball = (centre: readonly number[], radius: number): NDArray => p.sub(array(centre)).square().sum().sqrt().sub(radius);
  return ball([0, 0, 3], 1)
    .minimum(ball([1, 0.5, 2.5], 0.5))
    .minimum(p.slice(1).add(1));
}

/** The way of a ray to a surface, in steps as long as nothing is nearer. */
function march(direction: NDArray): NDArray {
  const ray = direction.div(direction.square().sum().sqrt());
  const zero = ray.sum().mul(0);
  return whileLoop(
    ([t, near]: [NDArray, NDArray]) => near.greater(1e-4).logicalAnd(t.less(20)),
    ([t]): [NDArray, NDArray] => {
      const near = distance(ray.mul(t));
      return [t.add(near), near];
    },
    [zero, zero.add(1)] as [NDArray, NDArray],
  )[0];
}

/** The directions of 64 × 64 rays through a screen. */
const screen = (): NDArray =>
  array(Array.from({ length: 4096 }, (_, i) => [((i % 64) - 31.5) / 32, (31.5 - Math.floor(i / 64)) / 32, 1.5]));

/** Less the logarithm of the likelihood of observed places, by the variance r of the noise: a Kalman filter of place and speed in a plane. */
function likelihood(r: NDArray, observed: NDArray): NDArray {
  const [moves, sees] = [
    array([
      [1, 0.1, 0, 0],
      [0, 1, 0, 0],
      [0, 0, 1, 0.1],
      [0, 0, 0, 1],
    ]),
    array([
      [1, 0, 0, 0],
      [0, 0, 1, 0],
    ]),
  ];
  const noise = array([0.01, 0.01, 0.01, 0.01]).diag();
  type State = [NDArray, NDArray];
  const step = ([x, p]: State, z: NDArray): [State, NDArray] => {
    const [ahead, spread] = [moves.matmul(x), moves.matmul(p).matmul(moves.T).add(noise)];
    const s = sees.matmul(spread).matmul(sees.T);
    const [a, b, c, d] = [s.slice(0, 0).add(r), s.slice(0, 1), s.slice(1, 0), s.slice(1, 1).add(r)];
    const det = a.mul(d).sub(b.mul(c));
    const inverse = stack([stack([d, b.neg()]), stack([c.neg(), a])]).div(det);
    const [gain, off] = [spread.matmul(sees.T).matmul(inverse), z.sub(sees.matmul(ahead))];
    const next: State = [ahead.add(gain.matmul(off)), spread.sub(gain.matmul(sees).matmul(spread))];
    return [next, off.matmul(inverse).matmul(off).add(det.log())];
  };
  return scan(step, [zeros([4]), noise.mul(100)] as State, observed)[1].sum();
}

/** Bodies that attract each other, a thousand steps later. */
function bodies(x: NDArray, v: NDArray): NDArray {
  const pull = (x: NDArray): NDArray => {
    const d = x.expandDims(0).sub(x.expandDims(1));
    const r = d.square().sum(-1).add(0.01);
    return d.div(r.mul(r.sqrt()).expandDims(-1)).sum(1);
  };
  const step = (_: NDArray, [x, v]: [NDArray, NDArray]): [NDArray, NDArray] => {
    const half = v.add(pull(x).mul(0.0005));
    const next = x.add(half.mul(0.001));
    return [next, half.add(pull(next).mul(0.0005))];
  };
  return stack(foriLoop(0, 1000, step, [x, v] as [NDArray, NDArray]));
}

/** The sum of the squares of all states of a gated recurrent unit. */
function gated(wx: NDArray, wh: NDArray, xs: NDArray): NDArray {
  const n = wh.shape[0];
  const part = (x: NDArray, i: number): NDArray => x.slice([i * n, (i + 1) * n]);
  const step = (h: NDArray, x: NDArray): [NDArray, NDArray] => {
    const [of, from] = [x.matmul(wx), h.matmul(wh)];
    const [r, z] = [0, 1].map((i) => part(of, i).add(part(from, i)).sigmoid());
    const next = z.mul(h).add(
      z
        .neg()
        .add(1)
        .mul(
          part(of, 2)
            .add(r.mul(part(from, 2)))
            .tanh(),
        ),
    );
    return [next, next];
  };
  return scan(step, zeros([n]).astype(wx.dtype), xs)[1]
    .square()
    .sum();
}

/** A case of a loop, in float64. */
const ofSteps = (name: string, f: Made["f"], args: () => readonly NDArray[]): Case => ({
  name,
  dtype: "float64",
  make: () => ({ f, args: args() }),
});

/** The derivative of a program that the bench beside the peers has too. */
const ofProgram = (name: string, { inputs, derivative }: Program): Case => ({
  name,
  dtype: "float64",
  make: (dtype) => ({ f: derivative, args: inputs((seed, shape, scale) => filled(dtype, seed, shape, scale)) }),
});

export const cases: readonly Case[] = [
  ofNumbers(
    "sin and its gradient, 10",
    10,
    grad((x: NDArray) => x.sin().sum()),
  ),
  ofNumbers("chain, 1000: value", 1000, chain),
  ofNumbers("chain, 1000: gradient", 1000, grad(chain)),
  ofNumbers("chain, 1e6: value", 1e6, chain),
  ofNumbers("chain, 1e6: gradient", 1e6, grad(chain)),
  ofNetwork("network: value", [[50]], (f) => f),
  ofNetwork("network: Jacobian", [[50]], (f) => jacobian(f)),
  ofNetwork("network: Hessian of |f|²", [[50]], (f) => hessian(squares(f))),
  ofNetwork("network: 256 JVPs", [[50], [256, 50]], (f) => (x, vs) => jvpMany(f, [x], [vs])[1]),
  ofNetwork("network: 256 gradients, vmap(grad)", [[256, 50]], (f) => vmap(grad(squares(f)))),
  ofLoop("scan of 100 steps: value", (f) => f),
  ofLoop("scan of 100 steps: gradient", (f) => grad(f)),
  ofSteps("4096 rays: value", vmap(march), () => [screen()]),
  ofSteps("Kalman filter, 200 steps: gradient", grad(likelihood), () => [array(0.5), filled("float64", 2, [200, 2])]),
  ofSteps("five bodies, 1000 steps: value", bodies, () => [filled("float64", 1, [5, 3], 4), filled("float64", 2, [5, 3])]),
  ofSteps("GRU, 32 units, 100 steps: gradient", grad(gated, { argnums: 1 }), () => [
    filled("float64", 1, [8, 96], 0.8),
    filled("float64", 2, [32, 96], 0.4),
    filled("float64", 3, [100, 8], 2),
  ]),
  {
    name: "network 784-256-128-10: value and gradient",
    make: (dtype) => {
      const layers = [784, 256, 128, 10];
      const weights = [1, 2, 3].flatMap((i) => [
        filled(dtype, i, [layers[i - 1], layers[i]], 4 / Math.sqrt(layers[i - 1])),
        filled(dtype, i + 3, [layers[i]]),
      ]);
      const labels = array(
        Float64Array.from({ length: 1280 }, (_, i) => +(i % 10 === Math.floor(i / 10) % 10)),
        { shape: [128, 10] },
      );
      return { f: classifier, args: [...weights, filled(dtype, 7, [128, 784]), labels.astype(dtype)] };
    },
  },
  ofProgram("Gaussian mixture, 1000 × 10, 25 parts: gradient", programs["mixture 1k 10 25"]),
  ofProgram("bundle adjustment, 1000 observations: Jacobians", ofObservations(1000, 21, 400)),
  ofProgram("bundle adjustment, 31843 observations: Jacobians", programs["bundle 31843"]),
  ofProgram("LSTM, 2 layers, 1024 characters: gradient", programs["lstm 2 1024"]),
];
