/**
 * Devices, for those who write one: arrays with numbers, their layouts, and the kernels that a device has to have. Not for users' programs: it may change in any release.
 *
 * @packageDocumentation
 */
export { cpu } from "../array/convert.js";
export { isRowMajor, type Layout, type Strided, stepOf, views } from "../array/views.js";
export { inArena } from "../cpu/arena.js";
export { Concrete } from "../cpu/concrete.js";
export { gemm } from "../cpu/kernels/gemm.js";
export { joined as joinedAxes } from "../cpu/kernels/loops.js";
export { limits } from "../cpu/limits.js";
export { allocate, compact, constructors, room } from "../cpu/storage.js";
export { mend } from "../cpu/wasm/elementwise.js";
export { binaries, bytesOfModule, load, type Map1, reserve, threadPool, type Unary, unaries } from "../cpu/wasm/module.js";
export type { Kernel, KernelName, Kernels, View } from "../engine/kernels.js";
export { factorCholesky } from "../linalg/kernels/cholesky.js";
export { eigenSymmetric } from "../linalg/kernels/eigh.js";
export * as special from "../primitives/special.js";
export { powerOf } from "../primitives/special.js";
