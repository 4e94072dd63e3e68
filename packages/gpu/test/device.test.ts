import { array, grad, read } from "@ad/core";
import { describe, expect, it } from "vitest";
import { webgl } from "../src/index.js";

const gpu = await webgl();

describe("a device", () => {
  it("computes where the operands live", async () => {
    const x = array([1, 2, 3, 4, 5, 6], { dtype: "float32", shape: [2, 3] }).to(gpu);
    const y = x.mul(2).add(x.T.T.sin());
    expect(y.device).toBe(gpu);
    expect([...(await read(y))].map((v) => v.toFixed(5))).toEqual([1, 2, 3, 4, 5, 6].map((v) => (2 * v + Math.sin(v)).toFixed(5)));
    const z = x.T.add(array([10, 20], { dtype: "float32" }).to(gpu));
    expect([...(await read(z))]).toEqual([11, 24, 12, 25, 13, 26]);
  });

  it("differentiates", async () => {
    const x = array([0.5, 1, 2, 3, 4], { dtype: "float32" }).to(gpu);
    const g = grad((v) => v.sin().mul(v).sum())(x);
    const want = [0.5, 1, 2, 3, 4].map((v) => Math.sin(v) + v * Math.cos(v));
    [...(await read(g))].forEach((v, i) => expect(v).toBeCloseTo(want[i], 5));
  });
});
