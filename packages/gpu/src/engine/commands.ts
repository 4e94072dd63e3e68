import type { DType, NDArray } from "@ad/core";
import { type KernelName, type Layout, type Strided, views as viewRules } from "@ad/core/internals/backend";
import {
  type ArrayList,
  type Aval,
  apply,
  type Equation,
  type Graph,
  nameOf,
  type Operation,
  type Parts,
  type PrimitiveName,
  primitives,
} from "@ad/core/internals/trace";
import { comesAlong, type GpuArray } from "./array.js";
import type { Draw } from "./graphics.js";
import type { Memory } from "./memory.js";
import { isWhole } from "./planning.js";
import { type CallCommand, type Command, type DrawCommand, NeedsNumbers, type Recorded, type Recording } from "./recording.js";
import { type GpuView, Place, Storage } from "./storage.js";
import type { Texture } from "./texture.js";

type AnyView = (x: Layout, params: unknown, out: Aval) => Strided | undefined;

/** The part of a device that a command list needs. */
export interface Runner<W> extends Recorded<W> {
  readonly textures: Memory;
  readonly dtypes: readonly DType[];
  /** Throws where an operation would give what the device does not have. */
  checkResult(name: string, from: DType, to: DType): void;
  recording(): Recording<W>;
  /** The texture of a storage, which is computed or moved there where it has none. */
  texture(storage: Storage): Texture;
  store(place: Place): Storage;
  owns(x: NDArray): x is GpuArray;
  put(x: NDArray): GpuArray;
  /** Throws where an array of another device does not come along. */
  meet(op: string, x: NDArray): void;
  array(aval: Aval, storage: Storage, stride: readonly number[], offset: number): GpuArray;
  defer(operation: string, inputs: readonly GpuView[], out: Aval): Storage;
}

/** The layout of an input, as far as a command list depends on it: on the host, one value that the host knows, or a view of a texture. */
interface Lie {
  readonly kind: "host" | "constant" | "stored";
  readonly stride: readonly number[];
  /** Of the first element in its texel; the texel may be another one in each run. */
  readonly offset: number;
  readonly size: number;
  /** Whether the host knows whole numbers, whose indices it checks. */
  readonly isKnown: boolean;
}

function lieOf(x: NDArray, device: Pick<Runner<unknown>, "owns">): Lie {
  if (!device.owns(x)) return { kind: "host", stride: [], offset: 0, size: comesAlong(x) ? 1 : x.size, isKnown: true };
  const { storage, stride, offset } = x;
  const { size, host, dtype } = storage.place;
  if (storage.constant !== undefined) return { kind: "constant", stride, offset: 0, size, isKnown: true };
  return { kind: "stored", stride, offset: offset % 4, size, isKnown: dtype === "int32" && host !== undefined };
}

const isAlike = (a: Lie, b: Lie): boolean =>
  a.kind === b.kind &&
  a.offset === b.offset &&
  a.size === b.size &&
  a.isKnown === b.isKnown &&
  a.stride.every((step, axis) => step === b.stride[axis]);

/** A value of the host that draws read from here on: one value is a uniform of theirs, others are moved to the device. */
interface FeedCommand {
  readonly kind: "feed";
  /** The operation that meets it first. */
  readonly op: string;
  readonly x: NDArray;
  readonly storage: Storage;
  readonly isUniform: boolean;
}

/** The recording of a graph, with storages that stand for those of a run. */
interface Commands {
  readonly commands: readonly (Command | FeedCommand)[];
  readonly views: ReadonlyMap<NDArray, GpuView>;
}

/** Numbers that the host knows in each run, and no kernel sees. */
const unseen = new Int32Array(0);

/** Returns whether one value, however often, gives one value. */
const isPointwise = (operation: PrimitiveName | Operation): boolean =>
  typeof operation === "string" &&
  (primitives[operation].kind === "view" || primitives[operation].kind === "elementwise" || operation === "cast");

/** Something that stands for a storage of each run. */
function placeholder(place: Place): Storage {
  const storage = new Storage(place);
  storage.varies = true;
  return storage;
}

function record<W>(
  device: Runner<W>,
  recording: Recording<W>,
  { inputs, equations, outputs }: Graph,
  lies: readonly Lie[],
  given: ArrayList,
): Commands {
  const commands: (Command | FeedCommand)[] = recording.commands;
  const views = new Map<NDArray, GpuView>();
  const onHost = new Set<NDArray>();
  /** Those on the host that are one value, however often. */
  const uniform = new Set<NDArray>();
  const add = (x: NDArray, storage: Storage, { stride, offset }: Strided): void => {
    views.set(x, { aval: x.aval, storage, stride, offset });
  };

  inputs.forEach((x, i) => {
    const { kind, size, isKnown } = lies[i];
    if (kind === "host") {
      onHost.add(x);
      if (size <= 1) uniform.add(x);
    }
    // Numbers that the host knows now it knows in each run; no kernel gets to see them.
    else add(x, placeholder(new Place(x.dtype, size, isKnown ? (given[i] as GpuArray).storage.place.host : undefined)), lies[i]);
  });

  const readers = new Map<NDArray, Equation[]>();
  for (const equation of equations) for (const x of equation.inputs) readers.set(x, [...(readers.get(x) ?? []), equation]);
  /** Returns whether one equation reads a value, through views that nothing else reads, and nothing gives it back. */
  const isReadOnce = (x: NDArray): boolean => {
    const [reader, ...others] = readers.get(x) ?? [];
    if (!reader || others.length > 0 || outputs.includes(x)) return false;
    const isView = typeof reader.operation === "string" && primitives[reader.operation].kind === "view";
    return !isView || isReadOnce(reader.outs[0]);
  };
  const isHere = (x: NDArray): boolean => views.has(x) || (!onHost.has(x) && device.owns(x));
  const viewOf = (op: string, x: NDArray): GpuView => {
    const known = views.get(x);
    if (known !== undefined) return known;
    if (onHost.has(x)) {
      const isUniform = uniform.has(x);
      const one = device.filled(0, x.aval);
      const storage = placeholder(isUniform ? one.storage.place : new Place(x.dtype, x.size, x.dtype === "int32" ? unseen : undefined));
      commands.push({ kind: "feed", op, x, storage, isUniform });
      add(x, storage, isUniform ? one : { stride: x.aval.stride, offset: 0 });
    } else add(x, ...fixed(device.put(x)));
    return views.get(x) as GpuView;
  };
  const fixed = (x: GpuArray): [Storage, Strided] => {
    if (x.storage.constant === undefined && x.size > 0) device.texture(x.storage);
    return [x.storage, x];
  };

  const called = (equation: Equation): void => {
    const { operation, outs } = equation;
    for (const x of equation.inputs) {
      const storage = views.get(x)?.storage;
      if (storage) recording.compute(storage);
    }
    const isOver = equation.inputs.some(isHere);
    const isOne = (x: NDArray): boolean => (onHost.has(x) ? uniform.has(x) : comesAlong(x));
    const results = outs.map((out) => {
      // A result that the device cannot hold is left where it is: nothing here reads it.
      const leaves = !isOver || !device.dtypes.includes(out.dtype) || (nameOf(equation) === "to" && (out.device as unknown) !== device);
      if (leaves) {
        onHost.add(out);
        if (out.size <= 1 || (!isOver && isPointwise(operation) && equation.inputs.every(isOne))) uniform.add(out);
        return undefined;
      }
      // Indices that the host has checked it knows.
      const host = operation === "wrapIndex" ? unseen : undefined;
      const storage = placeholder(new Place(out.dtype, out.size, host));
      add(out, storage, { stride: out.aval.stride, offset: 0 });
      return storage;
    });
    commands.push({ kind: "call", equation, results });
  };

  for (const equation of equations) {
    const { operation, params, outs } = equation;
    const [out] = outs;
    if (typeof operation !== "string" || !equation.inputs.some(isHere)) {
      called(equation);
      continue;
    }
    const operands = equation.inputs.map((x) => viewOf(operation, x));
    const [first] = operands;
    device.checkResult(operation, first.aval.dtype, out.dtype);
    const rule = (viewRules as Readonly<Record<string, AnyView | undefined>>)[operation];
    const view = operation === "stopGradient" ? first : rule?.(first, params, out.aval);
    if (view) add(out, first.storage, view);
    else if (out.size === 0) add(out, new Storage(new Place(out.dtype, 0, new Float32Array(0))), { stride: out.aval.stride, offset: 0 });
    else
      try {
        const storage = recording.run(operation as KernelName, operands, params, out.aval);
        add(out, storage, { stride: out.aval.stride, offset: 0 });
        (isReadOnce(out) ? recording.once : recording.shared).add(storage);
      } catch (error) {
        if (!(error instanceof NeedsNumbers)) throw error;
        called(equation);
      }
  }
  for (const x of outputs) {
    const view = x && views.get(x);
    if (view) recording.compute(view.storage);
  }
  recording.join();
  for (const [x, { storage, stride, offset }] of views) {
    const place = recording.places.get(storage);
    if (place) add(x, place.storage, { stride, offset: offset + place.start });
  }
  return { commands, views };
}

/** A program of `jit`, as a device has recorded it. */
export interface RecordedProgram {
  /** The number of draws of a run. */
  readonly draws: number;
  /** The operations that are called one by one in each run, as without a program. */
  readonly calls: readonly string[];
  /** The number of textures that all values between arguments and results share. */
  readonly textures: number;
  /** A line for each draw, with the operations that it computes, and for each call. */
  toString(): string;
}

/** A texture that intermediate values have one after the other. */
interface Register {
  readonly key: string;
  readonly place: Place;
  /** The last command that reads it. */
  until: number;
}

/** A draw with the numbers of what it reads and writes. */
interface Step {
  readonly name: string;
  readonly draw: Draw;
  readonly places: readonly Place[];
  readonly reads: readonly number[];
  readonly targets: readonly number[];
  /** The starts of what it reads, in storages that are shared. */
  readonly starts: readonly number[];
  /** Whether it reads inputs, which may begin anywhere. */
  readonly hasBases: boolean;
}

/**
 * A graph as the draws that it makes on a device, for inputs that lie in one way. It is recorded once: kernels choose their programs and
 * write them, with storages that stand for those of a run. A run gives each draw its textures: of inputs and results, which are arrays', and
 * of what is between, which is taken for the run and planned by last use.
 */
export class CommandList<W> implements RecordedProgram {
  readonly #lies: readonly Lie[];
  readonly #steps: readonly (Step | CallCommand | FeedCommand)[];
  readonly #views: ReadonlyMap<NDArray, GpuView>;
  /** The storages of the recording have numbers. */
  readonly #numbers = new Map<Storage, number>();
  /** By the number: the storage in each run, where it is the same one. */
  readonly #fixed: (Storage | undefined)[] = [];
  readonly #registers: Register[] = [];
  /** By the number: the register that has it. */
  readonly #registerOf: (number | undefined)[] = [];

  constructor(
    readonly device: Runner<W>,
    readonly graph: Graph,
    inputs: ArrayList,
  ) {
    this.#lies = inputs.map((x) => lieOf(x, device));
    const recording = device.recording();
    const { commands, views } = record(device, recording, graph, this.#lies, inputs);
    this.#views = views;
    const drawn = new Set(commands.flatMap((command) => (command.kind === "draw" ? command.targets : [])));
    const { places } = recording;
    const number = (given: Storage): number => {
      const storage = places.get(given)?.storage ?? given;
      let own = this.#numbers.get(storage);
      if (own === undefined) {
        own = this.#numbers.size;
        this.#numbers.set(storage, own);
        this.#fixed.push(drawn.has(storage) || storage.varies ? undefined : storage);
      }
      return own;
    };
    this.#steps = commands.map((command) =>
      command.kind === "draw"
        ? {
            name: command.name,
            draw: recording.drawOf(command as DrawCommand<W>),
            places: command.targets.map(({ place }) => place),
            reads: command.program.reads.map(number),
            targets: command.targets.map(number),
            starts: command.program.reads.map((storage) => places.get(storage)?.start ?? 0),
            hasBases: command.program.reads.some((storage) => storage.varies),
          }
        : command,
    );
    const seen = [...commands.flatMap((command) => (command.kind === "call" ? command.equation.inputs : [])), ...graph.outputs];
    for (const storage of [...graph.inputs, ...seen].flatMap((x) => (x && views.get(x)?.storage) ?? [])) number(storage);
    for (const command of commands) if (command.kind === "feed" && !command.isUniform) number(command.storage);
    for (const command of commands) if (command.kind === "call") for (const storage of command.results) if (storage) number(storage);
    const isSeen = new Set(seen.flatMap((x) => (x && views.get(x)?.storage) ?? []));
    this.#plan([...this.#numbers.keys()].map((storage) => isSeen.has(storage)));
  }

  /** Gives a register to each value that nothing but draws sees. */
  #plan(isSeen: readonly boolean[]): void {
    const last = new Map<number, number>();
    this.#steps.forEach((step, at) => {
      if ("reads" in step) for (const k of [...step.reads, ...step.targets]) last.set(k, at);
    });
    this.#steps.forEach((step, at) => {
      if (!("reads" in step)) return;
      step.targets.forEach((k, i) => {
        if (isSeen[k]) return;
        const place = step.places[i];
        const { width, height } = this.device.form(place);
        const key = `${place.kind} ${width} ${height}`;
        let found = this.#registers.find((register) => register.key === key && register.until < at);
        if (!found) {
          found = { key, place, until: at };
          this.#registers.push(found);
        }
        found.until = last.get(k) as number;
        this.#registerOf[k] = this.#registers.indexOf(found);
      });
    });
  }

  takes(inputs: ArrayList): boolean {
    for (let i = 0; i < inputs.length; i++) if (!isAlike(lieOf(inputs[i], this.device), this.#lies[i])) return false;
    return true;
  }

  /** @param isOutermost whether the inputs are a user's, and not another program's */
  run(inputs: ArrayList, isOutermost: boolean): Parts {
    const { device, graph } = this;
    const { textures: memory } = device;
    memory.clock++;
    const storages = this.#fixed.slice();
    const bases: number[] = [];
    const textures: (Texture | undefined)[] = [];
    const onHost = new Map<NDArray, NDArray>();
    graph.inputs.forEach((x, i) => {
      const own = inputs[i];
      const { kind, offset } = this.#lies[i];
      if (kind === "host") {
        onHost.set(x, own);
        return;
      }
      const { storage } = this.#views.get(x) as GpuView;
      const k = this.#numbers.get(storage) as number;
      const { storage: actual, offset: start } = own as GpuArray;
      storages[k] = actual;
      if (kind === "constant") storage.place.host = actual.place.host;
      bases[k] = kind === "constant" ? 0 : start - offset;
    });
    const valueOf = (x: NDArray): NDArray => {
      const view = this.#views.get(x);
      const host = onHost.get(x);
      if (host ?? !view) return host ?? x;
      const { aval, storage, stride, offset } = view as GpuView;
      const k = this.#numbers.get(storage) as number;
      return device.array(aval, storages[k] as Storage, stride, offset + (bases[k] ?? 0));
    };
    const textureOf = (k: number): Texture => {
      textures[k] ??= device.texture(storages[k] as Storage);
      return textures[k];
    };
    const registers = this.#registers.map(({ place }) => memory.borrow(place));
    const targetOf = (k: number, { dtype, size }: Place): Texture => {
      const register = this.#registerOf[k];
      if (register !== undefined) textures[k] = registers[register];
      else {
        const storage = device.store(new Place(dtype, size, undefined));
        storages[k] = storage;
        textures[k] = memory.take(storage.place, storage);
      }
      return textures[k] as Texture;
    };
    const whole = (x: GpuArray): Storage => (isWhole(x) ? x.storage : device.defer("copy", [x], x.aval));
    try {
      for (const step of this.#steps) {
        if ("reads" in step) {
          const { draw, places, reads, targets, starts, hasBases } = step;
          const read = reads.map(textureOf);
          const written = targets.map((k, i) => targetOf(k, places[i]));
          draw.run(read, written, hasBases ? reads.map((k, i) => starts[i] + (bases[k] ?? 0)) : starts);
        } else if (step.kind === "feed") {
          const { op, x, storage, isUniform } = step;
          const value = onHost.get(x) as NDArray;
          // A value that a program has made itself comes along; an argument of the user does as without a program.
          if (isOutermost && graph.inputs.includes(x)) device.meet(op, value);
          const own = device.put(value);
          if (isUniform) storage.place.host = own.storage.place.host;
          else storages[this.#numbers.get(storage) as number] = whole(own);
        } else {
          const { operation, inputs: own, params, outs } = step.equation;
          const all = own.map(valueOf);
          const isOver = all.some((x) => device.owns(x));
          const values = isOver ? all.map((x) => (device.owns(x) || comesAlong(x) ? x : device.put(x))) : all;
          const results = apply(operation, values, params);
          step.results.forEach((storage, i) => {
            if (storage === undefined) onHost.set(outs[i], results[i]);
            else {
              storages[this.#numbers.get(storage) as number] = whole(device.put(results[i]));
            }
          });
          // Other draws may have moved arrays to the host.
          memory.clock++;
          storages.forEach((storage, k) => {
            if (storage) textures[k] = undefined;
          });
        }
      }
    } finally {
      for (const texture of registers) memory.giveBack(texture);
    }
    return graph.outputs.map((x) => {
      const at = x === undefined ? -1 : graph.inputs.indexOf(x);
      return at < 0 ? x && valueOf(x) : inputs[at];
    });
  }

  get draws(): number {
    return this.#steps.filter((step) => "reads" in step).length;
  }

  get calls(): readonly string[] {
    return this.#steps.flatMap((step) => ("equation" in step && step.results.some((x) => x) ? [nameOf(step.equation)] : []));
  }

  get textures(): number {
    return this.#registers.length;
  }

  toString(): string {
    return this.#steps
      .flatMap((step) => ("reads" in step ? [`draw ${step.name}`] : step.kind === "call" ? [`call ${nameOf(step.equation)}`] : []))
      .join("\n");
  }
}
