import type { NDArray } from "../array/ndarray.js";
import type { Aval, Data } from "./aval.js";
import type { CallEquation, Equation, Graph } from "./graph.js";
import type { Stager } from "./stager.js";
import type { Trace } from "./trace.js";

export type ArrayList = readonly NDArray[];

/** Tangents or cotangents; undefined is a zero that was never made. */
export type Parts = readonly (NDArray | undefined)[];

/** A trace that records: reverse mode. */
export interface Recorder extends Trace {
  /** Records results, which are given one level down, and their pullback, from their cotangents to those of the inputs. */
  append(inputs: ArrayList, outs: ArrayList, pull: (cotangents: Parts) => Parts): ArrayList;
}

/** A function's results and their tangents, in forward mode: what a rule for tangents may ask of the transformation that calls it. */
export type Push = (f: (inputs: ArrayList) => ArrayList, inputs: ArrayList, tangents: Parts) => readonly [outs: ArrayList, tangents: Parts];

/** Writes results from inputs, each by its storage and where its numbers begin there. */
export type Filling = (...storage: readonly (Data | number)[]) => void;

/** Makes an operation of all lanes from one of a single lane. */
export type Lift = (operation?: Operation, mapped?: readonly boolean[]) => Operation;

/**
 * An operation that carries its own rules: several arrays come in, several go out. The table of primitives is closed, and every rule
 * table total over it; this is the open side, for the user's own rules, for checkpoints and for the factorisations of linalg.
 *
 * A rule is written in array operations. It is called one level below the transformation that asks for it, so rules nest as
 * transformations do. Each trace says in its `call` what it does with an operation that lacks the rule it would use.
 */
export interface Operation {
  readonly name: string;

  /** Its options that are not the usual ones, for a printed program: the rules know them already. */
  readonly options?: object;

  /** The results. At the bottom it gets concrete arrays; without `shape` it is made of operations and takes any arrays. */
  readonly forward: (inputs: ArrayList) => ArrayList;

  /** The shapes and dtypes of the results. It says that `forward` computes on numbers and can be run on concrete arrays alone. */
  readonly shape?: (inputs: readonly Aval[]) => readonly Aval[];

  /** The same results by array operations alone, for a transformation that asks of what each element is made. */
  readonly composed?: (inputs: ArrayList) => ArrayList;

  /** The branch or the loop that it is, where it was staged. */
  readonly flow?: keyof Stager;

  /** The number of axes of one application, the last ones of all inputs and results; those before them are a batch. Undefined: all of them. */
  readonly block?: number;

  /** The results and their tangents: linear in the tangents. Forward mode lends its way through functions. */
  readonly jvp?: (inputs: ArrayList, tangents: Parts, push?: Push) => readonly [outs: ArrayList, tangents: Parts];

  /** The results and the pullback, from their cotangents to those of the inputs; of which only the active ones are wanted, where that is said. */
  readonly vjp?: (inputs: ArrayList, active?: readonly boolean[]) => readonly [outs: ArrayList, pull: (cotangents: Parts) => Parts];

  /** For the inputs in which the operation is linear while the others stay: from the results' cotangents to that of input i. */
  readonly transposes?: Readonly<Record<number, (cotangents: Parts, inputs: ArrayList) => NDArray>>;

  /**
   * The results for all lanes, with a leading axis of `size`, which the inputs have too where they are mapped. `lift` makes the operation
   * whose every rule is this one's for all lanes, or another one's that is given with the inputs that are mapped. A result that is
   * `unmapped` comes without that axis.
   */
  readonly vmap?: (inputs: ArrayList, mapped: readonly boolean[], size: number, lift: Lift) => ArrayList;

  /** Says of the results which ones are the same in all lanes, where these inputs are mapped: they depend on none of these. Without it none of them. */
  readonly unmapped?: (mapped: readonly boolean[]) => readonly boolean[];

  /** The way in which it is recorded: `recordPullback`, by its rules, or `recordRecomputation`. Without it the operations that `forward` is made of are. */
  readonly record?: (tape: Recorder, inputs: ArrayList, operation: Operation) => ArrayList;

  /** Adds to the inputs what `forward` closes over and has to be asked first; `forward` does not mind more inputs than it has. */
  readonly closing?: (inputs: ArrayList, dispatch: (all: ArrayList) => ArrayList) => ArrayList;

  /** Whether `forward` reads its inputs while it runs, and keeps none of them, nor makes its results of them: a program may write to their storage later. */
  readonly borrows?: boolean;

  /**
   * Makes, for inputs like these, what writes all of the results from them: of each of both it is given the storage and where its numbers begin there, in
   * row-major order. A program calls it on storage that it uses again.
   */
  readonly fill?: (inputs: readonly Aval[]) => Filling;

  /** It does more than give results: it is run where these are not needed too, and as often as it is written. */
  readonly effect?: boolean;

  /** The programs that it holds: branches, or the test and the body of a loop. */
  readonly programs?: readonly Graph[];

  /**
   * An equation of this operation, with its inputs and results, without results that are not wanted, without what is done for them alone, and
   * without the inputs that nothing reads then. Others may need a result that is not wanted: then it stays.
   */
  readonly narrowed?: (equation: Pick<Equation, "inputs" | "outs">, wanted: readonly boolean[]) => CallEquation;

  /** The same operation with others in the place of its programs, of the same inputs and outputs. */
  readonly holding?: (programs: readonly Graph[]) => Operation;

  /** The batch whose lanes it brings together: where some of them do not come to it, it has no meaning. */
  readonly across?: Trace;
}

/** A branch or a loop that was staged: what it is made of, for a transformation that follows it in its own way. */
export type ControlFlow = Operation & { readonly programs: readonly Graph[] } & (
    | { readonly flow: "choose" }
    /** The first inputs are constants, so many of them. */
    | { readonly flow: "whileLoop"; readonly constants: number }
    /** After the constants so many inputs are state; the others are rows, which are taken from the last on where it is the reverse. */
    | { readonly flow: "scan"; readonly constants: number; readonly state: number; readonly length: number; readonly reverse: boolean }
  );

/** Returns whether an operation has neither rules of derivatives nor a shape of its own. */
export const isMadeOfOperations = ({ jvp, vjp, transposes, shape }: Operation): boolean => !(jvp ?? vjp ?? transposes ?? shape);
