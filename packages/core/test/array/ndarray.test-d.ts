import ndarray, { type NdArray } from "ndarray";
import { expectTypeOf } from "vitest";
import {
  type ArrayLike,
  add,
  array,
  type Data,
  type DType,
  type NDArray,
  type NestedValues,
  read,
  type Shape,
  split,
  sum,
  unstack,
  where,
  zeros,
} from "../../src/index.js";

const x = array([
  [1, 2],
  [3, 4],
]);

expectTypeOf(x).toEqualTypeOf<NDArray>();
expectTypeOf(x.shape).toEqualTypeOf<Shape>();
expectTypeOf(x.dtype).toEqualTypeOf<DType>();
expectTypeOf(x.item()).toEqualTypeOf<number>();
const isLess: boolean = x.less(1).item();
expectTypeOf(x.item<boolean>()).toEqualTypeOf<boolean>();
add(+isLess, x.item() * 2);
// @ts-expect-error an element is no string
const text: string = x.item();
add(text as never, 1);
expectTypeOf(x.toArray()).toEqualTypeOf<NestedValues>();
expectTypeOf(x.data()).toEqualTypeOf<Data>();
expectTypeOf(x.ndarray()).toExtend<NdArray<Data>>();
expectTypeOf(read(x)).resolves.toEqualTypeOf<Data>();
expectTypeOf(split(x, 2)).toEqualTypeOf<NDArray[]>();

// Whatever counts as an array.
expectTypeOf<number>().toExtend<ArrayLike>();
expectTypeOf<boolean>().toExtend<ArrayLike>();
expectTypeOf<Uint8ClampedArray>().toExtend<ArrayLike>();
expectTypeOf<readonly (readonly number[])[]>().toExtend<ArrayLike>();
expectTypeOf<string>().not.toExtend<ArrayLike>();
expectTypeOf<BigInt64Array>().not.toExtend<ArrayLike>();
expectTypeOf<undefined>().not.toExtend<ArrayLike>();
add(ndarray(new Float64Array(4), [2, 2]), x);
add([1, [2, [3]]], true);
where(true, 1, x);
x.add(2).mul([1, 2]).where(x, 0);
// @ts-expect-error a string is no array
add("1", x);
// A list of arrays is stacked, with numbers and typed arrays beside them.
sum([x, x]);
array([[x, 1], [new Float64Array(2), [1, x]], true]);
// @ts-expect-error nor is a list of strings
sum(["1"]);
// @ts-expect-error no such dtype
x.astype("int64");
// @ts-expect-error no such dtype
zeros([2], "double");
// @ts-expect-error a misspelt option
x.sum(0, { keepDims: true });

// Indexing.
x.slice(0, [null, 2], ":", "...", null, [null, null, -1], x.argmax(0), Int32Array.of(0));
x.set([0, ":"], [1, 2]).addAt(["...", 1], 1);
// @ts-expect-error a slice is a list, not a string
x.slice("0:2");
// @ts-expect-error the index is a list
x.set(0, 1);

// The first axis: rows, and no numbers.
for (const row of x) expectTypeOf(row).toEqualTypeOf<NDArray>();
const [first, second] = x;
add(first, second);
expectTypeOf(Array.from(x)).toEqualTypeOf<NDArray[]>();
expectTypeOf(unstack(x, 1)).toEqualTypeOf<NDArray[]>();
// @ts-expect-error rows are arrays to the types: x.data()
new Float64Array(x);
// @ts-expect-error no JS array: x.slice(0)
x[0];
// @ts-expect-error nor has it a length: x.shape[0], x.size
x.length;

// Values do not change.
// @ts-expect-error shape is read-only
x.shape[0] = 3;
// @ts-expect-error so are the fields
x.dtype = "int32";
