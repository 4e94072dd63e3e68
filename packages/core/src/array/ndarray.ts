import type { Device } from "../engine/device.js";
import { DTypeError, describe, TransformError } from "../engine/errors.js";
import type { ArrayBase } from "./base.js";
import { ConvolutionArray } from "./convolution.js";

/**
 * An immutable n-dimensional array: the one type that a function to be transformed mentions. It holds numbers, or stands for
 * what a transformation passes in. Operations are methods, and functions of the same names.
 *
 * @example
 * const x = array([[1, 2], [3, 4]]);
 * x.mul(10).sum(0).toArray(); // [40, 60]
 * x instanceof NDArray; // true
 */
export abstract class NDArray extends ConvolutionArray {
  /** @internal For what extends it. */
  constructor() {
    super();
    if (new.target === NDArray) throw new DTypeError("NDArray: it is abstract; make arrays with array(data), zeros(shape) and their like.");
  }

  /**
   * This array on a device, of the same shape and dtype; differentiable.
   *
   * @param device "cpu", or a device such as the result of webgl()
   * @throws TransformError where there is no such device, DTypeError where the device does not have the dtype
   * @example
   * array([1, 2]).to("cpu").toArray(); // [1, 2]
   */
  to(device: "cpu" | Device): NDArray {
    if (device === this.device) return this;
    if (device !== "cpu" && typeof device?.put !== "function")
      throw new TransformError(`to: the device is ${describe(device)}; give "cpu" or a device such as the result of webgl().`);
    return this.moved(device === "cpu" ? undefined : device);
  }
}

/** The names of methods that no user calls, and that operations call often. */
const internal = ["constructor", "lift", "filled", "peer", "bottom", "moved", "normalise"];

/** Lets the methods of one prototype say so where they are taken off their array, as in `const { sin } = x`. */
export function guard(prototype: object): void {
  for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(prototype)))
    if (typeof value === "function" && !internal.includes(name))
      Object.defineProperty(prototype, name, {
        value(this: unknown, ...args: unknown[]): unknown {
          if (!this) throw new DTypeError(`${name}: it is called without its array; call x.${name}(…).`);
          return value.apply(this, args);
        },
      });
}

for (let at: object = NDArray.prototype; at !== Object.prototype; at = Object.getPrototypeOf(at)) guard(at);

/** Returns whether a value is an array of this copy of the library. */
export const isNDArray = (value: unknown): value is NDArray => value instanceof NDArray;

export type { ArrayBase };
