import { expect, test } from "vitest";
import { array, checkpoint, customVjp, grad, type NDArray, stack, valueAndGrad, vjp } from "../../src/index.js";

const w = array([
  [1, 2, 3],
  [4, 5, 6],
]);

/** The sum of c · w[c mod 2] over c. */
const loop = (w: NDArray): NDArray => {
  let total = w.slice(0).mul(0);
  for (let c = 1; c < 100; c++) total = total.add(w.slice(c % 2).mul(c));
  return total.sum();
};

test("a row of an argument that is taken again is the one that was taken, and other slices are not", () => {
  grad((w: NDArray) => {
    expect(w.slice(1)).toBe(w.slice(1));
    expect(w.slice(1)).not.toBe(w.slice(0));
    expect(w.slice([0, 1])).not.toBe(w.slice([0, 1]));
    expect(() => w.slice(0.5)).toThrow("slice: an entry is 0.5");
    return loop(w);
  })(w);
});

test("the cotangents of a row that a loop takes in each turn are added up", () => {
  // Sums of 2, 4, …, 98 and of 1, 3, …, 99.
  expect(grad(loop)(w).toArray()).toEqual([
    [2450, 2450, 2450],
    [2500, 2500, 2500],
  ]);
});

test("a pullback that runs twice, and a gradient of a gradient, are those of slices apart", () => {
  const [, pullback] = vjp(loop, w);
  for (const ct of [1, 2]) expect(pullback(array(ct))[0].toArray()).toEqual([2450, 2500].map((n) => [n * ct, n * ct, n * ct]));
  const cube = (w: NDArray): NDArray => w.slice(1).mul(w.slice(1)).mul(w.slice(1)).sum();
  const second = grad((w: NDArray) => grad(cube)(w).sum())(w);
  expect(second.toArray()).toEqual([
    [0, 0, 0],
    [24, 30, 36],
  ]);
});

test("slices from one place that differ in length, step, shape or argument are apart", () => {
  const f = (x: NDArray, y: NDArray): NDArray =>
    x
      .slice([0, 2])
      .mul(array([1, 10]))
      .sum()
      .add(
        x
          .slice([0, 4, 2])
          .mul(array([100, 1000]))
          .sum(),
      )
      .add(
        x
          .slice([0, 1])
          .mul(y.slice([0, 1]))
          .sum(),
      )
      .add(x.slice(0).mul(3));
  const [value, gradients] = valueAndGrad(f, { argnums: [0, 1] })(array([1, 2, 3, 4]), array([7, 8]));
  expect(value.item()).toBe(21 + 3100 + 7 + 3);
  expect(gradients.map((g) => g.toArray())).toEqual([
    [111, 10, 1000, 0],
    [1, 0],
  ]);
});

test("a function with rules of its own may take the slice of its argument that was taken before it", () => {
  const second = customVjp(
    (x) => x.slice(1).mul(x.slice(1)),
    (x) => [x.slice(1).mul(x.slice(1)), (ct) => [stack([ct.mul(0), x.slice(1).mul(ct).mul(2)])]],
  );
  const square = checkpoint((x: NDArray) => x.slice(1).mul(x.slice(1)));
  for (const f of [second, square]) {
    const after = (x: NDArray): NDArray => x.slice(1).add(f(x));
    expect(grad(after)(array([1, 3])).toArray()).toEqual([0, 7]);
    expect(grad((x: NDArray) => grad(after)(x).sum())(array([1, 3])).toArray()).toEqual([0, 2]);
  }
});

test("more slices than are remembered are right", () => {
  const x = array(Float64Array.from({ length: 1000 }, (_, i) => i));
  const f = (x: NDArray): NDArray => {
    let total = x.slice(0);
    for (let turn = 0; turn < 2; turn++) for (let i = 0; i < 1000; i++) total = total.add(x.slice(i).mul(i));
    return total;
  };
  expect([...grad(f)(x).data()]).toEqual(Array.from({ length: 1000 }, (_, i) => 2 * i + (i === 0 ? 1 : 0)));
});
