import type { NdArray } from "ndarray";
import type { Aval, Data, DType, Shape } from "../aval.js";
import type { Device } from "../device.js";
import type { Trace } from "../trace.js";
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

/** Nested JS arrays of numbers or booleans, all rows of one length. */
export type Nested = readonly (number | boolean | Nested)[];

/** Everything that an operation takes where it wants an array. */
export type ArrayLike = NDArray | number | boolean | TypedArray | Nested | ScijsArray;

/** Nested JS arrays as `toArray` gives them; a bare value for rank 0. */
export type NestedValues = number | boolean | NestedValues[];

/** The mark by which one copy of this library knows an array of another copy. */
export const brand: unique symbol = Symbol.for("@ad/core array") as never;

/** What every array has before it has methods: its owner (the trace that it belongs to) and its abstract value. */
export abstract class ArrayBase {
  abstract readonly owner: Trace;
  abstract readonly aval: Aval;

  /** Where the numbers live. */
  abstract readonly device: Device;

  get [brand](): true {
    return true;
  }

  /** The length of each axis. */
  get shape(): Shape {
    return this.aval.shape;
  }

  /** The number of axes. */
  get ndim(): number {
    return this.aval.shape.length;
  }

  /** The number of elements. */
  get size(): number {
    return this.aval.size;
  }

  /** The type of the elements. */
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

  /** The only element, as a JS number or boolean; throws a ShapeError unless the size is 1. */
  abstract item(): number | boolean;

  /** The elements as nested JS arrays of numbers or booleans; a bare number or boolean for rank 0. */
  abstract toArray(): NestedValues;

  /** The elements as a new typed array in row-major order; bool gives a Uint8Array of 0 and 1. */
  abstract data(): Data;

  /** A scijs `ndarray` over the same storage: nothing is copied, so do not write to it. */
  abstract ndarray(): NdArray<Data>;

  /** As NumPy prints arrays: long ones are abbreviated. What a transformation passes in shows its shape and its dtype. */
  abstract toString(): string;

  /** Arrays are no numbers: `x > y`, `+x` and `${x}` throw instead of taking a branch silently. */
  [Symbol.toPrimitive](hint: string): never {
    throw new TypeError(
      hint === "string"
        ? "An array is no string: use x.toString(), or x.item() for a single value."
        : "An array is no number: compare with x.less(y) or x.equal(y), choose with where(condition, a, b), compute with x.add(y), and read a single value with x.item().",
    );
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}
