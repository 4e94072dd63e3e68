import type { ArrayLike, NDArray } from "@ad/core";
import { exactly, near, of, real, signed, truth, whole } from "../inputs.js";
import { type Calls, calls, family } from "./operation.js";

const any = real(-2, 2);
const classes = whole(0, 2);

const activation = family((op: (x: ArrayLike) => NDArray, x) => op(x), [of(signed(0.2, 2), 2, 3)], [of(any)]);

export const models: Calls<
  | "oneHot"
  | "crossEntropy"
  | "nllLoss"
  | "logSigmoid"
  | "leakyRelu"
  | "elu"
  | "softsign"
  | "hardtanh"
  | "layerNorm"
  | "dotProductAttention"
  | "convTranspose"
> = {
  logSigmoid: activation,
  leakyRelu: [
    ...activation,
    ...calls("leakyRelu")((leakyRelu, x, slope) => leakyRelu(x, { negativeSlope: slope }), [of(signed(0.2, 2), 3), of(any)]),
  ],
  elu: [...activation, ...calls("elu")((elu, x, alpha) => elu(x, { alpha }), [of(signed(0.2, 2), 3), of(any)])],
  softsign: activation,
  hardtanh: family((op: (x: ArrayLike) => NDArray, x) => op(x), [of(near(-2, 0, 2), 2, 3)]),
  oneHot: calls("oneHot")(
    (oneHot, x, i) => oneHot(i, 3).greater(0).where(x, x.sin()),
    [of(any, 3), of(classes, 2)],
    [of(any), of(classes)],
  ),
  nllLoss: calls("nllLoss")(
    (nllLoss, x, i, w) => nllLoss(x, i, { weights: w, ignoreIndex: 1 }),
    [of(any, 4, 3), of(exactly([0, 2, 1, 2], "int32"), 4), of(real(0.5, 2), 3)],
  ),
  crossEntropy: [
    ...calls("crossEntropy")(
      (crossEntropy, x, i, w) => crossEntropy(x, i, { weights: w, labelSmoothing: 0.1 }),
      [of(any, 2, 3, 2), of(classes, 2, 2), of(real(0.5, 2), 3)],
    ),
    ...calls("crossEntropy")((crossEntropy, x, p) => crossEntropy(x, p, { reduction: "none" }), [of(any, 2, 3), of(real(0.1, 1), 2, 3)]),
  ],
  layerNorm: calls("layerNorm")(
    (layerNorm, x, weight, bias, eps) => layerNorm(x, [2, 3], { weight, bias, eps }),
    [of(any, 2, 2, 3), of(any, 2, 3), of(any, 2, 3), of(real(0.1, 1))],
  ),
  dotProductAttention: [
    ...calls("dotProductAttention")(
      (attention, q, k, v) => attention(q, k, v, { isCausal: true }),
      [of(any, 2, 3, 2), of(any, 3, 2), of(any, 2, 3, 2)],
    ),
    ...calls("dotProductAttention")(
      (attention, q, k, v, mask, scale) => attention(q, k, v, { mask, scale }),
      [of(any, 2, 2), of(any, 3, 2), of(any, 3, 1), of(truth, 2, 3), of(any)],
    ),
  ],
  convTranspose: [
    ...calls("convTranspose")(
      (convTranspose, x, w) => convTranspose(x, w, { stride: 2, padding: 1, outputPadding: 1, groups: 2 }),
      [of(any, 2, 2, 3), of(any, 2, 1, 3)],
    ),
    ...calls("convTranspose")(
      (convTranspose, x, w) => convTranspose(x, w, { dilation: [1, 2] }),
      [of(any, 1, 1, 2, 2), of(any, 1, 2, 2, 2)],
    ),
  ],
};
