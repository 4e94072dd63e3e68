/**
 * Devices, for those who write one: arrays with numbers, their layouts, and the kernels that a device has to have. Not for users' programs: it may change in any release.
 *
 * @packageDocumentation
 */
export { cpu } from "../array/convert.js";
export { isRowMajor, type Layout, type Strided, views } from "../array/views.js";
export { Concrete } from "../cpu/concrete.js";
export { limits } from "../cpu/limits.js";
export { bytesOfModule } from "../cpu/wasm/module.js";
export type { Kernel, KernelName, Kernels, View } from "../engine/kernels.js";
export { digamma, erfc, lgamma, polygamma } from "../primitives/special.js";
