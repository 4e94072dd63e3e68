import { concatenate, type NDArray, scan, stopGradient } from "@ad/core";
import { Closure } from "@ad/core/internals/trace";
import { around, type Method, type Smooth, type System } from "./method.js";
import { known } from "./rule.js";
import { type Given, type Kept, norm, plainly, type Setting, type State, type Stepper, stepper, turnsOf } from "./steps.js";

/** The step to begin with: E. Hairer, S. P. Nørsett and G. Wanner, Solving ordinary differential equations I, section II.4. */
function firstStep({ f }: System, t: NDArray, y: NDArray, k: NDArray, setting: Setting): NDArray {
  const { method, end, direction } = setting;
  const size = y.abs();
  const [d0, d1] = [norm(y, size, setting), norm(k, size, setting)];
  const span = end.sub(t).abs();
  const isSmall = d0.less(1e-5).logicalOr(d1.less(1e-5));
  const h0 = isSmall.where(1e-6, d0.div(isSmall.where(1, d1)).mul(0.01)).minimum(span);
  const h = h0.mul(direction);
  const d2 = norm(f(t.add(h), y.add(k.mul(h))).sub(k), size, setting).div(h0);
  const d = d1.maximum(d2);
  const h1 = d.lessEqual(1e-15).where(
    h0.mul(1e-3).maximum(1e-6),
    d
      .maximum(1e-15)
      .reciprocal()
      .mul(0.01)
      .pow(1 / method.order),
  );
  const both = h0.mul(100).minimum(h1).minimum(span);
  // Where f is not finite there, a rejected step will tell.
  return both.greater(0).where(both, span.mul(1e-3)).mul(direction);
}

/** The solution within the last step, at a part of it. */
export const within = ([, , start, ...dense]: Smooth, theta: NDArray): NDArray =>
  dense
    .reduceRight((sum, c) => sum.mul(theta).add(c))
    .mul(theta)
    .add(start);

/** An initial value problem on vectors. */
export interface Problem {
  readonly system: System;
  readonly y0: NDArray;
  readonly ts: NDArray;
  readonly method: Method;
  readonly rtol: NDArray | number;
  readonly atol: NDArray | number;
  readonly maxSteps: number;
  readonly firstStep: number | undefined;
  readonly checkpoint: Kept;
  /** Sees each state, and whether the step to it was taken. */
  readonly watch?: ((state: State, isTaken: NDArray) => void) | undefined;
}

/** Returns what does not change, and the first state: without derivatives, and with the right-hand side that `still` gives. */
export function begin({ y0, ts, firstStep: given, ...rest }: Problem, still: System): readonly [setting: Setting, state: State] {
  const [y, times] = [stopGradient(y0), stopGradient(ts)];
  const [t, end] = [times.slice(0), times.slice(-1)];
  const direction = end.less(t).where(-1, 1).astype(y.dtype);
  const setting: Setting = { ...rest, end, direction };
  const k = still.f(t, y);
  const h = given === undefined ? firstStep(still, t, y, k, setting) : direction.mul(given);
  const [zero, none] = [t.mul(0), y.mul(0)];
  return [
    setting,
    {
      smooth: [y, k, y, none, none, none, none],
      t,
      reach: t.mul(direction),
      h,
      growth: zero.add(10),
      error: zero.add(1e-4),
      from: t,
      length: zero.add(1),
      tried: zero,
      taken: zero,
    },
  ];
}

/** The solution at each of the times, and the last state. The steps are chosen by the values alone. `isConstant`: nothing has a derivative. */
export function integrate(problem: Problem, isConstant = false): readonly [ys: NDArray, last: State] {
  const { system, y0, ts, maxSteps, checkpoint, watch } = problem;
  // The time at the start has a derivative, and takes the times of all steps with it.
  const shift = ts.slice(0).sub(stopGradient(ts.slice(0)));
  const closure = new Closure();
  const given: Given = (shift, values) => around(system, (call) => closure.replaced(values, call), shift);
  const still = isConstant ? system : around(system, (call) => closure.constant(call), shift);
  const [setting, first] = begin(problem, still);
  const { t } = first;
  const { direction } = setting;
  const isTraced = !isConstant && (closure.values.length > 0 || [y0, ts].some((x) => x.owner.level > 0));
  const step = isTraced ? stepper(still, given, setting, shift, closure) : plainly(system, setting);
  const start: State = isTraced ? { ...first, smooth: [y0, system.f(t.add(shift), y0), y0, ...first.smooth.slice(3)] } : first;
  if (ts.size === 1) return [y0.expandDims(0), start];
  const watched: Stepper = (state) => {
    const next = step(state);
    watch?.(next, next.taken.greater(state.taken));
    return next;
  };
  const turns = turnsOf(watch ? watched : step, checkpoint, maxSteps);
  const at = (state: State, time: NDArray): readonly [State, NDArray] => {
    const next = turns(state, stopGradient(time).mul(direction));
    const theta = time.sub(next.from.add(shift)).div(next.length);
    const y = within(next.smooth, theta);
    // Beyond the last step there is no solution.
    return [next, known(next.t.sub(stopGradient(time)).mul(direction).greaterEqual(0), y)];
  };
  const [last, ys] = scan<State, NDArray>((state, time) => at(state as State, time), start, ts.slice([1, null])) as [State, NDArray];
  return [concatenate([y0.expandDims(0), ys]), last];
}
