export { debugPrint } from "@ad/core";
export { type GraphCost, type GraphEquation, type GraphProgram, type GraphValue, graph } from "./graph.js";
export { type JitOptions, type Jitted, jit } from "./jit.js";
