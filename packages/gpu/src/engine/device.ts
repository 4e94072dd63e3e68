import { ADError, type Data, type Device, type DType, DTypeError, NDArray, TransformError } from "@ad/core";
import { type Concrete, cpu, type KernelName, type Layout, type Strided, type View, views } from "@ad/core/internals/backend";
import { checkFunction } from "@ad/core/internals/checks";
import {
  type ArrayList,
  Aval,
  type Graph,
  type Operation,
  type Params,
  type Parts,
  type PrimitiveName,
  primitives,
  Trace,
  Tracer,
} from "@ad/core/internals/trace";
import { comesAlong, GpuArray, type Read } from "./array.js";
import { CommandList, type RecordedProgram } from "./commands.js";
import type { Graphics } from "./graphics.js";
import type { GpuKernel, Host, KernelContext, Limits } from "./kernel.js";
import { dataOf, Memory, type MemoryUse, partOf } from "./memory.js";
import { excess, maxOperations, prepare } from "./planning.js";
import { Recording } from "./recording.js";
import { maxShared } from "./sharing.js";
import { type GpuView, Place, Storage } from "./storage.js";
import type { Form, Texture } from "./texture.js";

type AnyShapeRule = (inputs: readonly Aval[], params: unknown) => Aval;
type AnyView = (x: Layout, params: unknown, out: Aval) => Strided | undefined;

/** The reason for which a device has ended, and with it the arrays on it. */
export interface LostInfo {
  /** "destroyed" by `dispose`; "unknown" where the browser took the GPU away, or a script lost the context. */
  readonly reason: "destroyed" | "unknown";
  /** The error that operations on its arrays throw from then on. */
  readonly message: string;
}

let devices = 0;

/** A GPU as a device: the trace at level 0, where operations become programs of a graphics API. W is how these are written. */
export class Gpu<W = unknown> extends Trace<GpuArray> implements Device, KernelContext<W> {
  readonly name: string;
  readonly dtypes: readonly DType[] = ["float32", "int32", "bool"];
  readonly limits: Limits;
  readonly lost: Promise<LostInfo>;
  readonly graphics: Graphics<W>;
  readonly textures: Memory;
  /** Ends the device for good, the first time. */
  readonly #end: (reason: LostInfo["reason"], why: string) => void;
  /** The reason for which the device can do nothing any more. */
  #ended: string | undefined;
  #scope: Set<Storage> | undefined;
  /** The recordings of programs. */
  readonly #lists = new WeakMap<Graph, CommandList<W>[]>();
  #recorded: WeakRef<CommandList<W>>[] = [];
  /** The number of programs that are running, one inside of the other. */
  #depth = 0;

  constructor(
    graphics: Graphics<W>,
    budget: number,
    /** The number of operations that one program may join. */
    readonly chain = maxOperations,
  ) {
    const name = ++devices === 1 ? graphics.name : `${graphics.name} ${devices}`;
    super(name, true);
    this.name = name;
    this.limits = graphics.limits;
    this.graphics = graphics;
    this.textures = new Memory(graphics, budget);
    let tell: (info: LostInfo) => void;
    this.lost = new Promise((resolve) => {
      tell = resolve;
    });
    this.#end = (reason, why) => {
      if (this.#ended) return;
      this.#ended = `${name}: ${why}`;
      tell({ reason, message: this.#ended });
    };
    graphics.start({ lost: () => this.#lose(), check: () => this.check() });
  }

  #lose(): void {
    this.#end(
      "unknown",
      `the GPU's context was lost, and with it the arrays on it; make a new device with ${this.graphics.name}() and start from arrays on the CPU.`,
    );
  }

  /** Returns whether the device has ended. */
  #isOver(): boolean {
    if (this.graphics.isLost()) this.#lose();
    return this.#ended !== undefined;
  }

  /** Throws where it has. The numbers of a lost context are no array's: it is asked before a program is drawn, and after each reading. */
  check(): void {
    if (this.#isOver()) throw new ADError(this.#ended as string);
  }

  // --- operations -------------------------------------------------------------------------------------------------------------

  process<P extends PrimitiveName>(name: P, inputs: readonly NDArray[], params: Params<P>): NDArray {
    const operands = inputs.map((x) => (this.owns(x) ? x : this.follow(name, x)));
    const out = (primitives[name].shape as AnyShapeRule)(
      operands.map((x) => x.aval),
      params,
    );
    this.checkResult(name, operands[0].aval.dtype, out.dtype);
    const [first] = operands;
    if (name === "stopGradient") return new GpuArray(this, out, first.storage, first.stride, first.offset);
    const view = (views as Readonly<Record<string, AnyView | undefined>>)[name]?.(first, params, out);
    if (view) return new GpuArray(this, out, first.storage, view.stride, view.offset);
    const storage =
      out.size === 0 ? this.store(new Place(out.dtype, 0, new Float32Array(0))) : this.run(name as KernelName, operands, params, out);
    return new GpuArray(this, out, storage, out.stride, 0);
  }

  run(name: KernelName, operands: readonly GpuView[], params: unknown, out: Aval): Storage {
    const kernel = this.graphics.kernels[name] as GpuKernel<W, unknown> | Host;
    return typeof kernel === "function" ? kernel(this, operands, params, out) : this.onHost(name, operands, params, out);
  }

  onHost(name: KernelName, operands: readonly GpuView[], params: unknown, out: Aval): Storage {
    const kernel = cpu.kernels[name] as (inputs: readonly View<Data>[], params: unknown, out: Aval) => Data;
    const inputs = operands.map((x) => this.onHostNow(x));
    return this.store(new Place(out.dtype, out.size, kernel(inputs, params, out)));
  }

  onHostNow({ aval, storage, stride, offset }: GpuView): Concrete {
    return new GpuArray(this, aval, storage, stride, offset).to("cpu") as Concrete;
  }

  call(operation: Operation, inputs: ArrayList): ArrayList {
    // Programs that an operation holds are run here.
    if (!operation.shape || operation.programs) return operation.forward(inputs);
    const strangers = inputs.filter((x) => x.owner !== this);
    for (const x of strangers) this.meet(operation.name, x);
    return operation.forward(inputs.map((x) => x.to("cpu"))).map((x) => this.put(x, operation.name));
  }

  override execute(graph: Graph, inputs: ArrayList): Parts {
    // A program that is staged, or differentiated, is made of its operations.
    if (inputs.some(({ owner }) => owner.level > 0)) return graph.run(inputs);
    this.check();
    const lists = this.#lists.get(graph) ?? [];
    this.#lists.set(graph, lists);
    let list = lists.find((one) => one.takes(inputs));
    if (list === undefined) {
      list = new CommandList(this, graph, inputs);
      if (lists.push(list) > maxLists) lists.shift();
      this.#recorded.push(new WeakRef(list));
    }
    this.#depth++;
    try {
      return list.run(inputs, this.#depth === 1);
    } finally {
      this.#depth--;
    }
  }

  meet(op: string, x: NDArray, isCast = false): void {
    const { device } = x;
    if (device === this) return;
    const numbers = x.bottom();
    // If only a shape is known, nothing is computed with it.
    if (numbers ? comesAlong(numbers) : device === cpu) {
      if (!isCast && !x.aval.weak) this.#checkDType(op, x.dtype);
      return;
    }
    if (device instanceof Gpu) device.check();
    const remedy = x.dtype === "float64" ? 'x.astype("float32").to(gpu)' : "x.to(gpu)";
    throw new TransformError(
      `${op}: arrays of two devices meet, ${device.name} and ${this.name}; bring both to one, by ${remedy} or x.to("cpu"). Numbers, and arrays of one value, come along.`,
    );
  }

  follow(op: string, x: NDArray): GpuArray {
    this.meet(op, x);
    return this.put(x, op);
  }

  /** Throws where an operation would give what the device does not have. */
  checkResult(name: string, from: DType, to: DType): void {
    this.#checkDType(name === "cast" ? `an array of ${from} would become float64 here` : name, to);
  }

  #checkDType(op: string, dtype: DType): void {
    if (dtype === "float64")
      throw new DTypeError(`${op}: ${this.name} has no float64; use x.astype("float32"), or "float32" arrays from the start.`);
    this.check();
  }

  // --- arrays -----------------------------------------------------------------------------------------------------------------

  put(x: NDArray, op = "to"): GpuArray {
    if (this.owns(x)) return x;
    const host = x.to("cpu") as Concrete;
    const { aval } = host;
    this.#checkDType(op, aval.dtype);
    if (aval.size > 0 && host.stride.every((step, i) => step === 0 || aval.shape[i] === 1))
      return this.filled(host.storage[host.offset], aval);
    return new GpuArray(this, aval, this.store(new Place(aval.dtype, aval.size, host.data())), aval.stride, 0);
  }

  filled(value: number, aval: Aval): GpuArray {
    this.#checkDType("fill", aval.dtype);
    const host = aval.dtype === "float32" ? Float32Array.of(value) : aval.dtype === "int32" ? Int32Array.of(value) : Uint8Array.of(value);
    const stride = new Array<number>(aval.ndim).fill(0);
    return new GpuArray(this, aval, new Storage(new Place(aval.dtype, 1, host)), stride, 0);
  }

  filledStorage(value: number, out: Aval): Storage {
    return this.defer("copy", [this.filled(value, out)], out);
  }

  release({ storage }: GpuView): void {
    this.textures.drop(storage.place);
  }

  materialised(x: GpuView): GpuView {
    if (x.storage.lazy) this.texture(x.storage);
    return x;
  }

  /** Another operation may read it, so that it is of use to have it. */
  reread(x: GpuView): GpuView {
    return this.materialised(x);
  }

  store(place: Place): Storage {
    const storage = new Storage(place);
    this.#scope?.add(storage);
    return storage;
  }

  defer(operation: string, inputs: readonly GpuView[], out: Aval): Storage {
    const storage = this.store(new Place(out.dtype, out.size, undefined));
    storage.expression = { operation, inputs };
    for (const x of inputs) x.storage.readers++;
    for (let first = excess(inputs, this.chain); first; first = excess(inputs, this.chain)) this.texture(first);
    return storage;
  }

  view(storage: Storage, shape: readonly number[]): GpuArray {
    const aval = new Aval(shape, storage.place.dtype);
    return new GpuArray(this, aval, storage, aval.stride, 0);
  }

  array(aval: Aval, storage: Storage, stride: readonly number[], offset: number): GpuArray {
    return new GpuArray(this, aval, storage, stride, offset);
  }

  form(place: Place): Form {
    return this.textures.form(place);
  }

  recording(): Recording<W> {
    return new Recording(this);
  }

  // --- computing --------------------------------------------------------------------------------------------------------------

  /** The texture of a storage, which is materialised where it is an expression. */
  texture(storage: Storage): Texture {
    const { place, expression } = storage;
    if (place.texture) {
      this.textures.touch(place);
      return place.texture;
    }
    if (place.host === undefined && expression) {
      this.drawMany([storage], [this.view(storage, [place.size])], this.graphics.elements(place.kind));
      storage.expression = undefined;
      return this.texture(storage);
    }
    if (place.freed)
      throw new ADError(`${this.name}: an array that gpu.scope has freed is used; return it from the function of the scope.`);
    const texture = this.textures.take(place, storage);
    this.graphics.upload(texture, place.size, place.host as Data);
    return texture;
  }

  draw(dtype: DType, size: number, operands: readonly GpuView[], write: W): Storage {
    const target = this.store(new Place(dtype, size, undefined));
    this.drawMany([target], operands, write);
    return target;
  }

  drawMany(targets: readonly Storage[], operands: readonly GpuView[], write: W): void {
    this.check();
    const graphics = this.graphics;
    const texture = (storage: Storage): Texture => this.texture(storage);
    prepare(operands, targets[0], texture);
    this.textures.clock++;
    const program = graphics.program(write, operands);
    // All operands first: what this draw uses is not moved to the host for another operand of it.
    program.reads.forEach(texture);
    const outputs = targets.map((target) => this.textures.take(target.place, target));
    const inputs = program.reads.map(texture);
    graphics.draw(program, inputs, outputs, targets[0].place.size).run(inputs, outputs, none);
  }

  // --- reading ----------------------------------------------------------------------------------------------------------------

  /** A view that is small in a large storage is copied before it is read; where the storage is small, reading all of it takes less than a draw. */
  #small(x: GpuArray): GpuArray {
    const { size, host } = x.storage.place;
    if (x.size * 4 >= size || size <= maxShared || host) return x;
    return this.view(this.defer("copy", [x], x.aval), x.shape);
  }

  readNow(given: GpuArray): Read {
    this.check();
    const view = this.#small(given);
    const { place } = view.storage;
    if (place.host === undefined) {
      this.texture(view.storage);
      place.host = dataOf(place, this.graphics.read([partOf(place)])[0]);
    }
    return { view: layoutOf(given, view), data: place.host };
  }

  async readLater(given: GpuArray): Promise<Read> {
    this.check();
    const view = this.#small(given);
    const { place } = view.storage;
    if (place.host === undefined) {
      this.texture(view.storage);
      const words = await this.graphics.readLater(partOf(place));
      place.host ??= dataOf(place, words);
    }
    return { view: layoutOf(given, view), data: place.host };
  }

  // --- life -------------------------------------------------------------------------------------------------------------------

  memory(): MemoryUse {
    if (this.#isOver()) return { bytes: 0, textures: 0, idle: 0, paged: this.textures.paged };
    return this.textures.use();
  }

  programs(): RecordedProgram[] {
    const all = this.#recorded.flatMap((one) => one.deref() ?? []);
    this.#recorded = all.map((list) => new WeakRef(list));
    return all;
  }

  dispose(): void {
    if (this.#isOver()) return;
    this.#end("destroyed", `this device was disposed of; make a new one with ${this.graphics.name}().`);
    this.graphics.lose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** The inside of a device belongs to no one else. */
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
        this.textures.drop(place);
      }
    }
  }
}

const none: readonly number[] = [];

/** The most command lists of one program: ways in which its arguments lie. */
const maxLists = 32;

/** The storages of the arrays in a tree of results. */
function* storagesIn(value: unknown, device: Device): Generator<Storage> {
  if (value instanceof GpuArray) {
    if (value.owner === device) yield value.storage;
  } else if (value instanceof Tracer) yield* storagesIn(value.below, device);
  else if (value instanceof NDArray || ArrayBuffer.isView(value)) return;
  else if (typeof value === "object" && value !== null) for (const inner of Object.values(value)) yield* storagesIn(inner, device);
}

const layoutOf = (given: GpuArray, view: GpuArray): Layout => ({ aval: given.aval, stride: view.stride, offset: view.offset });
