import { stepOf } from "../array/views.js";
import { type Aval, type Data, type DType, isFloat } from "../engine/aval.js";
import { lastUses, topologicalOrder } from "../engine/graph.js";
import { elementwise as rows } from "../primitives/elementwise.js";
import type { CpuArena, Stored } from "./arena.js";
import { limits } from "./limits.js";
import type { CpuView } from "./operands.js";
import { room } from "./storage.js";
import { mend } from "./wasm/elementwise.js";
import { type Binary, binaries, bitsOf, floatsOf, type Loaded, load, type Unary, unaries } from "./wasm/module.js";

/** Bytes of a value that are in the module's memory at a time. */
const tile = 1 << 15;

/** The most operations that are computed together, and the places for their values and their operands. */
const maxSteps = 32;

/** Arrays that wait to be read by them: none of these can be used again before. */
const maxLines = 8;
const places = 4 * maxSteps;

/** The most times that cheap arithmetic is computed again for other results; then its result is kept. */
const maxRecomputations = 2;

/** An array that is computed, or an operation that is not computed yet. */
type Operand = LazyExpression | CpuView;

const two = new Set<string>(binaries);
const known = new Set<string>([...unaries, ...binaries, "select"]);

/**
 * An elementwise operation that has not been computed yet. Elementwise operations that read it are computed together with it, tile by tile,
 * and most of the values between are never written to memory.
 */
export class LazyExpression implements Stored {
  data: Data | undefined;
  users = 0;
  holds = true;
  times = 0;

  constructor(
    readonly name: Unary | Binary | "select",
    /** The condition of a choice is the last of them. */
    public operands: readonly Operand[],
    readonly dtype: DType,
    readonly size: number,
    readonly arena: CpuArena,
  ) {
    arena.await();
    for (const x of operands) arena.hold(x as Stored);
  }

  get pending(): LazyExpression {
    return this;
  }

  /** The numbers, which are computed on the first read. */
  get storage(): Data {
    const { data, arena } = this;
    if (data) return data;
    const outer = arena.enter();
    try {
      compute(this);
    } finally {
      arena.leave(outer);
    }
    return this.data as Data;
  }

  /** Takes the array that the numbers are written to, and lets the operands go. */
  materialise(data: Data): void {
    this.data = data;
    this.arena.materialised(this);
    if (this.holds) for (const x of this.operands) this.arena.drop(x as Stored);
    this.operands = [];
  }
}

/** The operation, to be computed later: if it is a large one on lines of storage, in one type of float. */
export function defer(name: string, inputs: readonly (CpuView & Stored)[], out: Aval, arena: CpuArena): LazyExpression | undefined {
  const { dtype, size } = out;
  if (size * 4 < limits.lazy || !known.has(name) || !isFloat(dtype)) return undefined;
  const floats = name === "select" ? inputs.slice(1) : inputs;
  if (floats.some((x) => x.aval.dtype !== dtype) || inputs.some((x) => stepOf(x) === undefined)) return undefined;
  if (load(places * tile) === undefined) return undefined;
  const waiting = inputs.flatMap(({ pending }) => (pending instanceof LazyExpression ? [pending] : []));
  const order = steps(waiting);
  const lines = new Set(order.flatMap(({ operands }) => operands.filter((x) => !(x instanceof LazyExpression) && stepOf(x) === 1)));
  if (order.length >= maxSteps || lines.size > maxLines) for (const x of waiting) x.storage;
  const operands = (floats === inputs ? inputs : [...floats, inputs[0]]).map((x) =>
    x.pending instanceof LazyExpression && x.pending.data === undefined ? x.pending : x,
  );
  return new LazyExpression(name as LazyExpression["name"], operands, dtype, size, arena);
}

/** The operands that are not computed yet. */
const waitingAmong = (operands: readonly Operand[]): LazyExpression[] =>
  operands.filter((x): x is LazyExpression => x instanceof LazyExpression && x.data === undefined);

/** The lazy expressions among the operands and beneath them, each after its own operands. */
const steps = (operands: readonly Operand[]): LazyExpression[] => topologicalOrder(waitingAmong(operands), (x) => waitingAmong(x.operands));

/** Does one step for the n elements from i on. */
type Act = (i: number, n: number) => void;

function compute(root: LazyExpression): void {
  const { dtype, size } = root;
  const loaded = load(places * tile) as Loaded;
  const { kernels, start } = loaded;
  const width = dtype === "float32" ? 4 : 8;
  const bits = bitsOf(width);
  const memory = floatsOf(loaded, width);
  const truths = new Uint8Array(memory.buffer);
  const perTile = tile / width;
  const order = steps([root]);
  const lastUse = lastUses<LazyExpression, Operand>(order, ({ operands }) => operands);

  const [free, acts]: [number[], Act[]] = [[], []];
  const place = new Map<Operand, number>();
  let used = 0;
  const fresh = (): number => start / width + used++ * perTile;
  const take = (): number => free.pop() ?? fresh();
  const bring = (x: Operand): number => {
    const known = place.get(x);
    if (known !== undefined) return known;
    const offset = x instanceof LazyExpression ? 0 : x.offset;
    const { storage } = x;
    // A single number stays in its place from the first tile to the last.
    const isLine = x instanceof LazyExpression || stepOf(x) === 1;
    const to = isLine ? take() : fresh();
    place.set(x, to);
    const [target, at] = storage instanceof Uint8Array ? [truths, to * width] : [memory, to];
    if (isLine) acts.push((i, n) => target.set(storage.subarray(offset + i, offset + i + n), at));
    else {
      target.fill(storage[offset], at, at + perTile);
      lastUse.set(x, order.length);
    }
    return to;
  };

  order.forEach((step, at) => {
    const { name, operands } = step;
    const [x, y] = operands;
    const from = operands.map(bring);
    const isLast = (z: Operand): boolean => lastUse.get(z) === at;
    // A kernel of two operands replaces the first. A function may want it again, for what it leaves to Math.
    const to = operands.length > 1 && isLast(x) && x !== y ? from[0] : take();
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
    if (step !== root && (name !== "select" && rows[name].cost === "function" ? step.users < 2 : ++step.times < maxRecomputations)) return;
    const data = room(dtype, size);
    step.materialise(data);
    acts.push((i, n) => data.set(memory.subarray(to, to + n), i));
  });
  for (let i = 0; i < size; i += perTile) {
    const n = Math.min(perTile, size - i);
    for (const act of acts) act(i, n);
  }
}
