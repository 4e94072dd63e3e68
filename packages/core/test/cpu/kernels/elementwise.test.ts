import { describe, expect, test } from "vitest";
import { elementwise } from "../../../src/cpu/kernels/elementwise.js";
import { Aval } from "../../../src/engine/aval.js";
import { elementwise as rows } from "../../../src/primitives/elementwise.js";
import { pow } from "../../../src/primitives/special.js";
import { ulp } from "../../ulps.js";

const numbers = [0, 1, 1.5, 3, 0.1, 1e-160, 1e-105, 5e-324, 1e103, 1e154, 1.7e308, Infinity].flatMap((x) => [x, -x]).concat(Number.NaN);

test.each([2, 3, 0.5, 1, -1, 2.5, 0])("one exponent for all: %d", (exponent) => {
  const storage = Float64Array.from(numbers);
  const aval = new Aval([storage.length], "float64");
  const x = { aval, storage, stride: [1], offset: 0 };
  const y = { aval, storage: Float64Array.of(exponent), stride: [0], offset: 0 };
  const out = Array.from(elementwise.pow([x, y], undefined as never, aval));
  const wrong = out.flatMap((actual, i) => {
    const wanted = pow(numbers[i], exponent);
    const isNear = Object.is(actual, wanted) || Math.abs(actual - wanted) <= 2 * ulp(wanted);
    return isNear ? [] : [[numbers[i], actual, wanted]];
  });
  expect(wrong).toEqual([]);
});

describe("a kernel computes its row's value", () => {
  const whole = [0, 1, 2, 3, 7, 31, 65537, 2 ** 31 - 1].flatMap((x) => [x, -x]);
  const of = (values: readonly number[], dtype: "float64" | "int32") => {
    const storage = dtype === "int32" ? Int32Array.from(values) : Float64Array.from(values);
    return { aval: new Aval([values.length], dtype), storage, stride: [1], offset: 0 };
  };
  const isExact = (promote: string): boolean => promote !== "real" && promote !== "truth";
  const { polygamma: _, wrapIndex: _w, clamp: _c, ...plain } = rows;

  test.each(Object.entries(plain).map(([name, row]) => ({ name: name as keyof typeof plain, row })))("$name", ({ name, row }) => {
    for (const dtype of ["float64", ...(isExact(row.promote) ? (["int32"] as const) : [])] as const) {
      // A negative exponent throws where numbers are whole.
      const all = dtype === "float64" ? numbers : whole.filter((x) => name !== "pow" || x >= 0);
      const xs = row.arity === 1 ? all : all.flatMap((x) => all.map(() => x));
      const ys = row.arity === 1 ? [] : all.flatMap(() => all);
      const form = (dtype === "int32" && row.int) || row.value;
      const operands = [of(xs, dtype), ...(row.arity === 1 ? [] : [of(ys, dtype)])];
      const aval = new Aval([xs.length], row.promote === "truth" ? "bool" : dtype);
      const out = elementwise[name](operands, {} as never, aval);
      const wanted = xs.map((x, i) => form(x, ys[i]));
      expect(Array.from(out)).toEqual(Array.from(of(wanted, dtype).storage));
    }
  });
});
