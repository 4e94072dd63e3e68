import { arange, array, eye, full, grad, linspace, type NDArray, ones, read, zeros } from "@ad/core";
import { jvp } from "@ad/forward";
import { vmap } from "@ad/vmap";
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

  it("is moved to within a differentiated function: a move is linear", async () => {
    const x = array([0.5, 1, 2], { dtype: "float32" });
    const f = (v: NDArray) => v.mul(2).to(gpu).sin().to("cpu").mul(v);
    const close = (got: NDArray, want: number[]): void => {
      expect(got.device.name).toBe("cpu");
      for (const [i, value] of got.data().entries()) expect(value).toBeCloseTo(want[i], 5);
    };
    const values = [0.5, 1, 2].map((v) => Math.sin(2 * v) * v);
    const slopes = [0.5, 1, 2].map((v) => 2 * Math.cos(2 * v) * v + Math.sin(2 * v));
    const bends = [0.5, 1, 2].map((v) => 4 * Math.cos(2 * v) - 4 * Math.sin(2 * v) * v);
    const slope = grad((v: NDArray) => f(v).sum());
    close(slope(x), slopes);
    close(grad((v: NDArray) => slope(v).sum())(x), bends);
    const [y, dy] = jvp(f, [x], [array([1, 0, 2], { dtype: "float32" })]);
    close(y, values);
    close(dy, [slopes[0], 0, 2 * slopes[2]]);
    close(vmap(f)(x), values);
    close(vmap(grad(f))(x), slopes);
    close(
      jvp(slope, [x], [x])[1],
      bends.map((v, i) => v * [0.5, 1, 2][i]),
    );
    const there = grad((v: NDArray) => v.to("cpu").square().sum().to(gpu))(x.to(gpu));
    expect(there.device).toBe(gpu);
    expect(await read(there)).toEqual(Float32Array.of(1, 2, 4));
  });

  it("takes along from the CPU what is one value, with the dtype that it has", async () => {
    const x = array([1, 2, 3], { dtype: "float32" }).to(gpu);
    const one = array(2, { dtype: "float32" });
    for (const y of [x.mul(one), x.mul(one.reshape(1)), x.mul(one.broadcastTo([3])), one.mul(x)])
      expect([y.device, y.dtype, ...(await read(y))]).toEqual([gpu, "float32", 2, 4, 6]);
    expect([...(await read(x.add(array(3, { dtype: "int32" }))))]).toEqual([4, 5, 6]);
    expect([...(await read(x.greater(array(1, { dtype: "bool" }))))]).toEqual([0, 1, 1]);
    expect(() => x.mul(array(2))).toThrow(/float64.*astype\("float32"\)/);
    expect(() => x.mul(array([1, 2, 3], { dtype: "float32" }))).toThrow(/two devices/);
  });

  it("differentiates", async () => {
    const x = array([0.5, 1, 2, 3, 4], { dtype: "float32" }).to(gpu);
    const g = grad((v) => v.sin().mul(v).sum())(x);
    const want = [0.5, 1, 2, 3, 4].map((v) => Math.sin(v) + v * Math.cos(v));
    [...(await read(g))].forEach((v, i) => expect(v).toBeCloseTo(want[i], 5));
  });
});
