import ndarray, { type NdArray } from "ndarray";
import type { NestedValues } from "../array/base.js";
import { guard, NDArray } from "../array/ndarray.js";
import { print } from "../array/print.js";
import { below, isRowMajor } from "../array/views.js";
import { type Aval, type Data, isFloat } from "../engine/aval.js";
import type { Device } from "../engine/device.js";
import { ShapeError, showShape } from "../engine/errors.js";
import { host } from "../engine/host.js";
import type { View } from "../engine/kernels.js";
import type { Trace } from "../engine/trace.js";
import { NotCloned, type Pending, type Stored } from "./arena.js";
import { compact, isLent, share } from "./storage.js";

/** The pending operation of an array whose numbers are computed already: none. */
const nothing: Pending = { ...new NotCloned(), users: 0, holds: true, operands: [], data: new Uint8Array(0), storage: new Uint8Array(0) };

/** An array that holds numbers: a strided view of a typed array. */
export class Concrete extends NDArray implements View<Data>, Stored {
  private numbers: Data | undefined;

  /** @param pending the operation that gives the storage once it is asked for */
  constructor(
    readonly aval: Aval,
    storage: Data | undefined,
    public stride: readonly number[] = aval.stride,
    public offset = 0,
    public pending: Pending = nothing,
  ) {
    super();
    this.numbers = storage;
  }

  /** Brings the elements into row-major order, in storage of their own, and gives every NaN the same bits. */
  override normalise(): void {
    const { aval, storage } = this;
    const own = (isRowMajor(this) && storage.length === aval.size ? storage : this.data()) as Float64Array;
    if (isFloat(aval.dtype)) for (let i = 0; i < own.length; i++) if (Number.isNaN(own[i])) own[i] = Number.NaN;
    this.adopt(own);
  }

  /** Refers to storage of its own. */
  adopt(own: Data, stride = this.aval.stride): void {
    this.numbers = own;
    this.stride = stride;
    this.offset = 0;
    this.pending = nothing;
  }

  get storage(): Data {
    return (this.numbers ??= this.pending.storage);
  }

  /** Values of the prototype, which array/convert.ts sets: the engine reads them as constants, and a getter of a variable is none. */
  declare readonly owner: Trace;
  declare readonly device: Device;

  lift(data: unknown, op: string): NDArray {
    const x = host.asArray(data, op);
    // An array of another device throws unless this one may go there.
    if (x.device !== host) x.lift(this, op);
    return x;
  }
  filled(value: number, aval: Aval): NDArray {
    return host.filled(value, aval);
  }

  bottom(): NDArray {
    return this;
  }
  moved(device: Device = host): NDArray {
    return device === host ? this : device.put(this);
  }
  async read(): Promise<Data> {
    return this.data();
  }

  item<T extends number | boolean>(): T {
    if (this.size !== 1)
      throw new ShapeError(`item: an array of shape ${showShape(this.shape)} has ${this.size} elements, not one; use toArray or data.`);
    return valueAt(this, this.offset) as T;
  }
  toArray(): NestedValues {
    const nest = (axis: number, at: number): NestedValues => {
      if (axis === this.ndim) return valueAt(this, at);
      return below(this.shape[axis]).map((i) => nest(axis + 1, at + i * this.stride[axis]));
    };
    return nest(0, this.offset);
  }
  data(): Data {
    return compact(this).slice() as Data;
  }
  ndarray(): NdArray<Data> {
    if (isLent(this.storage)) this.adopt(this.data());
    share(this.storage);
    return ndarray(this.storage, this.shape.slice(), this.stride.slice(), this.offset);
  }
  toString(): string {
    return print(this);
  }
}

/** No private method: an array of a class that has one has a field more. */
const valueAt = ({ dtype, storage }: Concrete, at: number): number | boolean => (dtype === "bool" ? storage[at] !== 0 : storage[at]);

guard(Concrete.prototype);
