export type { AxisTree } from "./axes.js";
export { allGather, axisIndex, pmax, pmean, pmin, psum } from "./collectives/index.js";
export { type VmapOptions, vmap } from "./vmap.js";
