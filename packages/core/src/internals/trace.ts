/**
 * The engine, for those who write a transformation: traces and tracers, operations, graphs, trees, and the tape. Not for users' programs: it may change in any release.
 *
 * @packageDocumentation
 */
export { Assembly } from "../array/assembly.js";
export type { ArrayBase } from "../array/base.js";
export { asArray } from "../array/convert.js";
export { sliceAxis } from "../array/movement.js";
export { isNDArray } from "../array/ndarray.js";
export { cast, pair, stretch, toFloat } from "../array/operands.js";
export { unrolled } from "../control/unrolled.js";
export { Closure } from "../custom/captured.js";
export { computed, type Fill, filling, type Numbers, numbersOf } from "../custom/computed.js";
export { effect } from "../custom/effect.js";
export { implicitRoot, type LinearMap, type LinearSolve, linearSolve, pushOf, type Solver, written } from "../custom/implicit.js";
export { AbstractTrace } from "../engine/abstract.js";
export { Aval, isFloat, type Shape, sameShape, sizeOf } from "../engine/aval.js";
export { type Arena, unseen } from "../engine/device.js";
export { type CallEquation, type Equation, Graph, hasEffect, lastUses, nameOf, paramsOf, topologicalOrder } from "../engine/graph.js";
export { type Observer, observed, observers } from "../engine/intercept.js";
export {
  type ArrayList,
  type ControlFlow,
  isMadeOfOperations,
  type Lift,
  type Operation,
  type Parts,
  type Push,
  type Recorder,
} from "../engine/operation.js";
export { type Peeked, peek, peekGiven } from "../engine/peek.js";
export { type Kind, type NamesOf, none, type Params, type PrimitiveName, type Promoting } from "../engine/primitive.js";
export { Names, showGraph } from "../engine/show.js";
export { isStaging, type Stager, stager, withStager } from "../engine/stager.js";
export { GraphTrace } from "../engine/staging.js";
export { apply, bind, call, entering, isWatched, rebind, Trace, within } from "../engine/trace.js";
export { Tracer } from "../engine/tracer.js";
export {
  arraysOf,
  built,
  type Container,
  chained,
  checkDepth,
  container,
  countLeaves,
  type Flat,
  type Form,
  flatten,
  formOf,
  isArray,
  isContainer,
  keysOf,
  mapArrays,
  type Structure,
  sameStructure,
  showStructure,
  unflatten,
  withArrays,
} from "../engine/tree.js";
export { primitives } from "../primitives/index.js";
export { overAxes, type reductions } from "../primitives/reduction.js";
export { evaluate, pullbackOf } from "../reverse/grad.js";
export {
  checkUnchanged,
  knownOf,
  pullbackAgain,
  pullbackAt,
  recordPullback,
  runAgain,
  transposeAt,
  transposeLinear,
} from "../reverse/pullback.js";
export { arenaOf, type Recording, record, run, runIn } from "../reverse/record.js";
