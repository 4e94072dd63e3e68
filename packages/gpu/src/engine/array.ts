import { type Data, type Device, NDArray, TransformError } from "@ad/core";
import { Concrete, type Layout } from "@ad/core/internals/backend";
import { showShape } from "@ad/core/internals/checks";
import { type Aval, asArray } from "@ad/core/internals/trace";
import type { GpuView, Storage } from "./storage.js";

/** The elements of an array on the host, and where they lie in what was read. */
export interface Read {
  readonly view: Layout;
  readonly data: Data;
}

/** The part of a device that an array uses. */
interface Owner extends Device {
  /** Throws where x lives on another device and does not come along, as its dtype does not unless it is changed. */
  meet(op: string, x: NDArray, isCast?: boolean): void;
  put(x: NDArray, op?: string): NDArray;
  filled(value: number, aval: Aval): NDArray;
  readNow(x: GpuArray): Read;
  readLater(x: GpuArray): Promise<Read>;
}

/** An array on the GPU: a strided view of a storage. */
export class GpuArray extends NDArray implements GpuView {
  constructor(
    readonly owner: Owner,
    readonly aval: Aval,
    readonly storage: Storage,
    readonly stride: readonly number[],
    readonly offset: number,
  ) {
    super();
  }

  get device(): Owner {
    return this.owner;
  }

  lift(data: unknown, op: string, beside = true): NDArray {
    if (data instanceof NDArray) this.owner.meet(op, data, !beside || taking.has(op));
    const x = asArray(data, op);
    // A list that holds arrays is where these are.
    if (data instanceof NDArray || !beside || !(x instanceof Concrete)) return x;
    // Numbers have the device's own type; a Float64Array is what its user says it is.
    if (typeof data === "number") return this.filled(data, x.aval.with("float32", x.aval.weak));
    return this.owner.put(x.dtype === "float64" && Array.isArray(data) ? x.astype("float32") : x, op);
  }
  filled(value: number, aval: Aval): NDArray {
    return this.owner.filled(value, aval);
  }

  /** A value that has to be waited for counts as unknown. */
  bottom(): undefined {
    return undefined;
  }
  moved(device: NDArray["device"] | undefined): NDArray {
    if (device === this.owner) return this;
    const { view, data } = this.owner.readNow(this);
    const host = new Concrete(view.aval, data, view.stride, view.offset);
    return device === undefined ? host : device.put(host);
  }
  async read(): Promise<Data> {
    const { view, data } = await this.owner.readLater(this);
    return new Concrete(view.aval, data, view.stride, view.offset).data();
  }

  item(): never {
    return this.#unreadable("item()");
  }
  toArray(): never {
    return this.#unreadable("toArray()");
  }
  data(): never {
    return this.#unreadable("data()");
  }
  ndarray(): never {
    return this.#unreadable("ndarray()");
  }
  toString(): string {
    return `array(on ${this.owner.name}, shape=${showShape(this.shape)}, dtype=${this.dtype})`;
  }

  #unreadable(reader: string): never {
    throw new TransformError(
      `${reader}: this array of shape ${showShape(this.shape)} lives on ${this.owner.name}, which cannot answer at once; use await read(x), or x.to("cpu"), which waits.`,
    );
  }
}

/** An array of the CPU: one value, however often. */
export const comesAlong = (x: NDArray): boolean =>
  x instanceof Concrete && (x.size <= 1 || x.stride.every((step, i) => step === 0 || x.shape[i] === 1));

/** The operations whose values take the dtype of the array that they get into. */
const taking: ReadonlySet<string> = new Set(["set", "addAt", "scatterAdd"]);
