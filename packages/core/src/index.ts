export { setFusedMultiplyAdd } from "./cpu/wasm/module.js";

// It comes first for the text of the kernels: gzip looks back 32 kB, and would find less in a bundle's code that has this text in its middle.

export type { ArrayLike, Nested, NestedValues, ScijsArray, TypedArray } from "./array/base.js";
export type { ConvOptions, Padding, PerAxis, PoolOptions } from "./array/convolution.js";
export type { Index } from "./array/indexing.js";
export type { Widths } from "./array/movement.js";
export { NDArray } from "./array/ndarray.js";
export { read } from "./array/read.js";
export type { Axes, Keep, NormOptions, Spread } from "./array/reduction.js";
export { cond, switchCase } from "./control/cond.js";
export { foriLoop, type LoopOptions, type ScanOptions, scan, whileLoop } from "./control/loop.js";
export { safeWhere } from "./control/safe.js";
export { setThreads } from "./cpu/threads/index.js";
export { checkpoint } from "./custom/checkpoint.js";
export { type Cotangents, type CustomOp, customJvp, customOp, customVjp, type JvpRule, type VjpRule } from "./custom/custom.js";
export { debugNaNs, debugPrint, NaNError } from "./debug.js";
export { installDisplay, toHTML } from "./display.js";
export type { Data, DType, Shape } from "./engine/aval.js";
export type { Device } from "./engine/device.js";
export { ADError, AxisError, DTypeError, ShapeError, TransformError, TreeError } from "./engine/errors.js";
export type { Arrays, Container, Given, Input, Leaf, Listed, Misfit, Passed, Primal } from "./engine/tree.js";
/** Linear algebra on matrices, and on batches of them, with derivatives. */
export * as linalg from "./linalg/index.js";
export { type PolyfitOptions, polyfit } from "./linalg/polyfit.js";
export * from "./ops/arithmetic.js";
export * from "./ops/binary.js";
export * from "./ops/comparison.js";
export * from "./ops/convolution.js";
export * from "./ops/create.js";
export * from "./ops/differences.js";
export * from "./ops/einsum.js";
export * from "./ops/functions.js";
export * from "./ops/models.js";
export * from "./ops/movement.js";
export * from "./ops/nan.js";
export * from "./ops/order.js";
export * from "./ops/polynomials.js";
export * from "./ops/product.js";
export * from "./ops/reduction.js";
export * from "./ops/stacking.js";
export * from "./ops/statistics.js";
export { type Mapped, ravelTree, type TreeStructure, treeLeaves, treeMap, treeStructure } from "./ops/tree.js";
export * from "./ops/unary.js";
export {
  bartlett,
  blackman,
  hamming,
  hann,
  type WindowOptions,
} from "./ops/windows.js";
export {
  type At,
  type Aux,
  type GradOptions,
  grad,
  type Inputs,
  type InputsAt,
  type NoAux,
  type Picked,
  type Pullback,
  type Scalar,
  valueAndGrad,
  vjp,
  vjpWithAux,
} from "./reverse/grad.js";
export { besselI0, besselI1 } from "./special/bessel.js";
export { beta } from "./special/beta.js";
export { betainc } from "./special/betainc.js";
export { erfInv } from "./special/erf-inv.js";
export { erfcx } from "./special/erfcx.js";
export { gammainc, gammaincc } from "./special/gammainc.js";
export { gammaln, multigammaln } from "./special/gammaln.js";
export { kaiser } from "./special/kaiser.js";
export { logit, xlog1py, xlogy } from "./special/logarithms.js";
export { logNdtr, ndtr, ndtri } from "./special/normal.js";
export { besselJ0, besselJ1, besselY0, besselY1 } from "./special/oscillating.js";
export { polygamma } from "./special/polygamma.js";
export { zeta } from "./special/zeta.js";
