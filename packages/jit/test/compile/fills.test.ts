import { array, foriLoop, type NDArray } from "@ad/core";
import { call, computed, filling, type Numbers, numbersOf } from "@ad/core/internals/trace";
import { vmap } from "@ad/vmap";
import { expect, test } from "vitest";
import { jit } from "../../src/index.js";

/** Sums of the elements so far, and behind them the number of elements; `stored` sees the storage that is given. */
const sums = (x: NDArray, stored: (x: Numbers) => void = () => {}): NDArray =>
  computed("sums", [x], x.size + 1, ([x], out) => {
    stored(x);
    let sum = 0;
    for (let i = 0; i < x.length; i++) out[i] = sum += x[i];
    out[x.length] = x.length;
  });

const x = array([1, 2, 3, 4, 5, 6], { shape: [2, 3] });

test.each(["float64", "float32"] as const)("an operation of plain numbers is given these in order, of all layouts: %s", (dtype) => {
  const own = x.astype(dtype);
  const f = (x: NDArray): NDArray[] => [
    sums(x),
    sums(x.slice(1)),
    sums(x.T),
    sums(x.slice(":", [null, null, 2]).ravel()),
    sums(x.mul(2).sum(0)),
    sums(array([1, 1], { dtype })),
  ];
  const results = f(own).map((each) => each.toArray());
  expect(jit(f)(own).map((each) => each.toArray())).toEqual(results);
  expect(results[2]).toEqual([1, 5, 7, 12, 15, 21, 6]);
  expect(jit(f)(own)[0].dtype).toBe(dtype);
});

test("its numbers are those of the program, without a copy", () => {
  const seen = new Set<unknown>();
  const run = jit((x: NDArray) => sums(x.mul(2), (x) => seen.add(x)).mul(3));
  for (let i = 0; i < 4; i++) expect(run(x).toArray()).toEqual([6, 18, 36, 60, 90, 126, 18]);
  expect(seen.size).toBe(1);
});

test("a result stays as it is when the program is run again", () => {
  const run = jit((x: NDArray) => sums(x));
  const first = run(x);
  run(x.mul(10));
  expect(first.toArray()).toEqual([1, 3, 6, 10, 15, 21, 6]);
});

test("it is the state of a loop, and in lanes", () => {
  const f = (x: NDArray): NDArray => foriLoop(0, 3, (_, x: NDArray) => sums(x).slice([0, -1]), x);
  const own = x.slice(0);
  expect(jit(f)(own).toArray()).toEqual([1, 5, 15]);
  expect(f(own).toArray()).toEqual([1, 5, 15]);
  const lanes = [[1, 5, 15], f(x.slice(1)).toArray()];
  expect(jit(vmap(f))(x).toArray()).toEqual(lanes);
  expect(vmap(f)(x).toArray()).toEqual(lanes);
});

test("an operation of several results writes all of them to the program's storage, for arrays of any shape", () => {
  const seen = new Set<unknown>();
  const shares = filling(
    ([x]) => [x, x],
    ([{ size }]) =>
      (...storage) => {
        const [x, whole, rest] = numbersOf(storage, [size, size, size]);
        seen.add(whole).add(rest);
        for (let i = 0; i < size; i++) rest[i] = x[i] - (whole[i] = Math.floor(x[i]));
      },
  );
  const f = (x: NDArray): NDArray => {
    const [whole, rest] = call({ name: "shares", ...shares }, [x.mul(1.25)]);
    return whole.add(rest.mul(100));
  };
  const run = jit(f);
  for (let i = 0; i < 3; i++) expect(run(x).toArray()).toEqual(f(x).toArray());
  seen.clear();
  for (let i = 0; i < 3; i++) run(x);
  expect(seen.size).toBe(2);
  expect(run(x.slice(1)).toArray()).toEqual([5, 31, 57]);
});
