import { array, DTypeError, grad, type NDArray, read } from "@ad/core";
import { jit } from "@ad/jit";
import { bernoulli, foldIn, gamma, key, normal, permutation, randint, split, uniform } from "@ad/random";
import { vmap } from "@ad/vmap";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type GpuDevice, webgl } from "../src/index.js";

let gpu: GpuDevice;
beforeAll(async () => {
  gpu = await webgl();
});
afterAll(() => gpu.dispose());

const float32 = { dtype: "float32" } as const;

// Random bits are computed on the host.
describe("a key on the GPU gives the CPU's numbers, to the bit, and they are on the GPU", () => {
  const draws: Record<string, (k: NDArray) => NDArray> = {
    split: (k) => split(k, 3),
    foldIn: (k) => foldIn(k, 7),
    uniform: (k) => uniform(k, [100], float32),
    normal: (k) => normal(k, [10, 10], float32),
    randint: (k) => randint(k, [100], 0, 9),
    bernoulli: (k) => bernoulli(k, [100], array(0.3, float32).to(k.device)),
    permutation: (k) => permutation(k, 20),
  };
  it.each(Object.entries(draws))("%s", async (_, draw) => {
    const keys = split(key(3), 2);
    const lanes = vmap(draw);
    for (const run of [draw, jit(draw)]) {
      const own = run(key(3).to(gpu));
      expect(own.device).toBe(gpu);
      expect(await read(own)).toEqual(draw(key(3)).data());
    }
    expect(await read(lanes(keys.to(gpu)))).toEqual(lanes(keys).data());
  });
});

it("float64, which is the default, is refused with what to do", () => {
  expect(() => normal(key(0).to(gpu), [2])).toThrow(DTypeError);
  const remedy = 'webgl has no float64; use x.astype("float32"), or "float32" arrays from the start';
  expect(() => normal(key(0).to(gpu), [2])).toThrow(`normal: ${remedy}`);
  expect(() => bernoulli(key(0).to(gpu), [2], 0.3)).toThrow(`bernoulli: ${remedy}`);
});

it("parameters on the GPU have derivatives there", async () => {
  const alpha = array([0.5, 2, 9], float32);
  const sum = (k: NDArray) => (a: NDArray) => gamma(k, undefined, a, float32).square().sum();
  const [own, host] = [grad(sum(key(1).to(gpu)))(alpha.to(gpu)), grad(sum(key(1)))(alpha)];
  expect(own.device).toBe(gpu);
  const wanted = host.data();
  (await read(own)).forEach((x, i) => {
    expect(x / wanted[i]).toBeCloseTo(1, 5);
  });
});
