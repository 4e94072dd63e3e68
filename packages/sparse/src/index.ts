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
  type Prepared,
  type PrepareOptions,
  prepare,
  type SparseJacobianOptions,
  type SparseOptions,
  sparseHessian,
  sparseJacobian,
  valueAndSparseJacobian,
} from "./jacobian.js";
export { SparseMatrix } from "./matrix/sparse-matrix.js";
export type { Pattern, PatternLike } from "./pattern.js";
export type { Strategy } from "./plan.js";
export { hessianSparsity, type SparsityOptions, sparsity } from "./sparsity/index.js";
