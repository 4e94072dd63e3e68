import type { Data } from "../../engine/aval.js";
import type { Backend } from "../../engine/backend.js";
import { vectorised } from "../wasm/elementwise.js";
import { elementwise } from "./elementwise.js";
import { movement } from "./movement.js";
import { products } from "./product.js";
import { reductions } from "./reduction.js";

/** JavaScript over typed arrays, and WebAssembly for what is large. */
export const cpuBackend: Backend<Data> = {
  name: "cpu",
  dtypes: ["float64", "float32", "int32", "bool"],
  kernels: { ...elementwise, ...movement, ...vectorised({ ...elementwise, ...movement }), ...reductions, ...products },
};
