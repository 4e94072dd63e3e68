import type { Data, Device, NDArray } from "@ad/core";
import { Concrete, compact, cpu } from "@ad/core/internals/backend";
import {
  AbstractTrace,
  type ArrayList,
  Aval,
  apply,
  type Equation,
  Graph,
  isFloat,
  type Operation,
  type Params,
  type PrimitiveName,
  sameShape,
  Tracer,
  topologicalOrder,
} from "@ad/core/internals/trace";
import { repeatedIn } from "./sharing.js";

/** Thrown where a function does what cannot be written down for one call: it moves arrays between devices, or brings the lanes of a batch together. */
export class NotRecorded {}

/** A value of a function that is written down. Its numbers are computed where something looks at them. */
class Recorded extends Tracer {
  /** Its numbers, once they are computed. It is not private: engines are slow to define what is. */
  value: NDArray | undefined = undefined;

  constructor(
    readonly owner: Recording,
    readonly aval: Aval,
    /** Its number among the values of the recording. */
    readonly index: number,
    /** Its value at the point, or the equation that gives it. */
    readonly by: NDArray | Equation,
  ) {
    super();
  }

  get below(): NDArray {
    if (!("inputs" in this.by)) return this.by;
    if (this.value === undefined) {
      const missing = (x: NDArray): x is Recorded & { readonly by: Equation } =>
        x instanceof Recorded && x.owner === this.owner && "inputs" in x.by && x.value === undefined;
      for (const each of topologicalOrder<NDArray>([this], (x) => (missing(x) ? x.by.inputs : []))) {
        if (!missing(each)) continue;
        const { operation, inputs, params, outs } = each.by;
        const results = apply(
          operation,
          inputs.map((x) => this.owner.lower(x)),
          params,
        );
        outs.forEach((out, i) => {
          (out as Recorded).value = results[i];
        });
      }
    }
    return this.value as NDArray;
  }

  override peer(): NDArray {
    return this.owner.like;
  }
  override moved(device: Device = cpu): NDArray {
    if (device === this.device) return this;
    throw new NotRecorded();
  }
}

/** The operations of a program, which can be followed one by one; undefined where an operation is none. */
export const programOf = (operation: Operation): Graph | undefined =>
  "graph" in operation && operation.graph instanceof Graph ? operation.graph : undefined;

/**
 * Writes down what a function does at a point. Unlike a function that is staged, it may look at numbers, as control flow does: it decides as it would without
 * a transformation, and what is written down holds for these decisions.
 */
export class Recording extends AbstractTrace {
  readonly #inputs: NDArray[] = [];
  readonly #equations: Equation[] = [];
  #count = 0;
  /** So many of the first equations are those of the call before. */
  #alike = 0;
  /** Any array on the device. */
  readonly like = cpu.filled(0, new Aval([], "float64"));

  /** @param before what the function did in the call before */
  constructor(
    kind: string,
    readonly before: Form | undefined,
  ) {
    super(kind);
  }

  input(x: NDArray): NDArray {
    const own = new Recorded(this, this.before?.input(this.#inputs.length, x.aval) ?? x.aval, this.#count++, x);
    this.#inputs.push(own);
    return own;
  }

  override lower(x: NDArray): NDArray {
    return x instanceof Recorded && x.owner === this ? x.below : x;
  }

  override process<P extends PrimitiveName>(name: P, inputs: ArrayList, params: Params<P>): NDArray {
    const at = this.#equations.length;
    const avals = this.before?.results(at, name, inputs, params);
    if (avals === undefined) return super.process(name, inputs, params);
    if (this.#alike === at) this.#alike++;
    return this.apply(name, inputs, params, avals)[0];
  }

  override call(operation: Operation, inputs: ArrayList): ArrayList {
    const { across, composed, shape, jvp, vjp, forward } = operation;
    if (across) throw new NotRecorded();
    if (composed) return composed(inputs);
    const program = programOf(operation);
    if (program) return program.run(inputs) as ArrayList;
    if (shape ?? !(jvp ?? vjp)) return super.call(operation, inputs);
    const count = this.#equations.length;
    const outs = forward(inputs);
    this.#equations.length = count;
    this.#alike = Math.min(this.#alike, count);
    return this.apply(
      operation,
      inputs,
      undefined,
      outs.map((x) => x.aval),
    );
  }

  protected override apply(...[operation, inputs, params, avals]: Parameters<AbstractTrace["apply"]>): ArrayList {
    const outs: NDArray[] = [];
    const equation: Equation = { operation, inputs, params, outs };
    for (const aval of avals) outs.push(new Recorded(this, aval, this.#count++, equation));
    this.#equations.push(equation);
    return outs;
  }

  /** The script of the call, with these results. */
  script(outputs: ArrayList): Script {
    const constants: NDArray[] = [];
    const reads: number[] = [];
    const read = (x: NDArray): void => {
      if (x instanceof Recorded && x.owner === this) reads.push(x.index);
      else {
        reads.push(-1);
        constants.push(x);
      }
    };
    for (const { inputs } of this.#equations) inputs.forEach(read);
    outputs.forEach(read);
    return { graph: new Graph(this.#inputs, this.#equations, outputs), reads, constants, before: this.before, alike: this.#alike };
  }
}

/** The operations of a function in one call. */
export interface Script {
  readonly graph: Graph;
  /** The values that the equations read, one after the other, and then the results: values by their numbers, constants as -1. */
  readonly reads: readonly number[];
  /** All that is read and is no value of the function's own, each time that it is read. */
  readonly constants: ArrayList;
  /** So many of the first equations are those of this form. */
  readonly before: Form | undefined;
  readonly alike: number;
}

/** Floating constants of more numbers than this are not looked at. */
const maxLooked = 64;

/** The numbers of a constant, one where all are the same; undefined where it has none, or where they are not to be looked at. */
function numbersOf(x: NDArray): Data | undefined {
  if (!(x instanceof Concrete)) return undefined;
  if (repeatedIn(x) !== undefined) return x.storage.slice(x.offset, x.offset + 1);
  return isFloat(x.dtype) && x.size > maxLooked ? undefined : compact(x);
}

function sameList<T>(a: ArrayLike<T>, b: ArrayLike<T>, same: (x: T, y: T) => boolean = Object.is): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!same(a[i], b[i])) return false;
  return true;
}

const sameAval = (a: Aval, b: Aval): boolean => a === b || (a.dtype === b.dtype && a.weak === b.weak && sameShape(a.shape, b.shape));

/** Parameters are numbers, texts, lists of them, and objects of all these. */
function sameParams(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (Array.isArray(a) && Array.isArray(b)) return sameList(a, b, sameParams);
  if (!isRecord(a) || !isRecord(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => sameParams(a[key], b[key]));
}

const isRecord = (x: unknown): x is Readonly<Record<string, unknown>> =>
  typeof x === "object" && x !== null && Object.getPrototypeOf(x) === Object.prototype;

const avalsOf = (list: ArrayList): Aval[] => list.map((x) => x.aval);

/** An equation, with shapes and dtypes in the place of arrays. */
interface Step extends Pick<Equation, "operation" | "params"> {
  readonly inputs: readonly Aval[];
  readonly outs: readonly Aval[];
}

/** The form of scripts that differ in some constants alone. It keeps no arrays. */
export class Form {
  readonly #inputs: readonly Aval[];
  readonly #steps: readonly Step[];
  readonly #reads: readonly number[];
  readonly #avals: readonly Aval[];
  readonly #numbers: readonly (Data | undefined)[];

  constructor({ graph, reads, constants }: Script) {
    this.#inputs = avalsOf(graph.inputs);
    this.#steps = graph.equations.map(({ operation, params, inputs, outs }) => ({
      operation,
      params,
      inputs: avalsOf(inputs),
      outs: avalsOf(outs),
    }));
    this.#reads = reads;
    this.#avals = avalsOf(constants);
    this.#numbers = constants.map((x) => numbersOf(x)?.slice());
  }

  /** The shape and dtype of an input, as the object that it was, where it is the same. */
  input(i: number, aval: Aval): Aval {
    const own = this.#inputs[i];
    return own && sameAval(own, aval) ? own : aval;
  }

  /** The shapes and dtypes of what equation i gives, where this is the same one, of inputs whose shapes and dtypes are the same objects. */
  results(i: number, operation: Equation["operation"], inputs: ArrayList, params: unknown): readonly Aval[] | undefined {
    const own = this.#steps[i];
    const isSame =
      own?.operation === operation &&
      own.inputs.length === inputs.length &&
      inputs.every((x, k) => x.aval === own.inputs[k]) &&
      sameParams(params, own.params);
    return isSame ? own.outs : undefined;
  }

  /** The constants of another script that are others, or were not looked at, by their positions; undefined where it differs in more than these. */
  changes({ graph, reads, constants, before, alike }: Script): readonly number[] | undefined {
    const { inputs, equations } = graph;
    if (equations.length !== this.#steps.length || !sameList(reads, this.#reads)) return undefined;
    if (!inputs.every((x, i) => sameAval(x.aval, this.#inputs[i]))) return undefined;
    for (let i = before === this ? alike : 0; i < equations.length; i++)
      if (equations[i].operation !== this.#steps[i].operation || !sameParams(equations[i].params, this.#steps[i].params)) return undefined;
    const out: number[] = [];
    for (let i = 0; i < constants.length; i++) {
      const x = constants[i];
      if (!sameAval(x.aval, this.#avals[i])) return undefined;
      const [was, is] = [this.#numbers[i], numbersOf(x)];
      if (was !== undefined && is !== undefined && sameList<number>(was, is)) continue;
      // An index or a condition decides what the function does.
      if (!isFloat(x.dtype)) return undefined;
      out.push(i);
    }
    return out;
  }
}
