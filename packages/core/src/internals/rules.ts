/**
 * The calculus tables, for transformations that differentiate. Not for users' programs: it may change in any release.
 *
 * @packageDocumentation
 */
export { erased } from "../primitives/lookup.js";
export { partialsOf, passed, readsOf, weighed } from "../rules/lookup.js";
export { RESULT, type Rule } from "../rules/reads.js";
export { balanced, shifted } from "../rules/running.js";
export { softmaxProduct } from "../rules/structured.js";
export { bilinear, transposes } from "../rules/transposes.js";
export { spread, weights } from "../rules/weights.js";
