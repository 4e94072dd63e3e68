import type { ArrayLike } from "../array/base.js";
import { asArray, asArrays, generate } from "../array/convert.js";
import { type Padding, type PerAxis, perAxis } from "../array/convolution.js";
import { indexArray } from "../array/indexing.js";
import { NDArray } from "../array/ndarray.js";
import { asNDArray, bare, broadcastShapes, cast, checkAxis, checkShape, stretch, toFloat, whole } from "../array/operands.js";
import { below, extent } from "../array/views.js";
import { checkDType, common, type DType, floating, isFloat, numeric, type Shape, sameShape, sizeOf } from "../engine/aval.js";
import { checkOptions, DTypeError, describe, ShapeError, showShape, TreeError } from "../engine/errors.js";
import { bind } from "../engine/trace.js";
import { sub } from "./binary.js";

/** An option that is a number. */
function numberOf(op: string, name: string, given: unknown): number {
  const value = bare(given);
  if (typeof value !== "number") throw new DTypeError(`${op}: ${name} is ${describe(given)}; give a number.`);
  return value;
}

/** An option that is a number, or an array of shape [], which has derivatives. */
const scalarOf = (op: string, name: string, given: unknown): number | NDArray =>
  given instanceof NDArray && given.ndim === 0 && given.dtype !== "bool" ? given : numberOf(op, name, given);

/** An option that is true or false. */
function flagOf(op: string, name: string, given: unknown): boolean {
  if (typeof given === "boolean") return given;
  throw new TreeError(`${op}: ${name} is ${describe(given)}; give true or false.`);
}

/**
 * log(sigmoid(x)), without overflow: −softplus(−x).
 *
 * @param x any shape; int32 and bool become float64
 * @throws DTypeError where x is no {@link ArrayLike}
 * @example
 * logSigmoid(array([0, -1000])).toArray(); // [-0.693147, -1000]
 */
export const logSigmoid = (x: ArrayLike): NDArray => sub(0, toFloat(asArray(x, "logSigmoid")).neg().softplus());

/** Options of {@link leakyRelu}. */
export interface LeakyReluOptions {
  /** The part of x where it is negative, of shape []. Default 0.01. */
  readonly negativeSlope?: number | NDArray;
}

/**
 * x where it is positive, a part of it elsewhere. At 0 the derivative is the negative side's.
 *
 * @param x any shape; int32 and bool become float64
 * @param options negativeSlope: the part, a number or an array of shape [], by default 0.01
 * @throws TreeError for an unknown option, DTypeError where negativeSlope is no number or x no {@link ArrayLike}
 * @example
 * leakyRelu(array([-2, 3])).toArray(); // [-0.02, 3]
 */
export function leakyRelu(x: ArrayLike, options: LeakyReluOptions = {}): NDArray {
  checkOptions("leakyRelu", options, ["negativeSlope"]);
  const y = toFloat(asArray(x, "leakyRelu"));
  return y.greater(0).where(y, y.mul(scalarOf("leakyRelu", "negativeSlope", options.negativeSlope ?? 0.01)));
}

/** Options of {@link elu}. */
export interface EluOptions {
  /** The factor α of the negative side, of shape []. Default 1. */
  readonly alpha?: number | NDArray;
}

/**
 * x where it is positive, α (eˣ − 1) elsewhere. At 0 the derivative is the negative side's.
 *
 * @param x any shape; int32 and bool become float64
 * @param options alpha: α, a number or an array of shape [], by default 1
 * @throws TreeError for an unknown option, DTypeError where alpha is no number or x no {@link ArrayLike}
 * @example
 * elu(array([-1, 3])).toArray(); // [-0.632121, 3]
 */
export function elu(x: ArrayLike, options: EluOptions = {}): NDArray {
  checkOptions("elu", options, ["alpha"]);
  const y = toFloat(asArray(x, "elu"));
  const isPositive = y.greater(0);
  const negative = isPositive.where(0, y).expm1();
  return isPositive.where(y, negative.mul(scalarOf("elu", "alpha", options.alpha ?? 1)));
}

/**
 * x / (1 + |x|).
 *
 * @param x any shape; int32 and bool become float64
 * @throws DTypeError where x is no {@link ArrayLike}
 * @example
 * softsign(array([-1, 3])).toArray(); // [-0.5, 0.75]
 */
export function softsign(x: ArrayLike): NDArray {
  const y = toFloat(asArray(x, "softsign"));
  const size = y.abs();
  const isNear = size.less(1);
  const rest = size.add(1).reciprocal();
  // Far out 1 − 1 / (1 + |x|) has a derivative without a difference.
  return isNear.where(isNear.where(y, 0).mul(rest), y.sign().mul(rest.neg().add(1)));
}

/** Options of {@link hardtanh}. */
export interface HardtanhOptions {
  /** Of shape []. Default −1. */
  readonly min?: number | NDArray;
  /** Of shape []. Default 1. */
  readonly max?: number | NDArray;
}

/**
 * x within bounds, by default −1 and 1: {@link clip}, with the derivative 1 at the bounds (PyTorch has 0 there).
 *
 * @param x any shape; int32 and bool become float64
 * @param options min: by default −1; max: by default 1; numbers or arrays of shape []
 * @throws TreeError for an unknown option, DTypeError where a bound is no number or x no {@link ArrayLike}
 * @example
 * hardtanh(array([-3, 0.5, 2])).toArray(); // [-1, 0.5, 1]
 */
export function hardtanh(x: ArrayLike, options: HardtanhOptions = {}): NDArray {
  checkOptions("hardtanh", options, ["min", "max"]);
  const y = toFloat(asArray(x, "hardtanh"));
  const [lo, hi] = [options.min ?? -1, options.max ?? 1].map((bound) => scalarOf("hardtanh", "a bound", bound));
  return y.clip(lo, hi);
}

/** Classes as int32. */
const classesOf = (op: string, like: NDArray, target: ArrayLike): NDArray => asNDArray(indexArray(op, like, target));

/** The same classes, each checked to be one of so many: when a program runs, where their values are not known before. */
const within = (op: string, at: NDArray, size: number): NDArray => bind("wrapIndex", [at], { size, op, least: 0 });

/** Options of {@link oneHot}. */
export interface OneHotOptions {
  /** Of the result. Default int32. */
  readonly dtype?: DType;
  /** The place of the axis of the classes in the result. Default −1. */
  readonly axis?: number;
}

/**
 * For each class a vector that is 1 at its place and 0 elsewhere.
 *
 * @param x classes: int32, any shape
 * @param numClasses how many there are
 * @param options dtype: of the result, by default int32; axis: of the new axis, by default the last
 * @returns the shape of x with an axis more
 * @throws ShapeError where a class is none of them or numClasses no whole number, AxisError where the result has no such axis, TreeError for an
 * unknown option, DTypeError where x is no array of whole numbers or no {@link ArrayLike}, or there is no such dtype
 * @example
 * oneHot([0, 2], 3).toArray(); // [[1, 0, 0], [0, 0, 1]]
 */
export function oneHot(x: ArrayLike, numClasses: number, options: OneHotOptions = {}): NDArray {
  checkOptions("oneHot", options, ["dtype", "axis"]);
  const { dtype = "int32", axis = -1 } = options;
  checkDType("oneHot", dtype);
  const count = whole("oneHot", "numClasses", numClasses, 0);
  const given = asArray(x, "oneHot");
  const at = within("oneHot", classesOf("oneHot", given, x), count);
  const place = checkAxis("oneHot", axis, at.ndim + 1);
  checkShape("oneHot", [...at.shape, count]);
  const all = at.lift(generate([count], "int32", (i) => i).data(), "oneHot");
  return cast(at.expandDims(-1).equal(all), dtype).moveaxis(-1, place);
}

/** Options of {@link nllLoss}, which {@link crossEntropy} shares. */
export interface LossOptions {
  /** A vector with the weight of each class. */
  readonly weights?: ArrayLike;
  /** A class whose examples do not count. Default −100. */
  readonly ignoreIndex?: number;
  /** "mean" (the default): divided by the sum of the weights of the targets; "sum"; or "none": one loss for each example. */
  readonly reduction?: "mean" | "sum" | "none";
}

/** Options of {@link crossEntropy}. */
export interface CrossEntropyOptions extends LossOptions {
  /** The part of each target that is spread over all classes alike. Default 0. */
  readonly labelSmoothing?: number;
}

/** Checks the arguments of both losses: scores, the axis of their classes, the weights, and the reduction. */
function lossOf(op: string, x: ArrayLike, target: ArrayLike, options: LossOptions) {
  const { weights, reduction = "mean" } = options;
  const ignoreIndex = numberOf(op, "ignoreIndex", options.ignoreIndex ?? -100);
  if (reduction !== "mean" && reduction !== "sum" && reduction !== "none")
    throw new TreeError(`${op}: reduction is ${describe(reduction)}; give "mean", "sum" or "none".`);
  const [scores, w] = asArrays(weights === undefined ? [x] : [x, weights], op).map(toFloat);
  if (scores.ndim === 0) throw new ShapeError(`${op}: a single score arrives; give [classes], or [examples, classes, ...places].`);
  const axis = scores.ndim === 1 ? 0 : 1;
  const count = scores.shape[axis];
  if (w && !sameShape(w.shape, [count]))
    throw new ShapeError(`${op}: weights of shape ${showShape(w.shape)} for ${count} classes; give a vector with one for each.`);
  const wanted = scores.shape.filter((_, i) => i !== axis);
  /** The loss of classes, by what their scores are; `ignored` adds nothing. */
  const ofClasses = (logs: NDArray, smooth = 0): NDArray => {
    const at = classesOf(op, logs, target);
    if (!sameShape(at.shape, wanted))
      throw new ShapeError(
        `${op}: targets of shape ${showShape(at.shape)} for scores of shape ${showShape(scores.shape)}; give the class of each example, ${showShape(wanted)}.`,
      );
    const counts = at.notEqual(ignoreIndex);
    const safe = within(op, counts.where(at, 0), count);
    const of = (table: NDArray): NDArray => table.takeAlongAxis(safe.expandDims(axis), axis).squeeze(axis);
    const weight = w ? counts.where(w.take(safe), 0) : cast(counts, logs.dtype);
    const each = counts.where(of(logs).neg(), 0).mul(weight);
    const all = smooth ? counts.where(spreadOver(logs), 0) : undefined;
    const losses = all ? each.mul(1 - smooth).add(all.mul(smooth / count)) : each;
    return reduced(losses, () => weight.sum());
  };
  /** −Σ over classes of the weighted scores. */
  const spreadOver = (logs: NDArray): NDArray => (w ? logs.mul(beside(w)) : logs).sum(axis).neg();
  const beside = (v: NDArray): NDArray => v.reshape(scores.shape.map((n, i) => (i === axis ? n : 1)));
  const reduced = (losses: NDArray, total: () => NDArray | number): NDArray =>
    reduction === "none" ? losses : reduction === "sum" ? losses.sum() : losses.sum().div(total());
  return { scores, axis, count, w, beside, ofClasses, reduced };
}

/**
 * The negative log likelihood of classes: minus the score of each example's class, weighted.
 *
 * @param logProbs log probabilities, as of {@link logSoftmax}: [classes], or [examples, classes, ...places]; int32 and bool become float64
 * @param target the class of each example, int32: the shape of logProbs without the axis of classes
 * @param options weights: of each class; ignoreIndex: a class that does not count, by default −100; reduction: "mean" (the default, by the sum of the
 * weights), "sum" or "none"
 * @returns a scalar; with "none" the shape of the target
 * @throws ShapeError where the shapes do not fit or a class is none of them, TreeError for an unknown option or reduction, DTypeError where target is
 * no array of whole numbers, or an operand is no {@link ArrayLike}
 * @example
 * nllLoss(logSoftmax(array([[1, 2], [3, 0]])), [1, 0]).item(); // 0.180925
 */
export function nllLoss(logProbs: ArrayLike, target: ArrayLike, options: LossOptions = {}): NDArray {
  checkOptions("nllLoss", options, ["weights", "ignoreIndex", "reduction"]);
  const { scores, ofClasses } = lossOf("nllLoss", logProbs, target, options);
  return ofClasses(scores);
}

/**
 * The cross entropy of targets and of the probabilities that scores stand for: {@link nllLoss} of their {@link logSoftmax}.
 *
 * @param logits scores: [classes], or [examples, classes, ...places]; int32 and bool become float64
 * @param target the class of each example, int32, of the shape of logits without the axis of classes; or floating probabilities of the
 * shape of logits
 * @param options weights, ignoreIndex and reduction as in {@link nllLoss} (the mean of probabilities is by the number of examples);
 * labelSmoothing: how much of each target is spread over all classes, by default 0
 * @returns a scalar; with "none" the shape of logits without the axis of classes
 * @throws ShapeError where the shapes do not fit or a class is none of them, TreeError for an unknown option or reduction, DTypeError where
 * labelSmoothing is not between 0 and 1, target is neither whole nor floating, or an operand is no {@link ArrayLike}
 * @example
 * crossEntropy(array([[1, 2], [3, 0]]), [1, 0]).item(); // 0.180925
 * crossEntropy(array([1, 2]), array([0.5, 0.5])).item(); // 0.813262
 */
export function crossEntropy(logits: ArrayLike, target: ArrayLike, options: CrossEntropyOptions = {}): NDArray {
  checkOptions("crossEntropy", options, ["weights", "ignoreIndex", "reduction", "labelSmoothing"]);
  const { scores, axis, count, w, beside, ofClasses, reduced } = lossOf("crossEntropy", logits, target, options);
  const smooth = numberOf("crossEntropy", "labelSmoothing", options.labelSmoothing ?? 0);
  if (!(smooth >= 0 && smooth <= 1)) throw new DTypeError(`crossEntropy: labelSmoothing is ${smooth}; give a number from 0 to 1.`);
  const logs = scores.logSoftmax(axis);
  const given = scores.lift(target, "crossEntropy") as NDArray;
  if (!sameShape(given.shape, scores.shape) || !isFloat(given.dtype)) return ofClasses(logs, smooth);
  const parts = smooth ? given.mul(1 - smooth).add(smooth / count) : given;
  const losses = logs
    .mul(w ? parts.mul(beside(w)) : parts)
    .sum(axis)
    .neg();
  return reduced(losses, () => losses.size);
}

/** Options of {@link layerNorm}. */
export interface LayerNormOptions {
  /** The factor of each normalised element. */
  readonly weight?: ArrayLike;
  /** The number that is added to each element after that. */
  readonly bias?: ArrayLike;
  /** The number that is added to the variance, of shape []. Default 1e-5. */
  readonly eps?: number | NDArray;
}

/**
 * x less its mean, divided by its standard deviation, over the last axes.
 *
 * @param x [..., ...shape]; int32 and bool become float64
 * @param shape the lengths of the last axes, a number for one
 * @param options weight, bias: arrays of that shape, which scale and shift the result; eps: what is added to the variance, a number or an
 * array of shape [], by default 1e-5
 * @returns the shape of x; dtypes are promoted
 * @throws ShapeError where the last axes of x, weight or bias have another shape; TreeError for an unknown option, DTypeError where eps is no number, or
 * an operand is no {@link ArrayLike}
 * @example
 * layerNorm(array([[1, 2, 3]]), 3, { eps: 0 }).toArray(); // [[-1.224745, 0, 1.224745]]
 */
export function layerNorm(x: ArrayLike, shape: number | Shape, options: LayerNormOptions = {}): NDArray {
  checkOptions("layerNorm", options, ["weight", "bias", "eps"]);
  const { weight, bias } = options;
  const lengths = checkShape("layerNorm", shape);
  if (lengths.length === 0) throw new ShapeError("layerNorm: the shape is []; give the lengths of the last axes of x, at least one.");
  const present = [weight, bias].filter((each) => each !== undefined);
  const [y, ...rest] = asArrays([x, ...present], "layerNorm").map(toFloat);
  const eps = scalarOf("layerNorm", "eps", options.eps ?? 1e-5);
  const from = y.ndim - lengths.length;
  for (const each of [from < 0 ? y.shape : y.shape.slice(from), ...rest.map((own) => own.shape)])
    if (!sameShape(each, lengths))
      throw new ShapeError(
        `layerNorm: shape ${showShape(each)} stands where ${showShape(lengths)} is named; x ends with it, weight and bias have it.`,
      );
  const axes = lengths.map((_, i) => from + i);
  const apart = y.sub(y.mean(axes, { keepdims: true }));
  const out = apart.mul(apart.square().mean(axes, { keepdims: true }).add(eps).rsqrt());
  const scaled = weight === undefined ? out : out.mul(rest[0]);
  return bias === undefined ? scaled : scaled.add(rest[rest.length - 1]);
}

/** Options of {@link dotProductAttention}. */
export interface AttentionOptions {
  /** Of shape [..., L, S]; bool is true where a query may look, numbers are added to the scores. */
  readonly mask?: ArrayLike;
  /** Query i sees the keys up to i alone. Default false. */
  readonly isCausal?: boolean;
  /** The factor of the scores, of shape []: by default 1 / √E. */
  readonly scale?: number | NDArray;
}

/**
 * Attention: softmax(q · kᵀ / √E) · v, over the last two axes. PyTorch's `scaled_dot_product_attention`; a query that may look nowhere gets zeros.
 *
 * @param query [..., L, E]
 * @param key [..., S, E]
 * @param value [..., S, D]; leading axes broadcast; dtypes are promoted, and int32 and bool become float64
 * @param options mask: [..., L, S], bool where a query may look, or numbers that are added to the scores; isCausal: query i sees keys 0 to i;
 * scale: a number or an array of shape [], by default 1 / √E
 * @returns [..., L, D]
 * @throws ShapeError where the shapes do not fit, TreeError for an unknown option or where isCausal is neither true nor false, DTypeError where scale is
 * no number, or an operand is no {@link ArrayLike}
 * @example
 * const [q, k, v] = [array([[1, 0]]), array([[1, 0], [0, 1]]), array([[1], [3]])];
 * dotProductAttention(q, k, v).toArray(); // [[1.660477]]
 * dotProductAttention(q, k, v, { isCausal: true }).toArray(); // [[1]]
 */
export function dotProductAttention(query: ArrayLike, key: ArrayLike, value: ArrayLike, options: AttentionOptions = {}): NDArray {
  const op = "dotProductAttention";
  checkOptions(op, options, ["mask", "isCausal", "scale"]);
  const lifted = asArrays([query, key, value], op);
  const dtype = floating(common(lifted));
  const [q, k, v] = lifted.map((x) => cast(x, dtype));
  const [a, b, c] = [q, k, v].map(({ shape }) => shape.slice(-2));
  if ([q, k, v].some(({ ndim }) => ndim < 2) || a[1] !== b[1] || b[0] !== c[0])
    throw new ShapeError(
      `${op}: shapes ${[q, k, v].map(({ shape }) => showShape(shape)).join(", ")} do not fit; give [..., L, E], [..., S, E] and [..., S, D].`,
    );
  const causal = flagOf(op, "isCausal", options.isCausal ?? false);
  const scale = scalarOf(op, "scale", options.scale ?? 1 / Math.sqrt(a[1]));
  const batch = [q, k, v].reduce<Shape>((joint, x) => broadcastShapes(op, joint, x.shape.slice(0, -2)), []);
  const wide = (x: NDArray): NDArray => stretch(x, [...batch, ...x.shape.slice(-2)]);
  let scores = wide(q).mul(scale).matmul(wide(k).swapaxes(-1, -2));
  const mask = options.mask === undefined ? undefined : (scores.lift(options.mask, op) as NDArray);
  if (mask) {
    if (mask.ndim > scores.ndim || !sameShape(broadcastShapes(op, mask.shape, scores.shape), scores.shape))
      throw new ShapeError(
        `${op}: a mask of shape ${showShape(mask.shape)} does not broadcast to ${showShape(scores.shape)}, the scores' shape.`,
      );
    scores = mask.dtype === "bool" ? mask.where(scores, -Infinity) : scores.add(cast(mask, dtype));
  }
  if (causal) {
    const [rows, columns] = [a[0], b[0]];
    const seen = generate([rows, columns], "bool", (i) => +(i % columns <= Math.floor(i / columns)));
    scores = scores.lift(seen.ndarray(), op).notEqual(0).where(scores, -Infinity);
  }
  if (!mask && !causal) return scores.softmax(-1).matmul(wide(v));
  const blind = scores.equal(-Infinity).all(-1, { keepdims: true });
  return blind.where(0, blind.where(0, scores).softmax(-1)).matmul(wide(v));
}

/** Options of {@link convTranspose}. */
export interface ConvTransposeOptions {
  /** The distance between windows. Default 1. */
  readonly stride?: PerAxis;
  /** The width that is cut off at both ends of each spatial axis, or for each one or [before, after]. Default 0. */
  readonly padding?: Exclude<Padding, string>;
  /** The width that is added at the end of each spatial axis, less than the stride or the dilation; zeros where no window reaches. Default 0. */
  readonly outputPadding?: PerAxis;
  /** The distance between the elements of a window. Default 1. */
  readonly dilation?: PerAxis;
  /** The number of groups that the channels are split into. Default 1. */
  readonly groups?: number;
}

/**
 * The transpose of {@link conv} by its first operand, the upsampling of neural networks ("deconvolution"): each element of x adds its multiple of the
 * kernel where `conv` with the same options would have read it.
 *
 * @param x [N, C, ...spatial]: N examples of C channels
 * @param w [C, O / groups, ...kernel]; dtypes are promoted, and bool counts as int32
 * @param options stride, dilation, groups as in {@link conv}; padding: what is cut off at the ends, a width, or for each spatial axis one or
 * [before, after]; outputPadding: what is added at the ends, less than the stride or the dilation
 * @returns [N, O, ...places], with (length − 1) · stride + dilation · (kernel − 1) + 1 − padding + outputPadding places along an axis
 * @throws ShapeError where x and w do not fit each other, the groups or the options, or nothing is left; TreeError for an unknown option, DTypeError where
 * x or w is no {@link ArrayLike}
 * @example
 * convTranspose(array([[[1, 2]]]), array([[[1, 10]]]), { stride: 2 }).toArray(); // [[[1, 10, 2, 20]]]
 */
export function convTranspose(x: ArrayLike, w: ArrayLike, options: ConvTransposeOptions = {}): NDArray {
  const op = "convTranspose";
  checkOptions(op, options, ["stride", "padding", "outputPadding", "dilation", "groups"]);
  const both = asArrays([x, w], op);
  const dtype = numeric(common(both));
  const [y, kernel] = both.map((each) => cast(each, dtype));
  const [batch, channels, ...lengths] = y.shape;
  const [depth, outputs, ...sizes] = kernel.shape;
  const count = sizes.length;
  const groups = numberOf(op, "groups", options.groups ?? 1);
  if (
    count < 1 ||
    y.ndim !== kernel.ndim ||
    channels !== depth ||
    !Number.isInteger(groups) ||
    groups < 1 ||
    channels % groups !== 0 ||
    sizes.includes(0)
  )
    throw new ShapeError(
      `${op}: x ${showShape(y.shape)}, w ${showShape(kernel.shape)} and ${groups} groups do not fit; give x [batch, channels, ...spatial], w [channels, outputs / groups, ...kernel], and groups that divide the channels.`,
    );
  const steps = perAxis(op, "stride", options.stride ?? 1, count);
  const dilations = perAxis(op, "dilation", options.dilation ?? 1, count);
  const more = perAxis(op, "outputPadding", options.outputPadding ?? 0, count, 0);
  if (more.some((n, i) => n >= Math.max(steps[i], dilations[i])))
    throw new ShapeError(
      `${op}: outputPadding is ${showShape(more)} for strides ${showShape(steps)} and dilations ${showShape(dilations)}; give less than one of them, and use pad for more.`,
    );
  const sides = perAxis(op, "padding", options.padding ?? 0, count, 0, " or [before, after]");
  const spans = sizes.map((size, i) => extent(size, dilations[i]));
  const full = lengths.map((n, i) => Math.max(0, (n - 1) * steps[i] + spans[i]));
  const wanted = full.map((n, i) => n - sides[2 * i] - sides[2 * i + 1] + more[i]);
  if (wanted.some((n) => n < 1) && !lengths.includes(0))
    throw new ShapeError(`${op}: of ${showShape(full)} places ${showShape(wanted)} are left; make the padding smaller.`);
  const places = checkShape(
    op,
    wanted.map((n) => Math.max(0, n)),
  );
  const all = checkShape(op, [batch, groups * outputs, ...full.map((n, i) => Math.max(n, sides[2 * i] + places[i]))]);
  if (y.size === 0)
    return y
      .filled(0, y.aval)
      .sum()
      .broadcastTo([batch, groups * outputs, ...places]);
  // The kernels' columns for every place of x, group by group, added where the windows lie.
  const from = (start: number, n = count): number[] => below(n).map((i) => start + i);
  const each = channels / groups;
  const rows = kernel.reshape([groups, each, outputs * sizeOf(sizes)]).swapaxes(1, 2);
  const columns = y
    .reshape([batch, groups, each, sizeOf(lengths)])
    .transpose([1, 2, 0, 3])
    .reshape([groups, each, batch * sizeOf(lengths)]);
  const windows = rows
    .matmul(columns)
    .reshape([groups * outputs, ...sizes, batch, ...lengths])
    .transpose([count + 1, 0, ...from(count + 2), ...from(1)]);
  const windowing = { axes: from(2), sizes, steps, dilations };
  // Beyond the last window lies what outputPadding adds: less than a stride, or zeros.
  const reached = bind("fold", [windows], { ...windowing, shape: [batch, groups * outputs, ...full] });
  const padded = reached.pad([[0, 0], [0, 0], ...full.map((n, i): [number, number] => [0, all[i + 2] - n])]);
  return padded.slice(":", ":", ...places.map((n, i): [number, number] => [sides[2 * i], sides[2 * i] + n]));
}
