import { readFileSync } from "node:fs";
import { difference } from "@ad/expect";
import ndarray from "ndarray";
import { describe, expect, test } from "vitest";
import * as ad from "../src/index.js";
import { array, type DType, NDArray } from "../src/index.js";

// Answers of NumPy and SciPy: tools/expectations/numpy.py writes these files. A case is [op, arguments, result].
type Case = readonly [op: string, args: readonly Json[], result: Json];
type Json = null | number | string | boolean | readonly Json[] | { readonly [key: string]: Json };
interface Encoded {
  readonly dtype: DType;
  readonly shape: number[];
  readonly data: readonly (number | string)[];
}

const number = (x: number | string): number => (x === "-0" ? -0 : x === "inf" ? Infinity : x === "-inf" ? -Infinity : Number(x));

const isArray = (value: Json): boolean => typeof value === "object" && value !== null && "data" in value;

const storages = { float64: Float64Array, float32: Float32Array, int32: Int32Array, bool: Uint8Array };

function stored({ dtype, shape, data }: Encoded) {
  return { dtype, shape, data: storages[dtype].from(data.map(number)) };
}

/** The layout of an array in its storage is no part of its value. */
const layouts = {
  dense(encoded: Encoded): NDArray {
    const { data, dtype, shape } = stored(encoded);
    return array(data, { dtype, shape });
  },
  /** The last axis first in storage, the others backwards, a gap between neighbours, and an offset. */
  strided(encoded: Encoded): NDArray {
    const { data, dtype, shape } = stored(encoded);
    const stride = new Array<number>(shape.length);
    let step = 2;
    let offset = 3;
    [shape.length - 1, ...shape.keys()].slice(0, shape.length).forEach((axis, i) => {
      stride[axis] = i === 0 ? step : -step;
      if (i > 0) offset += step * Math.max(0, shape[axis] - 1);
      step *= Math.max(1, shape[axis]);
    });
    const storage = new storages[dtype](2 * data.length + 8).fill(7);
    const index = new Array<number>(shape.length).fill(0);
    for (const value of data) {
      storage[index.reduce((at, k, axis) => at + k * stride[axis], offset)] = value;
      for (let axis = shape.length - 1; axis >= 0 && ++index[axis] === shape[axis]; axis--) index[axis] = 0;
    }
    const x = array(ndarray(storage as Float64Array, shape, stride, offset));
    return dtype === "bool" ? x.equal(1) : x;
  },
};

function decode(value: Json, lay: (encoded: Encoded) => NDArray): unknown {
  if (Array.isArray(value)) return value.map((item) => decode(item, lay));
  if (typeof value !== "object" || value === null) return value;
  if (isArray(value)) return lay(value as unknown as Encoded);
  if ("n" in value) return number(value["n"] as string);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, decode(item, lay)]));
}

const show = (args: readonly Json[]): string =>
  args
    .map((arg) => {
      if (!isArray(arg)) return JSON.stringify(arg);
      const { dtype, shape, data } = arg as unknown as Encoded;
      return `${dtype}[${shape}]${data.length <= 6 ? `(${data})` : ""}`;
    })
    .join(", ");

function check(got: unknown, expected: Json): string | undefined {
  if (typeof expected === "boolean") return got === expected ? undefined : `it is ${got}`;
  if (Array.isArray(expected)) {
    if (!Array.isArray(got) || got.length !== expected.length) return `${expected.length} arrays are expected`;
    return expected.map((one, i) => check(got[i], one)).find((found) => found !== undefined);
  }
  if (!isArray(expected)) {
    const [fields, named] = [Object.entries(expected ?? {}), Object(got) as Readonly<Record<string, unknown>>];
    if (`${Object.keys(named).sort()}` !== `${fields.map(([key]) => key).sort()}`) return `it has the fields ${Object.keys(named)}`;
    return fields.map(([key, one]) => check(named[key], one)).find((found) => found !== undefined);
  }
  if (!(got instanceof NDArray)) return "no array";
  return difference(got, stored(expected as unknown as Encoded));
}

type Call = (...args: unknown[]) => unknown;

function failures(cases: readonly Case[]): string[] {
  return cases.flatMap(([op, args, result]) => {
    const attempt = (how: string, call: () => unknown): string[] => {
      try {
        const found = check(call(), result);
        return found === undefined ? [] : [`${op}(${show(args)}) ${how}: ${found}`];
      } catch (error) {
        return [`${op}(${show(args)}) ${how}: ${error}`];
      }
    };
    const functions = ad as unknown as Readonly<Record<string, Call | undefined>>;
    const invoke = (method: boolean, lay: (encoded: Encoded) => NDArray): unknown => {
      const [x, ...rest] = decode(args, lay) as unknown[];
      const f = functions[op];
      return f && !method ? f(x, ...rest) : (x as Readonly<Record<string, Call>>)[op](...rest);
    };
    const [first] = args;
    const hasMethod = typeof first === "object" && first !== null && isArray(first) && op in NDArray.prototype;
    return [
      ...attempt("of dense arrays", () => invoke(false, layouts.dense)),
      ...attempt(`of strided arrays${hasMethod ? ", as a method" : ""}`, () => invoke(hasMethod, layouts.strided)),
    ];
  });
}

const families = [
  "elementwise",
  "reduction",
  "movement",
  "indexing",
  "product",
  "order",
  "convolution",
  "special-operations",
  "everyday",
  "models",
];

describe.each(families)("%s as NumPy", (family) => {
  const cases = JSON.parse(readFileSync(new URL(`./expectations/${family}.json`, import.meta.url), "utf8")) as Case[];
  const ops = [...new Set(cases.map(([op]) => op))];
  test.each(ops)("%s", (op) => {
    expect(failures(cases.filter((each) => each[0] === op))).toEqual([]);
  });
});

test("every operation that has an answer in NumPy is asked for one", () => {
  const asked = new Set(
    families.flatMap((family) =>
      (JSON.parse(readFileSync(new URL(`./expectations/${family}.json`, import.meta.url), "utf8")) as Case[]).map(([op]) => op),
    ),
  );
  const transformations = [
    "grad",
    "valueAndGrad",
    "vjp",
    "vjpWithAux",
    "checkpoint",
    "customJvp",
    "customOp",
    "customVjp",
    "debugNaNs",
    "debugPrint",
  ];
  const control = ["cond", "switchCase", "whileLoop", "foriLoop", "scan", "safeWhere"];
  const trees = ["ravelTree", "treeLeaves", "treeMap", "treeStructure"];
  const functionals = ["applyAlongAxis", "fromFunction", "piecewise"];
  const others = [
    "array",
    "installDisplay",
    "read",
    "setFusedMultiplyAdd",
    "setThreads",
    "stopGradient",
    "toHTML",
    ...functionals,
    ...transformations,
    ...control,
    ...trees,
  ];
  const functions = Object.entries(ad).filter(([name, value]) => typeof value === "function" && /^[a-z]/.test(name));
  expect(functions.map(([name]) => name).filter((name) => !asked.has(name) && !others.includes(name))).toEqual([]);
});
