export { interp } from "@ad/core";
export { applyUpdates } from "./apply-updates.js";
export { type Bracketed, type BracketOptions, type BracketStep, bisect, brent } from "./bracket.js";
export { type CubicSpline, cubicSpline, type SplineBoundary, type SplineOptions } from "./cubic-spline.js";
export {
  type ConfidenceBand,
  type ConfidenceBandOptions,
  type CurveFit,
  type CurveFitOptions,
  confidenceBand,
  curveFit,
} from "./curve-fit.js";
export { type FixedPoint, type FixedPointOptions, fixedPoint } from "./fixed-point.js";
export {
  type AuxOptions,
  customLinearSolve,
  customRoot,
  type ImplicitOptions,
  implicit,
  type LinearFunction,
  type LinearSolveOptions,
  type TreeSolver,
} from "./implicit.js";
export { type LeastSquares, type LeastSquaresOptions, type LeastSquaresStep, leastSquares } from "./least-squares.js";
export { type MinimizeOptions, type MinimizeStep, type Minimum, minimize } from "./minimize.js";
export type { Gradient } from "./ode/gradient.js";
export { type OdeEvent, type OdeHappened, type OdeOptions, type OdeSolution, type OdeStep, odeSolve } from "./ode/ode-solve.js";
export * from "./optimizers.js";
export { type QuadOptions, type QuadResult, quad } from "./quad.js";
export { type Report, statusOf } from "./result.js";
export { type Root, type RootOptions, type RootStep, root } from "./root.js";
export * from "./schedules.js";
