/**
 * The reasons for which a solver stops, each a code and its words: above 0 it converged, at 0 it stopped too early, below 0 it failed. Constants of their own,
 * so that a program carries those of the solvers that it uses.
 *
 * @packageDocumentation
 */
export type Reason = readonly [code: number, words: string];

export const lostEvent: Reason = [-9, "an event's function gives NaN"];
export const unbounded: Reason = [-8, "the function falls without limit"];
export const stepTooSmall: Reason = [-7, "no step is short enough for the tolerance"];
export const maxSteps: Reason = [-6, "maxSteps is reached"];
export const limit: Reason = [-5, "there are as many intervals as limit allows"];
export const singular: Reason = [-4, "a linear system is singular"];
export const noBracket: Reason = [-3, "the values at the ends of the interval have one sign"];
export const noProgress: Reason = [-2, "no step makes progress any more"];
export const notFinite: Reason = [-1, "the function gives a value that is not finite"];
export const maxIterations: Reason = [0, "maxIterations is reached"];
export const residual: Reason = [1, "the residual is within the tolerance"];
export const step: Reason = [2, "x changes by less than xtol"];
export const gradient: Reason = [3, "the gradient is within gtol"];
export const cost: Reason = [4, "the cost changes by less than ftol"];
export const interval: Reason = [5, "the interval is within the tolerance"];
export const error: Reason = [6, "the estimated error is within the tolerance"];
export const rounding: Reason = [7, "the value changes by rounding alone"];
export const end: Reason = [8, "the last time is reached"];
export const event: Reason = [9, "an event ended it"];

/** All of them. */
export const reasons: readonly Reason[] = [
  lostEvent,
  unbounded,
  stepTooSmall,
  maxSteps,
  limit,
  singular,
  noBracket,
  noProgress,
  notFinite,
  maxIterations,
  residual,
  step,
  gradient,
  cost,
  interval,
  error,
  rounding,
  end,
  event,
];
