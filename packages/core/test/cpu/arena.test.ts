import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { limits } from "../../src/cpu/limits.js";
import { array, cond, customVjp, grad, type NDArray, stopGradient, valueAndGrad, vjp } from "../../src/index.js";

/** Every array is large here. tools/conformance/test/arena.test.ts does the same to every operation. */
const usual = { ...limits };
beforeEach(() => void Object.assign(limits, { slab: -1, large: 0, lazy: 0, vectors: 1 }));
afterEach(() => void Object.assign(limits, usual));

const points = Array.from({ length: 64 }, (_, i) => i / 16 - 2);
const chain = (x: NDArray): NDArray => x.sin().mul(x).add(x.square().neg().exp()).tanh();
const loss = (x: NDArray): NDArray => chain(x).sum();

/** Counts the buffers of this size that a computation makes. */
function buffersMade(bytes: number, run: () => unknown): number {
  const { ArrayBuffer } = globalThis;
  let made = 0;
  globalThis.ArrayBuffer = class extends ArrayBuffer {
    constructor(length: number) {
      super(length);
      if (length === bytes) made++;
    }
  } as ArrayBufferConstructor;
  try {
    run();
  } finally {
    globalThis.ArrayBuffer = ArrayBuffer;
  }
  return made;
}

/** Runs what overwrites all that is free. */
const disturb = (): void => {
  for (let i = 0; i < 4; i++) grad(loss)(array(points).add(i));
};

describe("grad", () => {
  test("makes one buffer, which is the gradient, once there are others to be used again", () => {
    const x = array(points);
    const bytes = 8 * points.length;
    expect(buffersMade(bytes, () => grad(loss)(x))).toBeGreaterThan(1);
    expect(buffersMade(bytes, () => grad(loss)(x))).toBe(1);
    expect(buffersMade(bytes, () => vjp(loss, x)[1](1))).toBeGreaterThan(5);
  });

  test("writes to memory what is read by others than elementwise operations, and functions that will be wanted again", () => {
    Object.assign(limits, { slab: usual.slab, vectors: usual.vectors });
    const x = array(Array.from({ length: 1000 }, (_, i) => i / 500 - 1));
    // sin(x), exp(−x²), tanh(…) and the gradient, of 7 values forward and 12 backward.
    expect(buffersMade(8000, () => grad(loss)(x))).toBe(4);
  });

  test("makes choices together with the arithmetic around them", () => {
    Object.assign(limits, { slab: usual.slab, vectors: usual.vectors });
    for (const dtype of ["float64", "float32"] as const) {
      // More than a tile, and no whole number of vectors.
      const x = array(
        Array.from({ length: 9001 }, (_, i) => Math.sin(i)),
        { dtype },
      );
      // The first buffers of their size: 3x, which is compared, the squares, which are summed, and the gradient; the choice is in none of them.
      const rectified = (x: NDArray): NDArray => x.mul(3).relu().square().sum();
      expect(buffersMade(x.data().byteLength, () => grad(rectified)(x))).toBe(3);
      const bent = (x: NDArray): NDArray => x.mul(3).relu().mul(x).clip(-1, 2).maximum(x.neg()).square().sum();
      expect(grad(bent)(x).toArray()).toEqual(vjp(bent, x)[1](1)[0].toArray());
    }
  });

  test("gives what stays as it is when other gradients are computed", () => {
    const x = array(points);
    const both = (x: NDArray) => [loss(x), { chain: chain(x), view: x.sin().reshape(8, 8).transpose() }] as const;
    const [[value, aux], gradient] = valueAndGrad(both, { hasAux: true })(x);
    const all = [value, aux.chain, aux.view, gradient];
    const before = all.map((y) => [...y.data()]);
    disturb();
    expect(all.map((y) => [...y.data()])).toEqual(before);
    expect(before[1]).toEqual([...chain(x).data()]);
    expect(before[3]).toEqual([...vjp(loss, x)[1](1)[0].data()]);
  });

  test("never uses again what the function kept for itself", () => {
    const kept: NDArray[] = [];
    const keep = (x: NDArray): NDArray => {
      kept.push(x);
      return x;
    };
    const scale = customVjp(
      (x: NDArray) => keep(x).mul(2),
      (x: NDArray) => [x.mul(2), (ct: NDArray) => [keep(ct).mul(2)]],
    );
    const own = array(points).exp();
    grad((x: NDArray) => {
      keep(stopGradient(x.sin()));
      keep(x.cos().greater(0));
      keep(own.mul(3));
      return cond(
        true,
        (y: NDArray) => scale(chain(y)),
        (y: NDArray) => y,
        x.exp(),
      ).sum();
    })(array(points));
    const isReadable = kept.filter((x) => !x.toString().includes("traced"));
    expect(isReadable.length).toBeGreaterThanOrEqual(4);
    const before = isReadable.map((y) => [...y.data()]);
    disturb();
    expect(isReadable.map((y) => [...y.data()])).toEqual(before);
    expect(before[0]).toEqual([...array(points).sin().data()]);
  });

  test("is undisturbed by errors that the function catches, and by those it does not", () => {
    const x = array(points);
    const expected = [...vjp(loss, x)[1](1)[0].data()];
    const kept: NDArray[] = [];
    const f = (x: NDArray): NDArray => {
      expect(() => x.add(array([1, 2, 3]))).toThrow("add");
      kept.push(array(points).exp());
      return loss(x);
    };
    expect([...grad(f)(x).data()]).toEqual(expected);
    expect(() =>
      grad((_: NDArray): NDArray => {
        throw new Error("mine");
      })(x),
    ).toThrow("mine");
    disturb();
    expect([...kept[0].data()]).toEqual([...array(points).exp().data()]);
    expect([...grad(f)(x).data()]).toEqual(expected);
  });

  test("inside of grad, over values of the outer one", () => {
    const x = array(points);
    const inner = (x: NDArray): NDArray =>
      grad((y: NDArray) => loss(y.mul(x)))(array(points).mul(0.5))
        .mul(x)
        .sum();
    const plain = (x: NDArray): NDArray =>
      vjp((y: NDArray) => loss(y.mul(x)), array(points).mul(0.5))[1](1)[0]
        .mul(x)
        .sum();
    const gradient = grad(inner)(x);
    disturb();
    expect([...gradient.data()]).toEqual([...vjp(plain, x)[1](1)[0].data()]);
  });

  test("its result holds its own buffer and no other, and what is free is the garbage collector's", async () => {
    Object.assign(limits, usual);
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    // Buffers are freed in the background: what is held is the least of some looks.
    const held = async (): Promise<number> => {
      const looks: number[] = [];
      for (let i = 0; i < 10; i++) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        collect();
        looks.push(process.memoryUsage().arrayBuffers);
      }
      return Math.min(...looks);
    };
    const x = array(Float64Array.from({ length: 1e5 }, (_, i) => i / 1e5));
    grad(loss)(x);
    const before = await held();
    const kept = [1, 2, 3, 4].map((c) => grad((x: NDArray) => loss(x.mul(c)))(x));
    const after = await held();
    expect(kept).toHaveLength(4);
    expect((after - before) / (8 * 1e5)).toBeGreaterThan(3.5);
    expect((after - before) / (8 * 1e5)).toBeLessThan(4.5);
  });

  test("reads the argument before it returns", () => {
    const storage = Float64Array.from(points);
    const gradient = grad(loss)(array(storage));
    const [value] = valueAndGrad(loss)(array(storage));
    storage.fill(0);
    expect([...gradient.data()]).toEqual([...vjp(loss, array(points))[1](1)[0].data()]);
    expect(value.item()).toBe(loss(array(points)).item());
  });
});
