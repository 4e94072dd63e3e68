import { array, grad, type NDArray, ones, read, zeros } from "@ad/core";
import { describe, expect, it } from "vitest";
import type { GpuArray } from "../../src/engine/array.js";
import { type GpuDevice, webgl } from "../../src/index.js";
import { numbers } from "../same.js";

const MiB = 2 ** 20;

describe("memory", () => {
  it("stays bounded in a synchronous loop", { timeout: 300_000 }, async () => {
    const gpu = await webgl();
    // A thousand arrays of 1 MiB, and as many gradients: eight times what may be held.
    const steps = 1000;
    const loss = (w: NDArray): NDArray => w.square().sum();
    let w = ones([512, 512], "float32").to(gpu).add(0);
    let most = 0;
    for (let i = 0; i < steps; i++) {
      w = w.sub(grad(loss)(w).mul(1e-3));
      most = Math.max(most, gpu.memory().bytes);
    }
    const [value] = await read(w);
    expect(most).toBeLessThan(256 * MiB);
    expect(value).toBeCloseTo(0.998 ** steps, 6);
    gpu.dispose();
  });

  it("uses the texture of a plane again for what is none", async () => {
    using gpu = await webgl();
    const square = numbers([256, 256]).to(gpu);
    await read(square.matmul(square));
    // The product's planes are 64 texels wide, as are arrays of so many elements.
    for (const rows of [32, 64, 256]) {
      const x = numbers([rows, 256]);
      const arrays = Array.from({ length: 12 }, (_, i) => x.to(gpu).cumsum(1).add(i));
      for (const [i, y] of arrays.entries()) expect((await read(y.sub(x.cumsum(1).to(gpu)).max()))[0]).toBeCloseTo(i, 3);
    }
  });

  it("pages what was not used for longest, and brings it back", async () => {
    const gpu = await webgl({ memoryBudget: 8 * MiB });
    const kept: NDArray[] = [];
    for (let i = 0; i < 24; i++) kept.push(numbers([512, 512]).to(gpu).cumsum(0).add(i));
    const sums = kept.map((x) => x.sub(kept[0]).max());
    for (const [i, sum] of sums.entries()) expect((await read(sum))[0]).toBeCloseTo(i, 3);
    expect(gpu.memory().bytes).toBeLessThanOrEqual(8 * MiB);
    expect(gpu.memory().paged).toBeGreaterThan(0);
    gpu.dispose();
  });

  it("keeps what was used last, and pages the others", async () => {
    using gpu = await webgl({ memoryBudget: 4 * MiB });
    const isThere = (x: NDArray): boolean => (x as GpuArray).storage.place.texture !== undefined;
    // 64 KiB each; an eighth of the budget is freed at a time, which is less than what is kept.
    const make = (i: number): NDArray => numbers([128, 128]).to(gpu).add(i).cumsum(1);
    const kept = Array.from({ length: 20 }, (_, i) => make(i));
    await read(kept[0].add(kept[1]).sum());
    const more: NDArray[] = [];
    while (kept.every(isThere) && more.length < 100) more.push(make(more.length));
    expect(gpu.memory().paged).toBeGreaterThan(0);
    expect(kept.slice(0, 3).map(isThere)).toEqual([true, true, false]);
  });

  it("frees what a scope makes but does not return", async () => {
    const gpu = await webgl();
    const x = numbers([256, 256]).to(gpu);
    await read(x.matmul(x));
    const inUse = (): number => gpu.memory().bytes - gpu.memory().idle;
    const before = inUse();
    const { y } = gpu.scope(() => {
      const a = x.matmul(x);
      const b = a.matmul(x).cumsum(0);
      return { y: b.sum() };
    });
    expect(inUse() - before).toBeLessThan(1024);
    expect(Number.isFinite((await read(y))[0])).toBe(true);
    let inner: NDArray | undefined;
    gpu.scope(() => {
      inner = x.matmul(x);
    });
    expect(() => inner?.cumsum(0)).toThrow(/scope/);
    expect(() => gpu.scope(async () => x.add(1))).toThrow(/scope: the function is async.*await outside/);
    expect(() => gpu.scope(5 as never)).toThrow(/scope: 5/);
    expect([...(await read(x.mul(0).sum()))]).toEqual([0]);
    expect(JSON.stringify({ gpu })).toBe(`{"gpu":"${gpu.name}"}`);
    gpu.dispose();
  });

  it("frees what is garbage, once the page has a moment", async () => {
    const collect = (globalThis as { gc?: () => void }).gc;
    expect(collect).toBeTypeOf("function");
    const gpu = await webgl();
    for (let i = 0; i < 20; i++) numbers([256, 256]).to(gpu).cumsum(0);
    const { bytes, idle } = gpu.memory();
    for (let i = 0; i < 20 && gpu.memory().idle <= idle; i++) {
      collect?.();
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(gpu.memory().idle).toBeGreaterThan(idle + bytes / 4);
    gpu.dispose();
  });

  it("is given back by using", async () => {
    let device: GpuDevice;
    {
      using gpu = await webgl();
      device = gpu;
      await read(array([1], { dtype: "float32" }).to(gpu));
    }
    expect(() => ones([2], "float32").to(device)).toThrow(/disposed/);
  });
});

describe("errors", () => {
  it("of float64", async () => {
    using gpu = await webgl();
    expect(() => array([1, 2]).to(gpu)).toThrow(/float64.*astype\("float32"\)/);
    expect(() => array([1, 2], { dtype: "int32" }).to(gpu).div(2)).toThrow(/float64/);
    expect(() => array([1], { dtype: "float32" }).to(gpu).astype("float64")).toThrow(/float64/);
  });

  it("of reading at once", async () => {
    using gpu = await webgl();
    const x = array([1, 2], { dtype: "float32" }).to(gpu);
    for (const reader of ["data", "item", "toArray", "ndarray"] as const) expect(() => x[reader]()).toThrow(/await read\(x\)/);
    expect(x.to("cpu").toArray()).toEqual([1, 2]);
    expect(x.toString()).toContain("shape=[2]");
  });

  it("of two devices that meet, naming both", async () => {
    using one = await webgl();
    using two = await webgl();
    const x = array([1, 2], { dtype: "float32" });
    expect(() => x.to(one).add(x)).toThrow(new RegExp(`cpu.*${one.name}`));
    expect(() => x.add(x.to(one))).toThrow(new RegExp(`cpu.*${one.name}`));
    expect(() => x.to(one).add(x.to(two))).toThrow(new RegExp(`${two.name}.*${one.name}|${one.name}.*${two.name}`));
    const [a, b] = [x.to(one).mul(2), x.to(two).mul(3)];
    expect([...(await read(a)), ...(await read(b))]).toEqual([2, 4, 3, 6]);
    expect([...(await read(a.to(two).add(b)))]).toEqual([5, 10]);
  });

  it("of a driver that cannot wait", async () => {
    const canvas = new OffscreenCanvas(1, 1);
    using gpu = await webgl({ canvas });
    const gl = canvas.getContext("webgl2") as WebGL2RenderingContext;
    gl.clientWaitSync = () => gl.WAIT_FAILED;
    await expect(read(numbers([3]).to(gpu).cumsum())).rejects.toThrow(/cannot wait/);
  });

  it("of a browser without WebGL2 or float textures", async () => {
    const none = { getContext: () => null } as unknown as OffscreenCanvas;
    await expect(webgl({ canvas: none })).rejects.toThrow(/no WebGL2/);
    const canvas = new OffscreenCanvas(1, 1);
    const gl = canvas.getContext("webgl2") as WebGL2RenderingContext;
    gl.getExtension = () => null;
    await expect(webgl({ canvas })).rejects.toThrow(/EXT_color_buffer_float/);
    await expect(webgl({ memoryBudget: -1 })).rejects.toThrow(/memoryBudget/);
  });
});

describe("sizes", () => {
  it("larger than the largest texture", async () => {
    const canvas = new OffscreenCanvas(1, 1);
    const gl = canvas.getContext("webgl2") as WebGL2RenderingContext;
    const ask = gl.getParameter.bind(gl);
    gl.getParameter = (name: number) => (name === gl.MAX_TEXTURE_SIZE ? 16 : ask(name));
    using gpu = await webgl({ canvas });
    const full = numbers([4 * 16 * 16]);
    expect(await read(full.to(gpu).mul(2))).toEqual(full.mul(2).data());
    expect(() => numbers([1025]).to(gpu).cumsum()).toThrow(/1025 elements.*1024.*x\.to\("cpu"\)/);
    expect(() =>
      full
        .to(gpu)
        .add(zeros([2, 1], { device: gpu }))
        .cumsum(),
    ).toThrow(/2048 elements/);
  });

  it("larger than a texture's side", { timeout: 60_000 }, async () => {
    using gpu = await webgl();
    const x = numbers([3_000_001]);
    const y = x.to(gpu).mul(2).slice([null, null, -3]);
    const got = await read(y);
    const want = x.mul(2).slice([null, null, -3]).data();
    expect(got.every((value, i) => value === want[i])).toBe(true);
    expect((await read(x.to(gpu).max()))[0]).toBe(x.max().item());
  });

  it("of rank 0 to 8, and empty", async () => {
    using gpu = await webgl();
    expect([...(await read(array(3, { dtype: "float32" }).to(gpu).square()))]).toEqual([9]);
    const x = numbers([2, 1, 3, 2, 1, 2, 2, 2]);
    expect(await read(x.to(gpu).transpose().add(1))).toEqual(x.transpose().add(1).data());
    expect((await read(numbers([0, 3]).to(gpu).mul(2))).length).toBe(0);
  });
});
