import { arange, array, cond, foriLoop, grad, linalg, type NDArray, ones, read, scan, valueAndGrad, whileLoop, zeros } from "@ad/core";
import { vmap } from "@ad/vmap";
import { describe, expect, it } from "vitest";
import { type GpuDevice, type GpuOptions, webgl } from "../../src/index.js";
import { numbers } from "../same.js";

const MiB = 2 ** 20;

const contextOf = (canvas: OffscreenCanvas): WebGL2RenderingContext => canvas.getContext("webgl2") as WebGL2RenderingContext;

const losing = (canvas: OffscreenCanvas): WEBGL_lose_context => contextOf(canvas).getExtension("WEBGL_lose_context") as WEBGL_lose_context;

/** A device whose canvas is its user's, who asks the browser to restore contexts. */
async function restorable(options: GpuOptions = {}): Promise<{ gpu: GpuDevice; canvas: OffscreenCanvas; restored: Promise<unknown> }> {
  const canvas = new OffscreenCanvas(1, 1);
  canvas.addEventListener("webglcontextlost", (event) => event.preventDefault());
  const restored = new Promise((resolve) => canvas.addEventListener("webglcontextrestored", resolve));
  return { gpu: await webgl({ ...options, canvas }), canvas, restored };
}

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

/** Loses a context, and has it restored as soon as that can be. */
async function loseAndRestore(canvas: OffscreenCanvas, restored: Promise<unknown>): Promise<void> {
  const extension = losing(canvas);
  extension.loseContext();
  await turn();
  extension.restoreContext();
  await restored;
  expect(contextOf(canvas).isContextLost()).toBe(false);
}

const end = /webgl.*context was lost.*make a new device/;

describe("a lost context", () => {
  it("is an error of pending reads and of operations", async () => {
    const canvas = new OffscreenCanvas(1, 1);
    const gpu = await webgl({ canvas });
    const x = numbers([512, 512]).to(gpu);
    const pending = read(x.matmul(x));
    losing(canvas).loseContext();
    await expect(pending).rejects.toThrow(/context was lost/);
    expect(() => x.matmul(x)).toThrow(/context was lost/);
    using next = await webgl();
    expect(
      (
        await read(
          numbers([3])
            .to(next)
            .sub(numbers([3]).to(next)),
        )
      )[0],
    ).toBe(0);
  });

  it("is an error before the page hears of it", async () => {
    const canvas = new OffscreenCanvas(1, 1);
    const gpu = await webgl({ canvas, memoryBudget: 4 * MiB });
    const x = numbers([256, 256]).to(gpu);
    const many = Array.from({ length: 16 }, (_, i) => x.add(i).cumsum(0));
    const y = x.matmul(x);
    const sum = y.sum();
    const lazy = x.add(1);
    const last = many[15];
    expect(gpu.memory().bytes).toBeGreaterThan(0);
    losing(canvas).loseContext();
    const acts: Record<string, () => unknown> = {
      "reading at once": () => y.to("cpu"),
      "reading what is not computed": () => lazy.to("cpu"),
      "an operation": () => y.matmul(y),
      "a constant": () => y.add(1),
      "a view": () => y.T,
      "moving an array here": () => ones([300, 300], "float32").to(gpu),
      "making one": () => zeros([3], { device: gpu }),
      cond: () =>
        cond(
          sum.greater(0),
          (v: NDArray) => v,
          (v: NDArray) => v.neg(),
          y,
        ),
      whileLoop: () =>
        whileLoop(
          (v: NDArray) => v.less(1),
          (v: NDArray) => v.mul(2),
          sum,
        ),
      "moving to the host": () => many.map((v) => v.add(1).cumsum(1)),
      "the host's kernels": () => linalg.det(y),
    };
    for (const [name, act] of Object.entries(acts)) expect(act, name).toThrow(/context was lost/);
    for (const v of [y, sum, lazy, last]) await expect(read(v)).rejects.toThrow(/context was lost/);
    expect(gpu.memory()).toMatchObject({ bytes: 0, textures: 0, idle: 0 });
  });

  it("is an error while an array is read", async () => {
    const canvas = new OffscreenCanvas(1, 1);
    const gpu = await webgl({ canvas });
    const gl = canvas.getContext("webgl2") as WebGL2RenderingContext;
    const x = numbers([64, 64]).to(gpu);
    const y = x.matmul(x);
    const readPixels = gl.readPixels.bind(gl) as (...given: unknown[]) => void;
    gl.readPixels = (...given: unknown[]) => {
      gl.getExtension("WEBGL_lose_context")?.loseContext();
      readPixels(...given);
    };
    expect(() => y.to("cpu")).toThrow(/context was lost/);
    await expect(read(y)).rejects.toThrow(/context was lost/);
  });
});

describe("a context that was lost and restored", () => {
  it("gives no number of an array that is gone", async () => {
    const { gpu, canvas, restored } = await restorable({ memoryBudget: 4 * MiB });
    const w = array([1, 2, 3], { device: gpu });
    const drawn = w.sin().cumsum();
    const many = Array.from({ length: 12 }, (_, i) => numbers([256, 256]).to(gpu).add(i).cumsum(0));
    const [total, lazy, view, known] = [w.sum(), w.add(1), drawn.slice([null, null, -1]), w.mul(2)];
    await read(known);
    expect(known.to("cpu").toArray()).toEqual([2, 4, 6]);
    const before = gpu.memory().paged;
    await loseAndRestore(canvas, restored);
    const acts: Record<string, () => unknown> = {
      "an operation": () => w.sin(),
      "an operation with a number": () => w.add(1),
      "a reduction": () => drawn.sum(),
      "a view": () => drawn.reshape(3, 1),
      "the host's kernels": () => drawn.argsort(),
      factorisations: () => linalg.det(many[0]),
      "a gradient": () => grad((v: NDArray) => v.sin().sum())(w),
      "a batch": () => vmap((v: NDArray) => v.sin())(w),
      "an upload": () => array([1, 2, 3], { device: gpu }),
      "a constant": () => zeros([3], { device: gpu }),
      paging: () => many.map((v) => v.mul(2).cumsum(1)),
      "a scope": () => gpu.scope(() => w.add(drawn).sum()),
      cond: () =>
        cond(
          total.greater(0),
          () => 1,
          () => 2,
        ),
      whileLoop: () =>
        whileLoop(
          (v: NDArray) => v.less(100),
          (v: NDArray) => v.mul(2),
          total,
        ),
      foriLoop: () => foriLoop(0, 3, (_, v: NDArray) => v.mul(2), w),
      scan: () => scan((c: NDArray, v: NDArray) => [c.add(v), c], total, drawn),
    };
    for (const [name, act] of Object.entries(acts)) expect(act, name).toThrow(end);
    for (const x of [w, drawn, total, lazy, view, known, ...many]) {
      expect(() => x.to("cpu")).toThrow(end);
      await expect(read(x)).rejects.toThrow(end);
    }
    expect(gpu.memory()).toEqual({ bytes: 0, textures: 0, idle: 0, paged: before });
  });

  it("serves a new device", async () => {
    const { gpu, canvas, restored } = await restorable();
    const old = array([1, 2, 3], { device: gpu }).cumsum();
    await loseAndRestore(canvas, restored);
    using next = await webgl({ canvas });
    const x = array([1, 2, 3], { device: next });
    expect([...(await read(x.cumsum()))]).toEqual([1, 3, 6]);
    expect(() => old.add(1)).toThrow(end);
    expect(() => x.add(old)).toThrow(end);
    // The end of the old one is not the new one's.
    gpu.dispose();
    expect((await gpu.lost).reason).toBe("unknown");
    expect([...(await read(x.mul(2).sum()))]).toEqual([12]);
    await expect(read(old)).rejects.toThrow(end);
  });

  it("has ended the device where the page has kept the event from it", async () => {
    const canvas = new OffscreenCanvas(1, 1);
    canvas.addEventListener("webglcontextlost", (event) => {
      event.preventDefault();
      event.stopImmediatePropagation();
    });
    const restored = new Promise((resolve) => canvas.addEventListener("webglcontextrestored", resolve));
    const gpu = await webgl({ canvas });
    const x = array([1, 2, 3], { device: gpu }).cumsum();
    await loseAndRestore(canvas, restored);
    await expect(read(x)).rejects.toThrow(end);
    expect(() => x.add(1)).toThrow(end);
    expect((await gpu.lost).reason).toBe("unknown");
  });

  it("rejects the reads that it has interrupted", async () => {
    const { gpu, canvas, restored } = await restorable();
    const gl = contextOf(canvas);
    const wait = gl.clientWaitSync.bind(gl);
    gl.clientWaitSync = () => gl.TIMEOUT_EXPIRED;
    const x = array([1, 2, 3], { device: gpu });
    const pending = [x.cumsum(), x.sin(), x.sum()].map((y) => read(y));
    const errors = Promise.allSettled(pending);
    await turn();
    await loseAndRestore(canvas, restored);
    gl.clientWaitSync = wait;
    for (const result of await errors) expect(String((result as PromiseRejectedResult).reason)).toMatch(end);
  });

  it("stops a training loop", async () => {
    const { gpu, canvas, restored } = await restorable();
    const x = numbers([64, 3]).to(gpu);
    const y = x.matmul(array([1, -2, 0.5], { device: gpu }));
    const step = valueAndGrad((w: NDArray) => x.matmul(w).sub(y).square().mean());
    const losses: number[] = [];
    const train = async (): Promise<void> => {
      let w = zeros([3], { device: gpu });
      for (let i = 0; i < 20; i++) {
        if (i === 5) await loseAndRestore(canvas, restored);
        const [loss, slope] = step(w);
        w = w.sub(slope.mul(0.1));
        losses.push(...(await read(loss)));
      }
    };
    await expect(train()).rejects.toThrow(end);
    expect(losses).toHaveLength(5);
    expect(losses.every((loss, i) => loss > 0 && !(loss >= losses[i - 1]))).toBe(true);
  });
});

describe("a context that is lost, which the browser has not seen yet", () => {
  /** Makes calls to such a context do what they do in Chromium: nothing. */
  const gone = (gl: WebGL2RenderingContext): void => {
    gl.readPixels = () => {};
    gl.getBufferSubData = () => {};
  };

  it("gives no zeros", async () => {
    const canvas = new OffscreenCanvas(1, 1);
    const acts: ((x: NDArray) => unknown)[] = [
      (x) => read(x),
      async (x) => x.to("cpu"),
      async (x) => x.greater(1).to("cpu"),
      async (x) =>
        cond(
          x.sum().greater(0),
          () => 1,
          () => 2,
        ),
    ];
    for (const act of acts) {
      const canvas = new OffscreenCanvas(1, 1);
      const gpu = await webgl({ canvas });
      const x = array([1, 2, 3], { device: gpu }).cumsum();
      gone(contextOf(canvas));
      await expect(act(x)).rejects.toThrow(end);
      expect(() => x.add(1)).toThrow(end);
      expect((await gpu.lost).message).toMatch(end);
    }
    contextOf(canvas).readPixels = () => {};
    await expect(webgl({ canvas })).rejects.toThrow(/context of this canvas is lost/);
  });

  it("pages no zeros to the host", async () => {
    const canvas = new OffscreenCanvas(1, 1);
    const gpu = await webgl({ canvas, memoryBudget: 4 * MiB });
    const many = Array.from({ length: 12 }, (_, i) => numbers([256, 256]).to(gpu).add(i).cumsum(0));
    gone(contextOf(canvas));
    expect(() => many.map((v) => v.mul(2).cumsum(1))).toThrow(end);
    for (const x of many) expect(() => x.to("cpu")).toThrow(end);
  });

  it("is not a fault of the driver", async () => {
    for (const isLost of [true, false]) {
      const canvas = new OffscreenCanvas(1, 1);
      using gpu = await webgl({ canvas });
      const gl = contextOf(canvas);
      gl.getProgramParameter = () => false;
      if (isLost) gone(gl);
      expect(() => array([1, 2, 3], { device: gpu }).cumsum().to("cpu")).toThrow(isLost ? end : /driver refuses/);
    }
  });
});

describe("lost", () => {
  const soon = async (gpu: GpuDevice): Promise<unknown> => Promise.race([gpu.lost, turn().then(() => undefined)]);

  it("resolves where nobody does anything", async () => {
    const { gpu, canvas } = await restorable();
    expect(await soon(gpu)).toBe(undefined);
    losing(canvas).loseContext();
    const info = await gpu.lost;
    expect(info).toEqual({ reason: "unknown", message: expect.stringMatching(end) });
    expect(() => ones([2], { device: gpu })).toThrow(info.message);
  });

  it("resolves once an operation has seen it", async () => {
    const { gpu, canvas } = await restorable();
    losing(canvas).loseContext();
    expect(() => arange(0, 3, 1, { device: gpu })).toThrow(end);
    const info = await Promise.race([gpu.lost, Promise.resolve().then(() => undefined)]);
    expect(info?.reason).toBe("unknown");
  });

  it("resolves where the device is disposed of", async () => {
    const { gpu, canvas, restored } = await restorable();
    const x = array([1, 2, 3], { device: gpu });
    const extension = losing(canvas);
    gpu.dispose();
    gpu.dispose();
    gpu[Symbol.dispose]();
    expect(await gpu.lost).toEqual({ reason: "destroyed", message: expect.stringMatching(/webgl.*disposed of; make a new one/) });
    await turn();
    extension.restoreContext();
    await restored;
    for (const act of [() => x.add(1), () => x.T, () => x.to("cpu"), () => x.sum().to("cpu"), () => ones([2], { device: gpu })])
      expect(act).toThrow(/disposed/);
    await expect(read(x)).rejects.toThrow(/disposed/);
  });

  it("rejects the reads that wait where the device is disposed of", async () => {
    const gpu = await webgl();
    const pending = read(
      numbers([256, 256])
        .to(gpu)
        .matmul(numbers([256, 256]).to(gpu)),
    );
    gpu.dispose();
    await expect(pending).rejects.toThrow(/disposed/);
  });
});

describe("a canvas", () => {
  it("that is none, and other options that are none, give errors that say so", async () => {
    const wrong = (options: unknown, error: RegExp) => expect(webgl(options as GpuOptions)).rejects.toThrow(error);
    await wrong({ canvas: {} }, /webgl: the canvas is .*OffscreenCanvas/);
    await wrong({ powerPreference: "fast" }, /powerPreference is "fast"; use one of default, high-performance, low-power/);
    for (const memoryBudget of ["256", Number.NaN, 0]) await wrong({ memoryBudget }, /memoryBudget/);
  });

  it("with another context gives an error that says so", async () => {
    for (const kind of ["2d", "bitmaprenderer"] as const) {
      const canvas = new OffscreenCanvas(1, 1);
      canvas.getContext(kind as "2d");
      await expect(webgl({ canvas })).rejects.toThrow(/this canvas.*2d context.*without a context/);
    }
    const canvas = document.createElement("canvas");
    canvas.getContext("2d");
    await expect(webgl({ canvas })).rejects.toThrow(/this canvas.*2d context/);
  });

  it("whose context is lost gives an error that says so", async () => {
    const canvas = new OffscreenCanvas(1, 1);
    (await webgl({ canvas })).dispose();
    await expect(webgl({ canvas })).rejects.toThrow(/context of this canvas is lost.*another canvas/);
  });

  it("that has drawn before computes", async () => {
    const canvas = new OffscreenCanvas(8, 8);
    const gl = contextOf(canvas);
    for (const state of [gl.BLEND, gl.SCISSOR_TEST, gl.CULL_FACE, gl.STENCIL_TEST, gl.DEPTH_TEST, gl.RASTERIZER_DISCARD]) gl.enable(state);
    gl.scissor(0, 0, 1, 1);
    gl.cullFace(gl.FRONT_AND_BACK);
    gl.colorMask(true, false, true, false);
    for (const [name, value] of [
      [gl.UNPACK_FLIP_Y_WEBGL, 1],
      [gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, 1],
      [gl.UNPACK_ROW_LENGTH, 500],
      [gl.UNPACK_SKIP_ROWS, 1],
      [gl.UNPACK_SKIP_PIXELS, 2],
      [gl.PACK_ROW_LENGTH, 500],
      [gl.PACK_SKIP_ROWS, 1],
      [gl.PACK_SKIP_PIXELS, 2],
      [gl.PACK_ALIGNMENT, 8],
    ])
      gl.pixelStorei(name, value);
    using gpu = await webgl({ canvas });
    const x = numbers([37, 41]);
    expect(await read(x.to(gpu).add(1))).toEqual(x.add(1).data());
    expect(x.to(gpu).mul(2).to("cpu").data()).toEqual(x.mul(2).data());
  });
});
