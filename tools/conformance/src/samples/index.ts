import type { PrimitiveName } from "@ad/core/internals/trace";
import { elementwise } from "./elementwise.js";
import { movement } from "./movement.js";
import { reductions } from "./reduction.js";
import type { Samples } from "./sample.js";

export type { Sample } from "./sample.js";

/** The one table of samples of primitives: a primitive without a row does not compile. */
export const samples: Samples<PrimitiveName> = { ...elementwise, ...movement, ...reductions };
