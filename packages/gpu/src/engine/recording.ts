import type { DType } from "@ad/core";
import type { Concrete, KernelName } from "@ad/core/internals/backend";
import type { Aval, Equation } from "@ad/core/internals/trace";
import type { Draw, Graphics } from "./graphics.js";
import type { GpuKernel, Host, KernelContext, Limits } from "./kernel.js";
import { excess, prepare, steps } from "./planning.js";
import { type GpuView, Place, Storage } from "./storage.js";
import type { Form } from "./texture.js";

/** A draw that is repeated: what it reads and writes is another texture in each run. */
export interface DrawCommand<W = unknown> {
  readonly kind: "draw";
  /** The program that a kernel has written, to be written again with an expression behind it. */
  readonly written?: { readonly write: W; readonly operands: readonly GpuView[] } | undefined;
  /** The operations that it computes, for readers. */
  readonly name: string;
  readonly draw: Draw;
  readonly reads: readonly Storage[];
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

/** The most textures that a program with an expression at its end reads: all drivers let it have so many. */
const maxReads = 15;

/** Kernels work on it as on a device: draws are written down instead of drawn, with storages that stand for those of each run. */
export class Recording<W> implements KernelContext<W> {
  readonly commands: Command[] = [];
  readonly limits: Limits;
  /** The storages of values that one equation reads, and nothing else. */
  readonly once = new Set<Storage>();
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
    prepare(operands, targets[0], (storage) => this.compute(storage));
    const joined = steps(operands).map(({ expression }) => expression?.operation);
    const program = graphics.program(write, operands);
    this.#computeAll(program.reads);
    if (targets[0].lazy && this.#end(targets[0], program.reads, joined)) return;
    const formOf = ({ place }: Storage): Form => device.form(place);
    const draw = graphics.draw(program, program.reads.map(formOf), targets.map(formOf), targets[0].place.size);
    const name = [...joined, ...(targets[0].lazy ? [] : [own])].join(" ");
    const written = targets.length === 1 && !targets[0].lazy ? { write, operands } : undefined;
    this.commands.push({ kind: "draw", written, name, draw, reads: program.reads, targets });
  }

  /** Computes the storages that a program reads; it is written, and not drawn yet, so that they have to stay. */
  #computeAll(reads: readonly Storage[]): void {
    this.#pending.push(reads);
    for (const storage of reads) this.compute(storage);
    this.#pending.pop();
  }

  /**
   * Lets the program that makes an operand of an expression end with the expression, where nothing else reads the operand: a sum and what is
   * done with it are one draw.
   */
  #end(target: Storage, reads: readonly Storage[], joined: readonly (string | undefined)[]): boolean {
    const { graphics, chain } = this.device;
    if (!graphics.ending || chain === 1) return false;
    const expression = this.view(target, [target.place.size]);
    if (!steps([expression]).every((storage) => storage === target || this.once.has(storage))) return false;
    for (const from of reads) {
      if (from.place.size !== target.place.size || from.readers !== 1 || !this.once.has(from)) continue;
      const maker = this.commands.find((command) => command.kind === "draw" && command.targets[0] === from) as DrawCommand<W> | undefined;
      const written = maker?.written;
      const isRead = this.#pending.some((all) => all.includes(from));
      if (!maker || !written || isRead || this.commands.some((command) => command.kind === "draw" && command.reads.includes(from)))
        continue;
      const program = graphics.program(graphics.ending(written.write, from, expression), written.operands);
      if (program.reads.length > maxReads || program.reads.includes(from)) continue;
      this.#computeAll(program.reads);
      const formOf = ({ place }: Storage): Form => this.device.form(place);
      const draw = graphics.draw(program, program.reads.map(formOf), [formOf(target)], target.place.size);
      this.commands.splice(this.commands.indexOf(maker), 1);
      this.commands.push({ kind: "draw", name: [maker.name, ...joined].join(" "), draw, reads: program.reads, targets: [target] });
      return true;
    }
    return false;
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
