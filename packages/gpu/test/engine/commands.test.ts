import { ADError, array, cond, foriLoop, grad, linalg, type NDArray, read, scan, TransformError, valueAndGrad, whileLoop } from "@ad/core";
import { jvp } from "@ad/forward";
import { jacobian, jvpMany } from "@ad/functional";
import { jit } from "@ad/jit";
import { vmap } from "@ad/vmap";
import { beforeEach, describe, expect, it } from "vitest";
import { webgl } from "../../src/index.js";
import { numbers, same } from "../same.js";

const canvas = new OffscreenCanvas(1, 1);
const gpu = await webgl({ canvas });
const gl = canvas.getContext("webgl2") as WebGL2RenderingContext;

/** The number of times that a context was asked for each of these. */
const calls = { drawArrays: 0, linkProgram: 0, readPixels: 0, texSubImage2D: 0, createTexture: 0 };
const names = Object.keys(calls) as (keyof typeof calls)[];
for (const name of names) {
  const own = gl[name].bind(gl) as (...given: unknown[]) => unknown;
  (gl as unknown as Record<string, unknown>)[name] = (...given: unknown[]) => {
    calls[name]++;
    return own(...given);
  };
}
beforeEach(() => {
  for (const name of names) calls[name] = 0;
});

const last = (): ReturnType<typeof gpu.programs>[number] => gpu.programs().at(-1) as never;

interface Weights {
  readonly w: NDArray;
  readonly b: NDArray;
  readonly v: NDArray;
}
const network = ({ w, b, v }: Weights, x: NDArray): NDArray => x.matmul(w).add(b).tanh().matmul(v);
const step = ({ w, b, v }: Weights, x: NDArray, y: NDArray, rate: NDArray): [NDArray, Weights] => {
  const [loss, g] = valueAndGrad((p: Weights) => network(p, x).sub(y).square().mean())({ w, b, v });
  return [loss, { w: w.sub(g.w.mul(rate)), b: b.sub(g.b.mul(rate)), v: v.sub(g.v.mul(rate)) }];
};

/** f under jit is f: on the GPU, twice, the second time by the list, with other numbers. */
async function replays(f: (...args: NDArray[]) => unknown, ...shapes: readonly (readonly number[])[]): Promise<void> {
  const own = jit(f as (...args: NDArray[]) => NDArray);
  for (const seed of [1, 20])
    await same(
      gpu,
      (...args) => (args[0].device === gpu ? own(...args) : f(...args)),
      shapes.map((shape, i) => numbers(shape, "float32", seed + i)),
    );
}

describe("a program is a list of draws", () => {
  it("a chain, a product and a sum", async () => {
    await replays((x, w) => x.sin().mul(2).add(x.square().neg().exp()).matmul(w).tanh().sum(), [5, 7], [7, 3]);
    expect(String(last())).toBe("draw square neg exp sin mul add\ndraw matmul\ndraw tanh sum");
    expect(last()).toMatchObject({ draws: 3, calls: [], textures: 2 });
  });

  it("a sum or a product ends with what is done with it, where nothing else reads it", async () => {
    const list = async (f: (...args: NDArray[]) => unknown, ...shapes: (readonly number[])[]): Promise<string> => {
      await replays(f, ...shapes);
      return String(last());
    };
    expect(await list((x) => x.mean(0), [5, 3])).toBe("draw sum div");
    expect(await list((x, w, b) => x.matmul(w).add(b).tanh(), [5, 4], [4, 3], [3])).toBe("draw matmul add tanh");
    expect(await list((x) => x.sum(0).less(0.5), [5, 3])).toBe("draw sum less");
    // The sum is read twice, given back, read in another order, or of another size.
    const both = (x: NDArray): NDArray[] => [x.sum(0).mul(2).cumsum(0), x.sum(0).exp()];
    expect(await list(both, [5, 3])).toBe("draw sum\ndraw mul cumsum, exp\ndraw cumsum");
    expect(await list((x) => [x.sum(0).add(1)].flatMap((y) => [y, y.cos()]), [5, 3])).toBe("draw sum add\ndraw cos");
    expect(
      await list(
        (x) => {
          const y = x.sum(0);
          return [y.exp(), y];
        },
        [5, 3],
      ),
    ).toBe("draw sum\ndraw exp");
    expect(await list((x) => x.matmul(x).T.sin(), [4, 4])).toBe("draw matmul\ndraw sin");
    expect(await list((x) => x.sum(0).add(x), [5, 3])).toBe("draw sum\ndraw add");
    expect(
      await list(
        (x) => {
          const y = x.matmul(x).add(1);
          return y.add(y.T).sort();
        },
        [2, 2],
      ),
    ).toContain("draw matmul add\ndraw add\n");
    // A value in between is read by something else: the draw ends with it.
    expect(
      await list(
        (x) => {
          const y = x.sum(0).exp();
          return [y.mul(2).cumsum(0), y.sin().cumsum(0)];
        },
        [5, 3],
      ),
    ).toBe("draw sum exp\ndraw mul cumsum, sin cumsum\ndraw cumsum, cumsum");
  });

  it("a sum or a product ends with what several read, where one of them is read first", async () => {
    await replays(
      (x, w) => {
        const errors = x.matmul(w).sub(1);
        return [errors.square().sum(), errors.matmul(w.T)];
      },
      [5, 4],
      [4, 3],
    );
    expect(String(last())).toBe("draw matmul sub\ndraw square sum, matmul");
  });

  it("a small product computes arithmetic of its operands itself", async () => {
    const list = async (f: (...args: NDArray[]) => unknown, ...shapes: (readonly number[])[]): Promise<string> => {
      await replays(f, ...shapes);
      return String(last());
    };
    const scaled = (x: NDArray, y: NDArray, w: NDArray): NDArray => x.mul(y).matmul(w);
    expect(await list(scaled, [3, 5], [3, 5], [5, 2])).toBe("draw mul matmul");
    expect(await list((w, x, y) => w.matmul(x.sub(y)), [4, 3], [3, 8], [3, 8])).toBe("draw sub matmul");
    // Each element is read once; too often; takes long; or makes the end of another draw.
    expect(await list(scaled, [300, 250], [300, 250], [250, 1])).toBe("draw mul matmul");
    expect(await list((w, x, y) => w.matmul(x.sub(y)), [300, 250], [250, 1], [250, 1])).toBe("draw sub\ndraw matmul");
    expect(await list((x, w) => x.sin().matmul(w), [3, 5], [5, 2])).toBe("draw sin\ndraw matmul");
    expect(await list((x, y, w) => x.matmul(w).mul(y).matmul(w.T), [3, 5], [3, 2], [5, 2])).toBe("draw matmul mul\ndraw matmul");
  });

  it("small draws that do not wait for one another are one, each dtype its own", async () => {
    const list = async (f: (...args: NDArray[]) => unknown, ...shapes: (readonly number[])[]): Promise<string> => {
      await replays(f, ...shapes);
      return String(last());
    };
    expect(await list((x) => [x.sum(), x.sin(), x.max(0), x.cumsum(0).T], [2, 3])).toBe("draw sum, max, cumsum, sin");
    expect(await list((x) => [x.sum(0), x.argmax(0), x.mul(2), x.argmin(1)], [4, 3])).toBe("draw sum, mul\ndraw argmax, argmin");
    // One of them reads what makes another, which is written out in both.
    expect(await list((x) => [x.sin().sum(), x.sin()], [5])).toBe("draw sin sum, sin");
    // A value that is read later begins where it lies in the storage that is shared.
    expect(
      await list(
        (x, w) => {
          const [a, b] = [x.cumsum(0), w.matmul(x)];
          return [a.matmul(b), b.T.cumsum(1), a.slice(1).sum(0), b];
        },
        [3, 3],
        [3, 3],
      ),
    ).toBe("draw cumsum, matmul\ndraw cumsum, cumsum\ndraw matmul, cumsum, sum");
    // Planes lie as they are read.
    expect(await list((x, y) => x.matmul(y), [36, 52], [52, 36])).toBe("draw matmul\ndraw matmul\ndraw matmul\ndraw matmul");
    // A call is between them, or it is large, or is made of what is large.
    expect(await list((x) => [x.cumsum(0), x.cumsum(0).sort(), x.exp()], [2])).toBe(
      "draw cumsum\ncall argsort\ndraw wrapIndex add take, exp",
    );
    expect(await list((x) => [x.sin(), x.cos()], [80, 80])).toBe("draw sin\ndraw cos");
    expect(await list((x) => [x.sum(0), x.max(0)], [80, 80])).toBe("draw sum\ndraw max");
    // More than one texture holds, or one program reads.
    expect(await list((x) => [x.sin(), x.cos(), x.exp()], [1500])).toBe("draw sin, cos\ndraw exp");
    const many = Array.from({ length: 20 }, (_, i) => [i + 2]);
    expect((await list((...x) => x.map((each) => each.sin()), ...many)).split("\n").map((draw) => draw.split(",").length)).toEqual([15, 5]);
    // More parts than a driver compiles soon, or more uniforms than it holds.
    const alike = (x: NDArray): NDArray[] => Array.from({ length: 18 }, (_, i) => x.mul(i + 0.5));
    expect((await list(alike, [5])).split("\n").map((draw) => draw.split(",").length)).toEqual([16, 2]);
    const long = (x: NDArray, i: number): NDArray => {
      let y = x;
      for (let k = 0; k < 25; k++)
        y = y
          .mul(i + k / 32)
          .abs()
          .add(k + i / 32)
          .neg();
      return y;
    };
    expect((await list((x) => Array.from({ length: 12 }, (_, i) => long(x, i)), [5])).split("\n").length).toBe(2);
  });

  it("results that share a storage are arrays as others are", async () => {
    const x = numbers([3, 5]);
    const both = jit((x: NDArray) => [x.sum(), x.T.sin(), x.mul(2)]) as unknown as (x: NDArray) => NDArray[];
    await same(gpu, (x) => (x.device === gpu ? both(x) : [x.sum(), x.T.sin(), x.mul(2)]), [x]);
    const [sum, sin, twice] = both(x.to(gpu));
    await same(gpu, (x) => (x.device === gpu ? sin.matmul(twice.sub(sum)) : x.T.sin().matmul(x.mul(2).sub(x.sum()))), [x]);
    // One reading brings all.
    await read(sum);
    for (const name of names) calls[name] = 0;
    await same(gpu, (x) => (x.device === gpu ? [sin, twice] : [x.T.sin(), x.mul(2)]), [x]);
    expect(calls).toMatchObject({ drawArrays: 0, readPixels: 0 });
  });

  it("a later call draws and does nothing else", async () => {
    const p = { w: numbers([8, 5], "float32", 2).to(gpu), b: numbers([5], "float32", 3).to(gpu), v: numbers([5, 3], "float32", 4).to(gpu) };
    const [x, y, rate] = [numbers([16, 8]).to(gpu), numbers([16, 3]).to(gpu), array(0.1, { dtype: "float32" })];
    const train = jit(step);
    let [loss, next] = train(p, x, y, rate);
    [loss, next] = train(next as Weights, x, y, rate);
    await read(loss);
    for (const name of names) calls[name] = 0;
    const { draws } = last();
    for (let i = 0; i < 3; i++) [loss, next] = train(next as Weights, x, y, rate);
    expect(calls).toMatchObject({ drawArrays: 3 * draws, linkProgram: 0, readPixels: 0, texSubImage2D: 0 });
    expect(last().calls).toEqual([]);
  });

  // SwiftShader compiled for minutes where elements that lie apart were picked by conditions, many times in one loop.
  it("a product computes operands whose elements lie apart", async () => {
    await replays((x, z, y) => x.matmul(z.slice("...", 0).add(z.slice("...", 1)).mul(y)), [1, 12], [12, 4, 2], [12, 4]);
  });

  it("the functions of parts have names of their own, whatever else a program calls", async () => {
    await replays((x, a, b, c) => [x.slice([null, null, 2]).sum(), a.pad(1), b.pad(1), c.pad(1)], [7], [3], [4], [5]);
  });

  it("a number is a uniform: another one records nothing", async () => {
    const scaled = jit((x: NDArray, k: NDArray) => x.mul(k).add(1));
    const x = numbers([6]);
    for (const k of [2, 3, -0.5])
      await same(gpu, (x) => (x.device === gpu ? (scaled as (x: NDArray, k: number) => NDArray)(x, k) : x.mul(k).add(1)), [x]);
    const { length } = gpu.programs();
    await read((scaled as (x: NDArray, k: number) => NDArray)(x.to(gpu), 7.5));
    expect(gpu.programs().length).toBe(length);
  });

  it("gives what training gives without it", async () => {
    const make = (seed: number, shape: number[]) => numbers(shape, "float32", seed);
    const p = { w: make(2, [8, 5]), b: make(3, [5]), v: make(4, [5, 3]) };
    const [x, y] = [make(1, [16, 8]), make(5, [16, 3])];
    let here: Weights = p;
    let there: Weights = { w: p.w.to(gpu), b: p.b.to(gpu), v: p.v.to(gpu) };
    const train = jit(step);
    for (let i = 0; i < 5; i++) {
      here = step(here, x, y, array(0.05, { dtype: "float32" }))[1];
      there = train(there, x.to(gpu), y.to(gpu), array(0.05, { dtype: "float32" }))[1] as Weights;
    }
    for (const k of ["w", "b", "v"] as const) {
      const want = here[k].data();
      (await read(there[k])).forEach((value, i) => {
        expect(value).toBeCloseTo(want[i], 4);
      });
    }
  });
});

describe("what is inside of a program", () => {
  it("derivatives, batches and their compositions", async () => {
    const f = (x: NDArray): NDArray => x.sin().mul(x).square().sum();
    await replays(grad(f), [6]);
    await replays(vmap(grad(f)), [4, 6]);
    await replays(jacobian(grad(f)), [5]);
    await replays((x, t) => jvp(f, [x], [t]), [6], [6]);
    await replays((x, t, w) => jvpMany((x: NDArray) => w.matmul(x).tanh(), [x], [t])[1], [5], [9, 5], [4, 5]);
  });

  it("a program inside of other transformations", async () => {
    const f = (x: NDArray): NDArray => x.sin().mul(x).square().sum();
    const g = grad(jit(f));
    await same(gpu, g, [numbers([6])]);
    await same(gpu, vmap(g), [numbers([3, 3])]);
    await same(gpu, jacobian(g), [numbers([3])]);
  });

  it("results that are arguments, views, and constants", async () => {
    const three = array([1, 2, 3], { dtype: "float32", device: gpu });
    const [a, b, c, d] = jit((x: NDArray) => [x, x.T, x.slice(1), three])(numbers([2, 3]).to(gpu)) as NDArray[];
    expect([...(await read(d))]).toEqual([1, 2, 3]);
    const want = numbers([2, 3]);
    expect(await read(a)).toEqual(want.data());
    expect(await read(b)).toEqual(want.T.data());
    expect(await read(c)).toEqual(want.slice(1).data());
  });

  it("arguments that are views begin anywhere", async () => {
    const rows = numbers([9, 8]);
    const f = jit((x: NDArray) => x.exp().sum());
    const there = rows.to(gpu);
    // They are held here, as those that nothing holds any more are in no list.
    const before = new Set(gpu.programs());
    const made = (): number => gpu.programs().filter((program) => !before.has(program)).length;
    for (let i = 0; i < 9; i++) {
      const [got] = await read(f(there.slice(i)));
      expect(got).toBeCloseTo(rows.slice(i).exp().sum().item() as number, 3);
    }
    expect(made()).toBe(1);
    const odd = numbers([9, 3]);
    for (let i = 0; i < 9; i++) {
      const [got] = await read(f(odd.to(gpu).slice(i)));
      expect(got).toBeCloseTo(odd.slice(i).exp().sum().item() as number, 3);
    }
    expect(made()).toBe(5);
  });

  it("what has no kernel is called, and counted", async () => {
    await replays((x) => x.mul(2).sort().add(1), [7]);
    expect(last().calls).toEqual(["argsort"]);
    await replays((x) => linalg.inv(x.add(x.T)).mul(x).sum(), [4, 4]);
    expect(last().calls).toEqual(["inv"]);
  });

  it("control flow replays its bodies", async () => {
    await replays((x) => scan((s: NDArray, row: NDArray) => [s.mul(0.5).add(row.sin()), s.sum()], x.slice(0).mul(0), x), [6, 4]);
    await replays(
      grad((x: NDArray) => foriLoop(0, 4, (_, s: NDArray) => s.sin().mul(2), x).sum()),
      [5],
    );
    await replays(
      (x) =>
        whileLoop(
          (s: NDArray) => s.sum().less(50),
          (s: NDArray) => s.square().add(1),
          x,
        ),
      [3],
    );
    await replays(
      (x) =>
        cond(
          x.sum().greater(0),
          () => x.sin(),
          () => x.cos(),
        ),
      [3],
    );
  });

  it("loops and their gradients read nothing, a choice waits for its condition, and a while for that of each turn", async () => {
    const asked = async (f: (x: NDArray) => NDArray, ...shape: number[]): Promise<typeof calls> => {
      const own = jit(f) as (x: NDArray) => NDArray;
      const x = numbers(shape).to(gpu);
      for (let i = 0; i < 2; i++) await read(own(x));
      for (const name of names) calls[name] = 0;
      const y = own(x);
      const upToHere = { ...calls };
      await read(y);
      return upToHere;
    };
    const nothing = { linkProgram: 0, readPixels: 0, texSubImage2D: 0 };
    const scanned = (x: NDArray): NDArray => scan((s: NDArray, row: NDArray) => [s.mul(row).sin(), s.sum()], x.slice(0), x)[1].sum();
    const looped = (x: NDArray): NDArray => foriLoop(0, 5, (_, s: NDArray) => s.sin().mul(2), x);
    expect(await asked(scanned, 6, 4)).toMatchObject(nothing);
    expect(await asked(grad(scanned), 6, 4)).toMatchObject(nothing);
    expect(await asked(looped, 6)).toMatchObject({ ...nothing, drawArrays: 5 });
    expect(await asked(vmap(grad((x: NDArray) => looped(x).sum())), 3, 6)).toMatchObject(nothing);
    // A reading of one array reads a texel more, by which a lost context is known.
    const chosen = (x: NDArray): NDArray =>
      cond(
        x.sum().greater(0),
        (x: NDArray) => x.sin(),
        (x: NDArray) => x.cos(),
        x,
      );
    expect(await asked(chosen, 6)).toMatchObject({ ...nothing, readPixels: 2 });
    const halved = (x: NDArray): NDArray =>
      whileLoop(
        (s: NDArray) => s.abs().max().greater(0.1),
        (s: NDArray) => s.mul(0.5),
        x,
      );
    const { readPixels, ...rest } = await asked(halved, 6);
    expect(rest).toMatchObject({ linkProgram: 0, texSubImage2D: 0 });
    expect(readPixels).toBe(2 * 6);
  });
});

describe("a device", () => {
  const square = (x: NDArray): NDArray => x.square().sum(0);

  it("meets another one in a program as without it", async () => {
    using other = await webgl();
    const add = jit((x: NDArray, y: NDArray) => x.add(y));
    const [x, y] = [numbers([3]), numbers([3], "float32", 2)];
    for (const there of [y, y.to(other)]) {
      expect(() => add(x.to(gpu), there)).toThrow(TransformError);
      expect(() => add(x.to(gpu), there)).toThrow(/add: arrays of two devices meet/);
    }
    // The same program on either.
    for (const device of [gpu, other]) expect((await read(add(x.to(device), y.to(device))))[0]).toBeCloseTo(x.add(y).data()[0], 5);
    const apart = jit((x: NDArray, y: NDArray) => [x.neg(), y.neg()])(x.to(gpu), y) as NDArray[];
    expect(apart.map(({ device }) => device.name)).toEqual([gpu.name, "cpu"]);
  });

  it("that has ended runs no program", async () => {
    const other = await webgl();
    const f = jit(square);
    const x = numbers([3]).to(other);
    await read(f(x));
    other.dispose();
    expect(() => f(x)).toThrow(ADError);
  });

  it("runs a function without arrays of its own as it stands", async () => {
    const w = numbers([3]).to(gpu);
    const f = jit((k: NDArray) => w.mul(k)) as unknown as (k: number) => NDArray;
    expect((await read(f(2)))[0]).toBeCloseTo(2 * (numbers([3]).data()[0] as number), 5);
    expect((await read(f(3)))[0]).toBeCloseTo(3 * (numbers([3]).data()[0] as number), 5);
  });

  it("tells an index that is out of range, where the host knows it", () => {
    const f = jit((x: NDArray, i: NDArray) => x.take(i));
    const x = numbers([5]).to(gpu);
    f(x, array([0, 4], { dtype: "int32", device: gpu }));
    expect(() => f(x, array([0, 5], { dtype: "int32", device: gpu }))).toThrow(/take.*5/);
  });
});

describe("memory", () => {
  it("arrays that were not used for longest move to the host between programs", async () => {
    using small = await webgl({ memoryBudget: 2 ** 18 });
    const f = jit((x: NDArray, y: NDArray) => x.matmul(y).sin().cumsum(0).mul(x));
    const kept = Array.from({ length: 12 }, (_, i) => numbers([64, 64], "float32", i + 1));
    const there = kept.map((x) => x.to(small));
    const all = there.map((x, i) => f(x, there[(i + 1) % 12]));
    const again = all.map((x) => x.sum());
    for (const [i, sum] of again.entries()) {
      const want = kept[i]
        .matmul(kept[(i + 1) % 12])
        .sin()
        .cumsum(0)
        .mul(kept[i])
        .sum()
        .item() as number;
      expect(Math.abs((await read(sum))[0] - want) / (1 + Math.abs(want))).toBeLessThan(2e-3);
    }
    expect(small.memory().bytes).toBeLessThanOrEqual(2 ** 18);
  });

  it("a scope frees what a program has made, but for what it returns", async () => {
    const f = jit((x: NDArray) => [x.sin(), x.cos()]);
    const x = numbers([5000]).to(gpu);
    let lost: NDArray | undefined;
    const kept = gpu.scope(() => {
      const [a, b] = f(x) as NDArray[];
      lost = b;
      return a;
    });
    expect((await read(kept))[0]).toBeCloseTo(Math.sin(numbers([5000]).data()[0]), 5);
    await expect(read((lost as NDArray).add(1))).rejects.toThrow(ADError);
  });

  it("textures between draws are shared, and used again", async () => {
    const f = jit((x: NDArray) => {
      let y = x;
      for (let i = 0; i < 10; i++) y = y.cumsum(0).sin();
      return y;
    });
    const x = numbers([64]).to(gpu);
    await read(f(x));
    expect(last().textures).toBe(2);
    const { textures } = gpu.memory();
    for (let i = 0; i < 5; i++) gpu.scope(() => void f(x));
    expect(gpu.memory().textures).toBeLessThanOrEqual(textures + 1);
  });
});
