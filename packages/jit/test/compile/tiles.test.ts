import { array, type DType, type NDArray } from "@ad/core";
import { Graph, type Params } from "@ad/core/internals/trace";
import { expect, test } from "vitest";
import { compile } from "../../src/compile/index.js";
import type { Loop } from "../../src/compile/steps.js";
import { graphOf } from "../passes/programs.js";
import { below, checkCompiled, kindsOf, stepsOf } from "./programs.js";

const filled = (seed: number, shape: readonly number[], dtype: DType = "float64"): NDArray =>
  array(
    Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => ((i * 7919 + seed * 104729) % 97) / 48 - 1),
    { shape },
  ).astype(dtype);

/** Lines that are parts of a tile, fill one, and fill several; an axis around; lines that leave a rest in a vector. */
const shapes = [[3000], [300, 13], [40, 700], [6, 2100], [5, 100, 11], [3, 4, 90, 8], [130]];

/** A function of a shape that reads lines, rows, columns and single values, and adds up over axes; each seed has its own. */
function randomFunction(seed: number, shape: readonly number[]): (...inputs: NDArray[]) => NDArray[] {
  return (x, parts) => {
    const next = below(seed);
    // A value that is stretched along some of the axes.
    const stretched = (): NDArray => {
      const kept = shape.map((n) => (next(2) ? n : 1));
      return x.slice(...kept.map((n) => [0, n] as [number, number])).broadcastTo(shape);
    };
    const pool = [x, x.exp(), stretched(), parts.slice(...shape.map((n) => [1, n + 1] as [number, number])).sin()];
    const any = (): NDArray => pool[next(pool.length)];
    const some = (): number[] => shape.flatMap((_, axis) => (next(2) ? [axis] : []));
    const steps: (() => NDArray)[] = [
      () => any().sin(),
      () => any().tanh().mul(any()),
      () => any().add(stretched()),
      () => stretched().sub(any()),
      () => stretched().mul(stretched()),
      () => any().maximum(stretched()),
      () => any().less(stretched()).where(any(), any()),
      () => any().square().neg(),
    ];
    const sums: NDArray[] = [];
    for (let i = 0; i < 8; i++) {
      pool.push(steps[next(steps.length)]());
      const axes = some();
      if (axes.length > 0) sums.push((pool.at(-1) as NDArray).sum(axes));
    }
    return [...pool.slice(-3), ...sums];
  };
}

const wider = (shape: readonly number[]): number[] => shape.map((n) => n + 1);

for (const dtype of ["float64", "float32"] as const)
  for (const shape of shapes)
    test(`random programs of ${dtype}[${shape}] keep their results`, () => {
      const inputs = [filled(1, shape, dtype), filled(2, wider(shape), dtype)];
      for (let seed = 1; seed <= 12; seed++)
        checkCompiled(graphOf(randomFunction(seed, shape), ...inputs), inputs, `seed ${seed} of ${shape}`);
    });

test("rows, columns and sums belong to the tiles that they are used in", () => {
  const [x, row, column] = [filled(1, [200, 30]), filled(2, [30]), filled(3, [200, 1])];
  const f = (x: NDArray, row: NDArray, column: NDArray): NDArray[] => {
    const y = x.mul(row).add(column).tanh();
    return [y.sum(0), y.sum(1), y.sum()];
  };
  const [first, ...others] = stepsOf(f, x, row, column);
  expect((first as Loop).kind).toBe("tiles");
  expect((first as Loop).folds).toHaveLength(3);
  expect(others).toEqual([]);
});

test("what lies so that no line can be copied is left to others", () => {
  const x = filled(1, [60, 60]);
  expect(kindsOf((x) => x.T.neg(), x)).toEqual(["loop"]);
  expect(kindsOf((x) => x.slice(":", [0, 60, 2]).neg(), x)).not.toContain("tiles");
});

/** Orders in which no line can be copied: eager code's functions keep some of them. */
const turned: Record<string, (x: NDArray) => NDArray> = {
  transposed: (x) => x.T,
  "every other": (x) => x.slice(":", [null, null, 2]),
  "transposed and flipped": (x) => x.T.flip(0),
  "transposed, of three axes": (x) => x.reshape(40, 10, -1).transpose([2, 0, 1]),
  sorted: (x) => x.sort(0),
};

test.each(Object.keys(turned))("functions of what lies in another order are read in order: %s", (name) => {
  const view = turned[name] as (x: NDArray) => NDArray;
  for (const dtype of ["float64", "float32"] as const) {
    const x = filled(2, [40, 90], dtype);
    checkCompiled(
      graphOf((x) => {
        const [a, b] = [view(x).sin(), view(x).exp()];
        return [
          a,
          a.mul(2),
          a.mul(b),
          a.add(view(x)),
          b.sum(0),
          a.mul(b).sum(-1),
          a.reshape(-1),
          b.T.sub(1),
          a.max(0),
          b.slice([1, null]).tanh(),
        ];
      }, x),
      [x],
      `${name} ${dtype}`,
    );
  }
});

test.each(["float64", "float32"] as const)("a sine and a cosine of one operand come from one kernel, to the last bit: %s", (dtype) => {
  const near = filled(1, [3001], dtype).mul(40);
  const odd = [1e9, Infinity, NaN, -0];
  const far = array(Float64Array.from(near.data(), (value, i) => (i % 700 === 5 ? odd[Math.floor(i / 700) % 4] : value))).astype(dtype);
  const each: readonly [calls: number, f: (x: NDArray) => NDArray[]][] = [
    [1, (x) => [x.sin().mul(2).add(x.cos())]],
    [1, (x) => [x.cos().mul(2).add(x.sin())]],
    [1, (x) => ((y) => [y.cos().sum(), y.sin().sum()])(x.square())],
    [1, (x) => ((c) => [c, x.sin().add(c)])(x.cos())],
    [2, (x) => ((y) => [y.sin().add(y.cos()).add(x.sin()).add(x.cos())])(x.neg())],
    [0, (x) => [x.sin().add(x.neg().cos())]],
  ];
  for (const [calls, f] of each)
    for (const x of [near, far]) {
      const { text, run } = compile(graphOf(f, x));
      expect(text?.split("L.sinCos").length, String(f)).toBe(calls + 1);
      const bits = (all: readonly unknown[]): unknown[] => all.map((y) => (y as NDArray).toArray());
      if (f(x)[0].ndim > 0) expect(bits(run([x]) as NDArray[])).toEqual(bits(f(x)));
      else checkCompiled(graphOf(f, x), [x], String(f));
    }
});

test("tiles are of one dtype: what has another, and the same shape, has tiles of its own", () => {
  const [x, y] = [filled(1, [1000], "float32"), filled(2, [1000])];
  const f = (x: NDArray, y: NDArray): NDArray[] => [x.sin().mul(x), y.cos().mul(y), x.less(x.square()).where(y.exp(), y)];
  expect(kindsOf(f, x, y).filter((kind) => kind === "tiles")).toHaveLength(2);
  checkCompiled(graphOf(f, x, y), [x, y], "two dtypes");
});

test("NaN and infinities pass through sums", () => {
  const x = filled(1, [50, 40]).set([3, 5], Number.NaN).set([7, 9], Number.POSITIVE_INFINITY);
  checkCompiled(
    graphOf((x) => [x.neg().sum(0), x.neg().sum(1), x.neg().sum()], x),
    [x],
    "not finite",
  );
});

test("tiles that take a column for a row are found out", () => {
  const x = filled(1, [40, 40]);
  const f = (x: NDArray): NDArray =>
    x
      .exp()
      .mul(x.slice(0).broadcastTo([40, 40]))
      .sum(1);
  const broken = ({ inputs, equations, outputs }: Graph): Graph =>
    new Graph(
      inputs,
      equations.map((equation) => {
        const params = equation.params as Params<"broadcast">;
        return equation.operation === "broadcast" ? { ...equation, params: { ...params, dims: [0] } } : equation;
      }),
      outputs,
    );
  checkCompiled(graphOf(f, x), [x], "whole");
  expect(() => checkCompiled(graphOf(f, x), [x], "broken", broken)).toThrow("in place of");
});
