import type { Data } from "../../engine/aval.js";
import type { Kernels } from "../../engine/kernels.js";
import { vectorised } from "../wasm/elementwise.js";
import { elementwise } from "./elementwise.js";
import { movement } from "./movement.js";
import { products } from "./product.js";
import { reductions } from "./reduction.js";

/** The kernels: JavaScript over typed arrays, and WebAssembly for large arrays. */
export const kernels: Kernels<Data> = {
  ...elementwise,
  ...movement,
  ...vectorised({ ...elementwise, ...movement }),
  ...reductions,
  ...products,
};
