import { agree, caseOf, float32, listing, type Trial, trial, widened } from "@ad/conformance";
import { type NDArray, read } from "@ad/core";
import { Concrete } from "@ad/core/internals/backend";
import { isTurn } from "@ad/expect/turns";
import { jit } from "@ad/jit";
import fc from "fast-check";
import { describe, it } from "vitest";
import { type GpuDevice, webgl } from "../src/index.js";
import { Apart } from "./apart.js";

/** Relative to one plus the greatest element, against float64; float32 on the CPU is off by up to 1e-7. */
const tolerance = 2e-6;

const check = (gpu: GpuDevice, isProgram: boolean) => async (t: Trial) => {
  const host = caseOf(t, { precision: float32 });
  try {
    const want = widened(host);
    const exact = want.f(...want.example(0));
    const f = isProgram ? (jit((...x: NDArray[]) => [...host.f(...x)]) as unknown as typeof host.f) : host.f;
    const got = f(...caseOf(t, { precision: float32, device: gpu }).example(0));
    for (const [k, x] of got.entries()) agree(new Concrete(x.aval, await read(x)).astype("float64"), exact[k], tolerance, `result ${k}`);
  } catch (error) {
    throw new Error(`${error}\n${listing(t, host.example(0))}`, { cause: error });
  }
};

/** The programs of some seeds, one seed for each turn. */
async function some(gpu: GpuDevice, seeds: readonly number[], numRuns: number, isProgram = false): Promise<void> {
  for (const [i, seed] of seeds.entries())
    if (isTurn(i, seeds.length)) await fc.assert(fc.asyncProperty(trial, check(gpu, isProgram)), { seed, numRuns });
}

describe("random programs of operations and transformations are what they are on the CPU", { timeout: 300_000 }, () => {
  it("with chains joined into one program", async () => {
    using gpu = await webgl();
    await some(gpu, [20, 22, 24, 26, 28, 30], 5);
  });
  it("as programs of jit", async () => {
    using gpu = await webgl();
    await some(gpu, [22, 24, 26, 28, 30, 32], 5, true);
  });
  it("with a program for each operation", async () => {
    using gpu = new Apart();
    await some(gpu, [21, 23, 25, 27, 29, 31], 20);
  });
});
