export type { Indices } from "./matrix/entries.js";
export { type Compressed, SparseMatrix } from "./matrix/matrix.js";
export type { Pattern } from "./pattern.js";
