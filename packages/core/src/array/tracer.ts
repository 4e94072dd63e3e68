import type { NdArray } from "ndarray";
import type { Aval, Data } from "../aval.js";
import type { Device } from "../device.js";
import { showShape, TransformError } from "../errors.js";
import type { NestedValues } from "./base.js";
import { asArray, cpu, filled } from "./concrete.js";
import { NDArray } from "./ndarray.js";

let tracers = 0;

/** The number of the newest tracer. */
export const newest = (): number => tracers;

/** An array that a transformation passes to the user's function: it has a shape and a dtype, and no numbers to be read. */
export abstract class Tracer extends NDArray {
  /** Counts up: a tracer with a smaller number is older. */
  readonly serial = ++tracers;

  /** The value that it stands for, one level down; undefined where it has no numbers at all. */
  abstract readonly below: NDArray | undefined;

  get device(): Device {
    return this.below?.device ?? cpu;
  }
  lift(data: unknown, op: string, beside = true): NDArray {
    return this.below ? this.below.lift(data, op, beside) : asArray(data, op);
  }
  filled(value: number, aval: Aval): NDArray {
    return this.below ? this.below.filled(value, aval) : filled(value, aval);
  }
  moved(device: Device | undefined): NDArray {
    if ((device ?? cpu) === this.device) return this;
    throw new TransformError(
      `to: this array is traced by ${this.owner.kind}, which has no derivative of a move between devices; move it before or after.`,
    );
  }

  bottom(): NDArray | undefined {
    return this.below?.bottom();
  }

  item(): number | boolean {
    return this.#unreadable("item()");
  }
  toArray(): NestedValues {
    return this.#unreadable("toArray()");
  }
  data(): Data {
    return this.#unreadable("data()");
  }
  async read(): Promise<Data> {
    return this.#unreadable("read");
  }
  ndarray(): NdArray<Data> {
    return this.#unreadable("ndarray()");
  }
  toString(): string {
    return `array(traced by ${this.owner.kind}, shape=${showShape(this.shape)}, dtype=${this.dtype})`;
  }

  #unreadable(reader: string): never {
    throw new TransformError(
      `${reader}: this array of shape ${showShape(this.shape)} is traced by ${this.owner.kind} and has no numbers to read yet. Choose with where(condition, a, b) instead of if, return the value from the function, or return it as aux with hasAux: true.`,
    );
  }
}
