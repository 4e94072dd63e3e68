import { readFileSync } from "node:fs";
import { close } from "@ad/expect";
import { describe, expect, test } from "vitest";
import { array, type DType, linalg, type NDArray } from "../../src/index.js";

// Answers of NumPy and SciPy: tools/expectations/linalg.py writes this file. A case is [op, arguments, result].
interface Encoded {
  readonly dtype: DType;
  readonly shape: number[];
  readonly data: number[];
}
type Case = readonly [op: keyof typeof linalg, args: readonly unknown[], result: Encoded | Readonly<Record<string, Encoded>>];

const cases = JSON.parse(readFileSync(new URL("../expectations/linalg.json", import.meta.url), "utf8")) as Case[];

const isArray = (value: unknown): value is Encoded => typeof value === "object" && value !== null && "data" in value;

const decode = (value: unknown, lay: (x: NDArray) => NDArray): unknown => {
  if (isArray(value)) return lay(array(value.data, { dtype: value.dtype, shape: value.shape }));
  if (Array.isArray(value)) return value.map((item) => decode(item, lay));
  if (typeof value !== "object" || value === null) return value;
  if ("n" in value) return value.n === "inf" ? Infinity : -Infinity;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, decode(item, lay)]));
};

/** Both algorithms are right to rounding, of the largest element and times the condition number, which is below 30. */
const tolerance: Readonly<Record<string, number>> = { float64: 1e-13, float32: 2e-7, int32: 0 };

function difference(got: NDArray, { dtype, shape, data }: Encoded): string | undefined {
  if (got.dtype !== dtype || `${got.shape}` !== `${shape}`) return `${got.dtype} of shape [${got.shape}], expected ${dtype} [${shape}]`;
  const actual = got.data();
  const scale = Math.max(0, ...data.map(Math.abs));
  const wrong = data.findIndex((want, i) => !close(actual[i] + 0, want + 0, tolerance[dtype], scale));
  return wrong < 0 ? undefined : `element ${wrong} is ${actual[wrong]}, expected ${data[wrong]}`;
}

const layouts: readonly ((x: NDArray) => NDArray)[] = [
  (x) => x,
  (x) => array(x.T.toArray() as number[], { dtype: x.dtype, shape: x.T.shape }).T,
];

const ops = [...new Set(cases.map(([op]) => op))];

describe("as NumPy and SciPy", () => {
  test.each(ops)("%s", (op) => {
    const found = cases
      .filter((each) => each[0] === op)
      .flatMap(([, args, result], i) =>
        layouts.flatMap((lay) => {
          const got = (linalg[op] as (...args: unknown[]) => unknown)(...(decode(args, lay) as unknown[]));
          const parts = isArray(result) ? { result } : result;
          return Object.entries(parts).flatMap(([name, expected]) => {
            const part = isArray(result) ? (got as NDArray) : (got as Readonly<Record<string, NDArray>>)[name];
            const what = difference(part, expected);
            return what === undefined ? [] : [`case ${i}, ${name}: ${what}`];
          });
        }),
      );
    expect(found).toEqual([]);
  });

  test("every function of linalg is asked", () => {
    expect(ops.sort()).toEqual(
      Object.keys(linalg)
        .filter((name) => name !== "LinAlgError")
        .sort(),
    );
  });
});
