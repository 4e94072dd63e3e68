import { Concrete } from "../cpu/concrete.js";
import { Cpu } from "../cpu/device.js";
import { reach } from "../cpu/kernels/loops.js";
import { allocate, constructors, share } from "../cpu/storage.js";
import { Aval, common, type Data, type DType, type Shape, sameShape, sizeOf, weakness } from "../engine/aval.js";
import { DTypeError, describe, ShapeError, showShape, TransformError } from "../engine/errors.js";
import { setHost } from "../engine/host.js";
import { bind } from "../engine/trace.js";
import { brand, type Nested, type ScijsArray } from "./base.js";
import { NDArray } from "./ndarray.js";
import { cast, weakDType } from "./operands.js";

const native: Readonly<Record<string, DType>> = { Float64Array: "float64", Float32Array: "float32", Int32Array: "int32" };

/** The storage and dtype that a typed array or a list of numbers becomes; nothing is copied where its type is one of ours, even if it comes from another realm or is a subclass. */
function store(values: unknown, op: string): [Data, DType] {
  const tag: string = (values as Data)[Symbol.toStringTag];
  const dtype = native[tag];
  if (dtype) {
    const Own = constructors[dtype];
    const { constructor, buffer, byteOffset, length } = values as Data;
    return [constructor === Own ? (values as Data) : new Own(buffer as ArrayBuffer, byteOffset, length), dtype];
  }
  if (/^(Int8|Int16|Uint8|Uint8Clamped|Uint16)Array$/.test(tag)) return [Int32Array.from(values as Uint8Array), "int32"];
  if (tag === "Uint32Array" || Array.isArray(values)) return [Float64Array.from(values as number[]), "float64"];
  throw new DTypeError(`${op}: ${describe(values)} arrives; use a Float64Array, Float32Array, Int32Array or a narrower integer array.`);
}

const isPart = (value: unknown): boolean => value instanceof NDArray || ArrayBuffer.isView(value);

/** Nested lists that hold arrays, stacked; numbers are weak wherever they stand. */
function stacked(nested: Nested, op: string): NDArray {
  const leaves: unknown[] = [];
  const collect = (value: unknown, depth: number): void => {
    if (depth > 64) throw tooDeep(op);
    if (Array.isArray(value)) for (const inner of value) collect(inner, depth + 1);
    else if (typeof value === "number" || typeof value === "boolean" || isPart(value)) leaves.push(value);
    else throw noPart(op, value);
  };
  collect(nested, 0);
  const lifted = asArrays(leaves, op);
  const dtype = common(lifted);
  let next = 0;
  const build = (value: unknown): NDArray => {
    if (!Array.isArray(value)) return cast(lifted[next++], dtype);
    if (value.length === 0) return cast(fromNested(value, op), dtype);
    const parts = value.map(build);
    const odd = parts.find((x) => !sameShape(x.shape, parts[0].shape));
    if (odd)
      throw new ShapeError(
        `${op}: the nested rows differ: shapes ${showShape(parts[0].shape)} and ${showShape(odd.shape)} stand in one list; give every row the same shape.`,
      );
    return bind(
      "concatenate",
      parts.map((x) => x.expandDims(0)),
      { axis: 0 },
    );
  };
  return build(nested);
}

const tooDeep = (op: string): ShapeError =>
  new ShapeError(`${op}: the lists are nested more than 64 deep, or one stands inside of itself.`);

/** Says of null where it comes from most often. */
const ofNull = (value: unknown): string =>
  value === null ? " JSON writes NaN and infinities as null: give NaN, Infinity or -Infinity." : "";

const noPart = (op: string, value: unknown): DTypeError =>
  new DTypeError(`${op}: ${describe(value)} stands inside a JS array; give numbers or booleans, or arrays of one shape.${ofNull(value)}`);

/** Nested lists of numbers or booleans, all rows alike. */
function fromNested(nested: Nested, op: string): NDArray {
  const shape: number[] = [];
  for (let level: unknown = nested; Array.isArray(level); level = level[0]) {
    shape.push(level.length);
    if (shape.length > 64) throw tooDeep(op);
  }
  const size = sizeOf(shape);
  const values = allocate("float64", size);
  let count = 0;
  let booleans = 0;
  /** Returns whether the value holds an array; lists that hold arrays are stacked by operations. */
  const visit = (value: unknown, axis: number): boolean => {
    if (axis < shape.length) {
      if (isPart(value)) return true;
      if (!Array.isArray(value) || value.length !== shape[axis])
        throw new ShapeError(
          `${op}: the nested rows differ: ${describe(value)} where a list of ${shape[axis]} is expected; give every row the same length.`,
        );
      for (const inner of value) if (visit(inner, axis + 1)) return true;
    } else if (typeof value === "number") values[count++] = value;
    else if (typeof value === "boolean") {
      booleans++;
      values[count++] = +value;
    } else if (Array.isArray(value))
      throw new ShapeError(`${op}: the nested rows differ: ${describe(value)} stands where a number is expected.`);
    else if (isPart(value)) return true;
    else throw noPart(op, value);
    return false;
  };
  if (visit(nested, 0)) return stacked(nested, op);
  if (booleans === 0 || booleans < size) return new Concrete(new Aval(shape, "float64"), values);
  return new Concrete(new Aval(shape, "bool"), Uint8Array.from(values));
}

const isScijs = (value: object): value is ScijsArray => {
  const { data, shape, stride, offset } = value as Partial<ScijsArray>;
  return typeof data === "object" && Array.isArray(shape) && Array.isArray(stride) && typeof offset === "number";
};

/** The data of a scijs ndarray is shared, so its shape, stride and offset must lie within the data. */
function checkLayout({ shape, stride, offset }: ScijsArray, length: number, op: string): void {
  const isWhole = shape.length === stride.length && [...shape, ...stride, offset].every(Number.isInteger) && shape.every((n) => n >= 0);
  const isWithin = ([low, high]: readonly number[]): boolean => offset + low >= 0 && offset + high < length;
  if (!isWhole || !(shape.includes(0) || isWithin(reach(shape, stride))))
    throw new ShapeError(
      `${op}: the ndarray of shape ${showShape(shape)}, stride ${showShape(stride)} and offset ${offset} does not lie within its ${length} elements.`,
    );
}

/** Returns whether an object is meant as an array: neither a DataView nor a list of BigInts is. */
export const isArrayData = (value: object): boolean =>
  brand in value || (ArrayBuffer.isView(value) && !/Data|Big/.test(Object.prototype.toString.call(value))) || isScijs(value);

/** Turns any ArrayLike into an array. A typed array is copied, because its owner may change it; the data of a scijs ndarray is shared, as documented. */
export function asArray(value: unknown, op: string): NDArray {
  if (value instanceof NDArray) return value;
  if (typeof value === "number") return cpu.filled(value, weak[weakness(value)]);
  if (typeof value === "boolean") return cpu.filled(+value, scalars.bool);
  if (Array.isArray(value)) return fromNested(value, op);
  if (typeof value === "object" && value !== null) {
    if (brand in value)
      throw new TransformError(
        `${op}: this array was made by another copy of @ad/core. Two copies are loaded; install one (npm ls @ad/core shows them).`,
      );
    if (ArrayBuffer.isView(value)) {
      const [storage, dtype] = store(value, op);
      return new Concrete(new Aval([storage.length], dtype), storage.buffer === value.buffer ? storage.slice() : storage);
    }
    if (isScijs(value)) {
      const [storage, dtype] = store(value.data, op);
      checkLayout(value, storage.length, op);
      share(storage);
      return new Concrete(new Aval(value.shape.slice(), dtype), storage, value.stride.slice(), value.offset);
    }
  }
  throw new DTypeError(
    `${op}: ${describe(value)} is no array; give an NDArray, a number, a boolean, a typed array, nested lists of numbers or a scijs ndarray.${ofNull(value)}`,
  );
}

/** asArray for the first of two operands, on the second's device; a number has the dtype that it takes beside the second. */
export function asFirst(x: unknown, y: unknown, op: string): NDArray {
  if (!(y instanceof NDArray)) return asArray(x, op);
  return typeof x === "number" && !y.aval.weak ? y.filled(x, scalars[weakDType(y.dtype, x)]) : y.lift(x, op);
}

/** asArray for several operands: data that is not an array yet goes to the device of the first array. */
export function asArrays(values: readonly unknown[], op: string): NDArray[] {
  const like = values.find((x) => x instanceof NDArray);
  return [...values].map((x) => like?.lift(x, op) ?? asArray(x, op));
}

/** Fresh storage of a shape, filled by position. */
export function generate(shape: Shape, dtype: DType, value: (i: number) => number): NDArray {
  const aval = new Aval(shape, dtype);
  const storage = allocate(dtype, aval.size);
  for (let i = 0; i < storage.length; i++) storage[i] = value(i);
  return new Concrete(aval, storage);
}

/** The abstract values of JS numbers, by their weakness. */
const weak = ([0, 1, 2] as const).map((each) => new Aval([], "float64", each));

const scalars: Readonly<Record<DType, Aval>> = {
  float64: new Aval([], "float64"),
  float32: new Aval([], "float32"),
  int32: new Aval([], "int32"),
  bool: new Aval([], "bool"),
};

/** The default device. */
export const cpu = new Cpu(asArray);
setHost(cpu);
Object.assign(Concrete.prototype, { owner: cpu, device: cpu });
