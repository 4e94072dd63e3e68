import { array, concatenate, type NDArray, stack } from "@ad/core";
import { expect, test } from "vitest";
import { jit } from "../../src/index.js";

// Lines that lie without gaps on both sides are copied at once, from 65 elements on; all others element by element.

const dtypes = ["float64", "float32", "int32", "bool"] as const;
const lines = [3, 64, 65, 1000].flatMap((n) => dtypes.map((dtype) => [n, dtype] as const));
const numbers = (n: number, dtype: (typeof dtypes)[number]): NDArray =>
  array(
    Array.from({ length: 3 * n + 1 }, (_, i) => (dtype === "bool" ? i % 3 === 0 : (i * 7) % 101)),
    { dtype },
  );

test.each(lines)("lines of %i, %s: as in eager code", (n, dtype) => {
  const constant = numbers(n, dtype).slice([1, n + 1]);
  const f = (x: NDArray): NDArray[] => {
    const [a, b] = [x.slice([1, n + 1]), x.slice([n, 2 * n])];
    const apart = x.slice([0, 2 * n, 2]);
    return [stack([a, constant, b, apart]), stack([apart, b], 1), concatenate([a, b, constant]), x.flip().slice([1, null])];
  };
  const x = numbers(n, dtype);
  const [outs, wanted] = [jit(f)(x), f(x)];
  outs.forEach((out, i) => {
    expect(out.dtype).toBe(dtype);
    expect(out.toArray()).toEqual(wanted[i].toArray());
  });
});
