import type { GpuKernels } from "./define.js";
import { elementwise } from "./elementwise.js";
import { movement } from "./movement.js";
import { products } from "./product.js";
import { reductions } from "./reduction.js";

/** The kernels of the GPU: a table that is total over the primitives that a backend computes. */
export const kernels: GpuKernels = { ...elementwise, ...movement, ...reductions, ...products };
