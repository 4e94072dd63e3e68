import ndarray, { type NdArray } from "ndarray";
import { CpuArena, open, type Pending, type Stored } from "../cpu/arena.js";
import { defer } from "../cpu/fusion.js";
import { copy } from "../cpu/kernels/copy.js";
import { kernels } from "../cpu/kernels/index.js";
import { allocate, compact, constructors } from "../cpu/storage.js";
import { Aval, common, type Data, type DType, isFloat, type Shape, sameShape, sizeOf, weakness } from "../engine/aval.js";
import type { Arena, Device } from "../engine/device.js";
import { DTypeError, describe, ShapeError, showShape, TransformError } from "../engine/errors.js";
import type { KernelName, View } from "../engine/kernels.js";
import type { Operation } from "../engine/operation.js";
import { bind, Trace } from "../engine/trace.js";
import { type Params, type PrimitiveName, primitives } from "../primitives/index.js";
import { brand, type Nested, type NestedValues, type ScijsArray } from "./base.js";
import { guard, NDArray } from "./ndarray.js";
import { cast, weakDType } from "./operands.js";
import { print } from "./print.js";
import { isRowMajor, type Layout, type Strided, views } from "./views.js";

type AnyShapeRule = (inputs: readonly Aval[], params: unknown) => Aval;
type AnyView = (x: Layout, params: unknown, out: Aval) => Strided | undefined;
type AnyKernel = (inputs: readonly View<Data>[], params: unknown, out: Aval) => Data;

/** The CPU as a device: the trace at level 0, where operations are computed. */
class Cpu extends Trace implements Device {
  readonly name = "cpu";
  readonly dtypes: readonly DType[] = ["float64", "float32", "int32", "bool"];
  readonly kernels = kernels;

  constructor() {
    super("cpu", true);
  }

  process<P extends PrimitiveName>(name: P, inputs: readonly NDArray[], params: Params<P>): NDArray {
    const operands = inputs as readonly Concrete[];
    const avals = new Array<Aval>(operands.length);
    for (let i = 0; i < operands.length; i++) {
      const { owner, aval } = operands[i];
      if (owner !== this) return owner.process(name, inputs, params);
      avals[i] = aval;
    }
    const { kind, shape } = primitives[name];
    const out = (shape as AnyShapeRule)(avals, params);
    if (kind === "view") {
      const view = (views as Readonly<Record<string, AnyView>>)[name](operands[0], params, out);
      if (view) {
        const { storage } = operands[0];
        // A few elements are copied: they would keep all of a large storage alive.
        return out.size <= maxCopied && storage.length > minShared && name === "slice"
          ? copied(out, storage, view)
          : new Concrete(out, storage, view.stride, view.offset);
      }
    }
    const later = open && defer(name, operands, out, open);
    if (later) return new Concrete(out, undefined, out.stride, 0, later);
    // What waits is computed now, before a kernel puts anything into the memory that they share.
    if (open) for (const x of operands) x.storage;
    const kernel = kernels[name as KernelName] as AnyKernel;
    return new Concrete(out, kernel(operands, params, out), out.stride, 0);
  }

  call(operation: Operation, inputs: readonly NDArray[]): readonly NDArray[] {
    return inputs.find((x) => x.owner !== this && operation.shape)?.owner.call(operation, inputs) ?? operation.forward(inputs);
  }

  put(x: NDArray): NDArray {
    return x.moved(undefined);
  }

  newArena(): Arena {
    return new CpuArena(isConcrete);
  }
}

/** A slice of as few elements keeps none of a storage of so many. */
const maxCopied = 64;
const minShared = 1 << 12;

function copied(aval: Aval, storage: Data, { stride, offset }: Strided): NDArray {
  const own = allocate(aval.dtype, aval.size);
  copy(aval.shape, { storage, stride, offset }, own, { stride: aval.stride, offset: 0 });
  return new Concrete(aval, own, aval.stride, 0);
}

const isConcrete = (x: unknown): x is Concrete => x instanceof Concrete;

/** The default device. */
export const cpu = new Cpu();

/**
 * What an array waits for whose numbers are there. Every array refers to it, and structuredClone and postMessage stop at the symbol: a copy
 * of the fields would be no array. Their error says what the symbol says.
 */
const nothing: Pending & { readonly clone: symbol } = {
  clone: Symbol("an NDArray; send x.toArray() or x.data(), and call array(…) on what arrives: this"),
  users: 0,
  holds: true,
  operands: [],
  data: new Uint8Array(0),
  storage: new Uint8Array(0),
};

/** An array that holds numbers: a strided view of a typed array. */
export class Concrete extends NDArray implements View<Data>, Stored {
  private numbers: Data | undefined;

  /** @param pending the operation that gives the storage once it is asked for */
  constructor(
    readonly aval: Aval,
    storage: Data | undefined,
    public stride: readonly number[],
    public offset: number,
    public pending: Pending = nothing,
  ) {
    super();
    this.numbers = storage;
  }

  /** In row-major order, in storage without anything else, with one NaN. */
  override normalise(): void {
    const { aval, storage } = this;
    const own = (isRowMajor(this) && storage.length === aval.size ? storage : this.data()) as Float64Array;
    if (isFloat(aval.dtype)) for (let i = 0; i < own.length; i++) if (Number.isNaN(own[i])) own[i] = Number.NaN;
    this.numbers = own;
    this.stride = aval.stride;
    this.offset = 0;
    this.pending = nothing;
  }

  get storage(): Data {
    return (this.numbers ??= this.pending.storage);
  }

  get owner(): Trace {
    return cpu;
  }
  get device(): Device {
    return cpu;
  }

  lift(data: unknown, op: string): NDArray {
    const x = asArray(data, op);
    // The other device says whether this one comes along.
    if (x.device !== cpu) x.lift(this, op);
    return x;
  }
  filled(value: number, aval: Aval): NDArray {
    return filled(value, aval);
  }

  bottom(): NDArray {
    return this;
  }
  moved(device: Device = cpu): NDArray {
    return device === cpu ? this : device.put(this);
  }
  async read(): Promise<Data> {
    return this.data();
  }

  item<T extends number | boolean>(): T {
    if (this.size !== 1)
      throw new ShapeError(`item: an array of shape ${showShape(this.shape)} has ${this.size} elements, not one; use toArray or data.`);
    return this.#value(this.offset) as T;
  }
  toArray(): NestedValues {
    const nest = (axis: number, at: number): NestedValues => {
      if (axis === this.ndim) return this.#value(at);
      return Array.from({ length: this.shape[axis] }, (_, i) => nest(axis + 1, at + i * this.stride[axis]));
    };
    return nest(0, this.offset);
  }
  data(): Data {
    return compact(this).slice() as Data;
  }
  ndarray(): NdArray<Data> {
    return ndarray(this.storage, this.shape.slice(), this.stride.slice(), this.offset);
  }
  toString(): string {
    return print(this);
  }

  #value(at: number): number | boolean {
    return this.dtype === "bool" ? this.storage[at] !== 0 : this.storage[at];
  }
}

guard(Concrete.prototype);

const noStride: number[][] = [];

/** One value at every position, stored once. */
export function filled(value: number, aval: Aval): NDArray {
  const { ndim } = aval;
  noStride[ndim] ??= new Array<number>(ndim).fill(0);
  const storage = allocate(aval.dtype, 1);
  storage[0] = value;
  return new Concrete(aval, storage, noStride[ndim], 0);
}

const native: Readonly<Record<string, DType>> = { Float64Array: "float64", Float32Array: "float32", Int32Array: "int32" };

/** The storage and dtype that a typed array or a list of numbers becomes; no copy where its type is one of ours, be it of another realm or a subclass. */
function store(values: unknown, op: string): [Data, DType] {
  const tag: string = (values as Data)[Symbol.toStringTag];
  const dtype = native[tag];
  if (dtype) {
    const [Own, { constructor, buffer, byteOffset, length }] = [constructors[dtype], values as Data];
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

const noPart = (op: string, value: unknown): DTypeError =>
  new DTypeError(
    `${op}: ${describe(value)} stands inside a JS array; give numbers or booleans, or arrays of one shape.${value === null ? " JSON writes NaN and infinities as null." : ""}`,
  );

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
  /** Whether there is an array, which is stacked by operations. */
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
  if (booleans === 0 || booleans < size) {
    const aval = new Aval(shape, "float64");
    return new Concrete(aval, values, aval.stride, 0);
  }
  const aval = new Aval(shape, "bool");
  return new Concrete(aval, Uint8Array.from(values), aval.stride, 0);
}

const isScijs = (value: object): value is ScijsArray => {
  const { data, shape, stride, offset } = value as Partial<ScijsArray>;
  return typeof data === "object" && Array.isArray(shape) && Array.isArray(stride) && typeof offset === "number";
};

/** An ndarray is taken as it is, so what it says of its elements has to be true. */
function checkLayout({ shape, stride, offset }: ScijsArray, length: number, op: string): void {
  const isWhole = shape.length === stride.length && [...shape, ...stride, offset].every(Number.isInteger) && shape.every((n) => n >= 0);
  const ends = (side: number): number => shape.reduce((at, n, i) => at + (Math.sign(stride[i]) === side ? (n - 1) * stride[i] : 0), offset);
  if (!isWhole || !(shape.includes(0) || (ends(-1) >= 0 && ends(1) < length)))
    throw new ShapeError(
      `${op}: the ndarray of shape ${showShape(shape)}, stride ${showShape(stride)} and offset ${offset} does not lie within its ${length} elements.`,
    );
}

/** Whether an object is meant as an array: neither a DataView nor a list of BigInts is. */
export const isArrayData = (value: object): boolean =>
  brand in value || (ArrayBuffer.isView(value) && !/Data|Big/.test(Object.prototype.toString.call(value))) || isScijs(value);

/** Whatever counts as an array, as one. A typed array is copied, for its owner may change it; the elements of an ndarray are not, as its owner is told. */
export function asArray(value: unknown, op: string): NDArray {
  if (value instanceof NDArray) return value;
  if (typeof value === "number") return filled(value, weak[weakness(value)]);
  if (typeof value === "boolean") return filled(+value, scalars.bool);
  if (Array.isArray(value)) return fromNested(value, op);
  if (typeof value === "object" && value !== null) {
    if (brand in value)
      throw new TransformError(
        `${op}: this array was made by another copy of @ad/core. Two copies are loaded; install one (npm ls @ad/core shows them).`,
      );
    if (ArrayBuffer.isView(value)) {
      const [storage, dtype] = store(value, op);
      const aval = new Aval([storage.length], dtype);
      return new Concrete(aval, storage.buffer === value.buffer ? storage.slice() : storage, aval.stride, 0);
    }
    if (isScijs(value)) {
      const [storage, dtype] = store(value.data, op);
      checkLayout(value, storage.length, op);
      return new Concrete(new Aval(value.shape.slice(), dtype), storage, value.stride.slice(), value.offset);
    }
  }
  throw new DTypeError(
    `${op}: ${describe(value)} is no array; give an NDArray, a number, a boolean, a typed array, nested lists of numbers or a scijs ndarray.`,
  );
}

/** asArray for the first of two operands, on the second's device; a number has the dtype that it takes beside the second. */
export function asFirst(x: unknown, y: unknown, op: string): NDArray {
  if (!(y instanceof NDArray)) return asArray(x, op);
  return typeof x === "number" && !y.aval.weak ? y.filled(x, scalars[weakDType(y.dtype, x)]) : y.lift(x, op);
}

/** asArray for several operands: what is no array yet goes where the others are. */
export function asArrays(values: readonly unknown[], op: string): NDArray[] {
  const like = values.find((x) => x instanceof NDArray);
  return Array.from(values, (x) => like?.lift(x, op) ?? asArray(x, op));
}

/** Fresh storage of a shape, filled by position. */
export function generate(shape: Shape, dtype: DType, value: (i: number) => number): NDArray {
  const aval = new Aval(shape, dtype);
  const storage = allocate(dtype, aval.size);
  for (let i = 0; i < storage.length; i++) storage[i] = value(i);
  return new Concrete(aval, storage, aval.stride, 0);
}

/** What JS numbers become, by their weakness. */
const weak = ([0, 1, 2] as const).map((each) => new Aval([], "float64", each));

const scalars: Readonly<Record<DType, Aval>> = {
  float64: new Aval([], "float64"),
  float32: new Aval([], "float32"),
  int32: new Aval([], "int32"),
  bool: new Aval([], "bool"),
};
