import { readFileSync } from "node:fs";
import { array, type DType, type NDArray } from "@ad/core";
import { expect, test } from "vitest";
import * as random from "../src/index.js";

// Draws of JAX with the same keys: tools/expectations/jax_random.py writes the file. A case is [function, arguments after the key, seed, result].
type Case = readonly [op: string, args: readonly unknown[], seed: number, result: Expected];
interface Expected {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

const cases: readonly Case[] = JSON.parse(readFileSync(new URL("./expectations/jax.json", import.meta.url), "utf8"));

const epsilon: Readonly<Record<string, number>> = { float64: 2 ** -52, float32: 2 ** -23 };

/** Returns the distance of two numbers in units in the last place of their dtype; below `least` in those of `least`. */
function ulps(a: number, b: number, dtype: DType, least: number): number {
  if (a === b || (Number.isNaN(a) && Number.isNaN(b))) return 0;
  return Math.abs(a - b) / (epsilon[dtype] * 2 ** Math.floor(Math.log2(Math.max(Math.abs(a), Math.abs(b), least))));
}

/**
 * The tolerance of numbers against JAX's, in units in the last place. XLA fuses products with sums, which JavaScript cannot, so a few normal numbers are
 * 3 away. Numbers that functions make of them are as near as the functions are to XLA's, whose log1p is off by 20 around −0.4.
 */
const promised: Readonly<Record<string, number>> = { "uniform float64": 2, "uniform float32": 2, "normal float64": 3, "normal float32": 3 };

const sampler = random as unknown as Readonly<Record<string, (...args: readonly unknown[]) => NDArray>>;

test.each([...new Set(cases.map(([op]) => op))])("%s gives JAX's numbers", (op) => {
  for (const [, args, seed, expected] of cases.filter(([name]) => name === op)) {
    const key = random.key(seed);
    const out = op === "key" ? key : sampler[op](key, ...args);
    const say = `${op}(key(${seed}), ${JSON.stringify(args).slice(1, -1)})`;
    expect([out.dtype, out.shape], say).toEqual([expected.dtype, expected.shape]);
    const data = array(out).data();
    const limit = /float/.test(expected.dtype) ? promised[`${op} ${expected.dtype}`] : 0;
    expected.data.forEach((want, i) => {
      if (!(ulps(data[i], +want, expected.dtype, limit === undefined ? 0.1 : 0) <= (limit ?? 32)))
        expect.fail(`${say} has ${data[i]} at ${i}, JAX has ${want}`);
    });
  }
});
