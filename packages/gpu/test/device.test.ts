import { arange, array, eye, full, grad, linspace, ones, read, zeros } from "@ad/core";
import { describe, expect, it } from "vitest";
import { webgl } from "../src/index.js";
import { kernels } from "../src/kernels/index.js";

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

  it("is where factories make arrays, of float32 unless told otherwise", async () => {
    const made = [
      zeros([2], { device: gpu }),
      ones([2], { device: gpu, dtype: "int32" }),
      array([1, 2], { device: gpu }),
      full([2], 3, { device: gpu }),
    ];
    expect(made.map((x) => x.dtype)).toEqual(["float32", "int32", "float32", "float32"]);
    const more = [eye(2, 2, { device: gpu }), arange(0, 3, 1, { device: gpu }), linspace(0, 1, 3, { device: gpu })];
    for (const x of [...made, ...more]) expect(x.device).toBe(gpu);
    expect([...(await read(more[2]))]).toEqual([0, 0.5, 1]);
  });

  it("computes few operations on the host, and says why", () => {
    const hosts = Object.entries(kernels).filter(([, kernel]) => typeof kernel !== "function");
    expect(hosts.map(([name]) => name)).toEqual(["argsort", "lastWriter"]);
    for (const [, kernel] of hosts) expect((kernel as { why: string }).why.length).toBeGreaterThan(40);
  });

  it("differentiates", async () => {
    const x = array([0.5, 1, 2, 3, 4], { dtype: "float32" }).to(gpu);
    const g = grad((v) => v.sin().mul(v).sum())(x);
    const want = [0.5, 1, 2, 3, 4].map((v) => Math.sin(v) + v * Math.cos(v));
    [...(await read(g))].forEach((v, i) => expect(v).toBeCloseTo(want[i], 5));
  });
});
