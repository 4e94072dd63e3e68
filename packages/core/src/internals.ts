/**
 * What the sibling packages build transformations and backends from. Not for users: it may change in any release.
 *
 * @packageDocumentation
 */
export { Assembly } from "./array/assembly.js";
export type { ArrayBase } from "./array/base.js";
export { asArray, Concrete, cpu } from "./array/concrete.js";
export { sliceAxis } from "./array/movement.js";
export { isNDArray } from "./array/ndarray.js";
export { cast, checkAxis } from "./array/operands.js";
export { Tracer } from "./array/tracer.js";
export { Aval, isFloat, type Shape, sameShape, sizeOf } from "./aval.js";
export type { Backend, Kernel, KernelName, Kernels, View } from "./backend.js";
export { limits } from "./cpu/limits.js";
export { partials, passed } from "./derivatives/partials.js";
export { balanced, shifted } from "./derivatives/running.js";
export { bilinear, transposes } from "./derivatives/transposes.js";
export { spread, weighed, weights } from "./derivatives/weights.js";
export { checkNoMore, checkOptions, checkTransformOptions, describe, showShape } from "./errors.js";
export { type Observer, observed, observers } from "./observe.js";
export type { Arrays, Operation, Parts } from "./operation.js";
export { type Peeked, peek } from "./peek.js";
export { type Kind, type NamesOf, none, type Params, type PrimitiveName, primitives } from "./primitives/index.js";
export { evaluate, pullbackOf } from "./reverse/grad.js";
export { pulled, transposed } from "./reverse/pulled.js";
export {
  checkArgnums,
  checkFunction,
  checkTuple,
  flattenFloating,
  flattenLike,
  type Recording,
  record,
  run,
  runIn,
  splitAux,
} from "./reverse/record.js";
export { softmaxProduct } from "./reverse/rules.js";
export { Shapes, Unvalued } from "./shapes.js";
export { bind, call, entering, Trace, within } from "./trace.js";
export {
  arraysOf,
  countLeaves,
  type Flat,
  flatten,
  isContainer,
  mapArrays,
  type Structure,
  sameStructure,
  showStructure,
  unflatten,
  withArrays,
} from "./tree.js";
export { isRowMajor, type Layout, type Strided, views } from "./views.js";
