import type { NDArray } from "../array/ndarray.js";

/** The values that a rule may read: the first three operands, and the result. */
const [x, y, z, out] = [1, 2, 4, 8];

/** The mark of the result in what a rule reads; the operands have the bits before it. */
export const RESULT = out;

/**
 * The part of t that passes, where t is a tangent of an operand or a cotangent of the result. `reads` says which of the operands and the result the rule
 * reads, one bit each; a tape keeps those and no others. A rule is made by the functions below, which hand it what they declare.
 */
export interface Rule<P = unknown> {
  readonly reads: number;
  readonly passes: (t: NDArray, operands: readonly NDArray[], out: NDArray, params: P) => NDArray;
}

type Of1<P> = (a: NDArray, params: P) => NDArray;
type Of2<P> = (a: NDArray, b: NDArray, params: P) => NDArray;
type Passes1<P> = (t: NDArray, a: NDArray, params: P) => NDArray;
type Passes2<P> = (t: NDArray, a: NDArray, b: NDArray, params: P) => NDArray;
type Passes3<P> = (t: NDArray, a: NDArray, b: NDArray, c: NDArray, params: P) => NDArray;

/** t times a function of what is named. */
export const ofX = <P>(f: Of1<P>): Rule<P> => ({ reads: x, passes: (t, v, _, params) => t.mul(f(v[0], params)) });
export const ofY = <P>(f: Of1<P>): Rule<P> => ({ reads: y, passes: (t, v, _, params) => t.mul(f(v[1], params)) });
export const ofOut = <P>(f: Of1<P>): Rule<P> => ({ reads: out, passes: (t, _, o, params) => t.mul(f(o, params)) });
export const ofXY = <P>(f: Of2<P>): Rule<P> => ({ reads: x | y, passes: (t, v, _, params) => t.mul(f(v[0], v[1], params)) });
export const ofXOut = <P>(f: Of2<P>): Rule<P> => ({ reads: x | out, passes: (t, v, o, params) => t.mul(f(v[0], o, params)) });
export const ofYOut = <P>(f: Of2<P>): Rule<P> => ({ reads: y | out, passes: (t, v, o, params) => t.mul(f(v[1], o, params)) });

/** The part of t that passes, where it is no product: an operation that chooses among its operands would make NaN of 0 · ∞. */
export const passesX = <P>(f: Passes1<P>): Rule<P> => ({ reads: x, passes: (t, v, _, params) => f(t, v[0], params) });
export const passesOut = <P>(f: Passes1<P>): Rule<P> => ({ reads: out, passes: (t, _, o, params) => f(t, o, params) });
export const passesXY = <P>(f: Passes2<P>): Rule<P> => ({ reads: x | y, passes: (t, v, _, params) => f(t, v[0], v[1], params) });
export const passesXOut = <P>(f: Passes2<P>): Rule<P> => ({ reads: x | out, passes: (t, v, o, params) => f(t, v[0], o, params) });
export const passesYOut = <P>(f: Passes2<P>): Rule<P> => ({ reads: y | out, passes: (t, v, o, params) => f(t, v[1], o, params) });
export const passesXYZ = <P>(f: Passes3<P>): Rule<P> => ({ reads: x | y | z, passes: (t, v, _, params) => f(t, v[0], v[1], v[2], params) });
export const passesXYOut = <P>(f: Passes3<P>): Rule<P> => ({
  reads: x | y | out,
  passes: (t, v, o, params) => f(t, v[0], v[1], o, params),
});
