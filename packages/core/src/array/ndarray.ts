import type { Device } from "../device.js";
import { describe, TransformError } from "../errors.js";
import type { ArrayBase } from "./base.js";
import { ConvolutionArray } from "./convolution.js";

/**
 * An immutable n-dimensional array: the one type that a function to be transformed mentions. It holds numbers, or stands for
 * what a transformation passes in. Operations are methods, and functions of the same names.
 */
export abstract class NDArray extends ConvolutionArray {
  /** This array on a device: "cpu", or a device object. */
  to(device: "cpu" | Device): NDArray {
    if (device === this.device) return this;
    if (device !== "cpu" && typeof device?.put !== "function")
      throw new TransformError(`to: the device is ${describe(device)}; give "cpu" or a device such as the result of webgl().`);
    return this.moved(device === "cpu" ? undefined : device);
  }
}

/** Whether a value is an array of this copy of the library. */
export const isNDArray = (value: unknown): value is NDArray => value instanceof NDArray;

export type { ArrayBase };
