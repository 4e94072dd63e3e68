import { array, cond, foriLoop, type NDArray, scan, switchCase, whileLoop } from "@ad/core";
import { hessian, jacobian } from "@ad/functional";
import { jit } from "@ad/jit";
import { hessianSparsity, sparsity } from "@ad/sparse";
import { vmap } from "@ad/vmap";
import { describe, expect, test } from "vitest";
import { picture } from "../patterns.js";

const x = array([1, 2, 3, 4]);
const of = (f: (x: NDArray) => NDArray, at?: "point"): string[] => picture(sparsity(f, { at })(x));
const [diagonal, both, full] = [
  ["1000", "0100", "0010", "0001"],
  ["1001", "0110", "0110", "1001"],
  ["1111", "1111", "1111", "1111"],
];

describe("branches", () => {
  const branch = (x: NDArray): NDArray =>
    cond(
      x.sum().greater(0),
      (y) => y.sin(),
      (y) => y.flip(),
      x,
    );
  test("all of them count, and at a point the one that is taken", () => {
    expect(of(branch)).toEqual(both);
    expect(of(branch, "point")).toEqual(diagonal);
  });
  test("one that is chosen by a constant is the only one", () => {
    expect(
      of((x) =>
        cond(
          true,
          (y) => y,
          (y) => y.flip(),
          x,
        ),
      ),
    ).toEqual(diagonal);
    expect(of((x) => switchCase(1, [(y) => y, (y) => y.flip()], x))).toEqual(["0001", "0010", "0100", "1000"]);
  });
  test("lanes choose for themselves", () => {
    const each = (x: NDArray): NDArray =>
      vmap((v: NDArray) =>
        cond(
          v.greater(0),
          (u) => u,
          (u) => u.mul(x.slice(0)),
          v,
        ),
      )(x);
    expect(of(each)).toEqual(["1000", "1100", "1010", "1001"]);
  });
  test("an index that is not known", () => {
    expect(of((x) => switchCase(x.argmax(), [(y) => y, (y) => y.flip(), (y) => y.mul(y.slice(0))], x))).toEqual([
      "1001",
      "1110",
      "1110",
      "1001",
    ]);
  });
});

describe("loops", () => {
  const until = (x: NDArray): NDArray =>
    whileLoop(
      (y: NDArray) => y.sum().less(100),
      (y: NDArray) => y.mul(y.roll(1)),
      x,
    );
  test("one whose end is not known may have any number of steps, and at a point has its own", () => {
    expect(of(until)).toEqual(full);
    expect(of(until, "point")).toEqual(["1011", "1101", "1110", "0111"]);
    expect(
      of((x) =>
        whileLoop(
          (y: NDArray) => y.sum().less(100),
          (y: NDArray) => y.mul(2),
          x,
        ),
      ),
    ).toEqual(diagonal);
  });
  test("one whose end is known has so many", () => {
    expect(of((x) => foriLoop(0, 2, (_, y: NDArray) => y.mul(y.roll(1)), x))).toEqual(["1011", "1101", "1110", "0111"]);
    const counted = (x: NDArray): NDArray =>
      whileLoop(
        ({ i }: { i: NDArray; y: NDArray }) => i.less(1),
        ({ i, y }: { i: NDArray; y: NDArray }) => ({ i: i.add(1), y: y.add(y.flip()) }),
        { i: array(0), y: x },
      ).y;
    expect(of(counted)).toEqual(both);
    expect(of((x) => foriLoop(0, 0, (_, y: NDArray) => y.flip(), x))).toEqual(diagonal);
  });
  test("what a scan carries and collects", () => {
    expect(of((x) => scan((s: NDArray, v: NDArray) => [s.add(v), s.mul(v)], 0, x)[1])).toEqual(["1000", "1100", "1110", "1111"]);
  });
  test("a chain that takes many rounds is found to its end, and a longer one is taken for dense", () => {
    const shifted = (n: number): string[] => {
      const last = (x: NDArray): NDArray =>
        whileLoop(
          (y: NDArray) => y.sum().less(1e9),
          (y: NDArray) => y.add(y.roll(1).mul(array([0, ...new Array(n - 1).fill(1)]))),
          x,
        );
      return picture(sparsity(last)(array(new Array(n).fill(1))));
    };
    expect(shifted(9).every((line) => line === "111111111")).toBe(true);
    const sliced = (x: NDArray): NDArray =>
      whileLoop(
        (y: NDArray) => y.sum().less(1e9),
        (y: NDArray) =>
          y
            .slice([0, -1])
            .pad([[1, 0]])
            .add(y),
        x,
      );
    expect(of(sliced)).toEqual(["1000", "1100", "1110", "1111"]);
    const long = picture(sparsity(sliced)(array(new Array(100).fill(1))));
    expect(long.length).toBe(100);
    long.forEach((line, i) => expect(line.slice(0, i + 1)).toBe("1".repeat(i + 1)));
  });
  test("their Hessians", () => {
    const f = (x: NDArray): NDArray => foriLoop(0, 2, (_, y: NDArray) => y.mul(y.roll(1)), x).slice(3);
    const dense = hessian(f)(x).toArray() as number[][];
    const lines = picture(hessianSparsity(f)(x));
    dense.forEach((row, i) => row.forEach((value, j) => value !== 0 && expect(lines[i][j]).toBe("1")));
    const g = (x: NDArray): NDArray =>
      whileLoop(
        (y: NDArray) => y.sum().less(100),
        (y: NDArray) => y.square(),
        x,
      ).sum();
    expect(picture(hessianSparsity(g)(x))).toEqual(diagonal);
    const h = (x: NDArray): NDArray =>
      whileLoop(
        (y: NDArray) => y.sum().less(1000),
        (y: NDArray) => y.mul(y.roll(1)),
        x,
      ).slice(0);
    expect(picture(hessianSparsity(h)(x))).toEqual(full);
  });
  test("in jit, and of what jit makes", () => {
    let seen: string[] = [];
    jit((x: NDArray) => {
      seen = of(until);
      return x;
    })(x);
    expect(seen).toEqual(full);
    const dense = jacobian(until)(x).toArray() as number[][];
    expect(sparsity(jit(until))(x).dense).toBeUndefined();
    const lines = of(jit(until));
    dense.forEach((row, i) => row.forEach((value, j) => value !== 0 && expect(lines[i][j]).toBe("1")));
  });
});

describe("control flow that is compiled has the pattern of the point", () => {
  const functions: Record<string, (x: NDArray) => NDArray> = {
    cond: (x) =>
      cond(
        x.sum().greater(0),
        (y) => y.square(),
        (y) => y.flip().square(),
        x,
      ),
    switchCase: (x) => switchCase(x.argmax(), [(y) => y, (y) => y.roll(1), (y) => y.flip().square(), (y) => y.mul(y.roll(1))], x),
    whileLoop: (x) =>
      whileLoop(
        (s) => s.sum().less(100),
        (s) => s.mul(s.roll(1)).add(1),
        x,
      ),
    foriLoop: (x) => foriLoop(0, 2, (_, s) => s.mul(s.roll(1)), x),
    scan: (x) => scan((s, y) => [s.add(y), s.mul(y)], array(0), x)[1],
    "lanes of cond": (x) =>
      vmap((v: NDArray) =>
        cond(
          v.greater(2),
          (u) => u,
          (u) => u.mul(x.slice(0)),
          v,
        ),
      )(x),
  };
  test.each(Object.entries(functions))("%s", (name, f) => {
    const compiled = jit(f);
    compiled(x);
    expect(of(compiled, "point")).toEqual(of(f, "point"));
    expect(sparsity(compiled, { at: "point" })(x).dense).toBeUndefined();
    const energy = (g: (x: NDArray) => NDArray) => (y: NDArray) => g(y).square().sum();
    // The way back through the states of a loop whose end depends on values is one operation.
    const isWhole = name === "whileLoop";
    const own = hessianSparsity(energy(compiled), { at: "point" })(x);
    expect(own.dense).toEqual(isWhole ? ["whileLoop"] : undefined);
    if (!isWhole) expect(picture(own)).toEqual(picture(hessianSparsity(energy(f), { at: "point" })(x)));
  });
});
