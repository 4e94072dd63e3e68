import { type Arrays, type Input, type Inputs, type NDArray, TransformError } from "@ad/core";
import {
  type Aval,
  bind,
  call,
  checkFunction,
  type Flat,
  flatten,
  flattenFloating,
  flattenLike,
  isFloat,
  type Operation,
  type Params,
  type PrimitiveName,
  partials,
  peek,
  primitives,
  Shapes,
  Trace,
  Tracer,
  transposed,
  unflatten,
  within,
} from "@ad/core/internals";
import { type AnyFunction, checkOutputs } from "./flat.js";
import type { ArraysOf } from "./products.js";
import { isMadeOfOperations } from "./survey.js";

/** A value that is zero wherever the inputs are. */
class Homogeneous extends Tracer {
  readonly aval: Aval;

  constructor(
    readonly owner: ConstantTrace,
    readonly below: NDArray,
  ) {
    super();
    this.aval = below.aval;
  }
}

/** Refuses a constant that is added to what depends on the inputs: such a function is affine. */
class ConstantTrace extends Trace {
  constructor(kind: string) {
    super(kind);
  }

  lower(x: NDArray): NDArray {
    return x.owner === this ? (x as Homogeneous).below : x;
  }

  override process<P extends PrimitiveName>(name: P, inputs: readonly NDArray[], params: Params<P>): NDArray {
    const { kind } = primitives[name];
    const slopes = (partials as Readonly<Record<string, readonly unknown[]>>)[name];
    inputs.forEach((x, i) => {
      // A slope that is a number does not depend on the other operands: the operand is added, not multiplied.
      const added = kind === "view" || kind === "linear" || typeof slopes?.[i] === "number";
      if (added && x.owner !== this && isFloat(x.dtype) && !isZero(x))
        throw new TransformError(`${this.kind}: the function is not linear: ${name} adds a constant to what depends on the arguments.`);
    });
    return new Homogeneous(
      this,
      bind(
        name,
        inputs.map((x) => this.lower(x)),
        params,
      ),
    );
  }

  override call(operation: Operation, inputs: readonly NDArray[]): readonly NDArray[] {
    if (isMadeOfOperations(operation)) return operation.forward(inputs);
    return call(
      operation,
      inputs.map((x) => this.lower(x)),
    ).map((out) => new Homogeneous(this, out));
  }
}

/** Of a constant whose numbers are not known, as within a function that is run on shapes, zero is believed. */
const isZero = (x: NDArray): boolean => peek(x)?.values.notEqual(0).any().item<boolean>() !== true;

/**
 * The transpose of a linear function: the function y ↦ Aᵀy where f is x ↦ A·x. f is run on shapes alone, for what operations it is made of;
 * its value is never computed.
 *
 * @param f a function from arrays (or trees) to arrays (or trees), linear in all its arguments together
 * @param like arrays of the shapes and dtypes of the arguments, whose numbers do not matter: a tuple with one entry per argument, or
 * the one argument itself where that is no JS array
 * @returns a function from a cotangent of the form of f's result to what has the form of `like`; call it as often as wanted
 * @throws TransformError where f is no function, is not linear, or adds a constant (operations with rules of their own are believed not to
 * add one); DTypeError where like or f's result is not floating, TreeError where one is no tree of arrays; the transpose TreeError or
 * ShapeError where the cotangent does not match f's result
 * @example
 * const backwards = linearTranspose((x) => x.slice([1, 3]).mul(10), zeros([3]));
 * backwards(array([1, 2])).toArray(); // [0, 10, 20]
 */
export function linearTranspose<A extends readonly unknown[] = NDArray[], R = NDArray>(
  f: (...args: A) => R,
  like: NoInfer<Inputs<A>>,
): (cotangent: Input<R>) => ArraysOf<A>;
export function linearTranspose<T = NDArray, R = NDArray>(f: (x: T) => R, like: NoInfer<Input<T>>): (cotangent: Input<R>) => Arrays<T>;
export function linearTranspose(f: AnyFunction, like: unknown): (cotangent: unknown) => unknown {
  const op = "linearTranspose";
  checkFunction(op, f);
  const { leaves, structure } = flattenFloating(like, op, "like");
  // It starts before the trace that stands for the arguments: what of a cotangent meets an argument is that trace's.
  const probes = new Shapes(op);
  let out: Flat | undefined;
  const { pull } = transposed(
    op,
    (inputs) => {
      const trace = new ConstantTrace(op);
      const args = unflatten(
        structure,
        inputs.map((x) => new Homogeneous(trace, x)),
      );
      const result = within(trace, () =>
        flatten((f as AnyFunction)(...((Array.isArray(like) ? args : [args]) as never)), op, "the function's result"),
      );
      checkOutputs(op, result.leaves);
      const constant = result.leaves.findIndex((x) => x.owner !== trace && !isZero(x));
      if (constant >= 0)
        throw new TransformError(
          `${op}: the function is not linear: the result at ${result.paths[constant]} does not depend on the arguments.`,
        );
      out = result;
      return result.leaves.map((x) => trace.lower(x));
    },
    leaves,
  );
  pull((out as unknown as Flat).leaves.map((y) => probes.of(y)));
  return (cotangent) => unflatten(structure, pull(flattenLike(cotangent, out as Flat, op, "the cotangent")));
}
