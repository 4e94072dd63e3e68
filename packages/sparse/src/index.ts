export type { Indices } from "./matrix/entries.js";
export { type Compressed, SparseMatrix } from "./matrix/matrix.js";
export type { Pattern } from "./pattern.js";
export type { LinearOperator } from "./solvers/maps.js";
export { ilu0, jacobi, type Preconditioner } from "./solvers/preconditioners.js";
export { type Report, statusOf } from "./solvers/report.js";
export {
  bicgstab,
  conjugateGradient,
  type GmresOptions,
  gmres,
  type LinearSolution,
  type SolverOptions,
  type Step,
} from "./solvers/solve.js";
