import type * as core from "@ad/core";
import type { NDArray } from "@ad/core";
import type { Input } from "../inputs.js";

/**
 * The exports of core besides operations on arrays: makers that take no array, transformations, readers, functions of known values (whose tests are
 * in core), classes, and linalg, which has a table of its own.
 */
type NotOperation =
  | "NDArray"
  | "ADError"
  | "AxisError"
  | "DTypeError"
  | "ShapeError"
  | "NaNError"
  | "TransformError"
  | "TreeError"
  | "arange"
  | "eye"
  | "linalg"
  | "linspace"
  | "logspace"
  | "geomspace"
  | "indices"
  | "hann"
  | "hamming"
  | "blackman"
  | "bartlett"
  | "ones"
  | "zeros"
  | "allClose"
  | "arrayEqual"
  | "unique"
  | "debugNaNs"
  | "debugPrint"
  | "installDisplay"
  | "toHTML"
  | "grad"
  | "valueAndGrad"
  | "vjp"
  | "vjpWithAux"
  | "read"
  | "setFusedMultiplyAdd"
  | "setThreads"
  | "treeStructure";

export type OperationName = Exclude<keyof typeof core, NotOperation>;

/** The methods and getters of an array that are no functions of the same name, less its fields, its readers and what the library keeps for itself. */
export type MethodName = Exclude<
  keyof NDArray,
  | OperationName
  | "shape"
  | "ndim"
  | "size"
  | "dtype"
  | "device"
  | "owner"
  | "moved"
  | "read"
  | "aval"
  | "lift"
  | "filled"
  | "bottom"
  | "item"
  | "toArray"
  | "data"
  | "ndarray"
  | "toString"
  | "toJSON"
  | "normalise"
  | "asymmetricMatch"
  | symbol
>;

/** A call of an operation, and operands for it. */
export interface Call<F> {
  readonly call: (op: F, ...operands: NDArray[]) => NDArray | readonly NDArray[];
  readonly operands: readonly Input[];
  /** Equal elements are a kink, so that the broadcast layout has no central differences. */
  readonly ties?: true;
  /** The derivative is zero by definition. */
  readonly constant?: true;
  /** The result is float64, whatever the operands are. */
  readonly wide?: true;
}

export type Calls<N extends OperationName> = { readonly [K in N]: readonly Call<(typeof core)[K]>[] };

type Result = NDArray | readonly NDArray[];
type Flags = Pick<Call<never>, "ties" | "constant" | "wide">;

/** Calls of any operation of a type, in one form with operands of their own. */
export const family = <F>(call: (op: F, ...operands: NDArray[]) => Result, ...operands: readonly (readonly Input[])[]): Call<F>[] =>
  operands.map((list) => ({ call, operands: list }));

/** Calls of the operation of that name. */
export const calls =
  <N extends OperationName>(_name: N) =>
  (call: (op: (typeof core)[N], ...operands: NDArray[]) => Result, ...operands: readonly (readonly Input[])[]): Call<(typeof core)[N]>[] =>
    operands.map((list) => ({ call, operands: list }));

export const flagged = <F>(flags: Flags, list: readonly Call<F>[]): Call<F>[] => list.map((call) => ({ ...call, ...flags }));
