import assert from "node:assert";
import { format, inspect } from "node:util";
import { MessageChannel } from "node:worker_threads";
import { fails } from "@ad/expect";
import { iterableEquality, equals as jestEquals } from "@jest/expect-utils";
import { describe, expect, test } from "vitest";
import { observed } from "../../src/engine/intercept.js";
import {
  AxisError,
  add,
  arange,
  array,
  DTypeError,
  grad,
  isNaN as isNaNOf,
  type NDArray,
  ones,
  ShapeError,
  stack,
  TransformError,
  vjp,
  zeros,
} from "../../src/index.js";

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
    // Node asks for a string where it prints %s. A comparison in a function that it calls there throws all the same.
    expect(format("%s and %d", x, 3)).toBe(`${x.toString()} and 3`);
    expect(() => format("%d", x)).toThrow("An array is no number");
    expect(() => format("%s", { toString: () => x.add(1) > x })).toThrow("An array is no number");
    expect(() => String(x)).toThrow(TypeError);
  });

  test("the same for a value that a transformation passes in", () => {
    const branch = grad((y) => ((y as never) > 0 ? y : y.neg()));
    expect(() => branch(1)).toThrow(TypeError);
    expect(() => branch(1)).toThrow("where(condition, a, b)");
  });
});

describe("a method that is taken off its array", () => {
  test.each(["sin", "add", "reshape", "sum", "slice", "matmul", "conv", "item", "toArray", "data", "toString", "to"] as const)(
    "%s says so",
    (name) => {
      const text = `${name}: it is called without its array; call x.${name}(…).`;
      const { [name]: method } = x;
      fails(() => (method as () => unknown)(), DTypeError, text);
      fails(() => grad(({ [name]: own }) => (own as () => NDArray)())(x), DTypeError, text);
      fails(() => [1].map(method as never), DTypeError, text);
    },
  );
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

describe("JSON", () => {
  test("is what toArray gives", () => {
    const w = array([
      [1, 2.5],
      [-3, 1e300],
    ]);
    const value = { w, on: w.greater(0), n: w.sum(1).slice(0), none: zeros([2, 0]), view: w.T.slice(0) };
    const plain = Object.fromEntries(Object.entries(value).map(([key, y]) => [key, y.toArray()]));
    expect(JSON.stringify(value)).toBe(JSON.stringify(plain));
    expect(JSON.stringify(zeros([1000, 1000]).slice(0, 0))).toBe("0");
  });
  test("and array reads it", () => {
    for (const y of [ones([2, 3]), array([[true], [false]]), arange(3), array(2), zeros([2, 0])])
      expect(array(JSON.parse(JSON.stringify(y)))).toEqual(y);
    expect(array(JSON.parse(JSON.stringify(ones([2], "int32"))), { dtype: "int32" })).toEqual(ones([2], "int32"));
  });
  test("has no NaN and no infinities, and array says so", () => {
    const text = JSON.stringify(array([1, Number.NaN, -Infinity]));
    expect(text).toBe("[1,null,null]");
    expect(() => array(JSON.parse(text))).toThrow("JSON writes NaN and infinities as null");
  });
  test("of a value that a transformation passed in throws", () => {
    fails(() => grad((y: NDArray) => add(y, JSON.stringify({ y }).length))(1), TransformError, "traced by grad");
  });
});

describe("a clone is no array, so there is none", () => {
  const message = /NDArray; send x\.toArray\(\) or x\.data\(\), and call array\(…\) on what arrives/;
  test("structuredClone", () => {
    expect(() => structuredClone(x)).toThrow(message);
    expect(() => structuredClone({ deep: [x.T.slice(0)] })).toThrow(message);
    expect(() => grad((y: NDArray) => structuredClone(y))(1)).toThrow(message);
    expect(array(structuredClone(x.toArray()))).toEqual(x);
    expect(array(structuredClone(x.data()))).toEqual(x);
  });
  test("postMessage", () => {
    const { port1 } = new MessageChannel();
    expect(() => port1.postMessage({ x })).toThrow(message);
    port1.close();
  });
});

describe("deep equality", () => {
  // One value, however it came about and lies in its storage.
  const alike: Record<string, () => NDArray> = {
    "from a list": () =>
      array([
        [1, 2],
        [3, Number.NaN],
      ]),
    transposed: () =>
      array([
        [1, 3],
        [2, Number.NaN],
      ]).T,
    computed: () =>
      zeros([2, 2]).add([
        [1, 2],
        [3, Number.NaN],
      ]),
    "flipped twice": () => alike["from a list"]().flip().flip(),
    "a part of a larger one": () => stack([zeros([2, 2]), alike["from a list"]()]).slice(1),
    "with another NaN": () =>
      array([
        [1, 2],
        [3, 0],
      ]).add([
        [0, 0],
        [0, Infinity - Infinity],
      ]),
  };
  const others: Record<string, unknown> = {
    "another value": array([
      [1, 2],
      [3, 4],
    ]),
    "another value early on": array([
      [0, 2],
      [3, Number.NaN],
    ]),
    "another shape": array([1, 2, 3, Number.NaN]),
    "another rank": alike["from a list"]().reshape(1, 2, 2),
    "another dtype": alike["from a list"]().astype("float32"),
    "one value": array(1),
    "no element": zeros([0]),
    "a list": alike["from a list"]().toArray(),
    "nothing at all": undefined,
  };
  const comparers: Record<string, (a: unknown, b: unknown) => void> = {
    "assert.deepStrictEqual": (a, b) => assert.deepStrictEqual(a, b),
    toEqual: (a, b) => expect(a).toEqual(b),
    toStrictEqual: (a, b) => expect(a).toStrictEqual(b),
    "Jest's toEqual": (a, b) => assert(jestEquals(a, b, [iterableEquality])),
    "Jest's toStrictEqual": (a, b) => assert(jestEquals(a, b, [iterableEquality], true)),
  };
  describe.each(Object.entries(comparers))("by %s", (_, compare) => {
    // Each comparison gets arrays that nobody has compared before.
    const names = Object.keys(alike);
    test.each(names.flatMap((a) => names.map((b) => [a, b])))("%s is %s", (a, b) => {
      compare(alike[a](), alike[b]());
      compare({ deep: [alike[a](), 1] }, { deep: [alike[b](), 1] });
    });
    test.each(names.flatMap((a) => Object.keys(others).map((b) => [a, b])))("%s is not %s", (a, b) => {
      const [x, y] = [alike[a](), others[b]];
      // An assertion fails; nothing breaks.
      for (const pair of [
        [x, y],
        [y, x],
        [{ x }, { x: y }],
      ]) {
        let caught: unknown;
        try {
          compare(pair[0], pair[1]);
        } catch (error) {
          caught = error;
        }
        expect((caught as Error | undefined)?.name).toMatch(/^AssertionError/);
      }
    });
    test("of a single value, of none, of truth values", () => {
      compare(array(2), ones([3]).sum().sub(1));
      compare(zeros([0, 3]), zeros([3, 0]).T);
      compare(array([true, false]), array([1, -1]).greater(0));
      expect(() => compare(array(2), array(3))).toThrow();
      expect(() => compare(array(2), array(2, { dtype: "int32" }))).toThrow();
      expect(() => compare(array([true]), array([false]))).toThrow();
      expect(() => compare(zeros([0, 3]), zeros([3, 0]))).toThrow();
    });
  });
  test("by the loose assert.deepEqual, to which a NaN in a typed array equals nothing", () => {
    assert.deepEqual(array([[1], [2]]), array([1, 2]).expandDims(1));
    assert.notDeepEqual(array([1, 2]), array([1, 3]));
    assert.notDeepEqual(array([1, 2]), array([1, 2], { dtype: "int32" }));
  });
  test("changes nothing that one can see", () => {
    const base = arange(6).reshape(2, 3);
    const view = base.T;
    expect(view).toEqual(base.T.add(0));
    expect(view.toArray()).toEqual(base.T.toArray());
    expect(view.add(1).toArray()).toEqual(base.T.add(1).toArray());
    expect([...view].map((row) => row.toArray())).toEqual(base.T.toArray());
  });
});

describe("iteration", () => {
  const matrix = array([
    [1, 2],
    [3, 4],
  ]);
  test("gives the slices along the first axis", () => {
    const [a, b] = array([3, 4]);
    expect([a.shape, a.mul(b).item()]).toEqual([[], 12]);
    expect(Array.from(matrix, (row) => row.toArray())).toEqual(matrix.toArray());
    expect([...zeros([0, 2])]).toEqual([]);
    let sum = 0;
    for (const row of matrix) for (const y of row) sum += y.item();
    expect(sum).toBe(10);
  });
  test("of a single value throws", () => {
    for (const use of [() => [...array(1)], () => Array.from(array(1)), () => new Map(array(1) as never)])
      fails(use, AxisError, "iteration: an array of shape [] has no axis to iterate over; it is one value, which x.item() reads.");
    fails(
      () =>
        grad((y: NDArray) => {
          const [z] = y;
          return z;
        })(1),
      AxisError,
      "iteration: an array of shape []",
    );
  });
  test("the elements of a vector act as numbers, those of a matrix and traced ones do not", () => {
    const v = array([3, 1, 2]);
    expect(new Float64Array(v as never)).toEqual(v.data());
    expect(Float64Array.from(v, (y) => y.item())).toEqual(v.data());
    expect(Math.max(...(v as never as number[]))).toBe(3);
    expect(Array.from(v, Number)).toEqual([3, 1, 2]);
    const [first] = v;
    expect(first.dtype).toBe("float64");
    expect(() => `${first}`).toThrow("An array is no string");
    expect(() => new Float64Array(zeros([2, 2]) as never)).toThrow("A typed array of it is x.data().");
    expect(() => +(v.slice(0) as never)).toThrow("An array is no number");
    expect(() => grad((y) => y.mul(Math.max(...(y as never as number[]))).sum())(v)).toThrow("An array is no number");
  });
  test("has one pullback for all parts", () => {
    let concatenations = 0;
    const f = (p: NDArray): NDArray => [...p].reduce((sum, y, i) => sum.add(y.mul(i)), array(0));
    const [, pull] = vjp(f, arange(50));
    expect(pull(1)[0].toArray()).toEqual(Array.from({ length: 50 }, (_, i) => i));
    observed(
      (name, inputs, run) => {
        if (name === "concatenate") concatenations++;
        expect(name).not.toBe("place");
        return run(inputs);
      },
      true,
      () => pull(1),
    );
    expect(concatenations).toBe(1);
  });
  test("a value that has escaped is not read", () => {
    const kept: NDArray[] = [];
    grad((y: NDArray) => {
      kept.push(y);
      return y.sum();
    })(x);
    for (const read of [() => kept[0].toArray(), () => kept[0].data(), () => [...kept[0]], () => kept[0].add(1)])
      fails(read, TransformError, "a value of grad is used after its function has returned");
  });
  test("what is no scalar stays one error", () => {
    fails(() => x.item(), ShapeError, "item: an array of shape [2] has 2 elements, not one");
  });
});
