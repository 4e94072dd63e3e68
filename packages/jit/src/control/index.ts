import type { Stager } from "@ad/core/internals/trace";
import { choose } from "./choice.js";
import { scan, whileLoop } from "./loop.js";

/** Control flow is staged as operations with programs. */
export const staging: Stager = { choose, scan, whileLoop };
