import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { compile } from "../../../kernels/build.mjs";

test("binary.ts is what the kernels' sources compile to; npm run kernels writes it", { timeout: 60_000 }, async () => {
  expect(readFileSync(new URL("../../../src/cpu/wasm/binary.ts", import.meta.url), "utf8")).toBe(await compile());
});
