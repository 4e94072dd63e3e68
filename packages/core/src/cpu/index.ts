import type { Data } from "../aval.js";
import type { Backend } from "../backend.js";
import { elementwise } from "./elementwise.js";
import { movement } from "./movement.js";
import { products } from "./product.js";
import { reductions } from "./reduction.js";
import { vectorised } from "./wasm/elementwise.js";

/** JavaScript over typed arrays, and WebAssembly for what is large. */
export const cpuBackend: Backend<Data> = {
  name: "cpu",
  dtypes: ["float64", "float32", "int32", "bool"],
  kernels: { ...elementwise, ...movement, ...vectorised({ ...elementwise, ...movement }), ...reductions, ...products },
};
