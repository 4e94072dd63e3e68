import { expect, test } from "vitest";
import { array, grad, type NDArray, zeros } from "../../src/index.js";

/** Whole numbers, the same for the same seed. */
function draws(seed: number): (n: number) => number {
  let state = seed;
  return (n) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % n;
  };
}

type Range = readonly [start: number, end: number, step: number];

/** A range along an axis of n elements: all of it, one element, some side by side, or with a step. */
function range(draw: (n: number) => number, n: number): Range {
  const kind = draw(4);
  if (kind === 0) return [0, n, 1];
  const start = draw(n);
  if (kind === 1) return [start, start + 1, 1];
  return [start, start + draw(n - start + 1), kind === 2 ? 1 : 1 + draw(2)];
}

/** The elements of an array of this shape that ranges choose, in order. */
function chosen([rows, columns]: readonly number[], [first, second]: readonly Range[]): number[] {
  const found: number[] = [];
  for (let i = first[0]; i < Math.min(first[1], rows); i += first[2])
    for (let j = second[0]; j < Math.min(second[1], columns); j += second[2]) found.push(i * columns + j);
  return found;
}

// Small places are added up, many or large ones are joined.
test.each([
  [[4, 5], 3],
  [[9, 7], 40],
  [[60, 70], 2],
  [[60, 70], 25],
  [[300, 2], 300],
])("slices of an array of shape %j, %d of them, pass back to where they were taken", (shape, count) => {
  for (let seed = 1; seed < 30; seed++) {
    const draw = draws(seed * count);
    const slices = Array.from({ length: count }, () => shape.map((n) => range(draw, n)));
    const wanted = new Float64Array(shape[0] * shape[1]);
    slices.forEach((ranges, k) => {
      for (const at of chosen(shape, ranges)) wanted[at] += k + 1;
    });
    const f = (x: NDArray): NDArray =>
      slices.reduce(
        (total, ranges, k) =>
          total.add(
            x
              .slice(...ranges.map((each) => [...each] as [number, number, number]))
              .sum()
              .mul(k + 1),
          ),
        array(0),
      );
    expect(grad(f)(zeros(shape)).data()).toEqual(wanted);
  }
});

test("slices of what is no input, and second derivatives through them", () => {
  const f = (x: NDArray): NDArray => {
    const y = x.square();
    let total = array(0);
    for (let i = 0; i < 100; i++) total = total.add(y.slice(i).mul(y.slice([i, 100]).sum()));
    return total;
  };
  const x = array(Array.from({ length: 100 }, (_, i) => Math.sin(i)));
  const all = x.square().sum().item<number>();
  // Σᵢ Σⱼ≥ᵢ xᵢ² xⱼ² is (Σ x²)² / 2 and half of Σ x⁴.
  const gradient = x.mul(2 * all).add(x.pow(3).mul(2));
  expect(grad(f)(x).sub(gradient).abs().max().item()).toBeLessThan(1e-12);
  const v = x.cos();
  const second = v
    .mul(2 * all)
    .add(x.mul(x.mul(v).sum().mul(4)))
    .add(x.square().mul(v).mul(6));
  const product = grad((y: NDArray) => grad(f)(y).mul(v).sum())(x);
  expect(product.sub(second).abs().max().item()).toBeLessThan(1e-11);
});

test("a slice of which some were given another shape passes back to where it was taken", () => {
  const weights = Array.from({ length: 12 }, (_, k) => 10 ** (k % 6));
  // Of one row, in turns as a vector, as a matrix, and as a column.
  const row = (x: NDArray, k: number): NDArray =>
    k % 3 === 0 ? x.slice(1) : k % 3 === 1 ? x.slice([1, 2]) : x.slice([1, 2]).reshape(-1, 1);
  const f = (x: NDArray): NDArray => weights.reduce((total, weight, k) => total.add(row(x, k).mul(weight).sum()), array(0));
  for (const columns of [2, 3000]) {
    const gradient = grad(f)(zeros([3, columns]));
    expect(gradient.sum(1).toArray()).toEqual([0, 222_222 * columns, 0]);
    expect(gradient.slice(1, 0).item()).toBe(222_222);
  }
});

test("slices of one place are added up in one order, however many there are", () => {
  const weights = Array.from({ length: 50 }, (_, k) => Math.sin(k + 1) * 10 ** (k % 7));
  const f = (x: NDArray): NDArray =>
    weights.reduce(
      (total, weight, k) =>
        total.add(
          x
            .slice(k % 2 === 0 ? [1, 3] : 5)
            .mul(weight)
            .sum(),
        ),
      array(0),
    );
  // Few are added up as whole arrays, many place by place, to the same digits.
  const [few, many] = [grad(f)(zeros([6, 3])), grad(f)(zeros([6, 300]))];
  expect(few.slice(":", 0).data()).toEqual(many.slice(":", 0).data());
  // The last one that was taken comes first.
  const even = weights.filter((_, k) => k % 2 === 0).reduceRight((sum, weight) => sum + weight);
  expect(few.slice(1, 0).item()).toBe(even);
});
