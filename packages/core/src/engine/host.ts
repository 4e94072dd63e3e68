import type { NDArray } from "../array/ndarray.js";
import type { Aval } from "./aval.js";
import type { Device } from "./device.js";

/** The device on which JS data becomes arrays. */
export interface Host extends Device {
  /** JS data as an array; throws an error in the name of `op` where it is none. */
  asArray(data: unknown, op: string): NDArray;
  /** An array with one value at every position, which is stored once. */
  filled(value: number, aval: Aval): NDArray;
}

/** The CPU. array/convert.ts, which makes the first array of any program, sets it, so that neither the engine nor an array imports its device. */
export let host: Host;

export function setHost(device: Host): void {
  host = device;
}
