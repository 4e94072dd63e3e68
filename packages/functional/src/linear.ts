import { type Arrays, type Input, type Inputs, type Listed, type NDArray, TransformError } from "@ad/core";
import { type AnyFunction, checkFunction, flattenFloating, flattenLike, invoke } from "@ad/core/internals/checks";
import { partialsOf } from "@ad/core/internals/rules";
import {
  AbstractTrace,
  type ArrayList,
  type Aval,
  bind,
  type ControlFlow,
  call,
  type Flat,
  flatten,
  type Graph,
  isFloat,
  isMadeOfOperations,
  knownOf,
  type Operation,
  type Params,
  type PrimitiveName,
  peek,
  primitives,
  Trace,
  Tracer,
  transposeLinear,
  unflatten,
  unrolled,
  within,
} from "@ad/core/internals/trace";
import { checkOutputs } from "./flat.js";
import type { ArraysOf } from "./products.js";

/** A value that depends on the arguments. */
class Dependent extends Tracer {
  readonly aval: Aval;

  constructor(
    readonly owner: LinearityTrace,
    readonly below: NDArray,
    /** The reason for which it is not linear in them, where it is not. */
    readonly fault: string | undefined = undefined,
  ) {
    super();
    this.aval = below.aval;
  }
}

const first = (faults: readonly (string | undefined)[]): string | undefined => faults.find((fault) => fault !== undefined);

/** Follows values that are linear in the arguments. Others may be computed, but not returned. */
class LinearityTrace extends Trace<Dependent> {
  constructor(
    kind: string,
    /** An older trace, of values that are not known. */
    readonly probes: AbstractTrace,
  ) {
    super(kind);
  }

  faultOf(x: NDArray): string | undefined {
    return this.owns(x) ? x.fault : undefined;
  }

  override process<P extends PrimitiveName>(name: P, inputs: ArrayList, params: Params<P>): NDArray {
    const lowered = inputs.map((x) => this.lower(x));
    const out = bind(name, lowered, params);
    return new Dependent(this, out, this.#inherited(inputs) ?? this.#fault(name, inputs, out));
  }

  override call(operation: Operation, inputs: ArrayList): ArrayList {
    if (isMadeOfOperations(operation)) return operation.forward(inputs);
    const { name, transposes, shape, flow, programs } = operation;
    const [at, ...more] = inputs.flatMap((x, i) => (this.owns(x) ? [i] : []));
    const isLinear = transposes?.[at] !== undefined && more.length === 0;
    const own = operation as ControlFlow;
    const isSeen = flow && this.#isSeen(own, inputs);
    // A rule may say what it likes: whether the function is linear is seen in the function itself.
    const made = (): ArrayList => (flow ? this.#anyWay(own, inputs) : isLinear || shape ? [] : operation.forward(inputs));
    const seen = isSeen ? unrolled(own, inputs) : made();
    const lowered = inputs.map((x) => this.lower(x));
    const outs = call(operation, lowered);
    // A loop may carry what does not depend on the arguments beside what does.
    const known = isSeen ? seen : programs ? knownOf(operation, inputs, outs, (x) => this.owns(x)) : [];
    return outs.map((out, i) => {
      if (programs && known[i] && !this.owns(known[i])) return known[i];
      // A way back through a loop is linear where it has a transpose.
      const fault = isLinear || (programs && !seen[i]) ? undefined : shape && !programs ? bent(name) : this.faultAs(name, seen[i]);
      return new Dependent(this, out, this.#inherited(inputs) ?? fault);
    });
  }

  /** The fault of a value that stands where one belongs that is linear in the arguments. */
  faultAs(what: string, x: NDArray): string | undefined {
    return this.owns(x) ? x.fault : fixed(what, x);
  }

  /** Returns whether the numbers are known that say which way a branch or a loop goes. */
  #isSeen({ flow }: ControlFlow, inputs: ArrayList): boolean {
    const read = flow === "choose" ? inputs.slice(0, 1) : inputs.filter((x) => !this.owns(x));
    return read.every((x) => x.bottom()?.ndim === x.ndim);
  }

  /** A value that depends on the arguments, of the shape and dtype of one that does, or that stands where one does. */
  #like(name: string, x: NDArray, ...others: ArrayList): NDArray {
    return new Dependent(this, this.probes.of(x), first([x, ...others].map((y) => this.faultAs(name, y))));
  }

  /** The results of a branch or a loop that goes a way which is not known: they are linear where those of all branches are, and of any number of steps. */
  #anyWay(own: ControlFlow, inputs: ArrayList): ArrayList {
    const { name, programs } = own;
    const given = inputs.map((x) => (this.owns(x) ? this.#like(name, x) : x));
    if (own.flow === "choose") {
      const [one, ...others] = programs.map((graph) => graph.run(given.slice(1)) as ArrayList);
      return one.map((x, i) => this.#like(name, x, ...others.map((outs) => outs[i])));
    }
    const { constants } = own;
    const end = own.flow === "scan" ? constants + own.state : given.length;
    const rows = given.slice(end).map((x) => (this.owns(x) ? x : this.probes.of(x)).slice(0));
    const before = given.slice(constants, end);
    const isSame = (own.unmapped as NonNullable<typeof own.unmapped>)(inputs.map((x) => this.owns(x)));
    // A state that begins with zeros and depends on no argument counts as zeros, as a tangent that stays so does, until a step says otherwise.
    const moves = before.map((x, i) => !isSame[i] || (isFloat(x.dtype) && this.faultAs(name, x) === undefined));
    const begun = (): ArrayList => before.map((x, i) => (moves[i] ? this.#like(name, x) : this.probes.of(x)));
    for (let state = begun(); ; ) {
      const outs = (programs.at(-1) as Graph).run([...given.slice(0, constants), ...state, ...rows]) as ArrayList;
      const next = state.map((x, i) => (moves[i] ? this.#like(name, x, outs[i]) : x));
      const other = next.findIndex((x, i) => isSame[i] && this.faultOf(x));
      if (other >= 0) {
        moves[other] = false;
        state = begun();
      } else if (next.every((x, i) => this.faultOf(x) === this.faultOf(state[i]))) return [...next, ...outs.slice(next.length)];
      else state = next;
    }
  }

  #inherited(inputs: ArrayList): string | undefined {
    return first(inputs.map((x) => this.faultOf(x)));
  }

  #fault(name: PrimitiveName, inputs: ArrayList, out: NDArray): string | undefined {
    const { kind } = primitives[name];
    const slopes = partialsOf(name);
    const own = inputs.filter((x) => this.owns(x));
    // A slope that is a number does not depend on the operands: they are added.
    const adds = kind === "view" || kind === "linear" || slopes?.every((slope) => typeof slope === "number" && slope !== 0);
    if (!isFloat(out.dtype)) return bent(name);
    if (adds) return first(inputs.map((x) => (this.owns(x) ? undefined : added(name, x))));
    const isLinear = own.length === 1 && (kind === "bilinear" || name === "mul" || inputs[linearIn[name] ?? -1] === own[0]);
    return isLinear ? undefined : bent(name);
  }
}

/** The operand in which an operation is linear, of those whose kind does not say it. */
const linearIn: { readonly [P in PrimitiveName]?: number } = { div: 0, linearScan: 1 };

const bent = (name: string): string => `the function is not linear in its arguments. It applies ${name} to what depends on them.`;

/** The fault of a constant where only zero may stand. */
function constant(x: NDArray, is: string, unknown: string): string | undefined {
  if (!isFloat(x.dtype)) return undefined;
  const known = peek(x);
  if (known === undefined)
    return `the function is not known to be linear: ${unknown} whose values are not known while ${x.owner.kind} knows shapes alone. Add it outside of the function.`;
  return known.values.notEqual(0).any().item<boolean>() ? `the function is not linear: ${is}` : undefined;
}

const added = (name: string, x: NDArray): string | undefined =>
  constant(x, `${name} adds a constant to what depends on the arguments.`, `${name} adds an array`);

/** The product for a result that does not depend on the arguments. */
const fixed = (what: string, x: NDArray): string | undefined =>
  constant(x, `${what} does not depend on the arguments.`, `${what} is an array`);

/**
 * The transpose of a linear function: the function y ↦ Aᵀy where f is x ↦ A·x. f is run on shapes alone, for what operations it is made of;
 * its value is never computed.
 *
 * @param f a function from arrays (or trees) to arrays (or trees), linear in all its arguments together
 * @param like arrays of the shapes and dtypes of the arguments, whose numbers do not matter: a tuple with one entry per argument, or
 * the one argument itself where that is no JS array
 * @returns a function from a cotangent of the form of f's result to what has the form of `like`; call it as often as wanted
 * @throws TransformError where f is no function, is not linear, adds a constant, or adds an array whose values are not known; DTypeError where like or f's result is not floating, TreeError where one is no tree of arrays; the transpose TreeError or
 * ShapeError where the cotangent does not match f's result
 * @example
 * const backwards = linearTranspose((x) => x.slice([1, 3]).mul(10), zeros([3]));
 * backwards(array([1, 2])).toArray(); // [0, 10, 20]
 */
export function linearTranspose<A extends readonly unknown[] = NDArray[], R = NDArray>(
  f: (...args: A) => Listed<R>,
  like: NoInfer<Inputs<A>>,
): (cotangent: Input<R>) => ArraysOf<A>;
export function linearTranspose<T = NDArray, R = NDArray>(
  f: (x: T) => Listed<R>,
  like: NoInfer<Input<T>>,
): (cotangent: Input<R>) => Arrays<T>;
export function linearTranspose(f: AnyFunction, like: unknown): (cotangent: unknown) => unknown {
  const op = "linearTranspose";
  checkFunction(op, f);
  const { leaves, structure } = flattenFloating(like, op, "like");
  // It starts before the trace that stands for the arguments: what of a cotangent meets an argument is that trace's.
  const probes = new AbstractTrace(op);
  let out = undefined as Flat | undefined;
  const pull = transposeLinear(
    op,
    (inputs) => {
      const trace = new LinearityTrace(op, probes);
      const args = unflatten(
        structure,
        inputs.map((x) => new Dependent(trace, x)),
      );
      const result = within(trace, () =>
        flatten(invoke(f, Array.isArray(like) ? (args as readonly unknown[]) : [args]), op, "the function's result"),
      );
      checkOutputs(op, result.leaves);
      result.leaves.forEach((x, i) => {
        const fault = trace.faultAs(`the result at ${result.paths[i]}`, x);
        if (fault !== undefined) throw new TransformError(`${op}: ${fault}`);
      });
      out = result;
      return result.leaves.map((x) => trace.lower(x));
    },
    leaves,
  );
  pull((out as Flat).leaves.map((y) => probes.of(y)));
  return (cotangent) => unflatten(structure, pull(flattenLike(cotangent, out as Flat, op, "the cotangent")));
}
