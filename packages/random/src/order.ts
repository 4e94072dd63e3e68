import { type ArrayLike, arange, argsort, cumsum, type NDArray, type Shape, ShapeError, searchsorted, stopGradient } from "@ad/core";
import { checkAxis, checkOptions, describe, showShape } from "@ad/core/internals/checks";
import { asArray, isFloat, sizeOf } from "@ad/core/internals/trace";
import { count, floatOf, keyOf, notNegative, parameter, refuse, shapeOf } from "./checks.js";
import { gumbel, uniform } from "./continuous.js";
import { randint } from "./discrete.js";
import { bits, split } from "./keys.js";

/**
 * The elements along an axis in the order of random bits; so often that no two are likely to have been equal each time.
 *
 * @param move brings elements into an order: indices along the axis
 */
function shuffled(key: NDArray, x: NDArray, axis: number, move: (x: NDArray, order: NDArray) => NDArray): NDArray {
  const rounds = Math.ceil((3 * Math.log(Math.max(1, x.size))) / Math.log(2 ** 32 - 1));
  let rest = key;
  for (let i = 0; i < rounds; i++) {
    const [next, own] = split(rest);
    // Adding 2³¹ to unsigned words makes their order that of signed ones.
    x = move(x, argsort(bits(own, x.shape).add(-(2 ** 31)), axis));
    rest = next;
  }
  return x;
}

/** The numbers below n, in random order. */
const orderOf = (key: NDArray, n: number): NDArray =>
  shuffled(key, arange(0, n, 1, { dtype: "int32" }).to(key.device), 0, (x, order) => x.take(order));

/** Options of permutations. */
export interface PermutationOptions {
  /** The axis along which it is; 0 by default. */
  readonly axis?: number;
  /** Whether each vector along the axis gets an order of its own; false by default. */
  readonly independent?: boolean;
}

/**
 * The whole numbers below n, or the elements of x along an axis, in random order. Linear in x, so it may be differentiated.
 *
 * @param key [2], int32
 * @param x an array of one axis or more, or a whole number n
 * @param options axis = 0, and independent = false
 * @returns of x's shape and dtype; [n], int32 for a number
 * @throws DTypeError or ShapeError where the key is none, ShapeError where x is neither, AxisError where it has no such axis, TreeError for an unknown option
 * @example
 * permutation(key(0), 5).toArray(); // [0, 1, 4, 3, 2]
 * permutation(key(0), [[1, 2], [3, 4], [5, 6]]).toArray(); // [[1, 2], [3, 4], [5, 6]]
 */
export const permutation = (key: ArrayLike, x: ArrayLike, options: PermutationOptions = {}): NDArray =>
  permuted("permutation", key, x, options);

function permuted(op: string, key: ArrayLike, x: ArrayLike, options: PermutationOptions): NDArray {
  checkOptions(op, options, ["axis", "independent"]);
  const from = keyOf(op, key);
  if (typeof x === "number") return orderOf(from, count(op, "n", x));
  const given = asArray(x, op);
  if (given.ndim === 0) throw new ShapeError(`${op}: x is ${describe(given)}; give a JS number n, or an array with an axis.`);
  const axis = checkAxis(op, options.axis ?? 0, given.ndim);
  return options.independent
    ? shuffled(from, given, axis, (all, order) => all.takeAlongAxis(order, axis))
    : given.take(orderOf(from, given.shape[axis]), axis);
}

/**
 * The elements of each vector along an axis, in an order of its own: {@link permutation} with independent = true.
 *
 * @param key [2], int32
 * @param x an array of one axis or more
 * @param axis 0 by default
 * @returns of x's shape and dtype
 * @throws as {@link permutation} does
 * @example
 * shuffle(key(0), [1, 2, 3, 4]).toArray(); // [1, 2, 4, 3]
 */
export const shuffle = (key: ArrayLike, x: ArrayLike, axis = 0): NDArray =>
  permuted("shuffle", key, asArray(x, "shuffle"), { axis, independent: true });

/** Options of {@link choice}. */
export interface ChoiceOptions {
  /** Whether an element may be chosen again; true by default. */
  readonly replace?: boolean;
  /** The probability of each, [n], which add up to 1; by default all are the same. */
  readonly p?: ArrayLike;
  /** The axis of a along which its elements are; 0 by default. */
  readonly axis?: number;
}

/**
 * Elements of an array, or whole numbers below n, chosen at random. Linear in a, so it may be differentiated; no derivative by p. Probabilities that are none, as where all are 0, cannot be
 * refused inside of jit; there what is chosen is −1, of a floating dtype NaN.
 *
 * @param key [2], int32
 * @param shape of the choice, which takes the place of the axis
 * @param a an array of one axis or more, or a whole number n
 * @param options replace = true, the probabilities p, and axis = 0
 * @returns of a's dtype; int32 for a number
 * @throws DTypeError or ShapeError where the key is none, DTypeError where a probability is negative, NaN or infinite, or too few are above 0, ShapeError where there is
 * nothing to choose from, too little without replacement, or p has another length, AxisError where a has no such axis, TreeError for an unknown option
 * @example
 * choice(key(0), [4], [10, 20, 30]).toArray(); // [20, 10, 30, 20]
 * choice(key(0), [3], 5, { replace: false }).toArray(); // [0, 1, 4]
 */
export function choice(key: ArrayLike, shape: Shape | number | undefined, a: ArrayLike, options: ChoiceOptions = {}): NDArray {
  checkOptions("choice", options, ["replace", "p", "axis"]);
  const { replace = true, p } = options;
  const x = keyOf("choice", key);
  const all = typeof a === "number" ? undefined : asArray(a, "choice");
  if (all?.ndim === 0) throw new ShapeError(`choice: a is ${describe(all)}; give a JS number n, or an array with an axis.`);
  const axis = all ? checkAxis("choice", options.axis ?? 0, all.ndim) : 0;
  const n = all ? all.shape[axis] : count("choice", "n", a);
  const own = shapeOf("choice", shape);
  const size = sizeOf(own);
  if (size > (replace && n > 0 ? Infinity : n))
    throw new ShapeError(`choice: ${size} of ${n} elements are wanted${n > 0 ? " without replacement" : ""}; choose fewer.`);
  const taken = (indices: NDArray): NDArray => {
    const shaped = indices.reshape([...own]);
    return all ? all.take(shaped, axis) : shaped;
  };
  if (p === undefined) return taken(evenly(x, size, n, replace));
  const { indices, isWrong } = weighted(x, size, n, replace, p);
  const found = taken(indices);
  return isWrong ? isWrong.where(isFloat(found.dtype) ? NaN : -1, found).astype(found.dtype) : found;
}

function evenly(key: NDArray, size: number, n: number, replace: boolean): NDArray {
  return replace ? randint(key, [size], 0, Math.max(n, 1)) : orderOf(key, n).slice([0, size]);
}

/** Indices by their probabilities, and, inside of a program, whether these are none; elsewhere they are refused then. */
function weighted(
  key: NDArray,
  size: number,
  n: number,
  replace: boolean,
  p: ArrayLike,
): { readonly indices: NDArray; readonly isWrong: NDArray | undefined } {
  const given = asArray(p, "choice");
  const dtype = floatOf(given);
  const chances = stopGradient(parameter("choice", ["p", given, notNegative], dtype));
  if (chances.shape.length !== 1 || chances.shape[0] !== n)
    throw new ShapeError(`choice: p has the shape ${showShape(chances.shape)}; give [${n}], one probability per element.`);
  const least = replace ? Math.min(size, 1) : size;
  const isWrong = chances.greater(0).sum().less(least).logicalOr(chances.min().less(0)).logicalOr(chances.sum().isFinite().logicalNot());
  const isKnown = refuse(
    `choice: of the probabilities p fewer than ${least} are above 0, or one is not finite; give more, or choose fewer.`,
    isWrong,
  );
  const sums = cumsum(chances);
  const indices = replace
    ? searchsorted(sums, uniform(key, [size], { dtype }).neg().add(1).mul(sums.slice(-1)))
    : argsort(gumbel(key, [n], { dtype }).add(chances.log()).neg()).slice([0, size]);
  return { indices, isWrong: isKnown ? undefined : isWrong };
}
