import { DTypeError, describe } from "./errors.js";

/** The element types, in the order of promotion: bool < int32 < float32 < float64. */
export type DType = "float64" | "float32" | "int32" | "bool";

/** The length of each axis. */
export type Shape = readonly number[];

/** The storage of a dtype; bool is one byte per element, 0 or 1. */
export type Data = Float64Array | Float32Array | Int32Array | Uint8Array;

const order: Readonly<Record<DType, number>> = { bool: 0, int32: 1, float32: 2, float64: 3 };

/** The smallest dtype that holds both. */
export const promote = (a: DType, b: DType): DType => (order[a] >= order[b] ? a : b);

/**
 * The way in which a value promotes beside others: 0 as an array; as a JS number does, 1 where it may be a fraction, 2 where it is whole. Weak values are
 * float64.
 */
export type Weak = 0 | 1 | 2;

/** The weakness of a JS number. */
export const weakness = (value: number): Weak => (value === (value | 0) ? 2 : 1);

/** The dtype that a weak value takes when it meets an array: the array's, if it can hold the value. */
export const beside = (dtype: DType, weak: Weak): DType => (isFloat(dtype) ? dtype : weak === 2 ? promote(dtype, "int32") : "float64");

/** The dtype to which two values promote. */
export function joint(a: Aval, b: Aval): DType {
  if (a.weak && !b.weak) return beside(b.dtype, a.weak);
  return b.weak && !a.weak ? beside(a.dtype, b.weak) : promote(a.dtype, b.dtype);
}

/** The dtype to which several values promote. */
export function common(all: readonly { readonly aval: Aval }[]): DType {
  const strong = all.filter(({ aval }) => !aval.weak);
  const dtype = (strong.length > 0 ? strong : all).map(({ aval }) => aval.dtype).reduce(promote);
  return all.reduce((held, { aval }) => (aval.weak ? beside(held, aval.weak) : held), dtype);
}

export const isFloat = (dtype: DType): boolean => dtype === "float64" || dtype === "float32";

/** The dtype itself where it is floating, float64 for int32 and bool. */
export const floating = (dtype: DType): DType => (isFloat(dtype) ? dtype : "float64");

/** bool counts as int32 in arithmetic. */
export const numeric = (dtype: DType): DType => (dtype === "bool" ? "int32" : dtype);

export function checkDType(op: string, dtype: unknown): DType {
  if (typeof dtype === "string" && Object.hasOwn(order, dtype)) return dtype as DType;
  throw new DTypeError(`${op}: dtype is ${describe(dtype)}; use one of ${Object.keys(order).reverse().join(", ")}.`);
}

export const sizeOf = (shape: Shape): number => {
  let size = 1;
  for (let i = 0; i < shape.length; i++) size *= shape[i];
  return size;
};

/** The strides of a vector: one list for all. */
const one: readonly number[] = [1];

export function rowMajor(shape: Shape): readonly number[] {
  if (shape.length === 1) return one;
  const stride = new Array<number>(shape.length);
  let step = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    stride[i] = step;
    step *= shape[i];
  }
  return stride;
}

/** An abstract value: an array without its numbers. */
export class Aval {
  readonly size: number;
  #stride: readonly number[] | undefined;
  /** Private, so that a number and an array of its value are deeply equal. */
  readonly #weak: Weak;
  /** The last one that `shaped` gave. */
  #shaped: Aval | undefined;

  constructor(
    readonly shape: Shape,
    readonly dtype: DType,
    weak: Weak = 0,
  ) {
    this.size = sizeOf(shape);
    this.#weak = weak;
  }

  get weak(): Weak {
    return this.#weak;
  }

  get ndim(): number {
    return this.shape.length;
  }

  /** The strides of the row-major layout, computed once and compared by identity. */
  get stride(): readonly number[] {
    this.#stride ??= rowMajor(this.shape);
    return this.#stride;
  }

  /** Whether this list is the one that `stride` gives. */
  hasStride(stride: readonly number[]): boolean {
    return stride === this.#stride;
  }

  /** The same shape with another dtype; it is not weak unless `weak` is given. */
  with(dtype: DType, weak: Weak = 0): Aval {
    return dtype === this.dtype && weak === this.weak ? this : new Aval(this.shape, dtype, weak);
  }

  /** The same in another shape: one for all slices of an array that are alike. */
  shaped(shape: Shape): Aval {
    if (this.#shaped === undefined || !sameShape(this.#shaped.shape, shape)) this.#shaped = new Aval(shape, this.dtype, this.#weak);
    return this.#shaped;
  }

  /** The same for a result that may be a fraction: a whole weak value becomes a weak fraction. */
  get fraction(): Aval {
    return this.weak === 2 ? this.with(this.dtype, 1) : this;
  }
}

export function sameShape(a: Shape, b: Shape): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
