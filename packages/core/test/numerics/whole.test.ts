import { describe, expect, test } from "vitest";
import {
  array,
  cumprod,
  cumsum,
  dot,
  einsum,
  inner,
  matmul,
  type NDArray,
  outer,
  prod,
  scatterAdd,
  sum,
  tensordot,
  trace,
} from "../../src/index.js";

const min = -(2 ** 31);
const max = 2 ** 31 - 1;
const edges = [min, min + 1, -65537, -46341, -7, -3, -2, -1, 0, 1, 2, 3, 7, 46341, 65536, 123456789, max - 1, max];

/** Numbers of every size, the same in each run. */
function whole(count: number): number[] {
  let state = 12345;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1103515245) + 12345) | 0;
    return state >> (state & 15);
  });
}

const int = (values: readonly number[], shape = [values.length]): NDArray => array([...values], { dtype: "int32", shape });
/** Returns the 32 lowest bits of a whole number. */
const wrapped = (x: bigint): number => Number(BigInt.asIntN(32, x));
const floorDiv = (x: bigint, y: bigint): bigint => x / y - (x % y !== 0n && x < 0n !== y < 0n ? 1n : 0n);

const pairs = edges.flatMap((x) => edges.map((y) => [x, y] as const));
const [left, right] = [int(pairs.map(([x]) => x)), int(pairs.map(([, y]) => y))];

function same(actual: NDArray, expected: readonly bigint[]): void {
  expect(actual.dtype).toBe("int32");
  expect(Array.from(actual.data())).toEqual(expected.map(wrapped));
}

describe("int32 is exact, and wraps", () => {
  const meanings: Record<string, (x: bigint, y: bigint) => bigint> = {
    add: (x, y) => x + y,
    sub: (x, y) => x - y,
    mul: (x, y) => x * y,
    mod: (x, y) => (y === 0n ? 0n : x - y * floorDiv(x, y)),
    maximum: (x, y) => (x > y ? x : y),
    minimum: (x, y) => (x < y ? x : y),
  };
  test.each(Object.keys(meanings))("%s", (op) => {
    const method = left[op as "add"].bind(left);
    same(
      method(right),
      pairs.map(([x, y]) => meanings[op](BigInt(x), BigInt(y))),
    );
  });
  const unary: Record<string, (x: bigint) => bigint> = {
    neg: (x) => -x,
    abs: (x) => (x < 0n ? -x : x),
    square: (x) => x * x,
    sign: (x) => (x > 0n ? 1n : x < 0n ? -1n : 0n),
    relu: (x) => (x > 0n ? x : 0n),
    floor: (x) => x,
    round: (x) => x,
  };
  test.each(Object.keys(unary))("%s", (op) => {
    same(
      int(edges)[op as "neg"](),
      edges.map((x) => unary[op](BigInt(x))),
    );
  });
  test("pow", () => {
    const exponents = [0, 1, 2, 3, 5, 13, 30, 31, 32, 33, 64, 1000, max];
    const power = (x: bigint, n: number): bigint => {
      let result = 1n;
      for (let base = x, left = n; left > 0; left = Math.floor(left / 2), base = BigInt.asIntN(32, base * base))
        if (left % 2 === 1) result = BigInt.asIntN(32, result * base);
      return result;
    };
    for (const n of exponents)
      same(
        int(edges).pow(n),
        edges.map((x) => power(BigInt(x), n)),
      );
  });
  test("the floor of a quotient", () => {
    const divisible = pairs.filter(([, y]) => y !== 0);
    const [x, y] = [int(divisible.map(([a]) => a)), int(divisible.map(([, b]) => b))];
    const exact = divisible.map(([a, b]) => Number(floorDiv(BigInt(a), BigInt(b))));
    expect(Array.from(x.div(y).floor().data(), (q) => q + 0)).toEqual(exact);
  });
});

describe("int32 sums and products", () => {
  const [rows, columns] = [37, 29];
  const values = whole(rows * columns);
  const x = int(values, [rows, columns]);
  const big = values.map(BigInt);
  const line = (i: number, j: number): bigint => big[i * columns + j];
  const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
  const total = (list: readonly bigint[]): bigint => list.reduce((a, b) => a + b, 0n);
  const product = (list: readonly bigint[]): bigint => list.reduce((a, b) => BigInt.asIntN(32, a * b), 1n);

  test("over every axis, dense, transposed and turned round", () => {
    const across = range(rows).map((i) => total(range(columns).map((j) => line(i, j))));
    const down = range(columns).map((j) => total(range(rows).map((i) => line(i, j))));
    same(sum(x), [total(big)]);
    same(sum(x, 0), down);
    same(sum(x, 1), across);
    same(sum(x.T, 0), across);
    same(sum(x.flip(0), 0), down);
    same(sum(x.slice(":", [null, null, -1]), 1), across);
    same(
      sum(x.slice(0).broadcastTo([5, columns]), 0),
      range(columns).map((j) => 5n * line(0, j)),
    );
    same(prod(x), [product(big)]);
    same(
      prod(x, 0),
      range(columns).map((j) => product(range(rows).map((i) => line(i, j)))),
    );
  });
  test("running", () => {
    same(
      cumsum(x),
      big.map((_, i) => total(big.slice(0, i + 1))),
    );
    same(
      cumprod(x),
      big.map((_, i) => product(big.slice(0, i + 1))),
    );
    same(
      cumsum(x, 0).slice(rows - 1),
      range(columns).map((j) => total(range(rows).map((i) => line(i, j)))),
    );
  });
  test("of matrices and vectors", () => {
    const y = int(whole(columns * 11).reverse(), [columns, 11]);
    const other = Array.from(y.data(), BigInt);
    const expected = range(rows).flatMap((i) => range(11).map((k) => total(range(columns).map((j) => line(i, j) * other[j * 11 + k]))));
    same(matmul(x, y), expected);
    same(tensordot(x, y, 1), expected);
    same(einsum("ij,jk->ik", x, y), expected);
    same(matmul(y.T, x.T).T, expected);
    same(matmul(x.expandDims(0), y), expected);
    const [a, b] = [x.slice(0), x.slice(1)];
    const inside = total(range(columns).map((j) => line(0, j) * line(1, j)));
    same(dot(a, b), [inside]);
    same(inner(a, b), [inside]);
    same(
      outer(a, b),
      range(columns).flatMap((i) => range(columns).map((j) => line(0, i) * line(1, j))),
    );
    same(trace(x), [total(range(columns).map((i) => line(i, i)))]);
  });
  test("into places", () => {
    const places = range(values.length).map((i) => i % 7);
    const expected = range(7).map((k) => total(big.filter((_, i) => i % 7 === k)) + BigInt(max));
    same(scatterAdd(int(range(7).map(() => max)), int(places), int(values)), expected);
  });
  test("as a mean, in float64", () => {
    const mean = x.mean();
    expect(mean.dtype).toBe("float64");
    expect(mean.item()).toBe(Number(total(big)) / values.length);
    expect(int([max, max, max]).mean().item()).toBe(max);
  });
});

test("float arrays that hold whole numbers add and multiply exactly up to 2^53", () => {
  const x = array([2 ** 53 - 1, 1 - 2 ** 53, 94906265, -94906265]);
  expect(x.sum().item()).toBe(0);
  expect(x.slice([2, 4]).square().toArray()).toEqual([94906265 ** 2, 94906265 ** 2]);
  expect(array([3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41]).prod().item()).toBe(
    Number(3n * 5n * 7n * 11n * 13n * 17n * 19n * 23n * 29n * 31n * 37n * 41n),
  );
});
