export { applyUpdates } from "./apply-updates.js";
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
export { type OdeOptions, type OdeSolution, type OdeStep, odeSolve } from "./ode/ode-solve.js";
export { type Report, statusOf } from "./result.js";
