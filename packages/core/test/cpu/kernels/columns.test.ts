import { afterEach, expect, test } from "vitest";
import { limits } from "../../../src/cpu/limits.js";
import { array, type NDArray } from "../../../src/index.js";
import { ulp } from "../../ulps.js";

const before = { ...limits };
afterEach(() => {
  Object.assign(limits, before);
});

const { NaN: none, POSITIVE_INFINITY: inf } = Number;
const specials = [none, inf, -inf, 700, -700, 0, -0, 1e300];

/** Numbers between -10 and 10; each 97th is a special one. */
const numbers = (size: number): number[] =>
  Array.from({ length: size }, (_, i) => (i % 97 === 96 ? specials[i % 8] : (((i * 7919) % 1009) - 500) / 50));

/** Returns the results of a function by tiles of lines, and line by line in JavaScript. */
function bothWays(f: (x: NDArray) => NDArray, x: NDArray): readonly [number[], number[]] {
  const [tiles, plain] = [1, Infinity].map((vectors) => {
    limits.vectors = vectors;
    return [...f(x).data()];
  });
  return [tiles, plain];
}

const shapes: readonly [shape: readonly number[], axis: number][] = [
  [[900, 3, 3], 1],
  [[900, 3, 3], 0],
  [[700, 3], 1],
  [[2, 5001], 0],
  [[31, 200], 0],
  [[200, 31], 1],
  [[4, 7, 5, 6], 1],
  [[128, 65], 0],
];

test.each(["float64", "float32"] as const)("exponentials of %s lines that are short or lie across are the same by tiles", (dtype) => {
  for (const [shape, axis] of shapes) {
    const whole = array(numbers(shape.reduce((a, b) => a * b)), { dtype }).reshape(shape);
    const backwards = whole.flip();
    for (const x of [whole, backwards, whole.slice(...shape.map((n) => [1, n] as const))])
      for (const f of [(x: NDArray) => x.logsumexp(axis), (x: NDArray) => x.softmax(axis)]) {
        const [tiles, plain] = bothWays(f, x);
        const unit = (y: number): number => (dtype === "float32" ? Math.max(Math.abs(y) * 2 ** -23, 1.5e-45) : ulp(y));
        const far = tiles.flatMap((y, i) =>
          Object.is(y, plain[i]) || Math.abs(y - plain[i]) <= 32 * unit(plain[i]) ? [] : [[i, y, plain[i]]],
        );
        expect(far.slice(0, 5), `[${shape}] along ${axis}`).toEqual([]);
      }
  }
});

test("a rest that is small beside the greatest counts in a tile too", () => {
  const x = array(Array.from({ length: 1000 }, () => [-60, 0, -60]));
  for (const y of x.logsumexp(1).data()) expect(Math.abs(y / (2 * Math.exp(-60)) - 1)).toBeLessThan(1e-15);
});
