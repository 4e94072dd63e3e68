import { readFileSync } from "node:fs";
import { afterEach, expect, test, vi } from "vitest";
import { compile } from "../../kernels/build.mjs";
import { complex, type Parts } from "../../src/kernels/lines.js";
import { transformOf } from "../../src/kernels/transform.js";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

test("src/binary.ts is what kernels/build.mjs makes", { timeout: 60_000 }, async () => {
  expect(readFileSync(new URL("../../src/binary.ts", import.meta.url), "utf8")).toBe(await compile());
});

/** Transforms of three lines and of many, one behind the other and as columns. */
function transforms(transform: typeof transformOf, n: number): Parts[] {
  return [3, 40].flatMap((count) =>
    [
      { line: n, step: 1 },
      { line: 1, step: count },
    ].map((place) => {
      const number = (seed: number) => (_: unknown, i: number) => ((7919 * i + seed) % 1009) / 1009 - 0.5;
      const [re, im] = [1, 31].map((seed) => Float64Array.from({ length: n * count }, number(seed)));
      const out = complex(n * count);
      transform(n).run({ re, im, at: 0, ...place }, { ...out, at: 0, ...place }, count);
      return out;
    }),
  );
}

/** The same without WebAssembly. */
async function plain(n: number): Promise<Parts[]> {
  vi.stubGlobal("WebAssembly", undefined);
  vi.resetModules();
  const { transformOf } = await import("../../src/kernels/transform.js");
  return transforms(transformOf, n);
}

// Lengths of one pass and of several, on every side of what has a vector.
test.each([1, 2, 4, 7, 8, 14, 128, 512, 1024])("of length %d WebAssembly and JavaScript make the same bits", async (n) => {
  expect(await plain(n)).toEqual(transforms(transformOf, n));
});

test.each([3, 5, 15, 30, 67, 1000, 1025, 1536, 2048, 10_000])("of length %d JavaScript alone is as exact", async (n) => {
  const expected = transforms(transformOf, n);
  for (const [i, { re, im }] of (await plain(n)).entries()) {
    const scale = expected[i].re.reduce((size, x) => Math.max(size, Math.abs(x)), 0);
    for (const [part, own] of [
      [re, expected[i].re],
      [im, expected[i].im],
    ])
      expect(part.reduce((worst, x, k) => Math.max(worst, Math.abs(x - own[k])), 0) / scale).toBeLessThan(2e-15);
  }
});
