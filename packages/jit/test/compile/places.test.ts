import { array, type DType, grad, type NDArray, pad } from "@ad/core";
import { Graph, type Params } from "@ad/core/internals/trace";
import { expect, test } from "vitest";
import { mergedPlaces } from "../../src/compile/places.js";
import { graphOf } from "../passes/programs.js";
import { below, checkCompiled, stepsOf } from "./programs.js";

const filled = (seed: number, shape: readonly number[], dtype: DType = "float64"): NDArray =>
  array(
    Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => ((i * 7919 + seed * 104729) % 97) - 48),
    { shape },
  ).astype(dtype);

/** Counts the values that each sum of places brings together. */
const counts = (f: (...args: NDArray[]) => NDArray | NDArray[], ...like: NDArray[]): number[] =>
  [...mergedPlaces(graphOf(f, ...like)).values()].map(({ length }) => length).filter((n) => n > 0);

test("the slices of one array share one array in a pullback", () => {
  const f = (x: NDArray): NDArray =>
    x
      .slice(0)
      .mul(x.slice(1))
      .add(x.slice([2, 4]).sum())
      .sum()
      .mul(x.slice(0).sum());
  const x = filled(1, [5, 7]);
  // Two are of one place, and are added up before.
  expect(counts(grad(f), x)).toEqual([3]);
  const copies = stepsOf(grad(f), x).filter(({ kind }) => kind === "copy");
  expect(copies).toHaveLength(1);
  checkCompiled(graphOf(grad(f), x), [x], "slices");
});

test("what is read twice stays, and another value is one more part", () => {
  const placed = (x: NDArray, before: number): NDArray => pad(x, [[before, 3 - before]]);
  const x = filled(1, [4]);
  expect(counts((x) => placed(x, 0).add(placed(x, 2)).add(placed(x.neg(), 3)), x)).toEqual([3]);
  const twice = (x: NDArray): NDArray => {
    const sum = placed(x, 0).add(placed(x, 2));
    return sum.add(placed(x, 1)).add(sum);
  };
  expect(counts(twice, x)).toEqual([2, 3]);
  expect(counts((x) => [placed(x, 0).add(placed(x, 2)), placed(x, 1).mul(2)], x)).toEqual([2]);
  expect(counts((x) => x.neg().add(pad(x.slice([1, 3]), [[1, 1]])), x)).toEqual([2]);
  checkCompiled(graphOf(twice, x), [x], "twice");
});

/** A sum of parts of an array that are cut out, changed and put back at random, some of them over one another. */
const random =
  (seed: number) =>
  (x: NDArray): NDArray => {
    const next = below(seed);
    const parts = Array.from({ length: 5 }, () => {
      const cut = x.shape.map((n): [number, number, number] => {
        const step = 1 + next(3);
        const start = next(n - 1);
        return [start, start + 1 + next(n - start), step];
      });
      return x
        .slice(...cut)
        .mul(next(5))
        .sum();
    });
    return parts.reduce((a, b) => a.add(b.square()), x.slice(0).square().sum());
  };

test("random programs keep their results", () => {
  for (const shape of [[9], [5, 6], [40, 50]])
    for (let seed = 1; seed <= 30; seed++) {
      const x = filled(seed, shape).mul(0.01);
      checkCompiled(graphOf(grad(random(seed)), x), [x], `seed ${seed}`);
    }
});

test("updates at indices are added in place, one after the other, where that rounds as often", () => {
  const known = array([3, 0, 2, 5], { dtype: "int32" });
  const repeated = array([[3, 0], [2, 3]], { dtype: "int32" }); // biome-ignore format: two rows
  for (const dtype of ["float64", "float32", "int32"] as const) {
    const x = filled(1, [6, 3], dtype);
    const y = filled(2, [4, 3], dtype);
    const z = filled(3, [3, 2, 2], dtype);
    const chain = (x: NDArray, y: NDArray): NDArray => x.neg().scatterAdd(known, y).scatterAdd(known, y.mul(2));
    checkCompiled(graphOf(chain, x, y), [x, y], `chain ${dtype}`);
    expect(counts(chain, x, y)).toEqual([3]);
    const along = (x: NDArray, z: NDArray): NDArray => x.T.scatterAdd(repeated, z, 1);
    checkCompiled(graphOf(along, x, z), [x, z], `axis 1 ${dtype}`);
    // Two updates of one place: eager code adds them in float64 and rounds once.
    expect(counts(along, x, z)).toEqual(dtype === "float32" ? [] : [2]);
    // A sum that is read twice is a value of its own.
    const twice = (x: NDArray, y: NDArray): NDArray[] => {
      const sum = x.scatterAdd(known, y);
      return [sum, sum.scatterAdd(known, y.square())];
    };
    checkCompiled(graphOf(twice, x, y), [x, y], `twice ${dtype}`);
    expect(counts(twice, x, y)).toEqual([2, 2]);
    // Beside what is placed, onto a constant, at indices that are computed.
    const fixed = filled(4, [6, 3], dtype);
    const more = (x: NDArray, y: NDArray): NDArray => fixed.scatterAdd(known, y).add(pad(x.slice([0, 4]), [[1, 1], [0, 0]])); // biome-ignore format: a sum
    checkCompiled(graphOf(more, x, y), [x, y], `constant ${dtype}`);
    const computed = (x: NDArray, y: NDArray): NDArray => x.scatterAdd(y.slice(":", 0).argsort(), y);
    checkCompiled(graphOf(computed, x, y), [x, y], `computed ${dtype}`);
  }
});

test("whole numbers wrap, and places beyond a program's own stay", () => {
  const x = filled(1, [4], "int32").mul(30_000_000);
  const f = (x: NDArray): NDArray => pad(x, [[1, 0]]).add(pad(x, [[0, 1]]));
  checkCompiled(graphOf(f, x), [x], "int32");
});

test("a part that is put in another place is found out", () => {
  const broken = ({ inputs, equations, outputs }: Graph): Graph =>
    new Graph(
      inputs,
      equations.map((equation) => {
        const params = equation.params as Params<"place">;
        const isFirst = equation.operation === "place" && params.starts[0] === 1;
        return isFirst ? { ...equation, params: { ...params, starts: [0] } } : equation;
      }),
      outputs,
    );
  const f = (x: NDArray): NDArray => pad(x, [[1, 2]]).add(pad(x.neg(), [[3, 0]])).add(pad(x, [[0, 3]])); // biome-ignore format: a sum
  const x = filled(1, [4]);
  checkCompiled(graphOf(f, x), [x], "sum");
  expect(() => checkCompiled(graphOf(f, x), [x], "broken", broken)).toThrow("in place of");
});
