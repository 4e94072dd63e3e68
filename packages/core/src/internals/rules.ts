/**
 * The calculus tables, for transformations that differentiate. Not for users' programs: it may change in any release.
 *
 * @packageDocumentation
 */
export { partials, passed } from "../rules/partials.js";
export { balanced, shifted } from "../rules/running.js";
export { softmaxProduct } from "../rules/structured.js";
export { bilinear, transposes } from "../rules/transposes.js";
export { spread, weighed, weights } from "../rules/weights.js";
