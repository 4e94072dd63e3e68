export { type JitOptions, type Jitted, jit } from "./jit.js";
