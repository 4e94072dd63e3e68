import { expect, test } from "vitest";
import { elementwise } from "../../../src/cpu/kernels/elementwise.js";
import { pow } from "../../../src/primitives/special.js";
import { Aval } from "../../../src/engine/aval.js";
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
