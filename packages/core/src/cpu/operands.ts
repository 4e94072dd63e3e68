import type { Data } from "../engine/aval.js";
import type { View } from "../engine/kernels.js";

/** An operand of the CPU's kernels: a strided view of a typed array. */
export type CpuView = View<Data>;

/** A matrix in storage: element (i, j) at offset + i·row + j·column. Any strides will do. */
export interface Matrix {
  readonly storage: Data;
  readonly row: number;
  readonly column: number;
  /** Of numbers that never change, read by one product alone: an object that stands for them. */
  readonly fixed?: object;
}
