import { deserialize, serialize } from "node:v8";
import { createContext, runInContext } from "node:vm";
import { fails } from "@ad/expect";
import ndarray from "ndarray";
import { describe, expect, test } from "vitest";
import { add, array, clip, DTypeError, einsum, eye, full, grad, NDArray, ones, ShapeError, stack, sum, zeros } from "../../src/index.js";

describe("scijs ndarrays", () => {
  const storage = Float64Array.from({ length: 24 }, (_, i) => i);
  const matrix = ndarray(storage, [4, 6]);

  test.each([
    ["dense", matrix],
    ["transposed", matrix.transpose(1, 0)],
    ["stepped", matrix.step(2, 3)],
    ["backwards", matrix.step(-1, -2)],
    ["cut out", matrix.lo(1, 2).hi(2, 3)],
    ["picked", matrix.pick(2, -1)],
    ["with a broadcast axis", ndarray(storage, [3, 6], [0, 1], 6)],
    ["of rank 0", ndarray(storage, [], [], 5)],
    ["without elements", ndarray(storage, [0, 6])],
    ["all of it at once", matrix.transpose(1, 0).lo(1, 0).step(-2, -1)],
  ])("%s: in and out share the storage", (_, view) => {
    const x = array(view);
    expect(x.shape).toEqual(view.shape);
    const out = x.ndarray();
    expect(out.data).toBe(storage);
    expect([out.shape, out.stride, out.offset]).toEqual([view.shape, view.stride, view.offset]);
    const values: number[] = [];
    const visit = (index: number[]): void => {
      const axis = index.length;
      if (axis === view.shape.length) values.push(view.get(...index));
      else for (let i = 0; i < view.shape[axis]; i++) visit([...index, i]);
    };
    visit([]);
    expect(Array.from(x.data())).toEqual(values);
    expect(x.add(1).data()).toEqual(Float64Array.from(values, (v) => v + 1));
    expect(out.shape.length === 0 ? out.get() : values.length).toBe(
      values.length === 1 && out.shape.length === 0 ? values[0] : values.length,
    );
  });

  test("a change of the caller's lists does not reach the array", () => {
    const view = ndarray(new Float64Array(4), [2, 2]);
    const x = array(view);
    view.shape[0] = 7;
    view.stride[0] = 7;
    expect(x.shape).toEqual([2, 2]);
    const out = array([[1, 2]]).ndarray();
    out.shape[0] = 9;
    expect(array([[1, 2]]).shape).toEqual([1, 2]);
  });

  test("every operation takes one", () => {
    expect(add(matrix.pick(0, null), matrix.pick(1, null)).toArray()).toEqual([6, 8, 10, 12, 14, 16]);
    expect(ones([6]).add(matrix.pick(0, null)).toArray()).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test("views of ours come out as views", () => {
    const x = array(matrix);
    expect(x.T.ndarray().data).toBe(storage);
    expect(x.T.ndarray().stride).toEqual([1, 6]);
    expect(x.slice([null, null, -1], 2).ndarray().stride).toEqual([-6]);
    expect(x.slice([null, null, -1], 2).ndarray().data).toBe(storage);
    expect(x.broadcastTo([2, 4, 6]).ndarray().stride).toEqual([0, 6, 1]);
    expect(x.reshape([2, 2, 6]).ndarray().data).toBe(storage);
    expect(x.diagonal(1).ndarray().data).toBe(storage);
    expect(x.flip(1).ndarray().data).toBe(storage);
    expect(x.expandDims(0).squeeze(0).swapaxes(0, 1).ndarray().data).toBe(storage);
    expect(x.split(2)[1].ndarray().data).toBe(storage);
    expect(x.T.reshape([24]).ndarray().data).not.toBe(storage);
  });

  test.each([
    [new Float32Array(2), "float32"],
    [new Int32Array(2), "int32"],
    [new Uint8Array(2), "int32"],
    [[1, 2], "float64"],
  ] as const)("storage of every kind: %o is %s", (data, dtype) => {
    expect(array(ndarray(data as Float32Array, [2])).dtype).toBe(dtype);
  });
});

describe("typed arrays", () => {
  test.each([
    [Float64Array.of(1, -2.5), "float64", [1, -2.5]],
    [Float32Array.of(1, -2.5), "float32", [1, -2.5]],
    [Int32Array.of(1, -2), "int32", [1, -2]],
    [Int16Array.of(1, -2), "int32", [1, -2]],
    [Int8Array.of(1, -2), "int32", [1, -2]],
    [Uint8Array.of(1, 200), "int32", [1, 200]],
    [Uint8ClampedArray.of(1, 200), "int32", [1, 200]],
    [Uint16Array.of(1, 60000), "int32", [1, 60000]],
    [Uint32Array.of(1, 4000000000), "float64", [1, 4000000000]],
  ] as const)("%o is %s", (data, dtype, values) => {
    for (const x of [array(data), add(data, 0), zeros([2], "bool").add(data)]) {
      expect(x.toArray()).toEqual(values);
      expect(x.dtype).toBe(dtype);
    }
  });

  test("array copies, an operation does not keep", () => {
    const data = Float64Array.of(1, 2);
    const x = array(data);
    data[0] = 9;
    expect(x.toArray()).toEqual([1, 2]);
  });

  test("a window on a larger buffer counts from its own start", () => {
    const data = Float64Array.of(0, 1, 2, 3).subarray(1, 3);
    expect(array(data).toArray()).toEqual([1, 2]);
    expect(sum(data).item()).toBe(3);
  });

  test("64-bit integers and bytes without a type are refused", () => {
    fails(() => array(new BigInt64Array(2) as never), DTypeError, "a BigInt64Array arrives; use a Float64Array");
    fails(() => add(1, new DataView(new ArrayBuffer(8)) as never), DTypeError, "add: a DataView arrives");
  });
});

describe("nested lists", () => {
  test.each([
    [[], [0]],
    [[[]], [1, 0]],
    [
      [[], []],
      [2, 0],
    ],
    [[1, 2], [2]],
    [
      [[1], [2]],
      [2, 1],
    ],
    [
      [[[1, 2]], [[3, 4]]],
      [2, 1, 2],
    ],
  ])("%j has shape %j", (data, shape) => {
    const x = array(data);
    expect(x.shape).toEqual(shape);
    expect(x.dtype).toBe("float64");
    expect(x.toArray()).toEqual(data);
  });

  test("booleans make bool, beside numbers they count as 0 and 1", () => {
    expect(array([true, false]).dtype).toBe("bool");
    expect(array([true, 2]).toArray()).toEqual([1, 2]);
    expect(array([[true], [false]]).toArray()).toEqual([[true], [false]]);
    expect(array(true).toArray()).toBe(true);
  });

  test.each([
    [[[1, 2], [3]], "a JS array of length 1 where a list of 2 is expected"],
    [[[1], 2], "2 (number) where a list of 1 is expected"],
    [[1, [2]], "a JS array of length 1 stands where a number is expected"],
    [[[[1]], [[1, 2]]], "a JS array of length 2 where a list of 1 is expected"],
    [[[], 1], "1 (number) where a list of 0 is expected"],
  ])("rows that differ: %j", (data, text) => {
    fails(() => array(data as never), ShapeError, `array: the nested rows differ: ${text}`);
    fails(() => add(1, data as never), ShapeError, "add: the nested rows differ");
  });

  test.each([
    [["a"], 'array: "a" stands inside a JS array; give numbers or booleans'],
    [
      [null],
      "array: null stands inside a JS array; give numbers or booleans, or arrays of one shape. JSON writes NaN and infinities as null: give NaN, Infinity or -Infinity.",
    ],
    [[1, undefined], "array: undefined stands inside a JS array"],
    [[{}], "array: an object with keys [] stands inside a JS array"],
    [[eye(2), "a"], 'array: "a" stands inside a JS array'],
    [[new BigInt64Array(1)], "array: a BigInt64Array arrives"],
  ])("no numbers: %#", (data, text) => fails(() => array(data as never), DTypeError, text));

  test.each([
    ["1", 'array: "1" is no array; give an NDArray, a number'],
    [
      null,
      "array: null is no array; give an NDArray, a number, a boolean, a typed array, nested lists of numbers or a scijs ndarray. JSON writes NaN and infinities as null: give NaN, Infinity or -Infinity.",
    ],
    [undefined, "array: undefined is no array"],
    [{ a: 1 }, 'array: an object with keys ["a"] is no array'],
    [() => 1, "array: a function is no array"],
    [new Map(), "array: a Map is no array"],
    [Promise.resolve(1), "array: a Promise is no array"],
    ["x".repeat(50), "array: a string of 50 characters is no array"],
    [3n, "array: 3 (bigint) is no array"],
  ])("no array: %#", (data, text) => fails(() => array(data as never), DTypeError, text));
});

describe("lists that hold arrays", () => {
  const f32 = (...values: number[]): NDArray => array(values, { dtype: "float32" });
  test.each<[name: string, list: unknown, values: unknown, dtype: string]>([
    [
      "a row and a list",
      [array([1, 2]), [3, 4]],
      [
        [1, 2],
        [3, 4],
      ],
      "float64",
    ],
    [
      "a list and a row",
      [[1, 2], array([3, 4])],
      [
        [1, 2],
        [3, 4],
      ],
      "float64",
    ],
    [
      "elements",
      [
        [array(1), 2],
        [3, array(4)],
      ],
      [
        [1, 2],
        [3, 4],
      ],
      "float64",
    ],
    [
      "deeper and shallower",
      [[[1, 2], array([3, 4])], [array([5, 6]), [7, array(8)]], eye(2)],
      [
        [
          [1, 2],
          [3, 4],
        ],
        [
          [5, 6],
          [7, 8],
        ],
        [
          [1, 0],
          [0, 1],
        ],
      ],
      "float64",
    ],
    [
      "numbers are weak",
      [f32(1, 2), [3.5, 4]],
      [
        [1, 2],
        [3.5, 4],
      ],
      "float32",
    ],
    ["numbers are weak first", [1, array(2, { dtype: "int32" })], [1, 2], "int32"],
    ["unless they do not fit", [1.5, array(2, { dtype: "int32" })], [1.5, 2], "float64"],
    ["booleans are bool", [array([true]), [false]], [[true], [false]], "bool"],
    ["beside numbers they count", [array([true]), [2]], [[1], [2]], "int32"],
    ["dtypes are promoted", [f32(1), array([2], { dtype: "int32" })], [[1], [2]], "float32"],
    [
      "typed arrays",
      [Float64Array.of(1, 2), Float32Array.of(3, 4)],
      [
        [1, 2],
        [3, 4],
      ],
      "float64",
    ],
    [
      "a typed array and a list",
      [[1, 2], Int32Array.of(3, 4)],
      [
        [1, 2],
        [3, 4],
      ],
      "int32",
    ],
    [
      "views",
      [eye(2).T.slice(0), eye(2).flip(1).slice(0)],
      [
        [1, 0],
        [0, 1],
      ],
      "float64",
    ],
    ["without elements", [zeros([0]), []], [[], []], "float64"],
  ])("%s", (_, list, values, dtype) => {
    const x = array(list as never);
    expect([x.toArray(), x.dtype]).toEqual([values, dtype]);
  });

  test("every operation takes one", () => {
    const x = array(2);
    expect(sum([x, 1]).item()).toBe(3);
    expect(ones([2]).add([x, 1]).toArray()).toEqual([3, 2]);
    expect(add([x, 1], [1, x]).toArray()).toEqual([3, 3]);
    expect(full([2, 2], [x, 1] as never).toArray()).toEqual([
      [2, 1],
      [2, 1],
    ]);
    expect(
      stack([
        [x, 1],
        [2, 3],
      ]).toArray(),
    ).toEqual([
      [2, 1],
      [2, 3],
    ]);
    expect(ones([2], "float32").mul([array(2, { dtype: "float32" }), 1]).dtype).toBe("float32");
    expect(ones([3, 3]).take([array(1, { dtype: "int32" }), 2]).shape).toEqual([2, 3]);
    expect(array([x, 1], { dtype: "int32", shape: [2, 1] }).toArray()).toEqual([[2], [1]]);
  });

  test("values that a transformation passed in are stacked", () => {
    const rotate = (t: NDArray): NDArray =>
      array([
        [t.cos(), t.sin().neg()],
        [t.sin(), t.cos()],
      ])
        .matmul([1, 2])
        .slice(1);
    // d/dt (sin t + 2 cos t)
    expect(grad(rotate)(0.5).item()).toBeCloseTo(Math.cos(0.5) - 2 * Math.sin(0.5), 14);
    expect(grad((x: NDArray) => sum([x, x, 1]))(ones([], "float32")).dtype).toBe("float32");
  });

  test.each<[list: unknown, text: string]>([
    [[array([1, 2]), [3]], "shapes [2] and [1] stand in one list"],
    [[array([1, 2]), 3], "shapes [2] and [] stand in one list"],
    [[1, array([1, 2])], "shapes [] and [2] stand in one list"],
    [[[1, 2], array(3)], "shapes [2] and [] stand in one list"],
    [[eye(2), eye(3)], "shapes [2, 2] and [3, 3] stand in one list"],
    [[[array(1)], []], "shapes [1] and [0] stand in one list"],
  ])("rows that differ: %#", (list, text) => {
    fails(() => array(list as never), ShapeError, `array: the nested rows differ: ${text}; give every row the same shape.`);
    fails(() => add(1, list as never), ShapeError, `add: the nested rows differ: ${text}`);
  });

  test("a list inside of itself, behind an array", () => {
    const own: unknown[] = [];
    own.push(own, own);
    fails(() => array([array(1), own] as never), ShapeError, "nested more than 64 deep");
  });
});

describe("values of another realm", () => {
  const there = createContext({});
  const theirs = <T>(code: string): T => runInContext(code, there) as T;

  test.each([
    ["Float64Array", "float64"],
    ["Float32Array", "float32"],
    ["Int32Array", "int32"],
    ["Int16Array", "int32"],
    ["Int8Array", "int32"],
    ["Uint8Array", "int32"],
    ["Uint8ClampedArray", "int32"],
    ["Uint16Array", "int32"],
    ["Uint32Array", "float64"],
  ])("a %s is %s", (name, dtype) => {
    const data = theirs<Float64Array>(`new ${name}([1, 2, 3])`);
    expect(Object.getPrototypeOf(data)).not.toBe((globalThis as unknown as Record<string, { prototype: unknown }>)[name].prototype);
    for (const x of [array(data), add(data, 0), array(ndarray(data, [3]))]) expect([x.toArray(), x.dtype]).toEqual([[1, 2, 3], dtype]);
    const x = array(data);
    data[0] = 9;
    expect(x.mul(x).sin().data()).toEqual(x.mul(x).sin().add(0).data());
    expect(x.toArray()).toEqual([1, 2, 3]);
    expect(array(theirs<Float64Array>(`new ${name}([0, 1, 2, 3]).subarray(1, 3)`)).toArray()).toEqual([1, 2]);
  });
  test("its own types are refused where ours are", () => {
    fails(() => array(theirs("new BigInt64Array(1)")), DTypeError, "a BigInt64Array arrives");
    fails(() => array(theirs("new DataView(new ArrayBuffer(8))")), DTypeError, "a DataView arrives");
    fails(() => array(theirs("new Map()")), DTypeError, "a Map is no array");
  });
  test("lists, and ndarrays without a copy", () => {
    expect(array(theirs("[[1, 2], [3, 4]]")).toArray()).toEqual([
      [1, 2],
      [3, 4],
    ]);
    const data = theirs<Float64Array>("new Float64Array(4)");
    const x = array(ndarray(data, [2, 2]));
    data[3] = 7;
    expect(x.toArray()).toEqual([
      [0, 0],
      [0, 7],
    ]);
    expect((x.ndarray().data as Float64Array).buffer).toBe(data.buffer);
    expect(x.add(1).toArray()).toEqual([
      [1, 1],
      [1, 8],
    ]);
  });
  test("subclasses and Buffers are what they extend", () => {
    class Samples extends Float32Array {}
    const samples = Samples.of(1, 2);
    for (const x of [array(samples), add(samples, 0)]) expect([x.toArray(), x.dtype]).toEqual([[1, 2], "float32"]);
    expect(array(samples).data().constructor).toBe(Float32Array);
    const bytes = array(Buffer.from([1, 255]));
    expect([bytes.toArray(), bytes.dtype]).toEqual([[1, 255], "int32"]);
    expect(array(deserialize(serialize(Float64Array.of(1, 2)))).toArray()).toEqual([1, 2]);
  });
});

describe("array's options", () => {
  test("dtype and shape", () => {
    expect(array([1, 2, 3, 4], { shape: [2, 2] }).toArray()).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(array([1, 0, 2], { dtype: "bool" }).toArray()).toEqual([true, false, true]);
    expect(array([1.7, -1.7], { dtype: "int32" }).toArray()).toEqual([1, -1]);
    expect(array(7, { dtype: "float32" }).dtype).toBe("float32");
    expect(array(new Float64Array(0), { shape: [0, 3] }).shape).toEqual([0, 3]);
    expect(array(eye(2), { dtype: "int32", shape: [4] }).toArray()).toEqual([1, 0, 0, 1]);
    expect(array([1, 2], { shape: [2] })).toBeInstanceOf(NDArray);
  });
  test("what does not fit", () => {
    fails(() => array([1, 2], { shape: [3] }), ShapeError, "array: 2 elements do not fill the shape [3]; give as many.");
    fails(() => array([1, 2], { shape: [-2] }), ShapeError, "array: the shape is [-2]; give a list of whole numbers, none negative");
    fails(
      () => array([1], { dtype: "float16" as never }),
      DTypeError,
      'array: dtype is "float16"; use one of float64, float32, int32, bool',
    );
    fails(() => array([2 ** 31], { dtype: "int32" }), DTypeError, "array: 2147483648 does not fit int32; use float64");
    fails(() => array([Number.NaN], { dtype: "int32" }), DTypeError, "array: NaN does not fit int32");
  });
});

test("a number takes the dtype of what it meets, wherever it stands", () => {
  const [f, i] = [ones([2], "float32"), ones([2], "int32")];
  expect(stack([ones([], "float32"), 1]).dtype).toBe("float32");
  expect(stack([1, ones([], "int32")]).dtype).toBe("int32");
  expect(stack([ones([], "int32"), 1.5]).toArray()).toEqual([1, 1.5]);
  expect(stack([1, 2]).dtype).toBe("float64");
  expect(stack([1, ones([], "float32"), ones([], "float64")]).dtype).toBe("float64");
  expect(einsum("i,->i", f, 2).dtype).toBe("float32");
  expect(einsum(",i->i", 2, i).dtype).toBe("int32");
  expect(clip(0.5, zeros([2], "float32"), f).dtype).toBe("float32");
  expect(clip(0.5, 0, f).dtype).toBe("float32");
  expect(clip(3, i, 2).dtype).toBe("int32");
});
