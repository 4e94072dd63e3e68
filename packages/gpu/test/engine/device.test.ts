import {
  add,
  arange,
  array,
  clip,
  concatenate,
  cond,
  einsum,
  eye,
  foriLoop,
  full,
  grad,
  linalg,
  linspace,
  type NDArray,
  ones,
  read,
  searchsorted,
  stack,
  tensordot,
  vjp,
  where,
  zeros,
} from "@ad/core";
import { jvp } from "@ad/forward";
import { vmap } from "@ad/vmap";
import { describe, expect, it } from "vitest";
import { webgl } from "../../src/index.js";
import { kernels } from "../../src/webgl/kernels/index.js";

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

  it("takes along what is one value where values take the array's dtype", async () => {
    const x = array([1, 2, 3], { dtype: "float32" }).to(gpu);
    const at = array([0, 0], { dtype: "int32" }).to(gpu);
    expect([...(await read(x.set([0], array(7))))]).toEqual([7, 2, 3]);
    expect([...(await read(x.addAt([-1], array(7))))]).toEqual([1, 2, 10]);
    expect([...(await read(x.scatterAdd(at, array(7))))]).toEqual([15, 2, 3]);
    const [, dy] = jvp((v: NDArray) => v.square(), [x.sum()], [array(1)]);
    const [, pull] = vjp((v: NDArray) => v.square(), x.sum());
    expect([dy.device, ...(await read(dy)), ...(await read(pull(1)[0]))]).toEqual([gpu, 12, 12]);
    expect([...(await read(linalg.solve(eye(3, 3, { device: gpu }), [1, 2, 3])))]).toEqual([1, 2, 3]);
  });

  it("says which operation meets arrays of two devices, which ones, and what to do", () => {
    const there = array([1, 2, 3, 4], { device: gpu }).reshape(2, 2);
    const f = (v: NDArray) => v.sin();
    const ops: Record<string, [name: string, act: (x: NDArray, y: NDArray) => unknown]> = {
      "x.add": ["add", (x, y) => x.add(y)],
      add: ["add", add],
      div: ["div", (x, y) => x.div(y)],
      greater: ["greater", (x, y) => x.greater(y)],
      logicalAnd: ["logicalAnd", (x, y) => x.logicalAnd(y)],
      where: ["where", (x, y) => where(true, x, y)],
      "the condition of where": ["where", (x, y) => where(x.greater(0), y, 0)],
      "x.clip": ["clip", (x, y) => x.clip(y, 1)],
      clip: ["clip", (x, y) => clip(x, 0, y)],
      matmul: ["matmul", (x, y) => x.matmul(y)],
      outer: ["outer", (x, y) => x.outer(y)],
      einsum: ["einsum", (x, y) => einsum("ij,jk->ik", x, y)],
      tensordot: ["tensordot", (x, y) => tensordot(x, y, 1)],
      concatenate: ["concatenate", (x, y) => concatenate([x, y])],
      stack: ["stack", (x, y) => stack([x, y])],
      set: ["set", (x, y) => x.set([":"], y)],
      addAt: ["addAt", (x, y) => x.addAt([":"], y)],
      scatterAdd: ["scatterAdd", (x, y) => x.scatterAdd([0, 1], y)],
      searchsorted: ["searchsorted", (x, y) => searchsorted(x.slice(0), y)],
      "linalg.solve": ["solve", (x, y) => linalg.solve(x, y)],
      "linalg.lstsq": ["lstsq", (x, y) => linalg.lstsq(x, y)],
      "a branch": ["mul", (x, y) => cond(true, (v: NDArray) => v.mul(y), f, x)],
      "a loop": ["mul", (x, y) => foriLoop(0, 2, (_, v: NDArray) => v.mul(y), x)],
      "lanes with branches": [
        "where",
        (x, y) =>
          vmap((v: NDArray) =>
            cond(
              v.sum().greater(4),
              () => v,
              () => y.slice(0),
            ),
          )(x),
      ],
      grad: ["mul", (x, y) => grad((v: NDArray) => y.mul(v).sum())(x)],
      "grad by both": ["mul", (x, y) => grad((v: NDArray, w: NDArray) => v.mul(w).sum(), { argnums: [0, 1] })(x, y)],
      "a tangent": ["jvp", (x, y) => jvp(f, [x], [y])],
      "a cotangent": ["vjp's pullback", (x, y) => vjp(f, x)[1](y)],
      jvp: ["matmul", (x, y) => jvp((v: NDArray) => v.matmul(y), [x], [x])],
      vmap: ["add", (x, y) => vmap((v: NDArray) => v.add(y))(x)],
      "lanes of both": ["add", (x, y) => vmap((v: NDArray, w: NDArray) => v.add(w))(x, y)],
      "vmap of grad": ["mul", (x, y) => vmap(grad((v: NDArray) => v.mul(y).sum()))(x)],
      "grad of vmap": ["mul", (x, y) => grad((v: NDArray) => vmap((w: NDArray) => w.mul(y))(v).sum())(x)],
    };
    for (const dtype of ["float64", "float32"] as const) {
      const here = array([1, 2, 3, 4], { dtype }).reshape(2, 2);
      for (const [label, [name, act]] of Object.entries(ops))
        for (const pair of [
          [there, here],
          [here, there],
        ] as const) {
          expect(() => act(...pair), `${label} of ${pair.map((x) => x.device.name)}, ${dtype}`).toThrow(
            new RegExp(`^${name}: arrays of two devices meet, cpu and ${gpu.name};.*\\.to\\(gpu\\).*x\\.to\\("cpu"\\)`),
          );
        }
    }
    expect(() => there.add(array([[1, 2]]))).toThrow(/x\.astype\("float32"\)\.to\(gpu\)/);
    const indices = array([0, 1], { dtype: "int32" });
    for (const [x, at] of [
      [there, indices],
      [there.to("cpu"), indices.to(gpu)],
    ])
      for (const [name, act] of Object.entries({
        take: () => x.take(at),
        slice: () => x.slice(at),
        takeAlongAxis: () => x.takeAlongAxis(at.reshape(2, 1), 1),
        set: () => x.set([at], 1),
        scatterAdd: () => x.scatterAdd(at, x),
      }))
        expect(act).toThrow(new RegExp(`^${name}: arrays of two devices meet, cpu and ${gpu.name}`));
  });

  it("says what would be float64, and which operation it is that takes one along", () => {
    const x = array([1, 2], { device: gpu });
    const whole = x.astype("int32");
    const one = array(2);
    for (const [name, act] of Object.entries({
      mul: () => x.mul(one),
      matmul: () => x.matmul(one.broadcastTo([2])),
      stack: () => stack([one, x.sum()]),
      add: () => x.add(Float64Array.of(1, 2)),
    }))
      expect(act).toThrow(new RegExp(`^${name}: ${gpu.name} has no float64.*astype\\("float32"\\)`));
    for (const act of [() => whole.div(2), () => whole.mean(), () => whole.add(0.5)])
      expect(act).toThrow(/int32 would become float64.*has no float64.*astype\("float32"\)/);
  });

  it("differentiates", async () => {
    const x = array([0.5, 1, 2, 3, 4], { dtype: "float32" }).to(gpu);
    const g = grad((v) => v.sin().mul(v).sum())(x);
    const want = [0.5, 1, 2, 3, 4].map((v) => Math.sin(v) + v * Math.cos(v));
    [...(await read(g))].forEach((v, i) => expect(v).toBeCloseTo(want[i], 5));
  });
});
