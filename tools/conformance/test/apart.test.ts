import type { NDArray } from "@ad/core";
import { isFloat } from "@ad/core/internals/trace";
import { expect, test } from "vitest";
import { linalgNames } from "../src/operations/linalg.js";
import { casesOf, type Entry, linalgEntries, primitiveEntries, primitiveNames } from "../src/suite.js";

/** The first sample of each primitive and each factorisation, whose kernels may have something of their own. */
const first = ([entry]: readonly Entry[]) => casesOf(entry).slice(0, 1);
const cases = [
  ...primitiveNames.map((name) => first(primitiveEntries(name))),
  ...linalgNames.map((name) => first(linalgEntries(name))),
].flat();

/** The numbers of a call's results, or the message of its error. */
function found(f: (...operands: NDArray[]) => readonly NDArray[], operands: readonly NDArray[]): string {
  try {
    return f(...operands)
      .map((y) => y.data().join())
      .join(";");
  } catch (error) {
    return String(error);
  }
}

const scaled = (x: NDArray, by: number): NDArray => (isFloat(x.dtype) ? x.mul(by) : x);

test.each([1e-200, 1e200, Number.NaN])("a call of numbers times %s leaves nothing to the next one, whichever that is", (by) => {
  const alone = cases.map(({ f, example }) => found(f, example(0)));
  const off: string[] = [];
  for (const before of cases) {
    const operands = before.example(0).map((x) => scaled(x, by));
    for (const [i, { label, f, example }] of cases.entries()) {
      found(before.f, operands);
      if (found(f, example(0)) !== alone[i]) off.push(`${label} after ${before.label}`);
    }
  }
  expect(off).toEqual([]);
});
