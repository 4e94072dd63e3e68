import { Aval } from "../engine/aval.js";
import { define } from "../engine/primitive.js";

export const products = {
  /** [...batch, m, k] · [...batch, k, n] → [...batch, m, n]; both operands carry the same batch axes. */
  matmul: define(
    "bilinear",
    2,
  )(([x, y]) => {
    const shape = x.shape.slice();
    shape[shape.length - 1] = y.shape[y.shape.length - 1];
    return new Aval(shape, x.dtype);
  }),
};
