import { describe, expect, test } from "vitest";
import { elementwise } from "../../../src/cpu/kernels/elementwise.js";
import { movement } from "../../../src/cpu/kernels/movement.js";
import type { CpuView } from "../../../src/cpu/operands.js";
import { vectorised } from "../../../src/cpu/wasm/elementwise.js";
import { binaries, unaries } from "../../../src/cpu/wasm/module.js";
import { Aval, type Data, type DType } from "../../../src/engine/aval.js";
import { roundHalfEven, sigmoid, sigmoidSlope, softplus } from "../../../src/primitives/special.js";
import { error, readCases, ulp } from "../../ulps.js";

const dtypes = ["float32", "float64"] as const;
const storages = { float32: Float32Array, float64: Float64Array };
const bits = { float32: new Uint32Array(1), float64: new Uint32Array(2) };

let seed = 7;
const random = (): number => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return seed / 2 ** 32;
};

/** Any float of the type, of any magnitude; NaN and infinities too. */
function anyOf(dtype: "float32" | "float64"): number {
  const words = bits[dtype];
  for (let i = 0; i < words.length; i++) words[i] = random() * 2 ** 32;
  return new storages[dtype](words.buffer)[0];
}

const near = [
  0,
  0.5,
  1,
  1.5,
  2.5,
  1e10 + 0.5,
  2 ** 23 - 0.5,
  2 ** 52 - 0.5,
  2.2250738585072014e-308,
  1.1754943508222875e-38,
  5e-324,
  1e-45,
  1e-310,
  1e-40,
  1e-20,
  1e-8,
  0.5,
  2,
  10,
  1000,
];
const bounds = [
  36.8, 87.3, 88.72, 88.73, 103.9, 104.1, 127.9, 128, 149, 150, 708.3, 709.78, 709.79, 745.1, 745.2, 1023.9, 1024, 1074, 1075,
];
const huge = [1647099, 1647100, 1e6, 1e15, 3.4028234663852886e38, 1e22, 1e300, 1.7976931348623157e308, Infinity];
const specials = [...near, ...bounds, ...huge].flatMap((x) => [x, -x]).concat(Number.NaN);

const ranges: readonly ((dtype: "float32" | "float64") => number)[] = [
  anyOf,
  () => 2 * random() - 1,
  () => 40 * (random() - 0.5),
  () => 1500 * (random() - 0.5),
  () => 4e6 * (random() - 0.5),
  () => 1 + (random() - 0.5) * 10 ** (-16 * random()),
  () => Math.sign(random() - 0.5) * 10 ** (40 * random() - 35),
  () => Math.round(1e6 * random()) * (Math.PI / 2),
];

function samples(dtype: "float32" | "float64"): Float32Array | Float64Array {
  const random = ranges.flatMap((range) => Array.from({ length: 1500 }, () => range(dtype)));
  // Two neighbours in one vector, of which one is left to JavaScript, and odd places.
  return storages[dtype].from([...specials, ...specials.flatMap((x) => [x, 0.75]), 1.5, ...random]);
}

const own: Readonly<Record<string, (x: number) => number>> = {
  neg: (x) => -x,
  square: (x) => x * x,
  rsqrt: (x) => 1 / Math.sqrt(x),
  reciprocal: (x) => 1 / x,
  relu: (x) => (x <= 0 ? 0 : x),
  sigmoidSlope,
  oneMinusSquare: (x) => (1 - x) * (1 + x),
  round: roundHalfEven,
  exp2: (x) => 2 ** x,
  sigmoid,
  softplus,
};
const expected = (op: string, x: number): number => (own[op] ?? (Math as unknown as typeof own)[op])(x);

/** Returns the distance of an answer from the one in float64, in ulp of the dtype; 0 where both round to the same. */
function distance(dtype: DType, actual: number, value: number): number {
  const rounded = dtype === "float32" ? Math.fround(value) : value;
  if (Object.is(actual, rounded)) return 0;
  if (!Number.isFinite(rounded) || !Number.isFinite(actual)) return Infinity;
  // The sign of what is not 0 and rounds to it counts too.
  if (Math.sign(value) * Math.sign(actual) < 0 || (value === 0 && actual === 0)) return Infinity;
  const unit = dtype === "float32" ? 2 ** (Math.max(-126, Math.floor(Math.log2(Math.abs(rounded)))) - 23) : ulp(rounded);
  return Math.abs(actual - value) / unit;
}

/** The places where two results are not the same. */
const differing = (actual: Data, wanted: Data): number[] => {
  expect(actual.length).toBe(wanted.length);
  return Array.from(actual.keys()).filter((i) => !Object.is(actual[i], wanted[i]));
};

const view = (dtype: DType, shape: readonly number[], storage: Data, stride?: readonly number[], offset = 0): CpuView => {
  const aval = new Aval(shape, dtype);
  return { aval, storage, stride: stride ?? aval.stride, offset };
};
const line = (dtype: DType, storage: Data): CpuView => view(dtype, [storage.length], storage);

type Kernels = Readonly<Record<string, (inputs: readonly CpuView[], params: object, out: Aval) => Data>>;
const plain = { ...elementwise, ...movement } as unknown as Kernels;
const vectors = vectorised({ ...elementwise, ...movement }) as unknown as Kernels;

describe.each(dtypes)("%s", (dtype) => {
  const Storage = storages[dtype];
  const x = samples(dtype);

  test.each(unaries)("%s is within 4 ulp everywhere, by either way", (op) => {
    const input = line(dtype, x);
    for (const [way, kernels] of Object.entries({ plain, vectors })) {
      const wrong = Array.from(kernels[op]([input], {}, input.aval)).flatMap((y, i) => {
        const value = expected(op, x[i]);
        const apart = distance(dtype, y, value);
        return apart <= 4 ? [] : [`${op}(${x[i]}) by ${way} is ${y}, expected ${value}: ${apart} ulp`];
      });
      expect(wrong.slice(0, 20)).toEqual([]);
    }
  });

  test.each(binaries)("%s is the same by either way", (op) => {
    const pairs = specials.flatMap((a) => specials.map((b) => [a, b]));
    const [a, b] = [0, 1].map((k) =>
      line(dtype, Storage.from([...pairs.map((pair) => pair[k]), ...x.map((_, i) => x[(i * (7 + k)) % x.length])])),
    );
    expect(differing(vectors[op]([a, b], {}, a.aval), plain[op]([a, b], {}, a.aval))).toEqual([]);
  });

  test.each([128, 129, 131, 255, 2048, 2049, 4095, 4096, 4098, 8193])("%i elements, and no more", (n) => {
    const input = view(dtype, [n], x, [1], 5);
    for (const op of unaries) {
      const all = vectors[op]([line(dtype, x)], {}, new Aval([x.length], dtype));
      expect(differing(vectors[op]([input], {}, input.aval), all.subarray(5, 5 + n))).toEqual([]);
    }
    for (const op of binaries)
      expect(differing(vectors[op]([input, input], {}, input.aval), plain[op]([input, input], {}, input.aval))).toEqual([]);
  });

  test("comparisons and choices are the same by either way", () => {
    const pairs = specials.flatMap((a) => specials.map((b) => [a, b]));
    const [a, b] = [0, 1].map((k) =>
      line(dtype, Storage.from([...pairs.map((pair) => pair[k]), ...x.map((_, i) => x[(i * (7 + k)) % x.length])])),
    );
    const truth = new Aval(a.aval.shape, "bool");
    const check = (op: string, inputs: readonly CpuView[], out: Aval): void =>
      expect(differing(vectors[op](inputs, {}, out), plain[op](inputs, {}, out)), op).toEqual([]);
    for (const op of ["less", "lessEqual", "equal", "notEqual"]) {
      check(op, [a, b], truth);
      check(op, [b, a], truth);
    }
    for (const op of ["isNaN", "isFinite"]) check(op, [a], truth);
    const condition = line(
      "bool",
      Uint8Array.from(a.storage, (_, i) => [0, 1, 0, 255, 2, 1][((i * 5) % 11) % 6]),
    );
    check("select", [condition, a, b], a.aval);
    check("clamp", [a, b, line(dtype, new Storage(Array.from(b.storage, (y) => y + 1)))], a.aval);
  });

  test.each([128, 129, 130, 131, 4095, 4096, 4097, 8193])("choices of %i elements, and no more", (n) => {
    const shape = [n];
    const [a, b] = [5, 70].map((offset) => view(dtype, shape, x, [1], offset));
    const truth = new Aval(shape, "bool");
    const less = plain["less"]([a, b], {}, truth);
    expect(vectors["less"]([a, b], {}, truth)).toEqual(less);
    const inputs = [view("bool", shape, less), a, b];
    expect(differing(vectors["select"](inputs, {}, a.aval), plain["select"](inputs, {}, a.aval))).toEqual([]);
  });

  const shape = [3, 5, 150];
  const layouts: Readonly<Record<string, CpuView>> = {
    dense: view(dtype, shape, x, [750, 150, 1], 9),
    transposed: view(dtype, shape, x, [1, 3, 15], 9),
    reversed: view(dtype, shape, x, [-750, 150, -1], 2300),
    "every other": view(dtype, shape, x, [1500, 300, 2], 1),
    "rows with gaps": view(dtype, shape, x, [1000, 170, 1], 2),
    "one element": view(dtype, shape, x, [0, 0, 0], 300),
    "one row": view(dtype, shape, x, [0, 0, 1], 300),
    "one column": view(dtype, shape, x, [0, 1, 0], 300),
    unfold: view(dtype, shape, x, [20, 3, 1], 40),
  };
  test.each(Object.keys(layouts))("%s operands", (name) => {
    const input = layouts[name];
    const copied = plain["stopGradient"]([input], {}, input.aval);
    for (const op of unaries)
      expect(differing(vectors[op]([input], {}, input.aval), vectors[op]([view(dtype, shape, copied)], {}, input.aval)), op).toEqual([]);
    for (const op of binaries)
      for (const other of Object.values(layouts))
        for (const inputs of [
          [input, other],
          [other, input],
        ])
          expect(differing(vectors[op](inputs, {}, input.aval), plain[op](inputs, {}, input.aval)), op).toEqual([]);
    const truth = new Aval(shape, "bool");
    const condition = view(
      "bool",
      shape,
      Uint8Array.from({ length: x.length }, (_, i) => +(i % 3 === 0)),
      input.stride,
      input.offset,
    );
    for (const other of Object.values(layouts)) {
      expect(vectors["less"]([input, other], {}, truth)).toEqual(plain["less"]([input, other], {}, truth));
      for (const inputs of [
        [condition, input, other],
        [condition, other, input],
      ])
        expect(differing(vectors["select"](inputs, {}, input.aval), plain["select"](inputs, {}, input.aval))).toEqual([]);
    }
  });

  test.each([
    [
      [3, 10000],
      [1, 3],
    ],
    [
      [10000, 3],
      [1, 10000],
    ],
    [
      [7, 5, 1000],
      [1, 7000, 7],
    ],
    [
      [5, 3000, 3],
      [1, 5, 15000],
    ],
    [
      [2, 1, 6000, 1],
      [3, 1, 2, 1],
    ],
  ])("layouts that tiles cut: %j", (shape, stride) => {
    const storage = new Storage(Array.from({ length: 60000 }, (_, i) => (i * 7919) % 10007));
    const inputs = [view(dtype, shape, storage, stride), view(dtype, shape, storage)];
    expect(differing(vectors["sub"](inputs, {}, inputs[1].aval), plain["sub"](inputs, {}, inputs[1].aval))).toEqual([]);
  });
});

const tables = readCases("special.json");
test.each(unaries.filter((op) => op in tables))("%s is within 4 ulp of the true value", (op) => {
  const cases = tables[op];
  const input = line(
    "float64",
    Float64Array.from(cases, ([x]) => x),
  );
  const actual = vectors[op]([input], {}, input.aval);
  expect(cases.filter(([_, value, rest], i) => error(actual[i], value, rest) > 4)).toEqual([]);
  expect(cases.length).toBeGreaterThanOrEqual(128);
});

test("whole numbers and small arrays are left to JavaScript", () => {
  for (const input of [
    line(
      "int32",
      Int32Array.from({ length: 300 }, (_, i) => i * 1e7),
    ),
    line("float64", new Float64Array(10).fill(2)),
  ])
    for (const op of ["square", "neg", "abs"]) expect(vectors[op]([input], {}, input.aval)).toEqual(plain[op]([input], {}, input.aval));
});
