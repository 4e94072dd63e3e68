import { fails } from "@ad/expect";
import { describe, expect, test } from "vitest";
import { checkOptions, describe as describeValue } from "../src/errors.js";
import { ADError, AxisError, array, DTypeError, ShapeError, TransformError, TreeError } from "../src/index.js";

test.each([AxisError, DTypeError, ShapeError, TransformError, TreeError])("%o is an ADError of its own name", (Class) => {
  const error = new Class("text");
  expect(error).toBeInstanceOf(ADError);
  expect(error).toBeInstanceOf(Error);
  expect(String(error)).toBe(`${Class.name}: text`);
  expect(error.stack).toContain("errors.test.ts");
});

test.each([
  [undefined, "undefined"],
  [null, "null"],
  [3, "3 (number)"],
  ["a", '"a"'],
  [Symbol("a"), "Symbol(a) (symbol)"],
  [[1, 2], "a JS array of length 2"],
  [{ a: 1 }, 'an object with keys ["a"]'],
  [Object.create(null), "an object with keys []"],
  [new Date(0), "a Date"],
  [() => 1, "a function"],
  [function named() {}, "a function"],
  [Promise.resolve(), "a Promise"],
  [array([[1, 2]]), "an array of shape [1, 2] and dtype float64"],
])("describe %#", (value, text) => expect(describeValue(value)).toBe(text));

test("checkOptions", () => {
  checkOptions("op", undefined, ["axis"]);
  checkOptions("op", { axis: 1 }, ["axis"]);
  fails(
    () => checkOptions("op", { AXI: 1 }, ["axis", "other"]),
    TreeError,
    'op: there is no option "AXI"; did you mean "axis"? The options are axis, other.',
  );
  fails(() => checkOptions("op", { zzz: 1 }, ["axis", "other"]), TreeError, 'op: there is no option "zzz". The options are axis, other.');
  fails(() => checkOptions("op", null, ["axis"]), TreeError, "op: options are null; give an object with any of axis.");
  fails(() => checkOptions("op", [], ["axis"]), TreeError, "op: options are a JS array of length 0");
});

describe("an option that is not there", () => {
  const options = ["vectorize", "strategy", "chunkSize", "hasAux", "axis", "jvp", "vjp", "keepdims"];
  const message = (key: string): string => {
    try {
      checkOptions("op", { [key]: 1 }, options);
    } catch (error) {
      return (error as Error).message;
    }
    return "nothing was thrown";
  };
  test.each([
    ["axes", "axis"],
    ["jpv", "jvp"],
    ["vpj", "vjp"],
    ["keepDims", "keepdims"],
    ["keep", "keepdims"],
    ["aux", "hasAux"],
    ["vectorise", "vectorize"],
    ["chunksize", "chunkSize"],
    ["chunk_size", "chunkSize"],
    ["hasaux", "hasAux"],
    ["startegy", "strategy"],
  ])("%s may be %s", (key, meant) =>
    expect(message(key)).toBe(`op: there is no option "${key}"; did you mean "${meant}"? The options are ${options.join(", ")}.`),
  );
  test.each(["nonsense", "ax", "", "stray", "dim"])("nothing near to %j, nothing meant", (key) =>
    expect(message(key)).toBe(`op: there is no option "${key}". The options are ${options.join(", ")}.`),
  );
  test("a name without end", () =>
    expect(message("nonsense ".repeat(1e5))).toBe(
      `op: there is no option a string of 900000 characters. The options are ${options.join(", ")}.`,
    ));
});
