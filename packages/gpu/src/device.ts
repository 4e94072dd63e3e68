import { ADError, type Data, type Device, type DType, DTypeError, NDArray, TransformError } from "@ad/core";
import { Concrete, cpu, type KernelName, type Layout, type Strided, type View, views } from "@ad/core/internals/backend";
import { checkFunction } from "@ad/core/internals/checks";
import { type Arrays, Aval, type Operation, type Params, type PrimitiveName, primitives, Trace, Tracer } from "@ad/core/internals/trace";
import { GpuArray } from "./array.js";
import { type Context, type ContextOptions, computes, createContext } from "./context.js";
import { Emitter, isWhole, type Width } from "./emitter.js";
import type { Host } from "./kernels/define.js";
import { kernels } from "./kernels/index.js";
import { Memory, type MemoryUse } from "./memory.js";
import { Programs } from "./programs.js";
import { Queue } from "./queue.js";
import { type GpuView, Place, type Recipe, Storage } from "./storage.js";
import { type Texture, texelsOf } from "./textures.js";
import { type Alive, readAll, readLater, readNow, upload } from "./transfer.js";

/** How many operations, and how many arrays, one program may join. */
export const most = { operations: 64, arrays: 12, times: 3 };

type AnyShapeRule = (inputs: readonly Aval[], params: unknown) => Aval;
type AnyView = (x: Layout, params: unknown, out: Aval) => Strided | undefined;
type AnyKernel = (device: WebGL, inputs: readonly GpuView[], params: unknown, out: Aval) => Storage;

/** Makes a program, given for each operand the name of the function of its elements. */
export type Write = (emitter: Emitter, values: readonly ((width: Width) => string)[]) => string;

/** The elements of an array on the host, and where they lie in what was read. */
interface Read {
  readonly view: Layout;
  readonly data: Data;
}

/** Why a device has ended, and with it the arrays on it. */
export interface LostInfo {
  /** "destroyed" by `dispose`; "unknown" where the browser took the GPU away, or a script lost the context. */
  readonly reason: "destroyed" | "unknown";
  /** What operations on its arrays throw from then on. */
  readonly message: string;
}

let devices = 0;

/** A GPU as a device: the trace at level 0, where operations become shader programs. */
export class WebGL extends Trace<GpuArray> implements Device {
  readonly name: string;
  readonly dtypes: readonly DType[] = ["float32", "int32", "bool"];
  readonly gl: WebGL2RenderingContext;
  readonly programs: Programs;
  readonly held: Memory;
  /** How many results one program may write. */
  readonly outputs: number;
  /** The longest side of a texture. */
  readonly side: number;
  readonly lost: Promise<LostInfo>;
  readonly #context: Context;
  readonly #framebuffers = new Map<number, WebGLFramebuffer>();
  readonly #queue = new Queue();
  /** Ends the device for good, the first time. */
  readonly #end: (reason: LostInfo["reason"], why: string) => void;
  /** Why the device can do nothing any more. */
  #ended: string | undefined;
  #scope: Set<Storage> | undefined;

  constructor(
    options: ContextOptions,
    budget: number,
    /** How many operations one program may join. */
    readonly chain = most.operations,
  ) {
    const context = createContext(options);
    const name = ++devices === 1 ? "webgl" : `webgl ${devices}`;
    super(name, true);
    this.name = name;
    this.#context = context;
    this.gl = context.gl;
    this.outputs = context.outputs;
    this.side = context.side;
    let tell: (info: LostInfo) => void;
    this.lost = new Promise((resolve) => {
      tell = resolve;
    });
    this.#end = (reason, why) => {
      if (this.#ended) return;
      this.#ended = `${name}: ${why}`;
      tell({ reason, message: this.#ended });
    };
    this.programs = new Programs(context.gl, () => this.#alive(computes(context)));
    const settle = () => this.#queue.flush();
    const readBack = (places: readonly Place[]) => {
      settle();
      readAll(context, places, this.#alive);
    };
    this.held = new Memory(context.gl, context.side, budget, readBack, settle);
    // Nobody asks for the context to be restored: a restored one holds nothing.
    context.canvas.addEventListener("webglcontextlost", () => this.#end("unknown", lost), { once: true });
  }

  /** Whether the device has ended. */
  #isOver(isKnown = true): boolean {
    if (!isKnown || this.#context.isLost()) this.#end("unknown", lost);
    return this.#ended !== undefined;
  }

  /** Throws where it has. What a lost context gives is no array's: it is asked before a program is drawn, and after each reading. */
  readonly #alive: Alive = (isKnown) => {
    if (this.#isOver(isKnown)) throw new ADError(this.#ended as string);
  };

  // --- operations -------------------------------------------------------------------------------------------------------------

  process<P extends PrimitiveName>(name: P, inputs: readonly NDArray[], params: Params<P>): NDArray {
    const operands = inputs.map((x) => (this.owns(x) ? x : this.#follow(name, x)));
    const out = (primitives[name].shape as AnyShapeRule)(
      operands.map((x) => x.aval),
      params,
    );
    this.#check(name === "cast" ? `an array of ${operands[0].aval.dtype} would become float64 here` : name, out.dtype);
    const [first] = operands;
    if (name === "stopGradient") return new GpuArray(this, out, first.storage, first.stride, first.offset);
    const view = (views as Readonly<Record<string, AnyView | undefined>>)[name]?.(first, params, out);
    if (view) return new GpuArray(this, out, first.storage, view.stride, view.offset);
    const storage =
      out.size === 0 ? this.store(new Place(out.dtype, 0, new Float32Array(0))) : this.run(name as KernelName, operands, params, out);
    return new GpuArray(this, out, storage, out.stride, 0);
  }

  /** A kernel's result. */
  run(name: KernelName, operands: readonly GpuView[], params: unknown, out: Aval): Storage {
    const kernel = kernels[name] as AnyKernel | Host;
    return typeof kernel === "function" ? kernel(this, operands, params, out) : this.onHost(name, operands, params, out);
  }

  /** The CPU's kernel, on numbers that are waited for. */
  onHost(name: KernelName, operands: readonly GpuView[], params: unknown, out: Aval): Storage {
    const kernel = cpu.backend.kernels[name] as (inputs: readonly View<Data>[], params: unknown, out: Aval) => Data;
    const inputs = operands.map((x) => this.onHostNow(x));
    return this.store(new Place(out.dtype, out.size, kernel(inputs, params, out)));
  }

  /** The elements on the host, where they are waited for unless they are there. */
  onHostNow({ aval, storage, stride, offset }: GpuView): Concrete {
    return new GpuArray(this, aval, storage, stride, offset).to("cpu") as Concrete;
  }

  call(operation: Operation, inputs: Arrays): Arrays {
    if (!operation.shape) return operation.forward(inputs);
    const strangers = inputs.filter((x) => x.owner !== this);
    for (const x of strangers) this.meet(operation.name, x);
    return operation.forward(inputs.map((x) => x.to("cpu"))).map((x) => this.put(x));
  }

  /** Throws where x lives on another device and does not come along, as its dtype does not unless it is changed. */
  meet(op: string, x: NDArray, isCast = false): void {
    const { device } = x;
    if (device === this) return;
    const numbers = x.bottom();
    // Where a shape alone is known, nothing is computed with it.
    if (numbers ? comesAlong(numbers) : device === cpu) {
      if (!isCast && !x.aval.weak) this.#check(op, x.dtype);
      return;
    }
    if (device instanceof WebGL) device.#alive();
    const remedy = x.dtype === "float64" ? 'x.astype("float32").to(gpu)' : "x.to(gpu)";
    throw new TransformError(
      `${op}: arrays of two devices meet, ${device.name} and ${this.name}; bring both to one, by ${remedy} or x.to("cpu"). Numbers, and arrays of one value, come along.`,
    );
  }

  #follow(op: string, x: NDArray): GpuArray {
    this.meet(op, x);
    return this.put(x, op);
  }

  #check(op: string, dtype: DType): void {
    if (dtype === "float64")
      throw new DTypeError(`${op}: ${this.name} has no float64; use x.astype("float32"), or "float32" arrays from the start.`);
    this.#alive();
  }

  // --- arrays -----------------------------------------------------------------------------------------------------------------

  put(x: NDArray, op = "to"): GpuArray {
    if (this.owns(x)) return x;
    const host = x.to("cpu") as Concrete;
    const { aval } = host;
    this.#check(op, aval.dtype);
    if (aval.size > 0 && host.stride.every((step, i) => step === 0 || aval.shape[i] === 1))
      return this.filled(host.storage[host.offset], aval);
    return new GpuArray(this, aval, this.store(new Place(aval.dtype, aval.size, host.data())), aval.stride, 0);
  }

  filled(value: number, aval: Aval): GpuArray {
    this.#check("fill", aval.dtype);
    const host = aval.dtype === "float32" ? Float32Array.of(value) : aval.dtype === "int32" ? Int32Array.of(value) : Uint8Array.of(value);
    const stride = new Array<number>(aval.ndim).fill(0);
    return new GpuArray(this, aval, new Storage(new Place(aval.dtype, 1, host)), stride, 0);
  }

  filledStorage(value: number, out: Aval): Storage {
    return this.later("copy", [this.filled(value, out)], out);
  }

  /** Frees what a kernel has made for itself. */
  release({ storage }: GpuView): void {
    this.held.drop(storage.place);
  }

  /** A view that can be read many times: what is lazy is computed. */
  settled(x: GpuView): GpuView {
    if (x.storage.lazy) this.texture(x.storage);
    return x;
  }

  store(place: Place): Storage {
    const storage = new Storage(place);
    this.#scope?.add(storage);
    return storage;
  }

  /** An elementwise operation, to be computed with what needs it. */
  later(op: string, operands: readonly GpuView[], out: Aval): Storage {
    const storage = this.store(new Place(out.dtype, out.size, undefined));
    storage.recipe = { op, operands };
    for (const x of operands) x.storage.readers++;
    while (this.#exceeds(storage.recipe)) {
      // What has most below it is computed first.
      const lazy = operands.filter(({ storage: own }) => own.lazy);
      if (lazy.length === 0) break;
      const counts = lazy.map((x) => census((x.storage.recipe as Recipe).operands).operations);
      this.texture(lazy[counts.indexOf(Math.max(...counts))].storage);
    }
    return storage;
  }

  #exceeds({ operands }: Recipe): boolean {
    const { operations, arrays } = census(operands);
    return operations > this.chain || arrays > most.arrays;
  }

  /** A view of all elements of a result that a kernel has made for another kernel. */
  view(storage: Storage, shape: readonly number[]): GpuArray {
    const aval = new Aval(shape, storage.place.dtype);
    return new GpuArray(this, aval, storage, aval.stride, 0);
  }

  // --- computing --------------------------------------------------------------------------------------------------------------

  /** Computes a storage if that has not been done, and gives it a texture. */
  texture(storage: Storage): Texture {
    const { place, recipe } = storage;
    if (place.texture) {
      this.held.touch(place);
      return place.texture;
    }
    if (place.host === undefined && recipe) {
      const whole = this.view(storage, [place.size]);
      this.draw(place.dtype, place.size, [whole], (emitter, [value]) => emitter.program(place.kind, `  result = ${value(4)}(i);`), storage);
      storage.recipe = undefined;
      return place.texture as unknown as Texture;
    }
    if (place.freed)
      throw new ADError(`${this.name}: an array that gpu.scope has freed is used; return it from the function of the scope.`);
    const texture = this.held.take(place, storage);
    const { host } = place;
    this.#queue.push(() => upload(this.gl, place, host as Data, texture), false);
    return texture;
  }

  /**
   * Draws a result of so many elements from operands, of which what is lazy is written into the program. `write` makes the program, given
   * for each operand the name of the function of its elements.
   */
  draw(
    dtype: DType,
    size: number,
    operands: readonly GpuView[],
    write: Write,
    target = this.store(new Place(dtype, size, undefined)),
  ): Storage {
    this.drawMany([target], operands, write);
    return target;
  }

  /** The same for results of one size that one program writes side by side, in `result0`, `result1`, … */
  drawMany(targets: readonly Storage[], operands: readonly GpuView[], write: Write): void {
    this.#alive();
    const { gl, held } = this;
    this.#prepare(operands, targets[0]);
    held.clock++;
    const emitter = new Emitter((storage) => this.texture(storage).shift);
    const source = write(
      emitter,
      operands.map((x) => (width) => emitter.value(x, width)),
    );
    // All operands first: what this draw uses is not moved to the host for another operand of it.
    for (const storage of emitter.textures) this.texture(storage);
    const outs = targets.map((target) => held.take(target.place, target));
    const [{ width, shift }] = outs;
    emitter.target = shift;
    const pending = this.programs.get(source);
    const ints = padded(
      Int32Array,
      emitter.ints.map((value) => (typeof value === "number" ? value : value())),
    );
    const floats = padded(Float32Array, emitter.floats);
    const handles = Array.from(emitter.textures, (storage) => this.texture(storage).handle);
    const height = Math.ceil(texelsOf(targets[0].place.size) / width);
    this.#queue.push(() => {
      const program = pending.finish();
      gl.useProgram(program.handle);
      gl.uniform4iv(program.ints, ints);
      if (floats.length > 0) gl.uniform4fv(program.floats, floats);
      handles.forEach((handle, unit) => {
        gl.activeTexture(gl.TEXTURE0 + unit);
        gl.bindTexture(gl.TEXTURE_2D, handle);
      });
      if (outs.length === 1) gl.bindFramebuffer(gl.FRAMEBUFFER, outs[0].framebuffer);
      else this.#bindMany(outs);
      gl.viewport(0, 0, width, height);
      gl.drawArrays(gl.TRIANGLES, 0, 3);
    }, pending.program === undefined);
  }

  /** A framebuffer for programs with so many results. */
  #bindMany(outs: readonly Texture[]): void {
    const { gl } = this;
    let framebuffer = this.#framebuffers.get(outs.length);
    const made = framebuffer === undefined;
    framebuffer ??= gl.createFramebuffer();
    this.#framebuffers.set(outs.length, framebuffer);
    gl.bindFramebuffer(gl.FRAMEBUFFER, framebuffer);
    outs.forEach(({ handle }, i) => {
      gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0 + i, gl.TEXTURE_2D, handle, 0);
    });
    if (made) gl.drawBuffers(outs.map((_, i) => gl.COLOR_ATTACHMENT0 + i));
  }

  /**
   * Computes what a program cannot write out: views that reorder something lazy. And where something has been written out often enough,
   * the value of many readers that is made of it, the newest of them.
   */
  #prepare(operands: readonly GpuView[], target: Storage): void {
    const worn = new Map<Storage, boolean>();
    const isWorn = (storage: Storage): boolean => {
      const known = worn.get(storage);
      if (known !== undefined || storage.recipe === undefined) return known ?? false;
      worn.set(storage, false);
      const found = storage.inlined >= most.times || storage.recipe.operands.some((x) => isWorn(x.storage));
      worn.set(storage, found);
      return found;
    };
    const seen = new Set<Storage>();
    const visit = (x: GpuView): void => {
      const { storage } = x;
      if (!storage.lazy || seen.has(storage)) return;
      if (storage !== target && (!isWhole(x) || (!target.lazy && storage.readers > 1 && isWorn(storage)))) {
        this.texture(storage);
        return;
      }
      seen.add(storage);
      storage.inlined++;
      (storage.recipe as Recipe).operands.forEach(visit);
    };
    for (const x of operands) {
      x.storage.readers++;
      visit(x);
    }
  }

  // --- reading ----------------------------------------------------------------------------------------------------------------

  /** A view that is small in a large storage is copied before it is read. */
  #small(x: GpuArray): GpuArray {
    if (x.size * 4 >= x.storage.place.size || x.storage.place.host) return x;
    return this.view(this.later("copy", [x], x.aval), x.shape);
  }

  readNow(given: GpuArray): Read {
    this.#alive();
    const view = this.#small(given);
    const { place } = view.storage;
    if (place.host === undefined) {
      this.texture(view.storage);
      this.#queue.flush();
      place.host = readNow(this.#context, place, this.#alive);
    }
    return { view: layoutOf(given, view), data: place.host };
  }

  async readLater(given: GpuArray): Promise<Read> {
    this.#alive();
    const view = this.#small(given);
    const { place } = view.storage;
    if (place.host === undefined) {
      this.texture(view.storage);
      this.#queue.flush();
      const data = await readLater(this.#context, place, this.#alive);
      place.host ??= data;
    }
    return { view: layoutOf(given, view), data: place.host };
  }

  // --- life -------------------------------------------------------------------------------------------------------------------

  memory(): MemoryUse {
    if (this.#isOver()) return { bytes: 0, textures: 0, idle: 0, paged: this.held.paged };
    return this.held.use();
  }

  dispose(): void {
    if (this.#isOver()) return;
    this.#end("destroyed", "this device was disposed of; make a new one with webgl().");
    this.#context.lose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** What is inside of a device is nobody's. */
  toJSON(): string {
    return this.name;
  }

  scope<T>(f: () => T): T {
    checkFunction("scope", f);
    const outer = this.#scope;
    const own = new Set<Storage>();
    this.#scope = own;
    try {
      const result = f();
      if (result instanceof Promise)
        throw new TransformError(
          "scope: the function is async, and what it makes would be freed before it is used; await outside of the scope.",
        );
      for (const storage of storagesIn(result, this)) {
        if (storage.lazy) this.texture(storage);
        own.delete(storage);
        outer?.add(storage);
      }
      return result;
    } finally {
      this.#scope = outer;
      for (const { place } of own) {
        place.freed = true;
        this.held.drop(place);
      }
    }
  }
}

const lost = "the GPU's context was lost, and with it the arrays on it; make a new device with webgl() and start from arrays on the CPU.";

/** An array of the CPU: one value, however often. */
const comesAlong = (x: NDArray): boolean =>
  x instanceof Concrete && (x.size <= 1 || x.stride.every((step, i) => step === 0 || x.shape[i] === 1));

/** The storages of the arrays in a tree of results. */
function* storagesIn(value: unknown, device: WebGL): Generator<Storage> {
  if (value instanceof GpuArray) {
    if (value.owner === device) yield value.storage;
  } else if (value instanceof Tracer) yield* storagesIn(value.below, device);
  else if (value instanceof NDArray || ArrayBuffer.isView(value)) return;
  else if (typeof value === "object" && value !== null) for (const inner of Object.values(value)) yield* storagesIn(inner, device);
}

const layoutOf = (given: GpuArray, view: GpuArray): Layout => ({ aval: given.aval, stride: view.stride, offset: view.offset });

function padded<A extends Int32Array | Float32Array>(Words: new (length: number) => A, values: readonly number[]): A {
  const out = new Words(Math.ceil(values.length / 4) * 4);
  out.set(values);
  return out;
}

/** How many operations and arrays are below, those that are not computed yet. */
function census(operands: readonly GpuView[]): { operations: number; arrays: number } {
  const seen = new Set<Storage>();
  let operations = 1;
  const visit = (x: GpuView): void => {
    const { storage } = x;
    if (seen.has(storage) || storage.constant !== undefined) return;
    seen.add(storage);
    if (!storage.lazy || !isWhole(x)) return;
    operations++;
    (storage.recipe as Recipe).operands.forEach(visit);
  };
  operands.forEach(visit);
  return { operations, arrays: seen.size - operations + 1 };
}
