import { array, grad, type NDArray, read, valueAndGrad } from "@ad/core";
import { jvpMany } from "@ad/functional";
import { describe, expect, it } from "vitest";
import type { GpuArray } from "../../src/engine/array.js";
import { webgl } from "../../src/index.js";
import { numbers } from "../same.js";

const canvas = new OffscreenCanvas(1, 1);
const gpu = await webgl({ canvas });
const gl = canvas.getContext("webgl2") as WebGL2RenderingContext;

/** The number of times that a context was asked for each of these. */
const calls = { drawArrays: 0, linkProgram: 0, readPixels: 0, texSubImage2D: 0 };
for (const name of Object.keys(calls) as (keyof typeof calls)[]) {
  const own = gl[name].bind(gl) as (...given: unknown[]) => void;
  (gl as unknown as Record<string, unknown>)[name] = (...given: unknown[]) => {
    calls[name]++;
    own(...given);
  };
}

/** Counts the calls of f to the GPU up to the end of the computation, which is waited for. */
async function asked(f: () => NDArray): Promise<typeof calls> {
  for (const name of Object.keys(calls) as (keyof typeof calls)[]) calls[name] = 0;
  const y = f();
  const upToHere = { ...calls };
  await read(y);
  return { ...calls, readPixels: upToHere.readPixels };
}

const chain = (x: NDArray): NDArray => x.sin().mul(x).add(x.square().neg().exp()).tanh();

describe("a computation asks the GPU for", () => {
  it("one program where elementwise operations end in a sum", async () => {
    const x = numbers([30]).to(gpu);
    expect(await asked(() => chain(x).sum())).toEqual({ drawArrays: 1, linkProgram: 1, readPixels: 0, texSubImage2D: 1 });
    expect(await asked(() => chain(x).sum())).toEqual({ drawArrays: 1, linkProgram: 0, readPixels: 0, texSubImage2D: 0 });
  });

  it("nothing new for the same at other sizes", async () => {
    const run = (n: number) =>
      asked(() =>
        chain(numbers([n, 3]).to(gpu))
          .cos()
          .sum(0),
      );
    const first = await run(5);
    expect(first.linkProgram).toBe(1);
    for (const n of [6, 17, 30]) expect(await run(n)).toEqual({ ...first, linkProgram: 0 });
  });

  it("one program for the value of a chain and one for its gradient", async () => {
    const x = numbers([40]).to(gpu);
    expect(await asked(() => grad((v: NDArray) => chain(v).sum())(x))).toMatchObject({ drawArrays: 2, readPixels: 0 });
  });

  it("one program for a small product, and for one with a vector", async () => {
    const [x, w, v] = [numbers([64, 32]).to(gpu), numbers([32, 32]).to(gpu), numbers([400, 300]).to(gpu)];
    expect(await asked(() => x.matmul(w))).toMatchObject({ drawArrays: 1, readPixels: 0 });
    expect(await asked(() => v.matmul(numbers([300]).to(gpu)))).toMatchObject({ drawArrays: 1, readPixels: 0 });
    expect(await asked(() => numbers([400]).to(gpu).matmul(v))).toMatchObject({ drawArrays: 1, readPixels: 0 });
    expect((await asked(() => v.matmul(v.T))).drawArrays).toBe(4);
  });

  it("nothing at all for views", async () => {
    const x = numbers([4, 6]).to(gpu).cumsum(0);
    await read(x);
    for (const name of Object.keys(calls) as (keyof typeof calls)[]) calls[name] = 0;
    for (const view of [
      x.T,
      x.slice([1, 3], [null, null, -2]),
      x.reshape(3, 8),
      x.broadcastTo([2, 4, 6]),
      x.expandDims(1),
      x.slice(1),
      x.flip(0),
    ]) {
      expect((view as GpuArray).storage).toBe((x as GpuArray).storage);
      expect(calls).toEqual({ drawArrays: 0, linkProgram: 0, readPixels: 0, texSubImage2D: 0 });
    }
  });

  it("no reading back in the value and gradient of a network, or in its directions", async () => {
    const p = { w: numbers([8, 5], "float32", 2).to(gpu), b: numbers([5], "float32", 3).to(gpu), v: numbers([5, 3], "float32", 4).to(gpu) };
    const [x, y] = [
      numbers([16, 8]).to(gpu),
      array(
        [...Array(16).keys()].map((i) => i % 3),
        { dtype: "int32", device: gpu },
      ),
    ];
    const loss = ({ w, b, v }: typeof p, x: NDArray): NDArray => {
      const logits = x.matmul(w).add(b).tanh().matmul(v);
      return logits.logSoftmax(-1).takeAlongAxis(y.expandDims(1), 1).mean().neg();
    };
    const step = valueAndGrad(loss);
    const run = (): NDArray => {
      const [value, slope] = step(p, x);
      return value.add(slope.w.sum()).add(slope.b.sum()).add(slope.v.sum());
    };
    const first = await asked(run);
    expect(first).toMatchObject({ readPixels: 0 });
    expect(await asked(run)).toMatchObject({ drawArrays: first.drawArrays, linkProgram: 0, readPixels: 0 });
    const f = (x: NDArray): NDArray => p.v.T.matmul(p.w.T.matmul(x).add(p.b).tanh());
    expect(await asked(() => jvpMany(f, [x.slice(0)], [x])[1])).toMatchObject({ readPixels: 0 });
  });
});
