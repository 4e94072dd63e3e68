import type { NdArray } from "ndarray";
import type { NestedValues } from "../array/base.js";
import { guard, NDArray } from "../array/ndarray.js";
import type { Aval, Data } from "./aval.js";
import type { Device } from "./device.js";
import { showShape, TransformError } from "./errors.js";
import { host } from "./host.js";
import type { Operation } from "./operation.js";
import { call, escaped } from "./trace.js";

/** A move between devices: linear, and its transpose is the move back. */
export const moving = (from: Device, to: Device): Operation => ({
  name: "to",
  forward: ([x]) => [x.to(to)],
  jvp: ([x], [t]) => [[x.to(to)], [t?.to(to)]],
  transposes: { 0: ([ct]) => (ct as NDArray).to(from) },
  vmap: ([x]) => [x.to(to)],
  record: (tape, inputs) => tape.append(inputs, [(inputs[0] as Tracer & { below: NDArray }).below.to(to)], ([ct]) => [ct?.to(from)]),
});

let tracers = 0;

/** The number of the newest tracer. */
export const newest = (): number => tracers;

/** An array that a transformation passes to the user's function: it has a shape and a dtype, and no numbers to be read. */
export abstract class Tracer extends NDArray {
  /** Counts up: a tracer with a smaller number is older. It is no field with a value: engines are slow to define one for so many classes. */
  declare readonly serial: number;

  constructor() {
    super();
    this.serial = ++tracers;
  }

  /** The value that it stands for, one level down; undefined where it has no numbers at all. */
  abstract readonly below: NDArray | undefined;

  /** An array on the same device: what meets this one becomes an array there. */
  peer(): NDArray {
    return this.below as NDArray;
  }

  get device(): Device {
    return this.peer().device;
  }
  lift(data: unknown, op: string, beside = true): NDArray {
    return this.peer().lift(data, op, beside);
  }
  filled(value: number, aval: Aval): NDArray {
    return this.peer().filled(value, aval);
  }
  moved(device: Device = host): NDArray {
    return device === this.device ? this : call(moving(this.device, device), [this])[0];
  }

  bottom(): NDArray | undefined {
    return this.below?.bottom();
  }

  item(): never {
    return unreadable(this, "item()");
  }
  toArray(): NestedValues {
    return unreadable(this, "toArray()");
  }
  data(): Data {
    return unreadable(this, "data()");
  }
  async read(): Promise<Data> {
    return unreadable(this, "read");
  }
  ndarray(): NdArray<Data> {
    return unreadable(this, "ndarray()");
  }
  toString(): string {
    return `array(traced by ${this.owner.kind}, shape=${showShape(this.shape)}, dtype=${this.dtype})`;
  }
}

/** No private method: a tracer of a class that has one has a field more. */
function unreadable({ owner, shape }: Tracer, reader: string): never {
  if (!owner.live) throw escaped(reader, owner);
  throw new TransformError(
    `${reader}: this array of shape ${showShape(shape)} is traced by ${owner.kind} and has no numbers to read yet. ${owner.remedy ?? "Choose with where(condition, a, b) instead of if, return it from the function, or as aux with hasAux: true."}`,
  );
}

guard(Tracer.prototype);
