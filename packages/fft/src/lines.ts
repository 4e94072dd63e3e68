import { type NDArray, ShapeError, TreeError } from "@ad/core";
import { bare, checkAxis, checkOptions, checkShape, describe, distinctAxes, showShape } from "@ad/core/internals/checks";
import { sliceAxis } from "@ad/core/internals/trace";

/**
 * The normalisation of a transform and its inverse by the length n: the inverse is divided by n ("backward", the default), both by √n ("ortho"), or
 * the transform by n ("forward").
 */
export type Norm = "backward" | "ortho" | "forward";

/** Options of the transforms along one axis. */
export interface LineOptions {
  /** The number of entries that are transformed: the axis is cut off there, or filled up with zeros. By default as many as there are. */
  readonly n?: number;
  /** The axis, by default the last. */
  readonly axis?: number;
  /** The normalisation: "backward" (the default) divides the inverse by the length. */
  readonly norm?: Norm;
}

/** Options of the transforms along several axes. */
export interface GridOptions {
  /** The number of entries that are transformed along each of the axes. By default as many as there are. */
  readonly s?: readonly number[];
  /** The axes; by default all, or, where `s` is given, as many as it has, counted from the last. */
  readonly axes?: readonly number[];
  /** The normalisation: "backward" (the default) divides the inverse by the number of entries. */
  readonly norm?: Norm;
}

/** The factor of a transform, or of an inverse one, of n entries. */
export function scaleOf(op: string, norm: Norm | undefined, count: number, inverse: boolean): number {
  if (norm === "ortho") return 1 / Math.sqrt(count);
  if (norm !== undefined && norm !== "backward" && norm !== "forward")
    throw new TreeError(`${op}: norm is ${describe(norm)}; give "backward", "ortho" or "forward".`);
  return inverse === (norm === "forward") ? 1 : 1 / count;
}

export const scaled = (x: NDArray, factor: number): NDArray => (factor === 1 ? x : x.mul(factor));

/** The axis of a transform, the number of its entries, and the norm. */
export interface Along {
  readonly axis: number;
  readonly n: number;
  readonly norm: Norm | undefined;
}

/** A length that a user wrote. */
function lengthOf(op: string, name: string, given: unknown): number {
  const n = bare(given);
  if (!(Number.isInteger(n) && (n as number) >= 1 && (n as number) <= 2 ** 30))
    throw new ShapeError(`${op}: ${name} is ${describe(n)}; give a whole number from 1 to 2 ** 30.`);
  return n as number;
}

/** Checks the length of a transform along an axis; where it is not given, `missing` says the number of entries. */
function checkLength(op: string, { shape }: NDArray, axis: number, given: unknown, missing: number): number {
  const n = given === undefined || given === null ? missing : lengthOf(op, "n", given);
  if (n < 1) throw new ShapeError(`${op}: axis ${axis} of an array of shape ${showShape(shape)} is too short to be transformed; give n.`);
  return n;
}

/** Checks that an array can have these lengths along some of its axes. */
function checkSize(op: string, { shape }: NDArray, all: readonly Pick<Along, "axis" | "n">[]): void {
  checkShape(
    op,
    shape.map((size, i) => all.find(({ axis }) => axis === i)?.n ?? size),
  );
}

const hint = (op: string): string => `The length and the axis are options: ${op}(x, { n: 8, axis: 0 })`;

/** Checks the options of a transform along one axis, which has `missing` entries where n is not given. */
export function alongOf(
  op: string,
  x: NDArray,
  options: LineOptions | undefined,
  known: readonly string[] = [],
  missing = (n: number): number => n,
): Along {
  checkOptions(op, options, ["n", "axis", "norm", ...known], hint(op));
  const axis = checkAxis(op, options?.axis ?? -1, x.ndim);
  const along = { axis, n: checkLength(op, x, axis, options?.n, missing(x.shape[axis])), norm: options?.norm };
  checkSize(op, x, [along]);
  return along;
}

/** Checks the options of a transform along several axes. The last one has `missing` entries where s is not given. */
export function gridOf(
  op: string,
  x: NDArray,
  options: GridOptions | undefined,
  usual: readonly number[] | undefined,
  missing = (n: number): number => n,
): readonly Along[] {
  checkOptions(op, options, ["s", "axes", "norm"]);
  const { s, axes = usual, norm } = options ?? {};
  if (s !== undefined && !Array.isArray(s)) throw new ShapeError(`${op}: s is ${describe(s)}; give a list of lengths, one for each axis.`);
  const count = s?.length ?? x.ndim;
  const own = distinctAxes(op, axes ?? Array.from({ length: count }, (_, i) => i - count), x.ndim);
  if (s && s.length !== own.length)
    throw new ShapeError(`${op}: s has ${s.length} lengths for ${own.length} axes; give one for each axis.`);
  if (own.length === 0) throw new ShapeError(`${op}: there is no axis to transform along; give one at least.`);
  const all = own.map((axis, i) => {
    const size = x.shape[axis];
    return { axis, n: checkLength(op, x, axis, s?.[i], i === own.length - 1 ? missing(size) : size), norm };
  });
  checkSize(op, x, all);
  return all;
}

/** The axis as the last one, of another length: cut off there, or filled up with zeros. */
export function lined(op: string, x: NDArray, axis: number, n: number): NDArray {
  const last = x.ndim - 1;
  const lines = axis === last ? x : x.moveaxis(axis, last);
  const size = x.shape[axis];
  if (n < size) return sliceAxis(lines, last, 0, n);
  if (n === size) return lines;
  // Along other axes the array may still be longer than what comes out.
  checkSize(op, x, [{ axis, n }]);
  return lines.pad(x.shape.map((_, i): [number, number] => [0, i === last ? n - size : 0]));
}

/** The last axis back in its place. */
export const placed = (x: NDArray, axis: number): NDArray => (axis === x.ndim - 1 ? x : x.moveaxis(-1, axis));
