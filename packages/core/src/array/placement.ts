import { checkDType, type DType } from "../engine/aval.js";
import type { Device } from "../engine/device.js";
import { checkOptions, DTypeError, describe } from "../engine/errors.js";
import type { NDArray } from "./ndarray.js";

/** Options of {@link array}: how it reads numbers, and where it puts them. */
export interface ArrayOptions {
  /** By default that of the data; of plain numbers float64, or float32 on a device that has no float64; of booleans bool. */
  readonly dtype?: DType;
  /** The shape to read the elements in, in row-major order. */
  readonly shape?: number | readonly number[];
  /** The device that the array lives on: "cpu" (the default) or a device such as the result of webgl(). */
  readonly device?: "cpu" | Device;
}

/** A dtype, or a dtype and a device. Without a dtype it is float64, or float32 on a device that has no float64. */
export type Placement = DType | Pick<ArrayOptions, "dtype" | "device">;

export const floatOf = (device: "cpu" | Device | undefined): DType =>
  typeof device !== "object" || device.dtypes?.includes("float64") ? "float64" : "float32";

export const placement = (op: string, where: Placement | undefined): Pick<ArrayOptions, "dtype" | "device"> => {
  if (typeof where === "number")
    throw new DTypeError(`${op}: dtype is ${describe(where)}; give a dtype. The lengths of a shape stand in one list, [2, 3].`);
  if (typeof where !== "object") return { dtype: where as DType };
  checkOptions(op, where, ["dtype", "device"]);
  return where;
};

export function placed(op: string, where: Placement | undefined, make: (dtype: DType) => NDArray): NDArray {
  const { dtype, device } = placement(op, where);
  const x = make(checkDType(op, dtype === undefined ? floatOf(device) : dtype));
  return device === undefined ? x : x.to(device);
}
