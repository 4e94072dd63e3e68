import type { DType } from "@ad/core";
import type { Concrete, KernelName } from "@ad/core/internals/backend";
import { type Aval, type Equation, primitives } from "@ad/core/internals/trace";
import type { Draw, Graphics, Program, Written } from "./graphics.js";
import type { GpuKernel, Host, KernelContext, Limits } from "./kernel.js";
import { excess, frozen, isWhole, prepare, steps } from "./planning.js";
import { grouped, maxReads, type Shared, startsOf } from "./sharing.js";
import { type GpuView, Place, Storage } from "./storage.js";
import type { Form } from "./texture.js";

/** A draw that is repeated: what it reads and writes is another texture in each run. */
export interface DrawCommand<W = unknown> {
  readonly kind: "draw";
  readonly written: Written<W>;
  /** Whether it computes an expression, which nothing more is joined with. */
  readonly isExpression: boolean;
  /** The operations that it computes, for readers. */
  readonly name: string;
  readonly program: Program;
  readonly targets: readonly Storage[];
}

/** An operation that is called in each run, as without a program. Its results on the device lie in order. */
export interface CallCommand {
  readonly kind: "call";
  readonly equation: Equation;
  /** For each result its storage; undefined: it is on the host. */
  readonly results: readonly (Storage | undefined)[];
}

export type Command = DrawCommand | CallCommand;

/** Thrown where a kernel asks for numbers: the operation is to be called in each run. */
export class NeedsNumbers {}

/** The part of a device that a recording needs. */
export interface Recorded<W> {
  readonly limits: Limits;
  readonly chain: number;
  view(storage: Storage, shape: readonly number[]): GpuView;
  filled(value: number, aval: Aval): GpuView;
  onHostNow(x: GpuView): Concrete;
  form(place: Place): Form;
  readonly graphics: Graphics<W>;
}

/** The most elements of an expression that are computed again to save a draw. */
const maxAgain = 1 << 16;

/** Returns whether a value takes no more than to write it and to read it again. */
const isArithmetic = (operation = ""): boolean =>
  (primitives as Readonly<Record<string, { cost?: string }>>)[operation]?.cost === "arithmetic";

/** Kernels work on it as on a device: draws are written down instead of drawn, with storages that stand for those of each run. */
export class Recording<W> implements KernelContext<W> {
  readonly commands: Command[] = [];
  readonly limits: Limits;
  /** The storages of values that one equation reads, and nothing else. */
  readonly once = new Set<Storage>();
  /** The storages of values that several read, or that are given back. */
  readonly shared = new Set<Storage>();
  /** The places of results that share a storage. */
  readonly places = new Map<Storage, Shared>();
  readonly #pending: (readonly Storage[])[] = [];
  /** The operation whose kernel is at work. */
  #name = "";

  constructor(readonly device: Recorded<W>) {
    this.limits = device.limits;
  }

  run(name: KernelName, operands: readonly GpuView[], params: unknown, out: Aval): Storage {
    const kernel = this.device.graphics.kernels[name] as GpuKernel<W, unknown> | Host;
    // A negative exponent, which whole numbers have no powers for, is seen in each run.
    const looks = name === "pow" && out.dtype === "int32" && operands[1].storage.varies;
    if (typeof kernel !== "function" || looks) throw new NeedsNumbers();
    this.#name = name;
    return kernel(this, operands, params, out);
  }

  defer(operation: string, inputs: readonly GpuView[], out: Aval): Storage {
    const storage = this.store(new Place(out.dtype, out.size, undefined));
    storage.expression = { operation, inputs };
    for (const x of inputs) x.storage.readers++;
    for (let first = excess(inputs, this.device.chain); first; first = excess(inputs, this.device.chain)) this.compute(first);
    return storage;
  }

  /** Computes what is an expression yet. */
  compute(storage: Storage): void {
    if (!storage.lazy) return;
    const { graphics } = this.device;
    this.drawMany([storage], [this.view(storage, [storage.place.size])], graphics.elements(storage.place.kind));
    storage.expression = undefined;
  }

  draw(dtype: DType, size: number, operands: readonly GpuView[], write: W): Storage {
    const target = this.store(new Place(dtype, size, undefined));
    this.drawMany([target], operands, write);
    return target;
  }

  drawMany(targets: readonly Storage[], operands: readonly GpuView[], write: W): void {
    const { device } = this;
    const { graphics } = device;
    const own = this.#name;
    this.#endShared(targets[0], operands);
    prepare(operands, targets[0], (storage) => this.compute(storage));
    const joined = steps(operands).map(({ expression }) => expression?.operation);
    const written = { write, operands: frozen(operands) };
    const program = graphics.program(write, written.operands);
    this.#computeAll(program.reads);
    const isExpression = targets[0].lazy;
    if (isExpression && this.#end(targets[0], joined)) return;
    const name = [...joined, ...(isExpression ? [] : [own])].join(" ");
    this.commands.push({ kind: "draw", written, isExpression, name, program, targets });
  }

  /** A draw as it is recorded, for textures of the forms that its storages have. */
  drawOf({ program, targets }: DrawCommand<W>): Draw {
    const formOf = (storage: Storage): Form => this.device.form((this.places.get(storage)?.storage ?? storage).place);
    return this.device.graphics.draw(program, program.reads.map(formOf), targets.map(formOf), targets[0].place.size);
  }

  /** Computes the storages that a program reads; it is written, and not drawn yet, so that they have to stay. */
  #computeAll(reads: readonly Storage[]): void {
    this.#pending.push(reads);
    for (const storage of reads) this.compute(storage);
    this.#pending.pop();
  }

  /**
   * The draw that may end with an expression, and the value in the expression that it makes: nothing else reads that. A sum and what is done
   * with it are one draw then.
   */
  #beginning(target: Storage): { readonly maker: DrawCommand<W>; readonly from: Storage } | undefined {
    const { graphics, chain } = this.device;
    if (!graphics.ending || chain === 1) return undefined;
    const inside = steps([this.view(target, [target.place.size])]);
    if (!inside.every((storage) => storage === target || this.once.has(storage))) return undefined;
    const draws = this.#draws();
    const isRead = (from: Storage): boolean =>
      this.#pending.some((reads) => reads.includes(from)) || draws.some(({ program }) => program.reads.includes(from));
    for (const { storage: from } of inside.flatMap(({ expression }) => expression?.inputs.filter(isWhole) ?? [])) {
      if (from.place.size !== target.place.size || from.readers !== 1 || !this.once.has(from) || isRead(from)) continue;
      const maker = draws.find(({ targets }) => targets.includes(from));
      if (maker && !maker.isExpression && maker.targets.length === 1) return { maker, from };
    }
    return undefined;
  }

  /** Lets a draw end with an expression, where one may. */
  #end(target: Storage, joined: readonly (string | undefined)[]): boolean {
    const { graphics } = this.device;
    const found = this.#beginning(target);
    if (!found || !graphics.ending) return false;
    const { maker, from } = found;
    const { operands } = maker.written;
    const write = graphics.ending(maker.written.write, from, frozen([this.view(target, [target.place.size])])[0]);
    const program = graphics.program(write, operands);
    if (program.reads.length > maxReads) return false;
    this.#computeAll(program.reads);
    const name = [maker.name, ...joined].join(" ");
    this.commands.splice(this.commands.indexOf(maker), 1);
    this.commands.push({ kind: "draw", written: { write, operands }, isExpression: true, name, program, targets: [target] });
    return true;
  }

  /** Computes those of the expressions that a program would write out that others read too, where a draw may end with them. */
  #endShared(target: Storage, operands: readonly GpuView[]): void {
    for (const storage of steps(operands))
      if (storage !== target && this.shared.has(storage) && this.#beginning(storage)) this.compute(storage);
  }

  #draws(): DrawCommand<W>[] {
    return this.commands.filter((command): command is DrawCommand<W> => command.kind === "draw");
  }

  /** Lets small draws that do not wait for one another be one draw, between two calls. */
  join(): void {
    if (!this.device.graphics.beside || this.device.chain === 1) return;
    let draws: DrawCommand<W>[] = [];
    const flush = (): void => {
      for (const group of grouped(draws)) this.commands.push(group.length === 1 ? group[0] : this.#beside(group));
      draws = [];
    };
    for (const command of this.commands.splice(0)) {
      if (command.kind === "draw") draws.push(command as DrawCommand<W>);
      else {
        flush();
        this.commands.push(command);
      }
    }
    flush();
  }

  /** The draw that makes the results of several. */
  #beside(group: readonly DrawCommand<W>[]): DrawCommand<W> {
    const graphics = this.device.graphics as Required<Graphics<W>>;
    const [{ place }] = group[0].targets;
    const starts = startsOf(group);
    const pieces = group.map(({ written }, k) => ({ ...written, start: starts[k] }));
    const written = { write: graphics.beside(place.kind, pieces), operands: pieces.flatMap(({ operands }) => operands) };
    const storage = this.store(new Place(place.dtype, starts[group.length], undefined));
    group.forEach(({ targets }, k) => {
      this.places.set(targets[0], { storage, start: starts[k] });
    });
    const name = group.map((draw) => draw.name).join(", ");
    const program = graphics.program(written.write, written.operands);
    return { kind: "draw", written, isExpression: false, name, program, targets: [storage] };
  }

  store(place: Place): Storage {
    return new Storage(place);
  }
  view(storage: Storage, shape: readonly number[]): GpuView {
    return this.device.view(storage, shape);
  }
  filled(value: number, aval: Aval): GpuView {
    return this.device.filled(value, aval);
  }
  filledStorage(value: number, out: Aval): Storage {
    return this.defer("copy", [this.filled(value, out)], out);
  }
  materialised(x: GpuView): GpuView {
    this.compute(x.storage);
    return x;
  }
  /** An expression of arithmetic takes less than a draw where it is small, or read once; unless it costs no draw, as another one ends with it. */
  reread(x: GpuView, times: number): GpuView {
    const isCheap = steps([x]).every(({ expression }) => isArithmetic(expression?.operation));
    const isLittle = times === 1 || x.aval.size * times <= maxAgain;
    return isCheap && isLittle && !this.#beginning(x.storage) ? x : this.materialised(x);
  }
  /** The last use of each storage is known once all is recorded. */
  release(): void {}

  onHost(): never {
    throw new NeedsNumbers();
  }
  onHostNow(x: GpuView): Concrete {
    const { varies, place } = x.storage;
    if (varies || (place.host ?? place.texture) === undefined) throw new NeedsNumbers();
    return this.device.onHostNow(x);
  }
}
