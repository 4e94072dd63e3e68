/**
 * The reasons for which a solver stops: above 0 it converged, at 0 it stopped too early, below 0 it failed. Constants of their own, which bundlers put where they
 * are read; the words stand in result.ts, in this order.
 *
 * @packageDocumentation
 */
export const unbounded = -8;
export const stepTooSmall = -7;
export const maxSteps = -6;
export const limit = -5;
export const singular = -4;
export const noBracket = -3;
export const noProgress = -2;
export const notFinite = -1;
export const maxIterations = 0;
export const residual = 1;
export const step = 2;
export const gradient = 3;
export const cost = 4;
export const interval = 5;
export const error = 6;
export const rounding = 7;
export const end = 8;
export const event = 9;
