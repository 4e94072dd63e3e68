import type { NdArray } from "ndarray";
import type { Aval, Data, DType, Shape } from "../engine/aval.js";
import type { Device } from "../engine/device.js";
import type { Trace } from "../engine/trace.js";
import type { NDArray } from "./ndarray.js";

/** Typed arrays that can be taken as arrays; integers narrower than 32 bits become int32, Uint32Array becomes float64. */
export type TypedArray =
  | Float64Array
  | Float32Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray;

/** A scijs `ndarray` over numbers. */
export type ScijsArray = NdArray<TypedArray | number[]>;

/** Nested JS arrays of numbers, booleans and arrays, all rows of one shape; arrays, traced ones too, are stacked. */
export type Nested = readonly (number | boolean | NDArray | TypedArray | Nested)[];

/**
 * Everything that an operation takes where it wants an array.
 *
 * An operation that gets something else throws: a DTypeError for a value that is none of these, or stands in a list and is neither a number,
 * nor a boolean, nor an array; a ShapeError for rows that differ in shape, or a scijs ndarray that does not lie within its data; a TransformError for
 * an array that another copy of this library has made, or a transformation whose function has returned.
 */
export type ArrayLike = NDArray | number | boolean | TypedArray | Nested | ScijsArray;

/** Nested JS arrays as `toArray` gives them; a bare value for rank 0. */
export type NestedValues = number | boolean | NestedValues[];

/** The mark by which one copy of this library knows an array of another copy. */
export const brand: unique symbol = Symbol.for("@ad/core array");

/** The values that iterating a vector has given: they act as numbers, as NumPy's scalars do, so that `new Float64Array(x)` has them. */
export const elements = new WeakSet<ArrayBase>();

/** The root of the array classes: an array has an owner (the trace that it belongs to) and an abstract value. */
export abstract class ArrayBase {
  abstract readonly owner: Trace;
  abstract readonly aval: Aval;

  /**
   * The device that the numbers live on.
   *
   * @example
   * array([1, 2]).device.name; // "cpu"
   */
  abstract readonly device: Device;

  get [brand](): true {
    return true;
  }

  /**
   * The length of each axis.
   *
   * @example
   * zeros([2, 3]).shape; // [2, 3]
   * array(1).shape; // []
   */
  get shape(): Shape {
    return this.aval.shape;
  }

  /**
   * The number of axes.
   *
   * @example
   * zeros([2, 3]).ndim; // 2
   */
  get ndim(): number {
    return this.aval.shape.length;
  }

  /**
   * The number of elements.
   *
   * @example
   * zeros([2, 3]).size; // 6
   */
  get size(): number {
    return this.aval.size;
  }

  /**
   * The type of the elements.
   *
   * @example
   * array([1, 2]).dtype; // "float64"
   * array([1, 2]).greater(1).dtype; // "bool"
   */
  get dtype(): DType {
    return this.aval.dtype;
  }

  /** @internal JS data as an array, beside this one or on the CPU; throws an error in the name of `op` where it is none. */
  abstract lift(data: unknown, op: string, beside?: boolean): NDArray;

  /** @internal The numbers beneath all transformations; undefined where shapes alone are known. */
  abstract bottom(): NDArray | undefined;

  /** @internal The same numbers on a device; undefined is the CPU. */
  abstract moved(device: Device | undefined): NDArray;

  /** @internal The elements in row-major order, once the device has them. */
  abstract read(): Promise<Data>;

  /** @internal One value at every position. */
  abstract filled(value: number, aval: Aval): NDArray;

  /** @internal Makes the fields of two arrays equal where the arrays are. */
  normalise(): void {}

  /**
   * The only element, as a JS number, of bool as a boolean: types cannot tell, and say number unless a boolean is wanted.
   *
   * @throws ShapeError unless the size is 1, TransformError where the array is traced by a transformation, or lives on a device that cannot
   * answer at once
   * @example
   * array([[7]]).item(); // 7
   * array([1, 2]).sum().item(); // 3
   * const isLess: boolean = array(1).less(2).item();
   * isLess; // true
   */
  abstract item<T extends number | boolean = number>(): T;

  /**
   * The elements as nested JS arrays of numbers, of bool as booleans; for shape [] a bare number or boolean.
   *
   * @throws TransformError where the array is traced by a transformation, or lives on a device that cannot answer at once
   * @example
   * array([1, 2, 3, 4]).reshape(2, 2).toArray(); // [[1, 2], [3, 4]]
   */
  abstract toArray(): NestedValues;

  /**
   * The elements as a new typed array of the dtype, in row-major order; bool gives a Uint8Array of 0 and 1.
   *
   * @throws TransformError where the array is traced by a transformation, or lives on a device that cannot answer at once: use read
   * @example
   * array([[1, 2], [3, 4]]).T.data(); // [1, 3, 2, 4]
   */
  abstract data(): Data;

  /**
   * A scijs `ndarray` over the same storage, so do not write to it. Nothing is copied, unless an operation on the array may still read it.
   *
   * @throws TransformError where the array is traced by a transformation, or lives on a device that cannot answer at once
   * @example
   * const { shape, stride } = array([[1, 2, 3], [4, 5, 6]]).T.ndarray();
   * shape; // [3, 2]
   * stride; // [1, 3]
   */
  abstract ndarray(): NdArray<Data>;

  /**
   * The text is NumPy's: long arrays are abbreviated. An array that a transformation passes in shows its shape and its dtype.
   *
   * @example
   * array([1, 2]).toString(); // "array([1., 2.])"
   */
  abstract toString(): string;

  /**
   * The result of toArray, for JSON.stringify; `array(JSON.parse(text), { dtype })` reads it. JSON has no NaN and no infinities: it writes null.
   *
   * @throws as {@link NDArray.toArray} does
   * @example
   * JSON.parse(JSON.stringify(array([[1, 2], [3, 4]]))); // [[1, 2], [3, 4]]
   */
  toJSON(): NestedValues {
    return this.toArray();
  }

  /** node:assert, vitest and Jest read it first when they compare arrays in depth. */
  get [Symbol.toStringTag](): string {
    this.normalise();
    return "NDArray";
  }

  /**
   * Arrays are not numbers, not even those of rank 0: `x > y`, `+x` and `${x}` throw instead of taking a branch silently. A JS number that became
   * an array and is not traced still acts as a number, as in `k + 1` and `i < k`. So do the elements of a vector that is iterated. Node asks for a
   * string too where a format of `console.log` has `%s`: it gets one.
   *
   * @param hint what JavaScript wants: "string", "number" or "default"
   */
  [Symbol.toPrimitive](hint: string): number | string {
    if ((this.aval.weak || (hint !== "string" && elements.has(this))) && this.bottom() === (this as ArrayBase)) return this.item();
    // Node's formats and templates ask for the same: the stack alone tells them apart.
    if (hint === "string" && new Error().stack?.includes("formatWithOptions")) return this.toString();
    const { kind, remedy } = this.owner;
    throw new TypeError(
      (hint === "string"
        ? "An array is no string: use x.toString(), or x.item() for a single value."
        : "An array is no number: compare with x.greater(y) or x.equal(y), choose with where(condition, a, b), compute with x.add(y), read with x.item(). A typed array of it is x.data().") +
        (remedy ? ` It is traced by ${kind}. ${remedy}` : ""),
    );
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}
