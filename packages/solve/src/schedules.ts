import { type ArrayLike, type NDArray, type Scalar, TreeError, where } from "@ad/core";
import { broadcastShapes, checkFunction, checkOptions, describe } from "@ad/core/internals/checks";
import { asArray } from "@ad/core/internals/trace";
import { numberOf, scalarOf, wholeOf } from "./scalars.js";

/**
 * A number that changes with the count of steps: a function made of array operations.
 *
 * @param count of the steps that were made: 0 before the first; any shape
 */
export type Schedule = (count: ArrayLike) => NDArray;

const counted = (op: string, count: ArrayLike): NDArray => asArray(count, op).astype("float64");

/**
 * A number that stays the same.
 *
 * @param value a number, or a floating array of shape []
 * @returns a {@link Schedule}: from a count of any shape to floating numbers of its shape
 * @throws DTypeError where value is no number, ShapeError where it is an array that is no scalar
 * @example
 * constantSchedule(0.1)(7).item(); // 0.1
 */
export function constantSchedule(value: Scalar): Schedule {
  const own = scalarOf("constantSchedule", "value", value);
  return (count) => counted("constantSchedule", count).mul(0).add(own);
}

/**
 * Goes from one number to another by a power of the way that is left: `(init − end) (1 − t)ᵖ + end`, with t from 0 to 1.
 *
 * @param initValue the number at first, or a floating array of shape []
 * @param endValue the number in the end
 * @param power p; 1 is a straight line
 * @param transitionSteps how many steps it takes
 * @param options transitionBegin: how many steps pass before it begins, 0
 * @returns a {@link Schedule}: from a count of any shape to floating numbers of its shape
 * @throws DTypeError where a number is none or is too small, ShapeError where it is an array that is no scalar, TreeError for an unknown option
 * @example
 * polynomialSchedule(1, 0, 2, 10)(5).item(); // 0.25
 */
export function polynomialSchedule(
  initValue: Scalar,
  endValue: Scalar,
  power: Scalar,
  transitionSteps: number,
  options?: { readonly transitionBegin?: number },
): Schedule {
  return polynomial("polynomialSchedule", initValue, endValue, power, transitionSteps, options);
}

function polynomial(
  op: string,
  initValue: Scalar,
  endValue: Scalar,
  power: Scalar,
  transitionSteps: number,
  options: { readonly transitionBegin?: number } | undefined,
): Schedule {
  checkOptions(op, options, ["transitionBegin"]);
  const begin = wholeOf(op, "transitionBegin", options?.transitionBegin ?? 0, 0);
  const steps = wholeOf(op, "transitionSteps", transitionSteps, 1);
  const [init, end, p] = [scalarOf(op, "initValue", initValue), scalarOf(op, "endValue", endValue), scalarOf(op, "power", power)];
  return (count) => {
    const left = counted(op, count).sub(begin).clip(0, steps).div(-steps).add(1);
    return left.pow(p).mul(init.sub(end)).add(end);
  };
}

/**
 * A straight line from one number to another, as the warm-up of a learning rate is.
 *
 * @param initValue the number at first, or a floating array of shape []
 * @param endValue the number in the end
 * @param transitionSteps how many steps it takes
 * @param options transitionBegin: how many steps pass before it begins, 0
 * @returns a {@link Schedule}: from a count of any shape to floating numbers of its shape
 * @throws as {@link polynomialSchedule} does
 * @example
 * linearSchedule(0, 1, 10)([0, 5, 20]).toArray(); // [0, 0.5, 1]
 */
export function linearSchedule(
  initValue: Scalar,
  endValue: Scalar,
  transitionSteps: number,
  options?: { readonly transitionBegin?: number },
): Schedule {
  return polynomial("linearSchedule", initValue, endValue, 1, transitionSteps, options);
}

/** Options of {@link exponentialDecay}. */
export interface ExponentialDecayOptions {
  /** The number of steps that pass before it begins: 0. */
  readonly transitionBegin?: number;
  /** Whether it falls once in each transitionSteps, and not in each step. */
  readonly staircase?: boolean;
  /** The value at which it stops: a lower bound where decayRate is below 1, an upper bound otherwise. */
  readonly endValue?: number;
}

/**
 * `initValue · decayRate^(count / transitionSteps)`.
 *
 * @param initValue the number at first, or a floating array of shape []
 * @param transitionSteps in how many steps it falls by decayRate
 * @param decayRate a number above 0
 * @param options transitionBegin, staircase, endValue: {@link ExponentialDecayOptions}
 * @returns a {@link Schedule}: from a count of any shape to floating numbers of its shape
 * @throws DTypeError where a number is none or is too small, ShapeError where it is an array that is no scalar, TreeError for an unknown option
 * @example
 * exponentialDecay(1, 10, 0.5)([0, 10, 20]).toArray(); // [1, 0.5, 0.25]
 */
export function exponentialDecay(
  initValue: Scalar,
  transitionSteps: number,
  decayRate: number,
  options?: ExponentialDecayOptions,
): Schedule {
  return exponential("exponentialDecay", initValue, transitionSteps, decayRate, options);
}

function exponential(
  op: string,
  initValue: Scalar,
  transitionSteps: number,
  decayRate: number,
  options: ExponentialDecayOptions = {},
): Schedule {
  checkOptions(op, options, ["transitionBegin", "staircase", "endValue"]);
  const { transitionBegin = 0, staircase = false, endValue } = options;
  const init = scalarOf(op, "initValue", initValue);
  const steps = wholeOf(op, "transitionSteps", transitionSteps, 1);
  const rate = numberOf(op, "decayRate", decayRate, 0, true);
  const begin = wholeOf(op, "transitionBegin", transitionBegin, 0);
  const end = endValue === undefined ? undefined : numberOf(op, "endValue", endValue);
  if (typeof staircase !== "boolean") throw new TreeError(`${op}: staircase is ${describe(staircase)}; use true or false.`);
  return (count) => {
    const passed = counted(op, count).sub(begin).maximum(0).div(steps);
    const value = (staircase ? passed.floor() : passed).mul(Math.log(rate)).exp().mul(init);
    return end === undefined ? value : rate < 1 ? value.maximum(end) : value.minimum(end);
  };
}

/** Options of {@link cosineDecaySchedule}. */
export interface CosineDecayOptions {
  /** The value at the end, as a part of initValue: 0. */
  readonly alpha?: number;
  /** A power of the cosine's wave: 1. */
  readonly exponent?: number;
}

/**
 * Half a wave of the cosine, from a number down to a part of it: `initValue ((1 − α) (½ + ½ cos(π t))ᵖ + α)`, with t from 0 to 1 (Loshchilov and
 * Hutter, "SGDR", 2017).
 *
 * @param initValue the number at first, or a floating array of shape []
 * @param decaySteps how many steps it takes
 * @param options alpha, exponent: {@link CosineDecayOptions}
 * @returns a {@link Schedule}: from a count of any shape to floating numbers of its shape
 * @throws DTypeError where a number is none or is too small, ShapeError where it is an array that is no scalar, TreeError for an unknown option
 * @example
 * cosineDecaySchedule(0.1, 100)([0, 50, 100]).toArray(); // [0.1, 0.05, 0]
 */
export function cosineDecaySchedule(initValue: Scalar, decaySteps: number, options?: CosineDecayOptions): Schedule {
  checkOptions("cosineDecaySchedule", options, ["alpha", "exponent"]);
  const init = scalarOf("cosineDecaySchedule", "initValue", initValue);
  const { alpha = 0, exponent = 1 } = options ?? {};
  return cosine("cosineDecaySchedule", init, decaySteps, numberOf("cosineDecaySchedule", "alpha", alpha), exponent);
}

function cosine(op: string, init: NDArray, decaySteps: number, alpha: ArrayLike, exponent: number): Schedule {
  const steps = wholeOf(op, "decaySteps", decaySteps, 1);
  const p = numberOf(op, "exponent", exponent, 0);
  const rest = asArray(alpha, op);
  return (count) => {
    const wave = counted(op, count)
      .clip(0, steps)
      .mul(Math.PI / steps)
      .cos()
      .add(1)
      .div(2);
    return wave.pow(p).mul(rest.neg().add(1)).add(rest).mul(init);
  };
}

/**
 * A number that is multiplied at certain counts.
 *
 * @param initValue the number at first, or a floating array of shape []
 * @param boundariesAndScales for each count from which on the number has another factor: `{ 100: 0.1, 200: 0.5 }`
 * @returns a {@link Schedule}: from a count of any shape to floating numbers of its shape
 * @throws DTypeError where a number is none, ShapeError where it is an array that is no scalar, TreeError where the boundaries are no object
 * @example
 * piecewiseConstantSchedule(1, { 10: 0.1, 20: 0.5 })([9, 10, 30]).toArray(); // [1, 0.1, 0.05]
 */
export function piecewiseConstantSchedule(initValue: Scalar, boundariesAndScales: Readonly<Record<number, number>>): Schedule {
  const op = "piecewiseConstantSchedule";
  const init = scalarOf(op, "initValue", initValue);
  if (typeof boundariesAndScales !== "object" || boundariesAndScales === null || Symbol.iterator in boundariesAndScales)
    throw new TreeError(`${op}: boundariesAndScales is ${describe(boundariesAndScales)}; give an object, { count: factor }.`);
  const pieces = Object.entries(boundariesAndScales).map(([at, factor]) => [
    wholeOf(op, "a boundary", Number(at), 0),
    numberOf(op, `the factor at ${at}`, factor, 0),
  ]);
  return (count) => {
    const x = counted(op, count);
    return pieces.reduce((value, [at, factor]) => value.mul(where(x.greaterEqual(at), factor, 1)), x.mul(0).add(init));
  };
}

/**
 * Schedules one after the other. Each counts from 0 where it begins.
 *
 * @param schedules functions from a count to a number
 * @param boundaries the counts at which the next one begins: one fewer than there are schedules
 * @returns a {@link Schedule}: from a count of any shape to floating numbers of its shape
 * @throws TreeError where there are not as many boundaries as it takes, TransformError where a schedule is no function, DTypeError or
 * ShapeError where a boundary is no whole number
 * @example
 * joinSchedules([linearSchedule(0, 1, 10), exponentialDecay(1, 10, 0.5)], [10])([5, 10, 20]).toArray(); // [0.5, 1, 0.5]
 */
export function joinSchedules(schedules: readonly Schedule[], boundaries: readonly number[]): Schedule {
  return joined("joinSchedules", schedules, boundaries);
}

function joined(op: string, schedules: readonly Schedule[], boundaries: readonly number[]): Schedule {
  if (!Array.isArray(schedules) || !Array.isArray(boundaries) || schedules.length !== boundaries.length + 1)
    throw new TreeError(
      `${op}: ${describe(schedules)} and ${describe(boundaries)} arrive; give a list of schedules and a list of boundaries, one fewer.`,
    );
  for (const schedule of schedules) checkFunction(op, schedule);
  for (const at of boundaries) wholeOf(op, "a boundary", at, 0);
  return (count) => {
    const x = counted(op, count);
    const valueOf = (schedule: Schedule, own: NDArray): NDArray => {
      const value = asArray(schedule(own), op);
      broadcastShapes(op, value.shape, x.shape);
      return value;
    };
    return boundaries.reduce((value, at, i) => x.less(at).where(value, valueOf(schedules[i + 1], x.sub(at))), valueOf(schedules[0], x));
  };
}

/**
 * A straight warm-up, then half a wave of the cosine.
 *
 * @param initValue the number at first, or a floating array of shape []
 * @param peakValue the number after the warm-up
 * @param warmupSteps how many steps the warm-up takes
 * @param decaySteps how many steps both take together
 * @param options endValue: the number in the end, 0; exponent: a power of the cosine's wave, 1
 * @returns a {@link Schedule}: from a count of any shape to floating numbers of its shape
 * @throws DTypeError where a number is none or is too small, ShapeError where it is an array that is no scalar, TreeError for an unknown option
 * @example
 * warmupCosineDecaySchedule(0, 1, 10, 30)([0, 5, 10, 20, 30]).toArray(); // [0, 0.5, 1, 0.5, 0]
 */
export function warmupCosineDecaySchedule(
  initValue: Scalar,
  peakValue: Scalar,
  warmupSteps: number,
  decaySteps: number,
  options?: { readonly endValue?: number; readonly exponent?: number },
): Schedule {
  const op = "warmupCosineDecaySchedule";
  checkOptions(op, options, ["endValue", "exponent"]);
  const { endValue = 0, exponent = 1 } = options ?? {};
  const peak = scalarOf(op, "peakValue", peakValue);
  const [warm, all] = [wholeOf(op, "warmupSteps", warmupSteps, 1), wholeOf(op, "decaySteps", decaySteps, warmupSteps + 1)];
  // A peak of 0 stays 0.
  const alpha = peak.notEqual(0).where(asArray(numberOf(op, "endValue", endValue), op).div(peak.equal(0).where(1, peak)), 0);
  return joined(op, [polynomial(op, initValue, peakValue, 1, warm, undefined), cosine(op, peak, all - warm, alpha, exponent)], [warm]);
}

/**
 * A straight warm-up, then {@link exponentialDecay}.
 *
 * @param initValue the number at first, or a floating array of shape []
 * @param peakValue the number after the warm-up
 * @param warmupSteps how many steps the warm-up takes
 * @param transitionSteps in how many steps it falls by decayRate after that
 * @param decayRate a number above 0
 * @param options transitionBegin (counted from the warm-up's end), staircase, endValue: {@link ExponentialDecayOptions}
 * @returns a {@link Schedule}: from a count of any shape to floating numbers of its shape
 * @throws DTypeError where a number is none or is too small, ShapeError where it is an array that is no scalar, TreeError for an unknown option
 * @example
 * warmupExponentialDecaySchedule(0, 1, 10, 5, 0.5)([5, 10, 15]).toArray(); // [0.5, 1, 0.5]
 */
export function warmupExponentialDecaySchedule(
  initValue: Scalar,
  peakValue: Scalar,
  warmupSteps: number,
  transitionSteps: number,
  decayRate: number,
  options?: ExponentialDecayOptions,
): Schedule {
  const op = "warmupExponentialDecaySchedule";
  const warm = polynomial(op, initValue, peakValue, 1, warmupSteps, undefined);
  return joined(op, [warm, exponential(op, peakValue, transitionSteps, decayRate, options)], [warmupSteps]);
}
