import { checkpoint, type NDArray, stopGradient, whileLoop } from "@ad/core";
import type { ArrayList, Closure } from "@ad/core/internals/trace";
import { either } from "../loop.js";
import { epsilonOf } from "../problem.js";
import type { Method, Smooth, System } from "./method.js";
import { derivedFrom } from "./rule.js";

/** The part that steers an integration. It has no derivatives: the steps are chosen by the values alone. */
export interface Steering {
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

export interface State {
  readonly smooth: Smooth;
  readonly steering: Steering;
}

/** The values that do not change during an integration, and have no derivatives. */
export interface Setting {
  readonly end: NDArray;
  /** 1 or -1. */
  readonly direction: NDArray;
  readonly rtol: NDArray | number;
  readonly atol: NDArray | number;
}

/** The right-hand side, of a time that is 0 but has a derivative, and of what it closes over. */
export type Given = (shift: NDArray, captured: ArrayList) => System;

/** The root of the mean square, where the tolerance of each component is 1; 0 of none. A component that is 0, of which nothing is tolerated, counts as it is. */
export function norm(x: NDArray, y: NDArray, { rtol, atol }: Setting): NDArray {
  const scale = y.mul(rtol).add(atol);
  return x
    .div(scale.equal(0).where(1, scale))
    .square()
    .sum()
    .div(x.size || 1)
    .sqrt();
}

/** One step, taken or not: the state after it. */
function attempt(method: Method, system: System, setting: Setting, maxSteps: number, state: State): State {
  const { smooth, steering } = state;
  const { t, h: wanted, growth, tried, taken } = steering;
  const left = setting.end.sub(t);
  const isLast = wanted.abs().greaterEqual(left.abs());
  const h = isLast.where(left, wanted);
  const [y, k] = smooth;
  const { next, error: estimate } = method.step(system, t, y, k, h);
  const raw = norm(stopGradient(estimate), stopGradient(y.abs().maximum(next[0].abs())), setting).div(method.share);
  // NaN too is too large.
  const error = raw.less(1e10).where(raw, 1e10).maximum(1e-10);
  const isGood = error.lessEqual(1);
  // The controller of DOPRI5: E. Hairer, S. P. Nørsett and G. Wanner, Solving ordinary differential equations I, section IV.2 of II.
  const plain = error.pow(0.75 * method.memory - 1 / method.order).mul(0.9);
  const count = tried.add(1);
  const stepTo = (factor: NDArray): NDArray => h.mul(factor.maximum(0.2).minimum(growth));
  return either(
    isGood,
    (): State => {
      const reached = isLast.where(setting.end, t.add(h));
      return {
        smooth: next,
        steering: {
          t: reached,
          reach: isLast
            .logicalNot()
            .logicalAnd(count.greaterEqual(maxSteps))
            .where(Number.POSITIVE_INFINITY, reached.mul(setting.direction)),
          h: stepTo(plain.mul(steering.error.pow(method.memory))),
          growth: t.mul(0).add(10),
          error: error.maximum(1e-4),
          from: t,
          length: h,
          tried: count,
          taken: taken.add(1),
        },
      };
    },
    (): State => {
      const shorter = stepTo(plain);
      // No step from where the right-hand side is not finite has a finite error.
      const goesOn = shorter
        .abs()
        .greater(t.abs().mul(10 * epsilonOf(t)))
        .logicalAnd(count.less(maxSteps))
        .logicalAnd(k.isFinite().all());
      return {
        smooth,
        steering: {
          ...steering,
          h: shorter,
          error: goesOn.where(steering.error, raw),
          growth: t.mul(0).add(1),
          reach: goesOn.where(steering.reach, Number.POSITIVE_INFINITY),
          tried: count,
        },
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
export function stepper(
  method: Method,
  still: System,
  given: Given,
  setting: Setting,
  maxSteps: number,
  shift: NDArray,
  closure: Closure,
): Stepper {
  return (state) => {
    const { smooth, steering } = stopGradient(attempt(method, still, setting, maxSteps, stopGradient(state)));
    const count = smooth.length;
    const isTaken = steering.taken.greater(state.steering.taken);
    const replay = (inputs: ArrayList): ArrayList => {
      const [y, k] = inputs;
      const [taken, length, t, shift, ...captured] = inputs.slice(count);
      // In the place of a step that was not taken stands one of no length: it is finite.
      const { next } = method.step(given(shift, captured), t, y, k, taken.where(length, 0));
      return next.map((x, i) => taken.where(x, inputs[i]));
    };
    const inputs = [...state.smooth, isTaken, steering.length, state.steering.t, shift, ...closure.values];
    // As many as there were.
    return { smooth: derivedFrom("odeSolve", replay, inputs, smooth) as unknown as Smooth, steering };
  };
}

/** A step without derivatives of its own. */
export const plainly =
  (method: Method, system: System, setting: Setting, maxSteps: number): Stepper =>
  (state) =>
    attempt(method, system, setting, maxSteps, state);

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
  const run = (state: State, body: Stepper, test: (steering: Steering) => NDArray): State =>
    whileLoop<State>(
      ({ steering }) => test(steering as Steering),
      (own) => body(own as State),
      state,
    ) as State;
  return (state, target) => {
    const goesOn = ({ reach }: Steering): NDArray => reach.less(target);
    let body = step;
    for (let level = 1; level <= levels; level++) {
      const [inner, count] = [body, size ** level];
      body = (own) => {
        const stop = own.steering.tried.add(count);
        const some = (from: State): State => run(from, inner, (steering) => goesOn(steering).logicalAnd(steering.tried.less(stop)));
        return checkpoint<[State], State>(some)(own) as State;
      };
    }
    return run(state, body, goesOn);
  };
}
