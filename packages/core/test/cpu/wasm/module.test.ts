import { afterEach, beforeEach, expect, test, vi } from "vitest";

declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { exports: Record<string, { buffer: ArrayBuffer }> };
  CompileError: ErrorConstructor;
};

const warn = vi.spyOn(console, "warn").mockImplementation(() => {});

beforeEach(() => {
  vi.resetModules();
  warn.mockClear();
});
afterEach(() => vi.unstubAllGlobals());

/** A product and a function of an array that are large enough for WebAssembly. */
async function compute(): Promise<number[]> {
  const { ones } = await import("../../../src/index.js");
  const x = ones([40, 40]);
  return [...x.matmul(x).data(), ...x.exp().data()];
}

test("nothing is compiled before the first large operation, and then once", async () => {
  const compiled = vi.fn();
  vi.stubGlobal("WebAssembly", {
    ...WebAssembly,
    Instance: WebAssembly.Instance,
    Module: class extends WebAssembly.Module {
      constructor(bytes: Uint8Array) {
        compiled();
        super(bytes);
      }
    },
  });
  const { ones } = await import("../../../src/index.js");
  ones([4, 4])
    .matmul(ones([4, 4]))
    .exp();
  expect(compiled).toHaveBeenCalledTimes(0);
  await compute();
  await compute();
  expect(compiled).toHaveBeenCalledTimes(1);
  expect(warn).not.toHaveBeenCalled();
});

test.each([
  [
    "a security policy that forbids it",
    {
      Module: class {
        constructor() {
          throw new WebAssembly.CompileError("Refused to compile or instantiate WebAssembly module");
        }
      },
    },
  ],
  ["no WebAssembly at all", undefined],
])("%s: plain JavaScript, and one warning", async (_, stub) => {
  vi.stubGlobal("WebAssembly", stub);
  const values = await compute();
  await compute();
  expect(values).toEqual([...new Array(1600).fill(40), ...new Array(1600).fill(Math.E)]);
  expect(warn).toHaveBeenCalledTimes(1);
  expect(warn.mock.calls[0][0]).toMatch(/plain JavaScript/);
});

test("memory that cannot grow: plain JavaScript, too", async () => {
  vi.stubGlobal("WebAssembly", {
    Module: WebAssembly.Module,
    Instance: class {
      exports: object;
      constructor(module: object) {
        const { exports } = new WebAssembly.Instance(module);
        const grow = (): never => {
          throw new RangeError("WebAssembly.Memory.grow(): Maximum memory size exceeded");
        };
        this.exports = { ...exports, memory: { buffer: exports["memory"].buffer, grow } };
      }
    },
  });
  expect(await compute()).toEqual([...new Array(1600).fill(40), ...new Array(1600).fill(Math.E)]);
});

test("memory is set apart once, stays where it is, and is given up where there is none", async () => {
  const { load, reserve } = await import("../../../src/cpu/wasm/module.js");
  const first = reserve(1024) as number;
  const start = load(0)?.start as number;
  expect(start - first).toBe(1024);
  expect([reserve(500), load(0)?.start]).toEqual([first, start]);
  const values = Float64Array.from({ length: 100 }, (_, i) => i);
  load(0)?.float64.set(values, first / 8);
  expect(reserve(1 << 20)).toBe(first);
  expect(load(0)?.float64.subarray(first / 8, first / 8 + 100)).toEqual(values);
  expect(await compute()).toHaveLength(3200);
  expect(load(0)?.float64.subarray(first / 8, first / 8 + 100)).toEqual(values);
  expect(reserve(2 ** 40)).toBeUndefined();
  expect(reserve(1 << 20)).toBe(first);
  expect(await compute()).toHaveLength(3200);
});
