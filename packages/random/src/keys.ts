import { type ArrayLike, DTypeError, type NDArray, type Shape, stack } from "@ad/core";
import { checkShape, describe } from "@ad/core/internals/checks";
import { asArray, peekGiven } from "@ad/core/internals/trace";
import { keyOf } from "./checks.js";
import { draw } from "./draw.js";
import { fill } from "./kernel.js";
import { bits32, first, hash, second } from "./threefry.js";

/** The words of whole numbers, high and low, as int32: those of two's complement. */
function words(op: string, name: string, value: ArrayLike, bits = 53): readonly [high: NDArray, low: NDArray] {
  const x = asArray(value, op);
  const known = peekGiven(x);
  if (
    x.ndim !== 0 ||
    x.dtype === "bool" ||
    known?.some((each: number) => !Number.isSafeInteger(each) || (bits === 32 && (each >= 2 ** 32 || each < -(2 ** 31))))
  )
    throw new DTypeError(`${op}: ${name} is ${describe(x.ndim === 0 ? value : x)}; give one whole number of at most ${bits} bits.`);
  if (x.dtype === "int32") return [x.mul(0), x];
  const high = x.div(2 ** 32).floor();
  const low = x.sub(high.mul(2 ** 32));
  return [high, low].map((half) =>
    half
      .greaterEqual(2 ** 31)
      .where(half.sub(2 ** 32), half)
      .astype("int32"),
  ) as [NDArray, NDArray];
}

/**
 * A key, from which everything random is computed: the same key always gives the same numbers, and nothing else does. A key is used once:
 * {@link split} makes new ones of it.
 *
 * It is an int32 array of two words of 32 bits, those of `jax.random.key_data(jax.random.key(seed))`, whose uint32 are the same bits.
 *
 * @param seed one whole number of at most 53 bits, or an array of rank 0 with it: its upper half in the first word (as in JAX with `jax_enable_x64`).
 * Of int32 the first word is 0
 * @returns of shape [2], int32
 * @throws DTypeError or ShapeError where the seed is no such number
 * @example
 * key(42).toArray(); // [0, 42]
 */
export function key(seed: ArrayLike): NDArray {
  return stack(words("key", "the seed", seed));
}

/**
 * New keys from one. Numbers that are drawn with them are independent of each other, and of those that were drawn with the key, which is not to be used again.
 *
 * @param key [2], int32
 * @param n how many, or the shape of an array of keys
 * @returns [n, 2], int32, which can be taken apart: `const [a, b] = split(key)`
 * @throws DTypeError or ShapeError where the key is none, ShapeError where n is no whole number and no shape
 * @example
 * const [a, b] = split(key(0));
 * a.toArray(); // [1797259609, -1715843330]
 * b.toArray(); // [928981903, -841280227]
 * split(key(0), 3).shape; // [3, 2]
 */
export function split(key: ArrayLike, n: number | Shape = 2): NDArray {
  const x = keyOf("split", key);
  return draw(
    {
      name: "split",
      shape: [...checkShape("split", n), 2],
      dtype: "int32",
      kernel([k0, k1], out) {
        for (let i = 0; i < out.length; i += 2) {
          hash(k0, k1, 0, i / 2);
          out[i] = first;
          out[i + 1] = second;
        }
      },
    },
    x,
  );
}

/**
 * A new key from a key and a number: the number of a step, of a worker, of a layer.
 *
 * @param key [2], int32
 * @param data one whole number of 32 bits, from −2³¹ to 2³² − 1, or an array of rank 0
 * @returns of shape [2], int32
 * @throws DTypeError or ShapeError where the key is none, DTypeError where data is no such number
 * @example
 * foldIn(key(0), 7).toArray(); // [-1578141107, 292468403]
 */
export function foldIn(key: ArrayLike, data: ArrayLike): NDArray {
  const [, low] = words("foldIn", "data", data, 32);
  return draw(
    {
      name: "foldIn",
      shape: [2],
      dtype: "int32",
      kernel([k0, k1], out, [numbers]) {
        hash(k0, k1, 0, numbers[0]);
        out[0] = first;
        out[1] = second;
      },
    },
    keyOf("foldIn", key),
    low,
  );
}

/**
 * Random bits, 32 in each element: int32, because there is no unsigned dtype; `x >>> 0` reads one as JAX's uint32.
 *
 * @param key [2], int32
 * @param shape of the result
 * @throws DTypeError or ShapeError where the key is none, ShapeError where the shape is none
 * @example
 * bits(key(0), [2]).toArray(); // [-224768089, -91998574]
 */
export function bits(key: ArrayLike, shape: Shape | number = []): NDArray {
  return draw(
    {
      name: "bits",
      shape: checkShape("bits", shape),
      dtype: "int32",
      kernel: (words, out) => fill(words, out, bits32),
    },
    keyOf("bits", key),
  );
}
