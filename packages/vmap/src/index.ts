export type { AxisTree } from "./axes.js";
export { type VmapOptions, vmap } from "./vmap.js";
