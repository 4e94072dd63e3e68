import { fails } from "@ad/expect";
import { describe, expect, test } from "vitest";
import { checkOptions, describe as describeValue } from "../../src/engine/errors.js";
import {
  ADError,
  AxisError,
  array,
  checkpoint,
  customJvp,
  customOp,
  customVjp,
  DTypeError,
  grad,
  type NDArray,
  NDArray as NDArrayClass,
  ShapeError,
  TransformError,
  TreeError,
  valueAndGrad,
  zeros,
} from "../../src/index.js";

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
  [{ shape: [2], dtype: "float64" }, 'an object with keys ["shape","dtype"]'],
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

describe("what is passed in place of options", () => {
  test.each([
    [array([1, 2]), "an array of shape [2] and dtype float64"],
    [new Float64Array(2), "a Float64Array"],
    [new Map(), "a Map"],
    [Promise.resolve(), "a Promise"],
    [[1], "a JS array of length 1"],
    [1, "1 (number)"],
  ])("%#", (value, text) =>
    fails(() => checkOptions("op", value, ["axis"]), TreeError, `op: options are ${text}; give an object with any of axis.`),
  );

  test("of what returns a function, the arguments", () => {
    const later = (op: string, form = "f"): string => `${op}(${form}) returns a function: call ${op}(${form})(x).`;
    const f = (y: NDArray): NDArray => y.sum();
    for (const x of [array([1, 2]), 1, [1, 2], new Float64Array(2), "x", null])
      for (const [op, run] of Object.entries({ grad, valueAndGrad }))
        fails(() => (run as (...all: unknown[]) => unknown)(f, x), TreeError, `give an object with any of argnums, hasAux. ${later(op)}`);
    fails(
      () => grad(f, { w: array(1) } as never),
      TreeError,
      `grad: there is no option "w". The options are argnums, hasAux. ${later("grad")}`,
    );
    const given = f as never;
    fails(() => (checkpoint as (...all: unknown[]) => unknown)(f, array(1)), TreeError, later("checkpoint"));
    fails(() => customVjp(f, array([1]) as never), TransformError, `customVjp: an array of shape [1] and dtype float64 is no function`);
    fails(() => customVjp(f, array([1]) as never), TransformError, later("customVjp", "f, rule"));
    fails(() => (customJvp as (...all: unknown[]) => unknown)(f, given, 1), TreeError, `customJvp: 1 (number) is one argument too many`);
    fails(() => (customOp as (...all: unknown[]) => unknown)({ forward: f }, 1), TreeError, later("customOp", "rules"));
  });
});

test("NDArray has no constructor for users", () => {
  const Any = NDArrayClass as unknown as new () => unknown;
  fails(() => new Any(), DTypeError, "NDArray: it is abstract; make arrays with array(data), zeros(shape) and their like.");
  expect(array(1)).toBeInstanceOf(NDArrayClass);
});

test("an index into no elements", () =>
  fails(() => zeros([0]).take(0), ShapeError, "take: index 0 is out of bounds for an axis of 0; there is none to take."));

test("a function of one array that is given a list", () => {
  const sum = (x: NDArray): NDArray => x.square().sum();
  const message = "x.square is not a function: a list of arrays arrives; where it takes one array, give array(list).";
  expect(() => grad(sum)([1, 2] as never)).toThrow(message);
  // An error of its own stays as it is: inside of another transformation, without a list, and of another kind.
  expect(() => grad((x: NDArray) => grad(sum)([x, x] as never) as never)(1)).toThrow(new TypeError(message));
  expect(() => grad((x: { y: NDArray }) => sum(x as never))({ y: array(1) })).toThrow(new TypeError("x.square is not a function"));
  const own = new RangeError("mine");
  expect(() =>
    grad((_: NDArray[]): NDArray => {
      throw own;
    })([array(1)]),
  ).toThrow(own);
});
