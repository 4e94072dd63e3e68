/**
 * The checks of public functions, so that all of them refuse wrong arguments alike. Not for users' programs: it may change in any release.
 *
 * @packageDocumentation
 */
export { bare, broadcastShapes, checkAxis, checkShape, distinctAxes, whole } from "../array/operands.js";
export { checkDType } from "../engine/aval.js";
export { checkNoMore, checkOptions, checkTransformOptions, describe, showShape } from "../engine/errors.js";
export { type AnyFunction, checkFunction, invoke } from "../engine/invoke.js";
export { checkArgnums, checkTuple, flattenFloating, flattenLike, splitAux } from "../reverse/record.js";
