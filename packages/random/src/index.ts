export type { DrawOptions } from "./checks.js";
export { normal, type UniformOptions, uniform } from "./continuous.js";
export { bits, foldIn, key, split } from "./keys.js";
