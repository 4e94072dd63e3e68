import { checkpoint, type NDArray, stopGradient, whileLoop } from "@ad/core";
import type { ArrayList, Closure } from "@ad/core/internals/trace";
import { either } from "../loop.js";
import { epsilonOf } from "../problem.js";
import type { Method, Smooth, System } from "./method.js";
import { derivedFrom, op } from "./rule.js";

/** The state of an integration. All but what is smooth has no derivatives: the steps are chosen by the values alone. */
export interface State {
  readonly smooth: Smooth;
  readonly t: NDArray;
  /** The progress of the integration, in its direction; infinite where it has stopped before its end. */
  readonly reach: NDArray;
  /** The step to try next, and the most by which it may grow after that. */
  readonly h: NDArray;
  readonly growth: NDArray;
  /** The last accepted step: its error, where 1 is what is allowed, its start and its length. The error is that of the rejected one that was the last of all. */
  readonly error: NDArray;
  readonly from: NDArray;
  readonly length: NDArray;
  /** The number of steps that were tried, and of those that were taken. */
  readonly tried: NDArray;
  readonly taken: NDArray;
}

/** The tolerances of a solution: those of its components are atol + rtol · |y|. */
export interface Tolerances {
  readonly rtol: NDArray | number;
  readonly atol: NDArray | number;
}

/** The values that do not change during an integration, and have no derivatives. */
export interface Setting extends Tolerances {
  readonly method: Method;
  readonly maxSteps: number;
  readonly end: NDArray;
  /** 1 or -1. */
  readonly direction: NDArray;
}

/** The right-hand side, of a time that is 0 but has a derivative, and of what it closes over. */
export type Given = (shift: NDArray, captured: ArrayList) => System;

/** The root of the mean square, where the tolerance of each component is 1; 0 of none. A component that is 0, of which nothing is tolerated, counts as it is. */
export function norm(x: NDArray, y: NDArray, { rtol, atol }: Tolerances): NDArray {
  const scale = y.mul(rtol).add(atol);
  return x
    .div(scale.equal(0).where(1, scale))
    .square()
    .sum()
    .div(x.size || 1)
    .sqrt();
}

/** One step, taken or not: the state after it. */
function attempt(system: System, setting: Setting, state: State): State {
  const { method, maxSteps, end, direction } = setting;
  const { smooth, t, h: wanted, growth } = state;
  const left = end.sub(t);
  const isLast = wanted.abs().greaterEqual(left.abs());
  const h = isLast.where(left, wanted);
  const [y, k] = smooth;
  const { next, error: estimate } = method.step(system, t, y, k, h);
  const raw = norm(stopGradient(estimate), stopGradient(y.abs().maximum(next[0].abs())), setting).div(method.share);
  // NaN too is too large.
  const error = raw.less(1e10).where(raw, 1e10).maximum(1e-10);
  // The controllers of DOPRI5 and RODAS: E. Hairer, S. P. Nørsett and G. Wanner, Solving ordinary differential equations II, sections IV.2 and IV.8.
  const plain = error.pow(0.75 * method.memory - 1 / method.order).mul(0.9);
  const tried = state.tried.add(1);
  const stepTo = (factor: NDArray): NDArray => h.mul(factor.maximum(0.2).minimum(growth));
  /** The factor after a step that was taken: with no memory of its own, a method expects that the error goes on to change as it did from the step before to this one. */
  const factor = (): NDArray => {
    if (method.memory) return plain.mul(state.error.pow(method.memory));
    const change = h.div(state.length).mul(state.error.div(error).pow(1 / method.order));
    return state.taken.greater(0).where(change.minimum(1), 1).mul(plain);
  };
  return either(
    error.lessEqual(1),
    (): State => {
      const reached = isLast.where(end, t.add(h));
      return {
        smooth: next,
        t: reached,
        reach: isLast.logicalNot().logicalAnd(tried.greaterEqual(maxSteps)).where(Number.POSITIVE_INFINITY, reached.mul(direction)),
        h: stepTo(factor()),
        growth: t.mul(0).add(10),
        error: error.maximum(1e-4),
        from: t,
        length: h,
        tried,
        taken: state.taken.add(1),
      };
    },
    (): State => {
      const shorter = stepTo(plain);
      // No step from where the right-hand side is not finite has a finite error.
      const goesOn = shorter
        .abs()
        .greater(t.abs().mul(10 * epsilonOf(t)))
        .logicalAnd(tried.less(maxSteps))
        .logicalAnd(k.isFinite().all());
      return {
        ...state,
        h: shorter,
        error: goesOn.where(state.error, raw),
        growth: t.mul(0).add(1),
        reach: goesOn.where(state.reach, Number.POSITIVE_INFINITY),
        tried,
      };
    },
  );
}

/** One step after a state. */
export type Stepper = (state: State) => State;

/**
 * A step whose derivatives are those of the step that was taken: what a rejected one computed, which may be infinite, has none. Reverse mode
 * keeps the state before it alone, and takes it once more on its way back.
 */
export const stepper =
  (still: System, given: Given, setting: Setting, shift: NDArray, closure: Closure): Stepper =>
  (state) => {
    const after = stopGradient(attempt(still, setting, stopGradient(state)));
    const count = state.smooth.length;
    const replay = (inputs: ArrayList): ArrayList => {
      const [y, k] = inputs;
      const [taken, length, t, shift, ...captured] = inputs.slice(count);
      // In the place of a step that was not taken stands one of no length: it is finite.
      const { next } = setting.method.step(given(shift, captured), t, y, k, taken.where(length, 0));
      return next.map((x, i) => taken.where(x, inputs[i]));
    };
    const inputs = [...state.smooth, after.taken.greater(state.taken), after.length, state.t, shift, ...closure.values];
    // As many as there were.
    return { ...after, smooth: derivedFrom(op, replay, inputs, after.smooth) as unknown as Smooth };
  };

/** A step without derivatives of its own. */
export const plainly =
  (system: System, setting: Setting): Stepper =>
  (state) =>
    attempt(system, setting, state);

/** The integration up to a time. */
export type Turns = (state: State, target: NDArray) => State;

/** The states that reverse mode keeps. */
export type Kept = true | "sqrt" | "log";

/**
 * Turns of a step. Checkpoints stand inside of each other: one of each level holds as many of the level below it. Eight, and not the four that would keep
 * the fewest states: under jit each level takes 2.4 times as long to stage as the one inside.
 */
export function turnsOf(step: Stepper, kept: Kept, maxSteps: number): Turns {
  const size = kept === "sqrt" ? Math.ceil(Math.sqrt(maxSteps)) : 8;
  const levels = kept === true ? 0 : Math.ceil(Math.log(maxSteps) / Math.log(size) - 1e-9) - 1;
  const run = (state: State, body: Stepper, test: (state: State) => NDArray): State =>
    whileLoop<State>(
      (own) => test(own as State),
      (own) => body(own as State),
      state,
    ) as State;
  return (state, target) => {
    const goesOn = ({ reach }: State): NDArray => reach.less(target);
    let body = step;
    for (let level = 1; level <= levels; level++) {
      const [inner, count] = [body, size ** level];
      body = (own) => {
        const stop = own.tried.add(count);
        const some = (from: State): State => run(from, inner, (at) => goesOn(at).logicalAnd(at.tried.less(stop)));
        return checkpoint<[State], State>(some)(own) as State;
      };
    }
    return run(state, body, goesOn);
  };
}
