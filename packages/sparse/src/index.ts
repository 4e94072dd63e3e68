export type { Pattern, PatternLike } from "./pattern.js";
export { hessianSparsity, type SparsityOptions, sparsity } from "./sparsity/index.js";
