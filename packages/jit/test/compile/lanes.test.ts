import { array, concatenate, type DType, eye, type NDArray, zeros } from "@ad/core";
import { type Graph, Graph as GraphOf, type Params } from "@ad/core/internals/trace";
import { jacobian } from "@ad/functional";
import { vmap } from "@ad/vmap";
import { expect, test } from "vitest";
import { graphOf } from "../passes/programs.js";
import { below, checkCompiled, kindsOf } from "./programs.js";

const n = 70;
const filled = (seed: number, shape: readonly number[], dtype: DType = "float64"): NDArray =>
  array(
    Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => ((i * 7919 + seed * 104729) % 97) / 24 - 2),
    { shape },
  ).astype(dtype);
const rows = array(Int32Array.from({ length: n }, (_, i) => (i * 3) % 5));

/** A function of [5, 3], [n, 3] and [n, 2, 3] that is full of what lanes are made of. */
function randomFunction(seed: number): (...inputs: NDArray[]) => NDArray[] {
  return (...inputs) => {
    const next = below(seed);
    const pool = [...inputs.slice(1), inputs[0].take(rows), zeros([n]).add(inputs[1].sum(1))];
    const any = (): NDArray => pool[next(pool.length)];
    const of = (rank: number): NDArray => {
      const found = pool.filter(({ ndim }) => ndim === rank);
      return found[next(found.length)];
    };
    const as = (x: NDArray, shape: readonly number[]): NDArray => x.reshape(n, ...shape.slice(1).map(() => 1)).broadcastTo(shape);
    const pair = (): [NDArray, NDArray] => {
      const x = any();
      const same = pool.filter(({ shape }) => String(shape) === String(x.shape));
      return [x, next(3) ? same[next(same.length)] : as(of(1), x.shape)];
    };
    const steps: (() => NDArray)[] = [
      () => ((p) => p[0].add(p[1]))(pair()),
      () => ((p) => p[0].sub(p[1]))(pair()),
      () => ((p) => p[0].mul(p[1]))(pair()),
      () => ((p) => p[0].maximum(p[1]))(pair()),
      () => ((p) => p[0].less(p[1]).where(p[1], p[0].mul(0.5)))(pair()),
      () => any().mul([0, 1, -2][next(3)]),
      () => any().neg(),
      () => any().square().mul(0.1),
      () => any().abs().add(1).reciprocal(),
      () => of(1).sin(),
      () => any().tanh(),
      () => of(2).sum(1),
      () => of(3).sum(next(2) + 1),
      () => of(3).max(2),
      () => of(3).sum([1, 2]),
      () => of(2).min(1),
      () => ((x) => x.slice(":", [0, x.shape[1], 2]))(of(2)),
      () => ((x) => x.slice(":", [null, null, -1]))(of(2)),
      () => ((x) => x.slice(":", next(x.shape[1])))(of(3)),
      () => of(3).swapaxes(1, 2),
      () => ((x) => x.reshape(n, x.size / n))(of(3)),
      () => of(2).expandDims(1 + next(2)),
      () => ((x) => x.expandDims(1).broadcastTo([n, 2, x.shape[1]]))(of(2)),
      () => ((x) => concatenate([x, x.neg().slice(":", [0, 1])], 1))(of(2)),
      () => of(2).pad([[0, 0], [1, 2]]), // biome-ignore format: a list
      () => ((x) => x.matmul(x.swapaxes(1, 2)))(of(3)),
      () => eye(2).mul(of(1).expandDims(1).expandDims(1)),
      () => inputs[0].mul(2).take(rows),
      () => inputs[0].sum().mul(of(1)),
      () => of(2).T.sum(0),
      () => of(2).reshape(-1).slice([0, n]),
      () => any().astype("float32").astype("float64"),
    ];
    while (pool.length < 24) {
      const x = steps[next(steps.length)]();
      if (x.size <= 40 * n) pool.push(x);
    }
    return pool.slice(-8);
  };
}

const inputs = [filled(1, [5, 3]), filled(2, [n, 3]), filled(3, [n, 2, 3])];
const ofSeed = (seed: number): Graph => graphOf(randomFunction(seed), ...inputs);

test("what each lane is computed of its own is one loop", () => {
  const f = (x: NDArray, y: NDArray): NDArray => {
    const [a, b] = [x.slice(":", 0), x.slice(":", [1, 3])];
    return concatenate([b.mul(a.expandDims(1)), y.sum(2)], 1).neg();
  };
  expect(kindsOf(f, inputs[1], inputs[2])).toEqual(["lanes"]);
  const turned = (p: NDArray): NDArray => array([p.slice(0).mul(p.slice(1)), p.slice([0, 2]).square().sum()]);
  expect(kindsOf((x) => vmap(jacobian(turned))(x), inputs[1])).toEqual(["lanes"]);
});

test("lines of one length, long lanes and few lanes are left to others", () => {
  expect(kindsOf((x) => x.sin().mul(x), filled(1, [n, 3]))).toEqual(["tiles"]);
  expect(kindsOf((x) => x.slice(":", [0, 40]).neg(), filled(1, [n, 41]))).toEqual(["loop"]);
  expect(kindsOf((x) => x.slice(":", [0, 2]).neg(), filled(1, [20, 3]))).toEqual(["loop"]);
  expect(kindsOf((x) => x.sum(0), filled(1, [n, 3]))).not.toContain("lanes");
});

test("more than the engine compiles well is several loops", () => {
  const f = (x: NDArray): NDArray => {
    let y = x.slice(":", [0, 30]);
    for (let i = 0; i < 80; i++) y = y.mul(x.slice(":", [1, 31])).add(i);
    return y;
  };
  const x = filled(1, [n, 31]).mul(0.4);
  expect(kindsOf(f, x)).toEqual(["lanes", "lanes", "lanes", "lanes"]);
  checkCompiled(graphOf(f, x), [x], "long");
});

test("zeros beside a diagonal vanish", () => {
  const f = (x: NDArray): NDArray => eye(3).mul(x.expandDims(1)).mul(x.expandDims(2)).sum(2);
  const x = filled(1, [n, 3]).set([0, 0], Number.NaN);
  const own = graphOf((x) => f(x), x);
  checkCompiled(own, [filled(1, [n, 3])], "diagonal");
});

test("other dtypes", () => {
  const f = (x: NDArray, y: NDArray): NDArray[] => [
    x
      .slice(":", [1, 3])
      .mul(y.slice(":", [0, 2]))
      .sum(1),
    x.slice(":", 0).mul(1000003),
  ];
  for (const dtype of ["float32", "int32"] as const) {
    const own = [filled(1, [n, 3], dtype), filled(2, [n, 3], dtype)];
    checkCompiled(graphOf(f, ...own), own, dtype);
  }
});

test("random programs keep their results", () => {
  for (let seed = 1; seed <= 200; seed++) checkCompiled(ofSeed(seed), inputs, `seed ${seed}`);
});

test("a loop that takes an element for its neighbour is found out", () => {
  const broken = ({ inputs, equations, outputs }: Graph): Graph =>
    new GraphOf(
      inputs,
      equations.map((equation) => {
        const params = equation.params as Params<"place">;
        const isPadding = equation.operation === "place" && String(params.starts) === "0,1";
        return isPadding ? { ...equation, params: { ...params, starts: [0, 2] } } : equation;
      }),
      outputs,
    );
  expect(() => {
    for (let seed = 1; seed <= 200; seed++) checkCompiled(ofSeed(seed), inputs, `seed ${seed}`, broken);
  }).toThrow("in place of");
});
