import { chromium } from "playwright";
import { expect, inject, test, vi } from "vitest";
import { gemm } from "../../../src/cpu/kernels/gemm.js";
import { bytesOfModule, fuse, load, start } from "../../../src/cpu/wasm/module.js";
import { DTypeError, linspace, setFusedMultiplyAdd, setThreads } from "../../../src/index.js";
import { program } from "../threads/program.js";

declare const WebAssembly: { validate(bytes: Uint8Array): boolean };

const fused = fuse(bytesOfModule());
/** Node has it from version 22 on. */
const isThere = WebAssembly.validate(fused);

test("each product with a sum of kernels/gemm.ts is one operation, and nothing else is changed", () => {
  const plain = bytesOfModule();
  const changed = Array.from(plain.keys()).filter((i) => plain[i] !== fused[i]);
  // In both widths, eight of a tile for each of two terms, four of a narrow one and four of a product with one line: two bytes of mul and two of add.
  expect(changed).toHaveLength(2 * (2 * 8 + 4 + 4) * 4);
  expect(fuse(fused.slice())).toEqual(fused);
});

test("the engine's version says which module computes", () => {
  if (process.versions.node.startsWith("20.")) expect(isThere).toBe(false);
  else expect(isThere).toBe(true);
  expect(start().bytes).toEqual(isThere ? fused : bytesOfModule());
  setFusedMultiplyAdd(false);
  expect(start().bytes).toEqual(bytesOfModule());
  setFusedMultiplyAdd(true);
});

test("where the fused module computes something else, or nothing, the plain one is taken", () => {
  const validate = vi.spyOn(WebAssembly, "validate").mockImplementation((bytes) => bytes.length > 0);
  try {
    if (isThere) expect(start().bytes).toEqual(fused);
    else expect(() => start()).toThrow();
    validate.mockReturnValue(false);
    expect(start().bytes).toEqual(bytesOfModule());
  } finally {
    validate.mockRestore();
  }
});

const sizes = [
  [40, 40, 40],
  [7, 13, 300],
  [130, 65, 9],
  [1, 90, 70],
  [90, 1, 70],
] as const;

test.each(sizes)("%s × %s × %s: both are within the rounding of the exact sums", (m, n, k) => {
  for (const Type of [Float64Array, Float32Array]) {
    const random = (size: number) => new Type(Float64Array.from({ length: size }, (_, i) => Math.sin(1 + i * i)));
    const [a, b] = [random(m * k), random(k * n)];
    const compute = (on: boolean) => {
      setFusedMultiplyAdd(on);
      const out = new Type(m * n);
      gemm(m, n, k, { storage: a, row: k, column: 1 }, 0, { storage: b, row: n, column: 1 }, 0, out, 0);
      return out;
    };
    const [plain, own] = [compute(false), compute(true)];
    const rounding = (Type === Float64Array ? 2 ** -53 : 2 ** -24) * k;
    for (let i = 0; i < m; i++)
      for (let j = 0; j < n; j++) {
        let [sum, size] = [0, 0];
        for (let p = 0; p < k; p++) {
          sum += a[i * k + p] * b[p * n + j];
          size += Math.abs(a[i * k + p] * b[p * n + j]);
        }
        for (const x of [plain, own]) expect(Math.abs(x[i * n + j] - sum)).toBeLessThanOrEqual(2 * rounding * size);
      }
    expect(compute(true), "the same each time").toEqual(own);
    if (isThere) expect(own.some((x, i) => x !== plain[i])).toBe(true);
    else expect(own).toEqual(plain);
  }
});

test("it may be changed while there are threads, and after arrays have been kept in the module's memory", () => {
  const x = linspace(-1, 1, 2 ** 14).reshape(128, 128);
  const before = x.matmul(x).data();
  setThreads(2);
  setFusedMultiplyAdd(false);
  const plain = x.matmul(x).data();
  const { kernels } = load(0) ?? {};
  setFusedMultiplyAdd(true);
  expect(x.matmul(x).data()).toEqual(before);
  expect(load(0)?.kernels).not.toBe(kernels);
  setThreads(1);
  setFusedMultiplyAdd(false);
  expect(x.matmul(x).data()).toEqual(plain);
  setFusedMultiplyAdd(true);
});

test("what is no boolean is refused", () => {
  // @ts-expect-error: a number
  expect(() => setFusedMultiplyAdd(1)).toThrow(DTypeError);
});

test("Chromium has it", { timeout: 60_000 }, async () => {
  const code = await program(`import { linspace, setFusedMultiplyAdd } from "core";
    const x = linspace(-1, 1, 4096).reshape(64, 64);
    const [own, plain] = [true, false].map((on) => (setFusedMultiplyAdd(on), x.matmul(x).data()));
    globalThis.result = [own.some((y, i) => y !== plain[i]), own.every((y, i) => Math.abs(y - plain[i]) < 1e-13)];`);
  const { executablePath, args } = inject("browser");
  const browser = await chromium.launch({ args, ...(executablePath === null ? {} : { executablePath }) });
  try {
    const page = await browser.newPage();
    await page.addScriptTag({ content: code, type: "module" });
    expect(await page.waitForFunction("globalThis.result").then((x) => x.jsonValue())).toEqual([true, true]);
  } finally {
    await browser.close();
  }
});
