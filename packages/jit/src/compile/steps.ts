import type { Data, DType, NDArray } from "@ad/core";
import type { Strided } from "@ad/core/internals/backend";
import type { ArrayList, Aval, Operation } from "@ad/core/internals/trace";
import type { Strides } from "./axes.js";

/** Numbers that a program reads or writes. */
export interface Buffer {
  readonly dtype: DType;
  readonly size: number;
  /**
   * `input` and `output`: the caller's, with an offset. `constant`: of the program. `scratch`: the program's own, written in each run.
   * `made`: a typed array that a kernel makes in each run. `array`: an array that core makes in each run, computed once it is read.
   * `memory`: in the memory of the vector kernels.
   */
  kind: "input" | "output" | "constant" | "scratch" | "made" | "array" | "memory";
  /** Among those of its kind; in memory, the place of the first element. */
  index: number;
  readonly data?: Data;
}

/** The place of a value. Views lie in the place of the value that they are views of. */
export interface Place extends Strided {
  readonly aval: Aval;
  readonly buffer: Buffer;
}

/** An elementwise equation, a cast, a choice or a gather: something that is computed element by element in a loop. */
export interface ElementStep {
  readonly name: string;
  readonly params: unknown;
  readonly inputs: readonly NDArray[];
  readonly out: NDArray;
}

/** A sum or an extreme over axes, computed in the loop of its operand. */
export interface FoldStep {
  readonly name: "sum" | "max" | "min";
  readonly axes: readonly number[];
  readonly input: NDArray;
  readonly out: NDArray;
}

/**
 * Steps of one shape that one loop computes. `tiles`: by the vector kernels, tile by tile; all operands lie in order, or are one value.
 * `lanes`: of one length of the first axis; what else the shapes have is written out.
 */
export interface Loop {
  readonly kind: "loop" | "tiles" | "lanes";
  readonly shape: readonly number[];
  readonly elements: ElementStep[];
  readonly folds: FoldStep[];
}

/** Copies of values into parts of a buffer, which is filled with zeros before where they leave gaps. */
export interface Copy {
  readonly kind: "copy";
  readonly out: Place;
  readonly zero?: boolean;
  readonly parts: readonly {
    readonly from: Place;
    readonly to: Strided;
    /** Whether the part is added to what is there. */
    readonly adds?: boolean;
    /** Indices that count steps of an axis, and their strides along the part. */
    readonly at?: { readonly indices: Place; readonly stride: Strides; readonly step: number };
  }[];
}

export interface Product {
  readonly kind: "product";
  readonly inputs: readonly [Place, Place];
  readonly out: Place;
}

/** An operation on arrays: one that carries its own rules, or a primitive as eager code computes it. */
export interface OperationStep {
  readonly kind: "operation";
  readonly run: (arrays: ArrayList) => ArrayList;
  /** Writes the results from numbers that lie in order, in the place of `run`. */
  readonly fill?: ReturnType<NonNullable<Operation["fill"]>> | false | undefined;
  /** Whether it may keep its inputs. */
  readonly keeps?: boolean;
  readonly inputs: readonly Place[];
  readonly outs: readonly Place[];
}

export type Step = Loop | Copy | Product | OperationStep;

export interface Plan {
  readonly steps: readonly Step[];
  readonly places: ReadonlyMap<NDArray, Place>;
  /** All but the caller's: constants, and what is written in each run. */
  readonly buffers: readonly Buffer[];
  /** For each output where it lies; those of kind `output` are written to what the caller gives. */
  readonly outputs: readonly (Place | undefined)[];
  /** The values that are read outside of the loop that computes them; the others are locals of it. */
  readonly stored: ReadonlySet<NDArray>;
  /** Whether some operation may keep its inputs. */
  readonly keeps: boolean;
}
