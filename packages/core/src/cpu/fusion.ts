import { stepOf } from "../array/views.js";
import { type Aval, type Data, isFloat } from "../engine/aval.js";
import { lastUses, topologicalOrder } from "../engine/graph.js";
import { elementwise as rows } from "../primitives/elementwise.js";
import { type CpuArena, inArena, NotCloned, type Pending, type Stored } from "./arena.js";
import { isTall } from "./layout.js";
import { limits } from "./limits.js";
import type { CpuView } from "./operands.js";
import { isShared, lend, room } from "./storage.js";
import { mend } from "./wasm/elementwise.js";
import { type Binary, binaries, bitsOf, floatsOf, load, threadPool, type Unary, unaries } from "./wasm/module.js";
import { Source, Tiling, tile } from "./wasm/tiles.js";

/** The most operations that are computed together. */
const maxSteps = 32;

/** Arrays that wait to be read by them: none of these can be used again before. */
const maxLines = 8;

/** The most times that cheap arithmetic is computed again for other results; then its result is kept. */
const maxRecomputations = 2;

/** So many arrays may be held, where nobody knows how long, in place of one that is made of them. */
const maxHeld = 2;

/** Bytes of the module's memory that a reader may use while it gets an expression part by part. */
const readerBytes = 1 << 24;

/**
 * A concatenation of long columns outside of arenas waits for its first reader, because columns one behind the other are as cheap to write as rows: whoever
 * reads columns first finds them so, everyone else finds rows.
 */
const join = "concatenate";

type Name = Unary | Binary | "select" | typeof join;

const two = new Set<string>(binaries);
const known = new Set<string>([...unaries, ...binaries, "select"]);

/** A reader of an expression: `use` gets so many elements at a time, and the last time what is left, from position `at` of the module's memory on. */
export interface Reader {
  readonly elements: number;
  use(memory: Data, at: number, first: number, n: number): void;
}

/**
 * An elementwise operation that has not been computed yet. Elementwise operations that read it are computed together with it, tile by tile,
 * and most of the values between are never written to memory.
 */
export class LazyExpression extends NotCloned implements Stored, CpuView {
  readonly offset = 0;
  data: Data | undefined;
  users = 0;
  holds = true;
  times = 0;

  constructor(
    readonly name: Name,
    public operands: readonly CpuView[],
    readonly aval: Aval,
    /** None outside of arenas, where nobody knows who will read a value. */
    readonly arena: CpuArena | undefined,
    /** Computes the operation by itself. */
    readonly kernel: (inputs: readonly CpuView[]) => Data,
  ) {
    super();
    arena?.await();
    for (const x of operands)
      if (arena) arena.hold(x);
      else if (x instanceof LazyExpression) x.users++;
  }

  get pending(): LazyExpression {
    return this;
  }
  get stride(): readonly number[] {
    return this.aval.stride;
  }

  /** The numbers, which are computed on the first read. */
  get storage(): Data {
    if (this.data === undefined) this.#compute();
    return this.data as unknown as Data;
  }

  /** Hands the numbers to a reader. False where they are to be kept, and where there is no memory for it. */
  inParts(reader: Reader): boolean {
    return !this.isKept(1) && this.#compute(reader);
  }

  /** Results that are allocated meanwhile are the arena's, or nobody's. */
  #compute(reader?: Reader): boolean {
    const { arena } = this;
    return inArena(arena?.isOver ? undefined : arena, () => compute(this, reader));
  }

  /** Takes the array that the numbers are written to, and lets the operands go. */
  materialise(data: Data): void {
    const { arena, operands } = this;
    this.data = data;
    this.operands = [];
    arena?.materialised(this);
    if (this.holds) for (const x of operands) arena?.drop(x);
    // An operation that waits for it reads the storage later.
    if (arena === undefined && this.users > 0) lend(data);
  }

  /** Whether the numbers are written to storage if they are computed for another operation; `users` are as many as would want them again. */
  isKept(users: number): boolean {
    const isOutside = this.arena === undefined;
    if (costOf(this) === "function") return isOutside || this.users >= users;
    return this.times + 1 >= maxRecomputations || (isOutside && leavesOf(steps([this])).size > maxHeld);
  }
}

const costOf = ({ name }: LazyExpression): string => (name === "select" ? "arithmetic" : rows[name as Unary].cost);

/** The expression that an array waits for, if it does, and may be computed together with others. */
export function waitingFor({ pending }: { readonly pending: Pending }): LazyExpression | undefined {
  const later = pending as LazyExpression;
  return later.data || later.name === join ? undefined : later;
}

/** The operation outside of arenas that waits for the next large one. */
let last: LazyExpression | undefined;

/** Computes that operation, unless it is one of these operands. */
export function settle(operands: readonly Stored[]): void {
  const waiting = last;
  last = undefined;
  if (waiting?.data === undefined && !operands.some(({ pending }) => pending === waiting)) waiting?.storage;
}

/** Whether an operation on so many elements may wait. */
export const isLarge = (size: number): boolean => size * 4 >= limits.lazy;

/** The operation, to be computed later: if it is one of floats of one type. */
export function defer(
  name: string,
  inputs: readonly (CpuView & Stored)[],
  out: Aval,
  arena: CpuArena | undefined,
  kernel: LazyExpression["kernel"],
): LazyExpression | undefined {
  const { dtype } = out;
  const isOutside = arena === undefined;
  const joins = isOutside && name === join && out.ndim === 2 && isTall(out) && inputs.every(({ aval }) => aval.shape[0] === out.shape[0]);
  if (!(joins || known.has(name)) || !isFloat(dtype)) return undefined;
  const floats = name === "select" ? inputs.slice(1) : inputs;
  if (floats.some((x) => x.aval.dtype !== dtype)) return undefined;
  if (isOutside && (threadPool || inputs.some((x) => !waitingFor(x) && isShared(x.storage)))) return undefined;
  if (load(tile) === undefined) return undefined;
  const waiting = waitingAmong(inputs.map((x) => waitingFor(x) ?? x));
  if (waiting.length > 0) {
    const order = steps(waiting);
    const isFull = order.length >= maxSteps || leavesOf(order).size > maxLines;
    // Outside of arenas a function is written in any case, and does not wait longer.
    for (const x of waiting) if (joins || isFull || x.arena !== arena || (isOutside && costOf(x) === "function")) x.storage;
  }
  const operands = inputs.map((x) => waitingFor(x) ?? (isOutside ? lent(x) : x));
  const later = new LazyExpression(name as Name, operands, out, arena, kernel);
  if (isOutside) last = later;
  return later;
}

/** The numbers as they are: an array gets other storage when the user is given its own. */
function lent({ aval, storage, stride, offset }: CpuView): CpuView {
  lend(storage);
  return { aval, storage, stride, offset };
}

/** The operands that are not computed yet. */
const waitingAmong = (operands: readonly CpuView[]): LazyExpression[] =>
  operands.filter((x): x is LazyExpression => x instanceof LazyExpression && x.data === undefined);

/** The lazy expressions among the operands and beneath them, each after its own operands. */
const steps = (operands: readonly CpuView[]): LazyExpression[] => topologicalOrder(waitingAmong(operands), (x) => waitingAmong(x.operands));

/** The arrays that they read. */
const leavesOf = (order: readonly LazyExpression[]): Set<CpuView> =>
  new Set(
    order.flatMap(({ operands }) => operands.filter((x) => !(x instanceof LazyExpression && x.data === undefined) && stepOf(x) !== 0)),
  );

/** Does one step for the n elements from i on. */
type Act = (i: number, n: number) => void;

/** Computes an expression: to storage, or part by part for a reader. False where there is no memory for parts. */
function compute(root: LazyExpression, reader?: Reader): boolean {
  if (!reader && waitingAmong(root.operands).length === 0) {
    root.materialise(root.kernel(root.operands));
    return true;
  }
  const { dtype, shape, size } = root.aval;
  const order = steps([root]);
  const width = dtype === "float32" ? 4 : 8;
  const lastUse = lastUses<LazyExpression, CpuView>(order, ({ operands }) => operands);
  const strided = [...lastUse.keys()].filter((x) => stepOf(x) === undefined);
  const perTile = reader ? (reader.elements + 15) & -16 : tile / width;
  const tiling = new Tiling(shape, size, reader?.elements ?? perTile, strided.length === 0);
  // A reader's memory, a tile of each value, what operands have beside their tiles, a reader's part, and what the last tile has more than that.
  const first = reader ? readerBytes : 0;
  let space = first + (lastUse.size + 1) * perTile * width;
  const sources = new Map<CpuView, { readonly source: Source; readonly beside: number }>();
  for (const x of strided) {
    const source = new Source(x, tiling);
    sources.set(x, { source, beside: space });
    space += source.space;
  }
  const loaded = load(space + (reader ? 2 * perTile * width : 0));
  if (loaded === undefined) {
    if (!reader) for (const x of order) x.materialise(x.kernel(x.operands));
    return !reader;
  }
  const { kernels, start } = loaded;
  const bits = bitsOf(width);
  const memory = floatsOf(loaded, width);
  const truths = new Uint8Array(memory.buffer);

  const [free, acts]: [number[], Act[]] = [[], []];
  const place = new Map<CpuView, number>();
  let used = 0;
  const fresh = (): number => (start + first) / width + used++ * perTile;
  const take = (): number => free.pop() ?? fresh();
  const bring = (x: CpuView): number => {
    const known = place.get(x);
    if (known !== undefined) return known;
    const { offset, storage } = x;
    const isLine = stepOf(x) === 1;
    const to = isLine ? take() : fresh();
    place.set(x, to);
    // An operand that several tiles may read stays in its place.
    if (!isLine) lastUse.set(x, order.length);
    const own = sources.get(x);
    const [target, at] = storage instanceof Uint8Array ? [truths, to * width] : [memory, to];
    if (own) acts.push((i, n) => own.source.bring(loaded, i, n, to * width, start + own.beside, false));
    else if (isLine) acts.push((i, n) => target.set(storage.subarray(offset + i, offset + i + n), at));
    else target.fill(storage[offset], at, at + perTile);
    return to;
  };

  order.forEach((step, at) => {
    const { name } = step;
    const isRoot = step === root;
    // The condition of a choice comes last.
    const operands = name === "select" ? [step.operands[1], step.operands[2], step.operands[0]] : step.operands;
    const [x, y] = operands;
    const from = operands.map(bring);
    const isLast = (z: CpuView): boolean => lastUse.get(z) === at;
    // A kernel replaces the first operand. A function may want it again, for what it leaves to Math.
    const to = costOf(step) === "arithmetic" && isLast(x) && x !== y ? from[0] : take();
    if (to !== from[0]) acts.push((_, n) => memory.copyWithin(to, from[0], from[0] + n));
    if (name === "select") {
      const kernel = kernels[`select${bits}`];
      acts.push((_, n) => kernel(to * width, (to + n) * width, (from[1] - to) * width, from[2] * width));
    } else if (two.has(name)) {
      const kernel = kernels[`${name as Binary}${bits}`];
      acts.push((_, n) => kernel(to * width, (to + n) * width, (from[1] - to) * width));
    } else {
      const kernel = kernels[`${name as Unary}${bits}`];
      const { value } = rows[name as Unary];
      acts.push((_, n) => {
        const end = (to + n) * width;
        mend(kernel, value, kernel(to * width, end), end, memory, memory, from[0] - to);
      });
    }
    for (const z of new Set(operands)) if (isLast(z) && bring(z) !== to) free.push(bring(z));
    place.set(step, to);
    if (isRoot && reader) acts.push(handed(reader, memory, to, (start + space) / width, size));
    const isKept = isRoot ? !reader : step.isKept(2);
    step.times++;
    if (!isKept) return;
    const data = room(dtype, size);
    step.materialise(data);
    acts.push((i, n) => data.set(memory.subarray(to, to + n), i));
  });
  for (let i = 0; i < size; ) {
    const n = tiling.at(i);
    for (const act of acts) act(i, n);
    i += n;
  }
  return true;
}

/** Hands a reader the elements of a tile at `from`. Where it wants more at a time, or fewer, they are collected at `part`. */
function handed({ elements, use }: Reader, memory: Float32Array | Float64Array, from: number, part: number, size: number): Act {
  let filled = 0;
  return (i, n) => {
    const end = i + n;
    if (filled === 0 && (n === elements || (end === size && n < elements))) return use(memory, from, i, n);
    memory.copyWithin(part + filled, from, from + n);
    filled += n;
    let at = part;
    for (let some = elements; filled > 0 && (filled >= some || end === size); at += some, filled -= some) {
      some = Math.min(some, filled);
      use(memory, at, end - filled, some);
    }
    memory.copyWithin(part, at, at + filled);
  };
}
