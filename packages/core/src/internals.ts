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
export { isRowMajor, type Layout, type Strided, views } from "./array/views.js";
export { limits } from "./cpu/limits.js";
export { AbstractTrace } from "./engine/abstract.js";
export { Aval, isFloat, type Shape, sameShape, sizeOf } from "./engine/aval.js";
export type { Backend, Kernel, KernelName, Kernels, View } from "./engine/backend.js";
export { checkNoMore, checkOptions, checkTransformOptions, describe, showShape } from "./engine/errors.js";
export { Graph, lastUses, topologicalOrder } from "./engine/graph.js";
export { type Observer, observed, observers } from "./engine/intercept.js";
export type { Arrays, Operation, Parts } from "./engine/operation.js";
export { type Peeked, peek } from "./engine/peek.js";
export { GraphTrace } from "./engine/staging.js";
export { bind, call, entering, Trace, within } from "./engine/trace.js";
export { Tracer } from "./engine/tracer.js";
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
} from "./engine/tree.js";
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
export { partials, passed } from "./rules/partials.js";
export { balanced, shifted } from "./rules/running.js";
export { softmaxProduct } from "./rules/structured.js";
export { bilinear, transposes } from "./rules/transposes.js";
export { spread, weighed, weights } from "./rules/weights.js";
