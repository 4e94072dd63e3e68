export {
  type BothWays,
  type Coloring,
  type ColoringLike,
  type ColoringOptions,
  coloring,
  type Kind,
  type OneWay,
} from "./coloring/index.js";
export type { Order } from "./coloring/order.js";
export {
  type BlocksOption,
  type FlatOption,
  type Prepared,
  type PrepareOptions,
  prepare,
  type SparseJacobianOptions,
  type SparseOptions,
  sparseHessian,
  sparseJacobian,
  valueAndSparseJacobian,
} from "./jacobian.js";
export type { Indices } from "./matrix/entries.js";
export { type Compressed, type CompressedLike, SparseMatrix } from "./matrix/sparse-matrix.js";
export type { Pattern, PatternLike } from "./pattern.js";
export type { Strategy } from "./plan.js";
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
export { hessianSparsity, type SparsityOptions, sparsity } from "./sparsity/index.js";
