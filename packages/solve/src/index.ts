export { applyUpdates } from "./apply-updates.js";
export { type Bracketed, type BracketOptions, type BracketStep, bisect, brent } from "./bracket.js";
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
export { type Report, statusOf } from "./result.js";
export { type Root, type RootOptions, type RootStep, root } from "./root.js";
