import { array, type NDArray, vjp, zeros } from "@ad/core";
import { vmap } from "@ad/vmap";
import type { Random } from "../random.js";

/** An error of a user's own, which has to come through as it is. */
export class Mine extends Error {}

const throwing = (): never => {
  throw new Mine("the user's own error");
};

/** Arrays of a transformation that has ended. */
export function escaped(): NDArray[] {
  const kept: NDArray[] = [];
  vjp(
    (x) => {
      kept.push(x);
      return x;
    },
    array([1, 2]),
  );
  vmap((x: NDArray) => {
    kept.push(x);
    return x;
  })(array([[1, 2]]));
  return kept;
}

const cyclic: unknown[] = [];
cyclic.push(cyclic);
const knot: Record<string, unknown> = {};
knot.own = knot;

/** Makes an object that passes for an ndarray of scijs. */
const scijs = (data: unknown, shape: number[], stride: number[], offset = 0): unknown => ({ data, shape, stride, offset, dtype: "any" });

class Odd {
  x = 1;
}

/** Values that should not be passed, by what they are, to name them in a finding. */
export const hostile: Readonly<Record<string, () => unknown>> = {
  undefined: () => undefined,
  null: () => null,
  "empty string": () => "",
  string: () => "float64",
  symbol: () => Symbol("s"),
  true: () => true,
  NaN: () => Number.NaN,
  Infinity: () => Number.POSITIVE_INFINITY,
  "-Infinity": () => Number.NEGATIVE_INFINITY,
  half: () => 1.5,
  "-1": () => -1,
  "-7": () => -7,
  "2 ** 31": () => 2 ** 31,
  "2 ** 53": () => 2 ** 53,
  "1e308": () => 1e308,
  bigint: () => 3n,
  Date: () => new Date(0),
  Map: () => new Map([[1, 2]]),
  Promise: () => Promise.resolve(array(1)),
  RegExp: () => /x/,
  instance: () => new Odd(),
  "function to undefined": () => () => undefined,
  "function to a string": () => () => "no array",
  "function to a Promise": () => async () => array(1),
  "function to something nested": () => () => [[array([1])], { a: null }],
  "function that throws": () => throwing,
  "identity function": () => (x: unknown) => x,
  "empty list": () => [],
  "ragged list": () => [[1, 2], [3]],
  "list with a hole": () => new Array(3),
  "list of strings": () => ["a", "b"],
  "list of nulls": () => [null, null],
  "list of lists of nothing": () => [[], []],
  "negative list": () => [-1, -2],
  "fractional list": () => [0.5, 1.5],
  "list that repeats": () => [0, 0],
  "long list": () => [0, 1, 2, 3, 4, 5, 6, 7],
  "list of huge numbers": () => [1e6, 1e6],
  "list of NaN": () => [Number.NaN, Number.NaN],
  "list of symbols": () => [Symbol("a"), Symbol("b")],
  "list of objects without prototypes": () => [Object.create(null), Object.create(null)],
  "list of bigints": () => [1n, 2n],
  "list of functions": () => [() => 1, () => 2],
  "list of infinities": () => [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  "list of what is too large": () => [2 ** 53, 1e308],
  "list of options": () => [{ axis: 0 }, {}],
  "list of pairs": () => [[0, 1], [1]],
  "list of one hole": () => new Array(1),
  "list of pairs with holes": () => [new Array(2), new Array(2)],
  "list in itself": () => cyclic,
  "object in itself": () => knot,
  "empty object": () => ({}),
  "function to nothing but lists": () => () => [[], {}],
  "function to its arguments":
    () =>
    (...all: unknown[]) =>
      all,
  "object with unknown keys": () => ({ nonsense: 1, axes: 0 }),
  "object without a prototype": () => Object.create(null),
  "object whose getter throws": () => Object.defineProperty({}, "axis", { enumerable: true, get: throwing }),
  proxy: () => new Proxy({}, { get: throwing, ownKeys: throwing }),
  "array with a throwing shape": () => Object.defineProperty({ data: [1], stride: [1], offset: 0 }, "shape", { get: throwing }),
  BigInt64Array: () => new BigInt64Array(2),
  Uint8ClampedArray: () => new Uint8ClampedArray([1, 2]),
  Uint32Array: () => new Uint32Array([1, 2]),
  DataView: () => new DataView(new ArrayBuffer(8)),
  ArrayBuffer: () => new ArrayBuffer(8),
  "empty Float64Array": () => new Float64Array(0),
  "scijs ndarray": () => scijs(new Float64Array([1, 2, 3, 4]), [2, 2], [2, 1]),
  "scijs ndarray beyond its data": () => scijs(new Float64Array(2), [3, 3], [3, 1]),
  "scijs ndarray before its data": () => scijs(new Float64Array(4), [4], [-1], 1),
  "scijs ndarray of odd strides": () => scijs(new Float64Array(4), [2], [0.5]),
  "scijs ndarray of odd shape": () => scijs(new Float64Array(4), [-2], [1]),
  "scijs ndarray of nothing that is a number": () => scijs(new Float64Array(4), [Symbol("n") as never], [{} as never]),
  "scijs ndarray of more strides": () => scijs(new Float64Array(4), [2], [1, 1]),
  "scijs ndarray with holes": () => scijs(new Float64Array(4), new Array(1), new Array(1)),
  "scijs ndarray of a list": () => scijs([1, 2, 3, 4], [2, 2], [2, 1]),
  "scijs ndarray of strings": () => scijs(["a", "b"], [2], [1]),
  "scijs ndarray of bigints": () => scijs(new BigInt64Array(4), [4], [1]),
  "bool array": () => array([true, false]),
  "int32 array": () => array([1, -5], { dtype: "int32" }),
  "float32 array": () => array([1, 2], { dtype: "float32" }),
  "array of no elements": () => zeros([0, 3]),
  "array of rank 0": () => array(2),
  "array of rank 5": () => zeros([1, 2, 1, 2, 1]),
  "array of odd length": () => zeros([7]),
  "array of NaN": () => array([Number.NaN, Number.POSITIVE_INFINITY]),
  "matrix of NaN": () => array(Array.from({ length: 3 }, () => [Number.NaN, Number.NaN, Number.NaN])),
  "matrix of infinities": () => array(Array.from({ length: 3 }, () => [1, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY])),
  "matrix of zeros": () => zeros([3, 3]),
  "matrix of numbers at both ends": () =>
    array([
      [1e308, -1e308, 1e-308],
      [5e-324, 1e308, 0],
      [-0, 1, 1e308],
    ]),
  "matrix that is not square": () => zeros([3, 2]),
  "matrices of no elements": () => zeros([2, 0, 0]),
  "batch of matrices": () => zeros([2, 3, 3]),
  "bool matrix": () => zeros([3, 3], "bool"),
  "escaped tape array": () => escaped()[0],
  "escaped batch array": () => escaped()[1],
};

export const hostileNames = Object.keys(hostile);

export const pick = <T>(random: Random, list: readonly T[]): T => list[Math.floor(random() * list.length)];
