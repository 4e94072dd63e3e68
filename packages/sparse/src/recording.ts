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
  isWatched,
  type Operation,
  type Params,
  type PrimitiveName,
  sameShape,
  Tracer,
  topologicalOrder,
} from "@ad/core/internals/trace";
import { argumentsOf, type Follower, followed, type Method, type MethodCall, sameArguments, sameList, sameParts } from "./following.js";
import { repeatedIn } from "./sharing.js";

/** Thrown where a function does what cannot be written down for one call: it moves arrays between devices, or brings the lanes of a batch together. */
export class NotRecorded {}

/** A value of a function that is written down. Its numbers are computed where something looks at them. */
class Value extends Tracer {
  /** Its numbers, once they are computed. It is not private: engines are slow to define what is. */
  value: NDArray | undefined = undefined;

  constructor(
    readonly owner: Recording,
    readonly aval: Aval,
    /** Its number among the values of the recording. */
    readonly index: number,
    /** Its value at the point, or the equation that gives it; none while that is not written down. */
    public by: NDArray | Equation | undefined,
  ) {
    super();
  }

  get below(): NDArray {
    this.owner.look();
    const by = this.by as NDArray | Equation;
    if (!("inputs" in by)) return by;
    if (this.value === undefined) {
      const missing = (x: NDArray): x is Value & { readonly by: Equation } =>
        x instanceof Value && x.owner === this.owner && "inputs" in (x.by as NDArray | Equation) && x.value === undefined;
      for (const each of topologicalOrder<NDArray>([this], (x) => (missing(x) ? x.by.inputs : []))) {
        if (!missing(each)) continue;
        const { operation, inputs, params, outs } = each.by;
        const results = apply(
          operation,
          inputs.map((x) => this.owner.lower(x)),
          params,
        );
        outs.forEach((out, i) => {
          (out as Value).value = results[i];
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

const Recorded = /* @__PURE__ */ followed(Value);

/** The operations of a program, which can be followed one by one; undefined where an operation is none. */
export const programOf = (operation: Operation): Graph | undefined =>
  "graph" in operation && operation.graph instanceof Graph ? operation.graph : undefined;

/**
 * Writes down what a function does at a point. Unlike a function that is staged, it may look at numbers, as control flow does: it decides as it would without
 * a transformation, and what is written down holds for these decisions.
 *
 * A method that is called as in the call before, of the same value and with the same arguments, does what it did: it is not run, and its equations are written
 * down where something asks for them.
 */
export class Recording extends AbstractTrace implements Follower {
  readonly #inputs: NDArray[] = [];
  /** Undefined for those of methods that were followed. Both lists are as long as those of the call before, as a list that grows by gaps is slow. */
  readonly #equations: (Equation | undefined)[];
  readonly #values: (Value | undefined)[];
  /** The number of equations, and of values. */
  #size = 0;
  #count = 0;
  #hasGaps = false;
  readonly #methods: MethodCall[] = [];
  /** Whether all is as in the call before. */
  #isAlike: boolean;
  /** The number of methods that are at work, and of those of the call before that are behind. */
  #depth = 0;
  #next = 0;
  /** The number of times that something looked at numbers. */
  #looks = 0;
  /** Any array on the device. */
  readonly like = cpu.filled(0, new Aval([], "float64"));

  /** @param before what the function did in the call before */
  constructor(
    kind: string,
    readonly before: Form | undefined,
  ) {
    super(kind);
    this.#isAlike = before !== undefined;
    this.#equations = new Array(before?.steps.length ?? 0);
    this.#values = new Array(before?.count ?? 0);
  }

  input(x: NDArray): NDArray {
    const was = this.before?.inputs[this.#inputs.length];
    const isSame = was !== undefined && sameAval(was, x.aval);
    if (!isSame) this.#isAlike = false;
    const own = this.#value(isSame ? was : x.aval, x);
    this.#inputs.push(own);
    return own;
  }

  #value(aval: Aval, by: NDArray | Equation): Value {
    const own = new Recorded(this, aval, this.#count, by);
    this.#values[this.#count++] = own;
    return own;
  }

  override lower(x: NDArray): NDArray {
    return this.#owns(x) ? x.below : x;
  }

  #owns(x: unknown): x is Value {
    return x instanceof Value && x.owner === this;
  }

  /** Returns the number of a value, and -1 for what is a constant. */
  numberOf(x: unknown): number {
    return this.#owns(x) ? x.index : -1;
  }

  /** Is called before numbers of a value are looked at; a method that does so is never followed. */
  look(): void {
    this.#looks++;
    this.#complete();
  }

  /** Calls a method of a value, or follows it. */
  method(self: NDArray, name: string, run: Method, args: unknown[]): unknown {
    if (this.#depth > 0 || !this.live || isWatched()) return run.apply(self, args);
    const from = this.#size;
    const known = this.#isAlike ? this.before?.methods[this.#next] : undefined;
    if (known?.from === from && known.name === name && this.numberOf(self) === known.self && sameArguments(this, args, known.args))
      return this.#followed(known);
    const looks = this.#looks;
    this.#depth++;
    try {
      const result = run.apply(self, args);
      const index = this.numberOf(result);
      const own = index < 0 || looks < this.#looks ? undefined : argumentsOf(this, args);
      const [to, end] = [this.#size, this.#count];
      if (own)
        this.#methods.push({ name, self: this.numberOf(self), args: own, from, to, end, result: index, aval: (result as Value).aval });
      return result;
    } finally {
      this.#depth--;
      while (this.#isAlike && (this.before?.methods[this.#next]?.from ?? Infinity) < this.#size) this.#next++;
    }
  }

  /** The result of a method of the call before, which does the same. */
  #followed(known: MethodCall): NDArray {
    const { to, end, result, aval } = known;
    this.#next++;
    this.#hasGaps = true;
    this.#methods.push(known);
    this.#size = to;
    this.#count = end;
    return (this.#values[result] ??= new Recorded(this, aval, result, undefined));
  }

  /** The next step of the call before, where it is this one. */
  #sameStep(operation: Equation["operation"], inputs: ArrayList, params: unknown): Step | undefined {
    if (!this.#isAlike) return undefined;
    const step = this.before?.steps[this.#size];
    const isSame =
      step?.operation === operation &&
      (step.first === this.#count || step.outs.length === 0) &&
      step.reads.length === inputs.length &&
      inputs.every((x, k) => this.numberOf(x) === step.reads[k] && (step.reads[k] >= 0 || sameAval(x.aval, step.inputs[k]))) &&
      sameParts(params, step.params);
    this.#isAlike = isSame;
    return isSame ? step : undefined;
  }

  override process<P extends PrimitiveName>(name: P, inputs: ArrayList, params: Params<P>): NDArray {
    const step = this.#sameStep(name, inputs, params);
    return step ? this.#written(name, inputs, params, step.outs)[0] : super.process(name, inputs, params);
  }

  override call(operation: Operation, inputs: ArrayList): ArrayList {
    const { across, composed, shape, jvp, vjp, forward } = operation;
    if (across) throw new NotRecorded();
    if (composed) return composed(inputs);
    const program = programOf(operation);
    if (program) return program.run(inputs) as ArrayList;
    if (shape ?? !(jvp ?? vjp)) return super.call(operation, inputs);
    // Only the shapes and dtypes of its results are wanted, and none of its equations.
    const count = this.#size;
    const isAlike = this.#isAlike;
    this.#isAlike = false;
    this.#depth++;
    let outs: ArrayList;
    try {
      outs = forward(inputs);
    } finally {
      this.#depth--;
    }
    this.#equations.length = this.#size = count;
    this.#isAlike = isAlike;
    return this.apply(operation, inputs, undefined, avalsOf(outs));
  }

  protected override apply(...[operation, inputs, params, avals]: Parameters<AbstractTrace["apply"]>): ArrayList {
    const step = this.#sameStep(operation, inputs, params);
    if (step && !sameList(avals, step.outs, sameAval)) this.#isAlike = false;
    return this.#written(operation, inputs, params, avals);
  }

  #written(...[operation, inputs, params, avals]: Parameters<AbstractTrace["apply"]>): ArrayList {
    const outs: NDArray[] = [];
    const equation: Equation = { operation, inputs, params, outs };
    for (const aval of avals) outs.push(this.#value(aval, equation));
    this.#equations[this.#size++] = equation;
    return outs;
  }

  /** Writes down what followed methods did. */
  #complete(): void {
    const { before } = this;
    if (!before || !this.#hasGaps) return;
    this.#hasGaps = false;
    for (let i = 0; i < this.#size; i++) {
      if (this.#equations[i]) continue;
      const { operation, params, reads, outs, first, constants } = before.steps[i];
      let next = constants;
      const equation = {
        operation,
        params,
        inputs: reads.map((index) => (index < 0 ? before.constant(next++) : (this.#values[index] as Value))),
        outs: outs.map((aval, k) => (this.#values[first + k] ??= new Recorded(this, aval, first + k, undefined))),
      };
      for (const out of equation.outs) (out as Value).by = equation;
      this.#equations[i] = equation;
    }
  }

  /** Ends the function's run, with its results. */
  end(outputs: ArrayList): void {
    this.apply(results, outputs, undefined, []);
    this.#equations.length = this.#size;
  }

  /** All that was written down, with other constants in the place of some, by their positions. */
  graph(others: ReadonlyMap<number, NDArray> = new Map()): Graph {
    this.#complete();
    let next = 0;
    const own = (x: NDArray): NDArray => (this.#owns(x) ? x : (others.get(next++) ?? x));
    const equations = (this.#equations as Equation[]).map((equation) => ({ ...equation, inputs: equation.inputs.map(own) }));
    return new Graph(this.#inputs, equations, (equations.pop() as Equation).inputs);
  }

  get count(): number {
    return this.#count;
  }

  /** The methods that may be followed in the next call. */
  get methods(): readonly MethodCall[] {
    return this.#methods;
  }

  /** A constant, by its position, where the equations are those of the call before. */
  constant(i: number): NDArray {
    const before = this.before as Form;
    const { step, input } = before.constants[i];
    return this.#equations[step]?.inputs[input] ?? before.constant(i);
  }

  /** Whether it can only be for what it closes over that the function does other things than in the call before: it looks at no numbers, as rules do. */
  get isOther(): boolean {
    return this.before !== undefined && !this.hasLooked && !this.before.hasLooked;
  }

  get hasLooked(): boolean {
    return this.#looks > 0;
  }

  /** The constants that are others than in the call before, or were not looked at, by their positions; undefined where more is different. */
  changes(): readonly number[] | undefined {
    const { before } = this;
    if (!this.#isAlike || before?.steps.length !== this.#size) return undefined;
    const out: number[] = [];
    for (let i = 0; i < before.constants.length; i++) {
      const { step, input, numbers, aval } = before.constants[i];
      const x = this.#equations[step]?.inputs[input];
      const own = x && numbersOf(x);
      if (x === undefined || (own !== undefined && numbers !== undefined && sameList<number>(own, numbers))) continue;
      // An index or a condition decides what the function does. Those of lanes have no numbers to compare.
      if (!isFloat(aval.dtype)) {
        if (own === undefined) this.#looks++;
        return undefined;
      }
      out.push(i);
    }
    return out;
  }
}

/** The last equation, which reads the results. */
const results: Operation = { name: "results", forward: (outputs) => outputs };

/** Floating constants of more numbers than this are not looked at. */
const maxLooked = 64;

/** The numbers of a constant, one where all are the same; undefined where it has none, or where they are not to be looked at. */
function numbersOf(x: NDArray): Data | undefined {
  if (!(x instanceof Concrete)) return undefined;
  if (repeatedIn(x) !== undefined) return x.storage.slice(x.offset, x.offset + 1);
  return isFloat(x.dtype) && x.size > maxLooked ? undefined : compact(x);
}

const sameAval = (a: Aval, b: Aval): boolean => a === b || (a.dtype === b.dtype && a.weak === b.weak && sameShape(a.shape, b.shape));

const avalsOf = (list: ArrayList): Aval[] => list.map((x) => x.aval);

/** An equation, with shapes and dtypes in the place of arrays. */
interface Step extends Pick<Equation, "operation" | "params"> {
  readonly inputs: readonly Aval[];
  /** The values that it reads, by their numbers; constants as -1. */
  readonly reads: readonly number[];
  /** The position of its first constant among all. */
  readonly constants: number;
  readonly outs: readonly Aval[];
  /** The number of its first result. */
  readonly first: number;
}

/** An input of a step that is no value of the function's own. */
interface Constant {
  readonly step: number;
  readonly input: number;
  readonly aval: Aval;
  readonly numbers: Data | undefined;
}

/** The form of calls that differ in some constants alone. It keeps no arrays. */
export class Form {
  readonly inputs: readonly Aval[];
  readonly steps: readonly Step[];
  /** The number of values. */
  readonly count: number;
  /** Each of them as often as it is read. */
  readonly constants: readonly Constant[];
  /** The methods that may be followed. */
  readonly methods: readonly MethodCall[];
  readonly hasLooked: boolean;

  constructor(recording: Recording) {
    const { inputs, equations, outputs } = recording.graph();
    const constants: Constant[] = [];
    const all = [...equations, { operation: results, inputs: outputs as ArrayList, params: undefined, outs: [] }];
    this.inputs = avalsOf(inputs);
    this.count = recording.count;
    this.hasLooked = recording.hasLooked;
    this.steps = all.map(({ operation, params, inputs, outs }, step) => {
      const reads = inputs.map((x) => recording.numberOf(x));
      const before = constants.length;
      inputs.forEach((x, input) => {
        if (reads[input] < 0) constants.push({ step, input, aval: x.aval, numbers: numbersOf(x)?.slice() });
      });
      return {
        operation,
        params,
        inputs: avalsOf(inputs),
        reads,
        constants: before,
        outs: avalsOf(outs),
        first: recording.numberOf(outs[0]),
      };
    });
    this.constants = constants;
    this.methods = recording.methods.filter(({ from, to }) =>
      constants.slice(this.steps[from].constants, this.steps[to].constants).every(({ numbers }) => numbers !== undefined),
    );
  }

  /** A constant that a method makes of its arguments, by its position. */
  constant(i: number): NDArray {
    const { aval, numbers } = this.constants[i];
    const [first] = numbers as Data;
    return numbers?.length === aval.size ? new Concrete(aval, numbers) : cpu.filled(first, aval);
  }
}
