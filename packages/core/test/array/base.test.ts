import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { array, grad, isNaN as isNaNOf, zeros } from "../../src/index.js";

const x = array([1, 2]);

describe("an array is no number", () => {
  test.each<[string, () => unknown]>([
    ["x > 1", () => (x as never) > 1],
    ["x < y", () => x < array(1)],
    ["+x", () => +(x as never)],
    ["x * 2", () => (x as never) * 2],
    ["-x", () => -(x as never)],
    ["x >= 0", () => (x as never) >= 0],
    ["Math.max(x)", () => Math.max(x as never)],
    ["x + 1", () => (x as never) + 1],
    ["a scalar array", () => (array(3) as never) > 1],
    ["[1][array(0)]", () => [1][array(0) as never]],
  ])("%s throws a TypeError that names the replacement", (_, use) => {
    expect(use).toThrow(TypeError);
    expect(use).toThrow(/x\.greater\(y\)|item\(\)/);
  });

  test("the messages", () => {
    expect(() => +(x as never)).toThrow(
      "An array is no number: compare with x.greater(y) or x.equal(y), choose with where(condition, a, b), compute with x.add(y), read with x.item().",
    );
    expect(() => `${x}`).toThrow("An array is no string: use x.toString(), or x.item() for a single value.");
    expect(() => String(x)).toThrow(TypeError);
  });

  test("the same for a value that a transformation passes in", () => {
    const branch = grad((y) => ((y as never) > 0 ? y : y.neg()));
    expect(() => branch(1)).toThrow(TypeError);
    expect(() => branch(1)).toThrow("where(condition, a, b)");
  });
});

describe("console.log", () => {
  test("shows what toString gives", () => {
    expect(inspect(x)).toBe("array([1., 2.])");
    expect(inspect({ w: x })).toBe("{ w: array([1., 2.]) }");
    expect(inspect(isNaNOf(x))).toBe("array([false, false], dtype=bool)");
    expect(inspect(zeros([2, 2]))).toBe(zeros([2, 2]).toString());
  });
  test("of a value that a transformation passed in names the transformation", () => {
    let seen = "";
    grad((y) => {
      seen = inspect(y);
      return y.sum();
    })(x);
    expect(seen).toBe("array(traced by grad, shape=[2], dtype=float64)");
  });
});

test("JSON and spread do not hide a value", () => {
  expect(JSON.stringify(x.toArray())).toBe("[1,2]");
});
