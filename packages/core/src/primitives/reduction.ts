import { Aval, type DType } from "../engine/aval.js";
import { define } from "../engine/primitive.js";

export interface Axes {
  /** Ascending, each once; they vanish from the shape. */
  readonly axes: readonly number[];
}
export interface Along {
  readonly axis: number;
}
export interface Running extends Along {
  /** From the last element to the first. */
  readonly reverse: boolean;
}

const reduced = (x: Aval, axes: readonly number[], dtype: DType): Aval =>
  new Aval(
    x.shape.filter((_, axis) => !axes.includes(axis)),
    dtype,
  );

const same = ([x]: readonly Aval[]): Aval => x.with(x.dtype);

const reduction = define("reduction", 1)<Axes>(([x], { axes }) => reduced(x, axes, x.dtype));
const test = define("discrete", 1)<Axes>(([x], { axes }) => reduced(x, axes, "bool"));
const position = define("discrete", 1)<Along>(([x], { axis }) => reduced(x, [axis], "int32"));

/** Over any number of axes, which vanish. */
export const overAxes = {
  sum: define("linear", 1)<Axes>(([x], { axes }) => reduced(x, axes, x.dtype)),
  prod: reduction,
  max: reduction,
  min: reduction,
  /** log Σ eˣ over one axis. */
  logsumexp: reduction,
  any: test,
  all: test,
};

/** Primitives that make one element of many, or of those up to it. */
export const reductions = {
  ...overAxes,
  argmax: position,
  argmin: position,
  /** eˣ / Σ eˣ along an axis; with `limit` elements share equally that are the same infinity, as its derivatives need it. */
  softmax: define("structured", 1)<Along & { readonly limit?: boolean }>(same),
  cumsum: define("linear", 1)<Running>(same),
  cumprod: define("structured", 1)<Running>(same),
  /** (a, b): the linear recurrence h[i] = a[i] · h[i-1] + b[i] with h[-1] = 0; what cumprod needs to be differentiated at zeros. */
  linearScan: define("structured", 2)<Running>(([, b]) => b.with(b.dtype)),
};
