import { fails } from "@ad/expect";
import { describe, expect, test } from "vitest";
import {
  AxisError,
  add,
  arange,
  array,
  checkpoint,
  clip,
  conv,
  type DType,
  DTypeError,
  diag,
  eye,
  grad,
  linalg,
  linspace,
  maxPool,
  mul,
  type NDArray,
  ones,
  polygamma,
  ShapeError,
  where,
  zeros,
} from "../../src/index.js";

const dtypes = ["bool", "int32", "float32", "float64"] as const;
const of = (dtype: DType) => array([1, 0], { dtype });

describe("promotion", () => {
  test.each(dtypes.flatMap((a, i) => dtypes.map((b, j) => [a, b, dtypes[Math.max(i, j)]] as const)))("%s with %s is %s", (a, b, dtype) => {
    const [x, y] = [of(a), of(b)];
    expect(x.maximum(y).dtype).toBe(dtype);
    expect(add(x, y).dtype).toBe(dtype);
    expect(mul(x, y).dtype).toBe(dtype);
    expect(where(true, x, y).dtype).toBe(dtype);
    const numeric = dtype === "bool" ? "int32" : dtype;
    expect(x.pow(y).dtype).toBe(numeric);
    expect(x.matmul(y).dtype).toBe(dtype);
    expect(x.clip(y, y).dtype).toBe(dtype);
    const floating = dtype === "float32" ? "float32" : "float64";
    expect(x.div(y).dtype).toBe(floating);
    expect(x.hypot(y).dtype).toBe(floating);
    expect(x.less(y).dtype).toBe("bool");
  });
});

describe("JS numbers are weak", () => {
  test.each([
    ["float64", 1, "float64"],
    ["float64", 0.5, "float64"],
    ["float32", 1, "float32"],
    ["float32", 0.1, "float32"],
    ["float32", 1e300, "float32"],
    ["int32", 2, "int32"],
    ["int32", -0, "int32"],
    ["int32", 0.5, "float64"],
    ["int32", Number.NaN, "float64"],
    ["int32", 2 ** 31, "float64"],
    ["bool", 1, "int32"],
    ["bool", 0.5, "float64"],
  ] as const)("%s with %f is %s", (dtype, value, expected) => {
    expect(of(dtype).add(value).dtype).toBe(expected);
    expect(of(dtype).maximum(value).dtype).toBe(expected);
    expect(where(of("bool"), of(dtype), value).dtype).toBe(expected);
    expect(where(of("bool"), value, of(dtype)).dtype).toBe(expected);
    expect(of(dtype).clip(value, value).dtype).toBe(expected);
  });

  test("a number first is weak too", () => {
    expect(add(1, of("int32")).dtype).toBe("int32");
    expect(add(0.5, of("int32")).dtype).toBe("float64");
    expect(mul(2, of("float32")).dtype).toBe("float32");
    expect(mul(2, of("bool")).dtype).toBe("int32");
    expect(add(1, 2).dtype).toBe("float64");
  });

  test("booleans and arrays of rank 0 are not", () => {
    expect(of("int32").add(true).dtype).toBe("int32");
    expect(of("bool").add(true).dtype).toBe("bool");
    expect(of("float32").add(array(1)).dtype).toBe("float64");
    expect(of("float32").add([1, 2]).dtype).toBe("float64");
    expect(of("int32").add(Float32Array.of(1, 2)).dtype).toBe("float32");
  });

  test("float32 takes the rounded number", () => {
    expect(of("float32").mul(0.1).toArray()).toEqual([Math.fround(0.1), 0]);
  });
});

describe("int32", () => {
  const max = 2 ** 31 - 1;
  const min = -(2 ** 31);
  test("wraps around in add, sub, mul, neg, abs, square, sum", () => {
    const x = array([max, min, max], { dtype: "int32" });
    expect(x.add(array([1, -1, max], { dtype: "int32" })).toArray()).toEqual([min, max, -2]);
    expect(x.sub(array([-1, 1, min], { dtype: "int32" })).toArray()).toEqual([min, max, -1]);
    expect(x.mul(x).toArray()).toEqual([1, 0, 1]);
    expect(array([123456789], { dtype: "int32" }).mul(987654321).toArray()).toEqual([Math.imul(123456789, 987654321)]);
    expect(x.neg().toArray()).toEqual([-max, min, -max]);
    expect(x.abs().toArray()).toEqual([max, min, max]);
    expect(x.square().toArray()).toEqual([1, 0, 1]);
    expect(x.sum().item()).toBe(max + min + max - 2 ** 32 + (max + min + max > max ? 0 : 2 ** 32));
    expect(x.add(1).dtype).toBe("int32");
  });
  test("matmul wraps exactly", () => {
    const x = array([65537, 3], { dtype: "int32" });
    expect(x.matmul(x).item()).toBe((Math.imul(65537, 65537) + 9) | 0);
  });
  test("div gives float64", () => {
    const q = array([7, -7, 1, 0], { dtype: "int32" }).div(array([2, 2, 0, 0], { dtype: "int32" }));
    expect(q.dtype).toBe("float64");
    expect(q.toArray()).toEqual([3.5, -3.5, Infinity, Number.NaN]);
    expect(array([1], { dtype: "int32" }).div(2).toArray()).toEqual([0.5]);
  });
  test("a negative power throws", () => {
    fails(
      () => array([2], { dtype: "int32" }).pow(-1),
      DTypeError,
      'pow: an int32 base meets the negative exponent -1; whole numbers have no such powers. Use x.astype("float64").',
    );
  });
});

test("what bool has no meaning for throws", () => {
  const x = array([true]);
  fails(() => x.neg(), DTypeError, "neg: a bool has no negative; use logicalNot, or astype first.");
  fails(() => x.sub(x), DTypeError, "sub: both operands are bool; use logicalXor, or astype first.");
  expect(x.sub(1).toArray()).toEqual([0]);
});

describe("shapes and axes that do not fit", () => {
  const x = zeros([2, 3]);
  test("broadcasting names the op, the shapes and the axis", () => {
    fails(
      () => x.add(zeros([2])),
      ShapeError,
      "add: shapes [2, 3] and [2] do not broadcast: axis -1 has 3 against 2. Each axis must agree or have length 1; use reshape or expandDims.",
    );
    fails(() => add(zeros([2, 3]), zeros([4, 3])), ShapeError, "add: shapes [2, 3] and [4, 3] do not broadcast: axis -2 has 2 against 4");
    fails(() => x.greater(zeros([2])), ShapeError, "greater: shapes [2, 3] and [2] do not broadcast");
    fails(() => x.logicalAnd(zeros([0])), ShapeError, "logicalAnd: shapes [2, 3] and [0] do not broadcast");
    fails(() => where(zeros([2], "bool"), x, 1), ShapeError, "where: shapes [2] and [2, 3] do not broadcast");
    fails(() => x.clip(zeros([2]), 1), ShapeError, "clip: shapes");
  });
  test.each([
    [2, "sum: axis 2 is out of bounds for an array of 2 axes; use -2 to 1."],
    [-3, "sum: axis -3 is out of bounds for an array of 2 axes"],
    [0.5, "sum: axis is 0.5 (number); give a whole number."],
    ["0" as never, 'sum: axis is "0"; give a whole number.'],
    [[0, 0], "sum: axes [0, 0] name an axis twice; name each once."],
    [[0, -2], "sum: axes [0, -2] name an axis twice; name each once."],
    [[0, 5], "sum: axis 5 is out of bounds"],
  ])("axis %j", (axis, text) => fails(() => x.sum(axis), AxisError, text));
  test("rank 0 has no axis", () =>
    fails(() => array(1).sum(0), AxisError, "sum: axis 0 is out of bounds for an array of 0 axes; give an array that has one."));
  test("shapes", () => {
    fails(() => zeros([2, -1]), ShapeError, "zeros: the shape is [2, -1]; give a list of whole numbers, none negative.");
    fails(() => zeros([1.5]), ShapeError, "zeros: the shape is [1.5]");
    fails(() => zeros("2" as never), ShapeError, 'zeros: the shape is "2"');
    fails(() => zeros(-1), ShapeError, "zeros: the shape is [-1]");
    fails(() => zeros([2], "int" as never), DTypeError, 'zeros: dtype is "int"; use one of float64');
    fails(() => x.astype("double" as never), DTypeError, 'astype: dtype is "double"');
  });
});

test("options where axes are wanted", () => {
  const x = zeros([2, 3]);
  const message = (op: string, key: string): string =>
    `${op}: axis is an object with keys ["${key}"]; give a whole number. Options come after the axis, which may be null.`;
  fails(() => x.sum({ axis: 0 } as never), AxisError, message("sum", "axis"));
  fails(() => x.max({ keepdims: true } as never), AxisError, message("max", "keepdims"));
  fails(() => x.softmax({ axis: 0 } as never), AxisError, message("softmax", "axis"));
  fails(() => x.sum("0" as never), AxisError, 'sum: axis is "0"; give a whole number.');
});

describe("a number that has come through", () => {
  const x = arange(6).reshape([2, 3]);
  const through = <T>(k: number, f: (x: NDArray, k: number) => T): T => {
    let out: T | undefined;
    checkpoint((own: NDArray, k: number) => {
      out = f(own, k);
      return own;
    })(x, k);
    return out as T;
  };
  test("has an array's methods and still acts as a number", () => {
    expect(through(2, (x, k) => (k as unknown as NDArray).mul(x)).toArray()).toEqual(x.mul(2).toArray());
    expect(through(2, (_, k) => k + 1)).toBe(3);
    expect(through(2, (_, k) => k > 1)).toBe(true);
    expect(through(2, (_, k) => Array.from({ length: k }, (_v, i) => i))).toEqual([0, 1]);
  });
  test("is an index, a bound, an axis, a length and a count", () => {
    expect(through(1, (x, k) => x.slice(k)).toArray()).toEqual([3, 4, 5]);
    expect(through(1, (x, k) => x.slice([k, null])).toArray()).toEqual([[3, 4, 5]]);
    expect(through(1, (x, k) => x.sum(k)).toArray()).toEqual([3, 12]);
    expect(through(-1, (x, k) => x.sum([k, 0])).item()).toBe(15);
    expect(through(3, (x, k) => x.reshape([k, -1])).shape).toEqual([3, 2]);
    expect(through(1, (x, k) => x.roll(k, k)).toArray()).toEqual([
      [2, 0, 1],
      [5, 3, 4],
    ]);
    expect(through(2, (x, k) => x.tile(k)).shape).toEqual([2, 6]);
    expect(through(2, (x, k) => x.repeat(k)).size).toBe(12);
    expect(through(4, (_, k) => [arange(k), zeros(k), eye(k), linspace(0, 1, k)].map(({ size }) => size))).toEqual([4, 4, 16, 4]);
  });
  test("is the key of a list, and text", () => {
    expect(through(1, (_, k) => ["a", "b"][k])).toBe("b");
    expect(through(2, (_, k) => `${k}`)).toBe("2");
  });
  const matrix = array([
    [4, 1],
    [1, 3],
  ]);
  const image = arange(24).reshape([1, 1, 4, 6]);
  const kernel = ones([1, 1, 2, 2]);
  const doors: Readonly<Record<string, readonly [k: number, f: (k: number) => NDArray]>> = {
    ddof: [1, (k) => matrix.variance(0, { ddof: k })],
    "ord of a vector": [3, (k) => matrix.norm(0, { ord: k })],
    "ord of a matrix": [2, (k) => linalg.norm(matrix, null, { ord: k })],
    "the rest of a shape": [-1, (k) => matrix.reshape([k])],
    "a width": [2, (k) => matrix.pad(k)],
    "a pair of widths": [2, (k) => matrix.pad([k, 1])],
    "pairs of widths": [
      2,
      (k) =>
        matrix.pad([
          [k, 0],
          [1, k],
        ]),
    ],
    "the axes of tensordot": [1, (k) => matrix.tensordot(matrix, k)],
    stride: [2, (k) => conv(image, kernel, { stride: k })],
    strides: [2, (k) => conv(image, kernel, { stride: [k, 1] })],
    padding: [
      1,
      (k) =>
        conv(image, kernel, {
          padding: [
            [k, 0],
            [0, k],
          ],
        }),
    ],
    dilation: [2, (k) => conv(image, kernel, { dilation: k })],
    groups: [1, (k) => conv(image, kernel, { groups: k })],
    window: [2, (k) => maxPool(image, { window: [k, 1], stride: k })],
    "the exponent of a matrix": [-2, (k) => linalg.matrixPower(matrix, k)],
    start: [2, (k) => linspace(k, 5, 3)],
    stop: [2, (k) => linspace(0, k, 3)],
    "the order of polygamma": [1, (k) => polygamma(k, matrix)],
    "a diagonal": [1, (k) => diag(matrix, k)],
    "a diagonal's place": [1, (k) => diag(matrix.slice(0), k)],
    "an offset": [1, (k) => matrix.diagonal(k)],
  };
  test.each(Object.entries(doors))("is %s, the pullback of a checkpoint included", (_, [k, f]) => {
    const wanted = f(k).toArray();
    expect(through(k, (_x, k) => f(k)).toArray()).toEqual(wanted);
    let seen: unknown;
    grad((x) =>
      checkpoint((x: NDArray, k: number) => {
        seen = f(k).toArray();
        return x.sum();
      })(x, k),
    )(x);
    expect(seen).toEqual(wanted);
  });
  test("is none where it is an array, or a fraction where a whole number is wanted", () => {
    fails(() => +(array(2) as unknown as number), TypeError, "An array is no number");
    fails(() => through(0.5, (x, k) => x.sum(k)), AxisError, "sum: axis is 0.5 (number); give a whole number.");
    fails(() => grad((k) => k.mul(+(k as unknown as number)))(2), TypeError, "An array is no number");
  });
});

test("a bound of clip that is missing leaves its side open, as in NumPy", () => {
  const x = array([1, 2, 5]);
  expect([x.clip(2), x.clip(undefined, 3), x.clip(null, 3), clip(x, 2, null), x.clip()].map((y) => y.toArray())).toEqual([
    [2, 2, 5],
    [1, 2, 3],
    [1, 2, 3],
    [2, 2, 5],
    [1, 2, 5],
  ]);
  const ends = array([-(2 ** 31), 2 ** 31 - 1], { dtype: "int32" });
  expect(ends.clip(null, 7)).toEqual(array([-(2 ** 31), 7], { dtype: "int32" }));
  expect(ends.clip(7)).toEqual(array([7, 2 ** 31 - 1], { dtype: "int32" }));
  expect(clip(0.5, null, zeros([2], "float32")).dtype).toBe("float32");
  expect(grad((y: NDArray) => y.clip(null, 2).sum())(x).toArray()).toEqual([1, 1, 0]);
});
