/** For the packages that compute in a way of their own: what has to come out. */
export type { Case } from "./case.js";
export { float32, widened } from "./case.js";
export { agree, directions } from "./compare.js";
export { type Composition, compositions } from "./compositions.js";
export { caseOf, type Trial, trial } from "./programs/generator.js";
export { listing } from "./programs/program.js";
export { binaries, unaries } from "./rows/elementwise.js";
export { type Arrays, backwards, isSmooth, smoothPart } from "./smooth.js";
export { allEntries, casesOn, type Entry, layoutNames, primitiveEntries } from "./suite.js";
