import type { Params, PrimitiveName, primitives } from "@ad/core/internals/trace";
import type { Domain, Input } from "../inputs.js";

type Tuple<N> = N extends 1
  ? readonly [Input]
  : N extends 2
    ? readonly [Input, Input]
    : N extends 3
      ? readonly [Input, Input, Input]
      : readonly Input[];

export interface SampleOf<Operands, Parameters> {
  readonly operands: Operands;
  readonly params: Parameters;
  /** Equal elements are a kink, so that the broadcast layout has no central differences. */
  readonly ties?: true;
  /** The derivative is zero by definition. */
  readonly constant?: true;
  /** The result is float64, whatever the operands are. */
  readonly wide?: true;
}

/** Operands and parameters for a primitive, at which every identity is checked. */
export type Sample<P extends PrimitiveName> = SampleOf<Tuple<(typeof primitives)[P]["arity"]>, Params<P>>;

export type Samples<P extends PrimitiveName> = { readonly [Q in P]: readonly Sample<Q>[] };

/** The shapes at which elementwise primitives are sampled: a matrix, rank 0 and size 0. */
const shapes = [[2, 3], [], [0, 2]] as const;

const sized = (from: Domain, shape: readonly number[]): Input => ({ ...from, shape });

export const unary = <Q>(from: Domain, params: Q) => shapes.map((shape) => ({ operands: [sized(from, shape)] as const, params }));

export const binary = <Q>(a: Domain, b: Domain, params: Q) =>
  shapes.map((shape) => ({ operands: [sized(a, shape), sized(b, shape)] as const, params }));
