import { binaries, unaries } from "@ad/conformance";
import { array, grad, type NDArray, polygamma, read } from "@ad/core";
import { bind, none, primitives } from "@ad/core/internals/trace";
import { describe, expect, it } from "vitest";
import { webgl } from "../../../src/index.js";

const gpu = await webgl();

const special = [Number.NaN, Infinity, -Infinity, 0, -0, 1, -1, 0.5, -0.5, 2, -2, 3, -3];
/** Geometric, of both signs. */
const spread = (from: number, to: number, count = 60): number[] =>
  Array.from({ length: count }, (_, i) => from * (to / from) ** (i / (count - 1))).flatMap((x) => [x, -x]);
const line = (from: number, to: number, count = 400): number[] =>
  Array.from({ length: count }, (_, i) => from + ((to - from) * i) / (count - 1));

const float32 = (values: readonly number[]): number[] => values.map(Math.fround);

const all = float32([...special, ...spread(1e-30, 3e38), ...line(-20, 20)]);

/** 4e-6 of the value, or 1e-6. */
function close(got: number, want: number): boolean {
  if (Number.isNaN(want)) return Number.isNaN(got);
  const rounded = Math.fround(want);
  if (Math.abs(rounded) === Infinity || Math.abs(got) === Infinity) return got === rounded || Math.abs(got - want) <= 4e-6 * Math.abs(want);
  return Math.abs(got - want) <= Math.max(1e-6, 4e-6 * Math.abs(want));
}

/** Returns the values that are farther from the CPU's float64 than that. */
async function misses(f: (...operands: NDArray[]) => NDArray, ...operands: readonly (readonly number[])[]): Promise<string[]> {
  const want = f(...operands.map((x) => array(x)))
    .astype("float64")
    .data();
  const got = await read(f(...operands.map((x) => array(x, { dtype: "float32" }).to(gpu))));
  return [...want].flatMap((value, i) => (close(got[i], value) ? [] : [`${operands.map((x) => x[i])}: ${got[i]}, not ${value}`]));
}

/** The primitives that have rows, less those whose values are compared below, where they are large or small in a way of their own. */
const rowsOf = (rows: object, ...apart: readonly string[]): "sin"[] => Object.keys(rows).filter((name) => !apart.includes(name)) as "sin"[];
const composed = ["gelu", "silu", "logicalNot"] as const;

describe("functions of one operand are the CPU's", () => {
  for (const name of rowsOf(unaries, "lgamma")) it(name, async () => expect(await misses((x) => bind(name, [x], none), all)).toEqual([]));
  for (const name of composed) it(name, async () => expect(await misses((x) => x[name](), all)).toEqual([]));

  it("sine and cosine of all sizes", async () => {
    const huge = float32(spread(1, 3e38, 3000));
    for (const name of ["sin", "cos"] as const) expect(await misses((x) => x[name](), huge)).toEqual([]);
  });

  /** Between the poles at whole numbers. */
  const below = float32(line(-19.93, -0.07));
  it("lgamma", async () =>
    expect(await misses((x) => x.lgamma(), float32([...special, ...spread(1e-6, 1e30), ...line(0, 30), ...below]))).toEqual([]));
  it("digamma", async () =>
    expect(
      await misses((x) => x.digamma(), float32([...special, ...spread(1e-3, 1e30).map(Math.abs), ...line(0.1, 30), ...below])),
    ).toEqual([]));
  it("polygamma", async () => {
    for (const n of [1, 2, 3, 4, 7, 12, 19, 20, 21, 35, 60]) {
      expect(await misses((x) => polygamma(n, x), float32([...special.filter((x) => x !== -0.5), ...line(0.1, 30)]))).toEqual([]);
      // Of two large terms between the poles, the difference: in even orders it passes through zero there.
      const [size] = polygamma(n, array([0.5]))
        .abs()
        .mul(2)
        .data();
      const got = await read(polygamma(n, array(below, { dtype: "float32" }).to(gpu)));
      const want = polygamma(n, array(below)).astype("float32").data();
      const wrong = [...want].filter((v, i) => v !== got[i] && Math.abs(got[i] - v) > 4e-6 * Math.max(Math.abs(v), size / 10));
      expect(wrong, `order ${n}`).toEqual([]);
    }
  });
});

const pairs = (values: readonly number[]): [number[], number[]] => [
  values.flatMap((x) => values.map(() => x)),
  values.flatMap(() => values),
];

describe("functions of two operands are the CPU's", () => {
  const some = float32([...special, 1e-20, 1e20, -1e20, 0.1, 0.3, 7, -7, 100.5, 1e5]);
  for (const name of rowsOf(binaries, "mod", "pow"))
    it(name, async () => expect(await misses((x, y) => bind(name, [x, y], none), ...pairs(some))).toEqual([]));
  for (const name of ["greater", "greaterEqual"] as const)
    it(name, async () => expect(await misses((x, y) => x[name](y), ...pairs(some))).toEqual([]));

  it("mod", async () => {
    const [x, y] = pairs(float32([...special, 0.1, 0.3, 7, -7, 100.5, 1e5]));
    expect(await misses((a, b) => a.mod(b), x, y)).toEqual([]);
  });

  it("pow", async () => {
    const [x, y] = pairs(float32([...special, 0.1, 0.3, 7, -7, 10.5, 17, 20, -20, 1.001, 0.999, 30.5, -30.5, 1e5]));
    expect(await misses((a, b) => a.pow(b), x, y)).toEqual([]);
  });

  it("clip and where", async () => {
    const [x, y] = pairs(some);
    expect(await misses((a, b) => a.clip(-1, b), x, y)).toEqual([]);
    expect(await misses((a, b) => a.less(b).where(a, b), x, y)).toEqual([]);
  });
});

/** 1 − x·x would round x·x first, and lose half of the digits where x is near 1 or −1. */
it("oneMinusSquare is (1 − x)(1 + x), to the last digits at its zeros", async () => {
  const x = float32([...spread(1e-7, 1).map((d) => Math.sign(d) - d), ...line(-3, 3)]);
  const there = array(x, { dtype: "float32" }).to(gpu);
  const want = x.map((v) => (1 - v) * (1 + v));
  const far = (got: ArrayLike<number>, values: readonly number[]): string[] =>
    values.flatMap((value, i) => (Math.abs(got[i] - value) <= 2 ** -22 * Math.abs(value) ? [] : [`${x[i]}: ${got[i]}, not ${value}`]));
  expect(far(await read(bind("oneMinusSquare", [there], none)), want)).toEqual([]);
  // The derivative of atanh, which is made of it.
  const inside = x.flatMap((v, i) => (Math.abs(v) < 1 ? [i] : []));
  const slopes = await read(grad((v: NDArray) => v.atanh().sum())(there));
  expect(
    inside.flatMap((i) => (Math.abs(slopes[i] * want[i] - 1) <= 2 ** -21 ? [] : [`${x[i]}: ${slopes[i]}, not ${1 / want[i]}`])),
  ).toEqual([]);
});

describe("whole numbers are exact", () => {
  const some = [0, 1, -1, 2, -3, 7, 12345, -54321, 2 ** 31 - 1, -(2 ** 31), 16777217, -16777219];
  const [x, y] = pairs(some);
  const ints = (values: readonly number[]): NDArray => array(values, { dtype: "int32" });
  const same = async (f: (a: NDArray, b: NDArray) => NDArray): Promise<void> => {
    const got = await read(f(ints(x).to(gpu), ints(y).to(gpu)));
    expect([...got]).toEqual([...f(ints(x), ints(y)).data()]);
  };
  const isExact = (name: "sin"): boolean => ["same", "truth"].includes(primitives[name].promote);
  for (const name of rowsOf(unaries).filter(isExact)) it(name, () => same((a) => bind(name, [a], none)));
  for (const name of rowsOf(binaries).filter(isExact)) it(name, () => same((a, b) => bind(name, [a, b], none)));
  it("pow", () => same((a, b) => a.pow(b.mod(7))));
  it("sum and product", async () => {
    expect([...(await read(ints(x).to(gpu).sum()))]).toEqual([...ints(x).sum().data()]);
    expect([...(await read(ints(some).to(gpu).prod()))]).toEqual([...ints(some).prod().data()]);
  });
  it("conversion from float32", async () => {
    const values = float32([...special, 1.9, -1.9, 2 ** 31, -(2 ** 31), 2 ** 32 + 512, -(2 ** 33) - 1024, 3e38, 1e12]);
    const given = array(values, { dtype: "float32" });
    expect([...(await read(given.to(gpu).astype("int32")))]).toEqual([...given.astype("int32").data()]);
    expect([...(await read(given.to(gpu).astype("bool")))]).toEqual([...given.astype("bool").data()]);
  });
});
