import { array, type Data, grad, type NDArray, read } from "@ad/core";
import { cpu, type KernelName } from "@ad/core/internals/backend";
import { vmap } from "@ad/vmap";
import { describe, expect, it } from "vitest";
import { Gpu } from "../../src/engine/device.js";
import type { Draw, Graphics, Life, Part, Program } from "../../src/engine/graphics.js";
import { type GpuKernel, type GpuKernels, host } from "../../src/engine/kernel.js";
import { isWhole, steps } from "../../src/engine/planning.js";
import type { GpuView, LazyExpression, Storage } from "../../src/engine/storage.js";
import type { Form, TexelKind, Texture } from "../../src/engine/texture.js";

/** The elements of an operand, by their index in row-major order. */
type Elements = (i: number) => number;

/** A program is a function from the elements of its operands to those of its result. */
type Write = (operands: readonly Elements[]) => Elements;

interface Numbers extends Texture {
  readonly words: Float32Array | Int32Array;
}

interface Written extends Program {
  readonly reads: Storage[];
  readonly inputs: Numbers[][];
  readonly bases: (readonly number[])[];
  readonly result: Elements;
  /** The number of operations that it writes out. */
  readonly operations: number;
}

const operators: Readonly<Record<string, (...x: readonly number[]) => number>> = {
  copy: (x) => x,
  neg: (x) => -x,
  sin: Math.sin,
  cos: Math.cos,
  add: (x, y) => x + y,
  mul: (x, y) => x * y,
};

const lazy =
  (name: string): GpuKernel<Write, unknown> =>
  (context, inputs, _, out) =>
    context.defer(name, inputs, out);

const own: Partial<GpuKernels<Write>> = {
  neg: lazy("neg"),
  sin: lazy("sin"),
  cos: lazy("cos"),
  add: lazy("add"),
  mul: lazy("mul"),
  sum: (context, [x], { axes }, out) =>
    axes.length < x.aval.ndim
      ? context.onHost("sum", [x], { axes }, out)
      : context.draw(
          out.dtype,
          1,
          [x],
          ([elements]) =>
            () =>
              Array.from({ length: x.aval.size }, (_, i) => elements(i)).reduce((a, b) => a + b),
        ),
};
const rest = (Object.keys(cpu.kernels) as KernelName[]).map((name) => [name, host("these few lines do without it")]);

/** A graphics API without a GPU, for the engine to know no other: textures are typed arrays, and programs are closures. */
class Closures implements Graphics<Write> {
  readonly name = "closures";
  readonly limits = { side: 64, outputs: 1 };
  readonly kernels = { ...Object.fromEntries(rest), ...own } as GpuKernels<Write>;
  /** The number of operations that each of the programs has computed. */
  readonly drawn: number[] = [];
  textures = 0;
  life: Life | undefined;
  #isLost = false;

  start(life: Life): void {
    this.life = life;
  }
  isLost(): boolean {
    return this.#isLost;
  }
  lose(): void {
    this.#isLost = true;
  }

  allocate(kind: TexelKind, form: Form): Numbers {
    this.textures++;
    const size = 4 * form.width * form.height;
    return { ...form, kind, words: kind === "float" ? new Float32Array(size) : new Int32Array(size) };
  }
  free(): void {
    this.textures--;
  }
  upload(texture: Numbers, _size: number, host: Data): void {
    texture.words.set(host);
  }

  elements(): Write {
    return ([elements]) => elements;
  }
  program(write: Write, operands: readonly GpuView[]): Written {
    const reads: Storage[] = [];
    // Filled when the program is drawn.
    const inputs: Numbers[][] = [];
    const bases: (readonly number[])[] = [];
    const written = new Map<Storage, Elements>();
    const elementsOf = (view: GpuView): Elements => {
      const { aval, storage, stride, offset } = view;
      const inlined = isWhole(view) ? written.get(storage) : undefined;
      if (inlined) return inlined;
      if (storage.constant !== undefined) return () => storage.constant as number;
      if (!reads.includes(storage)) reads.push(storage);
      const unit = reads.indexOf(storage);
      return (i) =>
        inputs[0][unit].words[
          aval.stride.reduce(
            (at, step, axis) => at + (Math.floor(i / step) % aval.shape[axis]) * stride[axis],
            offset + (bases[0][unit] ?? 0),
          )
        ];
    };
    for (const storage of steps(operands)) {
      const { operation, inputs } = storage.expression as LazyExpression;
      const values = inputs.map(elementsOf);
      written.set(storage, (i) => operators[operation](...values.map((value) => value(i))));
    }
    return { reads, inputs, bases, result: write(operands.map(elementsOf)), operations: written.size, uniforms: 0 };
  }
  draw({ inputs, bases, result, operations }: Written, _inputs: readonly Form[], _outputs: readonly Form[], size: number): Draw {
    const run = (textures: readonly Numbers[], [output]: readonly Numbers[], starts: readonly number[]): void => {
      this.drawn.push(operations);
      inputs[0] = textures as Numbers[];
      bases[0] = starts;
      for (let i = 0; i < size; i++) output.words[i] = result(i);
    };
    return { run } as Draw;
  }

  read(parts: readonly Part[]): Data[] {
    this.life?.check();
    return parts.map(({ texture, size }) => (texture as Numbers).words.slice(0, size));
  }
  async readLater(part: Part): Promise<Data> {
    return this.read([part])[0];
  }
}

const started = (budget = 2 ** 28, chain?: number): { api: Closures; gpu: Gpu } => {
  const api = new Closures();
  return { api, gpu: new Gpu(api, budget, chain) };
};

const float32 = (values: readonly number[]): NDArray => array(values, { dtype: "float32" });
const f = (x: NDArray): NDArray => x.sin().mul(x).add(x.neg());

describe("on any graphics API", () => {
  it("operations are what they are on the CPU, with their derivatives and in batches", async () => {
    const { gpu } = started();
    const x = float32([0.5, -1, 2, 3, 0.25, 7]);
    const there = x.to(gpu);
    const functions: ((x: NDArray) => NDArray)[] = [
      f,
      grad((v) => f(v).sum()),
      (v) => vmap(grad((w: NDArray) => f(w).sum()))(v.reshape(2, 3)),
      (v) => f(v.reshape(2, 3).T.slice([null, null, -1])).add(v.reshape(3, 2)),
      (v) => v.reshape(2, 3).sum(0).sort(),
    ];
    for (const each of functions) {
      const [got, want] = [await read(each(there)), each(x).data()];
      expect(got.length).toBe(want.length);
      for (const [i, value] of want.entries()) expect(got[i]).toBeCloseTo(value, 5);
    }
  });

  it("a chain and the sum at its end are one program", async () => {
    const { api, gpu } = started();
    const x = float32([1, 2, 3]).to(gpu);
    const y = f(x).sum();
    expect(api.drawn).toEqual([4]);
    expect((await read(y))[0]).toBeCloseTo(Math.sin(1) + 2 * Math.sin(2) + 3 * Math.sin(3) - 6, 5);
    expect(api.drawn).toEqual([4]);
  });

  it("a program joins only so many operations, and reads only so many arrays", async () => {
    const { api, gpu } = started(2 ** 28, 8);
    let y = float32([1, 2]).to(gpu);
    for (let i = 0; i < 20; i++) y = y.sin();
    await read(y);
    expect(api.drawn).toEqual([8, 8, 4]);
    api.drawn.length = 0;
    const many = Array.from({ length: 20 }, (_, i) => float32([i, 1]).to(gpu));
    expect(await read(many.reduce((a, b) => a.add(b)))).toEqual(Float32Array.of(190, 20));
    expect(api.drawn.length).toBe(3);
  });

  it("a value is materialised once it has been written out often enough", async () => {
    const { api, gpu } = started();
    const value = f(float32([1, 2]).to(gpu));
    for (let i = 0; i < 6; i++) await read(value.sin().sum());
    expect(api.drawn).toEqual([5, 5, 5, 4, 1, 1, 1]);
  });

  it("a view that reorders an expression reads it from memory", async () => {
    const { api, gpu } = started();
    const y = f(float32([1, 2, 3, 4]).to(gpu)).reshape(2, 2);
    await read(y.T.sin());
    expect(api.drawn).toEqual([4, 1]);
  });

  it("arrays that were not used for longest move to the host, and come back", async () => {
    const { api, gpu } = started(2 ** 17);
    const kept = Array.from({ length: 16 }, (_, i) =>
      array(Float32Array.from({ length: 4096 }, (_, k) => i + k))
        .to(gpu)
        .sin(),
    );
    for (const x of kept) x.sum();
    const sums = kept.map((x) => x.mul(x).sum());
    expect(gpu.memory().paged).toBe(0);
    const computed = kept.map((x) => x.reshape(64, 64).T.sin());
    for (const x of computed) x.sum();
    expect(gpu.memory().paged).toBeGreaterThan(0);
    expect(gpu.memory().textures).toBe(api.textures);
    expect(gpu.memory().bytes).toBeLessThanOrEqual(2 ** 17);
    for (const [i, sum] of sums.entries())
      expect((await read(sum))[0]).toBeCloseTo(
        Array.from({ length: 4096 }, (_, k) => Math.sin(i + k) ** 2).reduce((a, b) => a + b),
        0,
      );
  });

  it("a device whose context is lost has ended", async () => {
    const { api, gpu } = started();
    const x = float32([1, 2]).to(gpu);
    const pending = x.sin();
    api.lose();
    expect(() => x.add(x)).toThrow(/closures.*context was lost/);
    await expect(read(pending)).rejects.toThrow(/context was lost/);
    expect((await gpu.lost).reason).toBe("unknown");
  });
});
