import type { NDArray } from "@ad/core";
import { type Map1, mend, threadPool, type Unary, unaries } from "@ad/core/internals/backend";
import { lastUses } from "@ad/core/internals/trace";
import { baseOf, bytesOf, type Emitter, locationOf, Nest, nameOf, position } from "./emit.js";
import { comparisons, dtypeOf, type Frame, frameOf, type Operand, perTile } from "./frame.js";
import type { ElementStep, FoldStep, Loop } from "./steps.js";

/** Tiles that are computed together: threads share the functions of so many. */
export const together = (): number => (threadPool ? 64 : 1);

/** Replaces n elements of memory by a function of those from another place on, of which they are a copy. */
export function map(kernel: Map1, name: Unary, memory: Float32Array | Float64Array, to: number, n: number, from: number): void {
  const bytes = memory.BYTES_PER_ELEMENT;
  const f = Math[name as "sin"];
  const done = threadPool?.map(name, f, memory, from, memory.subarray(to, to + n)) ?? 0;
  const end = (to + n) * bytes;
  mend(kernel, f, kernel((to + done) * bytes, end), end, memory, memory, from - to);
}

/** Functions of Math, and those whose kernels leave some elements to it. */
const functions: readonly string[] = unaries.slice(unaries.indexOf("exp"));

const leaving = /^(log|sin|cos|tan$)/;

/** One kernel computes both the sine and the cosine of an operand. */
const isTurn = ({ name }: ElementStep): boolean => /^(sin|cos)$/.test(name);

/** Either operand may be replaced by the result. */
const symmetric: readonly string[] = ["add", "mul", "maximum", "minimum"];

/** A loop by the vector kernels: operands are copied into the module's memory, kernels run on them, and what is read elsewhere is copied out. */
export function tiles(loop: Loop, emitter: Emitter): string {
  const { elements, folds } = loop;
  const { plan } = emitter;
  const own = new Set(elements.map(({ out }) => out));
  const frame = frameOf(loop, (x) => emitter.place(x)) as Frame;
  const { outer, lines, length } = frame;
  const size = lines * length;
  const unit = lines === 1 ? 1 : length;
  /** Elements of a tile: whole lines, or a part of one. */
  const block = Math.ceil(perTile / unit) * unit;
  const bytes = bytesOf(dtypeOf(elements[0]));
  const bits = 8 * bytes;
  const memory = `M${bytes}`;

  /** An operand from outside by where it lies, a result by itself. */
  const keyOf = (x: NDArray): string | NDArray => (own.has(x) ? x : locationOf(emitter.place(x)));
  const lastUse = lastUses(elements, ({ inputs }) => inputs.map(keyOf));
  /** The place of the first element of each value, among those of the memory. */
  const slots = new Map<string | NDArray, string>();
  const free: string[] = [];
  let used = 0;
  const fresh = (): string => `E + ${used++} * D`;
  const take = (): string => free.pop() ?? fresh();
  /** Values that must not be replaced: one value or line, which stays from the first tile to the last, and all that lies in memory. */
  const fixed = new Set<string | NDArray>();
  // Lines before everything, around the tiles of one place of the outer axes, in each tile, and at the end.
  const totals: string[] = [];
  const before: string[] = [];
  const inside: string[] = [];
  const last: string[] = [];
  const at = (slot: string): string => `(${slot}) * ${bytes}`;

  const bring = (x: NDArray): string => {
    const key = keyOf(x);
    const known = slots.get(key);
    if (known) return known;
    const place = emitter.place(x);
    const { buffer, offset } = place;
    const { kind, step, outer } = frame.operands.get(place) as Operand;
    const isTruth = x.dtype === "bool";
    const target = isTruth ? "M1" : memory;
    const name = nameOf(buffer);
    const from = position(buffer, offset, outer);
    const isInside = kind === "line" && buffer.kind === "memory";
    const isFixed = kind === "one" || kind === "row" || isInside;
    const slot = isInside ? `${from} + t` : isFixed ? fresh() : take();
    const start = isTruth ? at(slot) : slot;
    slots.set(key, slot);
    if (isFixed) fixed.add(key);
    if (kind === "one") before.push(`${target}.fill(${name}[${from}], ${start}, ${start} + Math.min(T, ${size}));`);
    else if (kind === "row")
      before.push(
        `${memory}.set(${name}.subarray(${from}, ${from} + ${length}), ${slot});`,
        // The line, twice the line, and so on.
        `for(let k=${length};k<T;k*=2)${memory}.copyWithin(${slot} + k, ${slot}, ${slot} + Math.min(k, T - k));`,
      );
    else if (kind === "column") {
      // One value for each line is stretched; those from elsewhere wait at the end, where none is overwritten before it is read.
      const start = `${from} + t / ${length} * ${step}`;
      const end = `${slot} + n - n / ${length}`;
      const isNear = buffer.kind === "memory";
      if (!isNear) inside.push(`for(let i=0,f=${start};i<n/${length};i++,f+=${step})${memory}[${end}+i]=${name}[f];`);
      const [own, apart] = isNear ? [start, step] : [end, 1];
      inside.push(`L.copy${bits}(${at(slot)}, ${at(own)}, n / ${length}, ${length}, ${length * bytes}, ${bytes}, ${apart * bytes}, 0);`);
    } else if (!isInside) inside.push(`${target}.set(${name}.subarray(${from} + t, ${from} + t + n), ${start});`);
    return slot;
  };

  /** Adds what stands in a tile to sums. */
  const add = ({ out }: FoldStep, { outer: along, kind, step }: Operand, slot: string): void => {
    const [target, to] = emitter.totals(out, along, totals, last);
    // Elements, or eight sums of a line, in float64: two places of float32.
    const sums = fresh();
    used++;
    const sum = (...values: readonly (string | number)[]): string =>
      `L.sum${bits}(${at(sums)}, ${at(`${slot} + u`)}, ${values.join(", ")}, 0);`;
    const addAll = (count: string | number, from: string, to: string, step: number): string =>
      `for (let i = 0; i < ${count}; i++) ${target}[${to} + i * ${step}] += M8[${from} / 8 + i];`;
    const lines: string[] = [];
    if (kind === "row") lines.push(sum(`m / ${length}`, length * bytes, Math.ceil(length / 8), 8 * bytes), addAll(length, at(sums), to, 1));
    else if (kind === "column") {
      // The sum of a short line is its product with ones.
      const [each, ones] = [fresh(), fresh()].map(at);
      const count = `m / ${length}`;
      before.push(`M8.fill(1, ${ones} / 8, ${ones} / 8 + ${length});`);
      if (bytes < 8) lines.push(sum(1, 0, "m + 7 >> 3", 8 * bytes));
      lines.push(
        `L.dots64(${each}, ${at(bytes < 8 ? sums : `${slot} + u`)}, ${count}, ${length}, ${ones});`,
        addAll(count, each, `${to} + (t + u) / ${length} * ${step}`, step),
      );
    } else
      lines.push(
        sum("m >> 3", 8 * bytes, 1, 0),
        addAll(8, at(sums), to, 0),
        `for (let i = m & -8; i < m; i++) ${target}[${to}] += ${memory}[${slot} + u + i];`,
      );
    // Tile by tile, so that threads do not change the order.
    inside.push("for (let u = 0, m; u < n; u += m) {", `m = Math.min(${block}, n - u);`, ...lines, "}");
    free.push(sums);
  };

  elements.forEach((step, index) => {
    const { name, inputs, out } = step;
    const given = inputs.map(bring);
    const isStored = plan.stored.has(out);
    const { buffer } = emitter.place(out);
    const place = `${baseOf(buffer)}r + t`;
    const isInside = isStored && buffer.kind === "memory";
    const isLast = (x: NDArray): boolean => lastUse.get(keyOf(x)) === index && !fixed.has(keyOf(x));
    const order = name === "select" ? [1, 2, 0] : symmetric.includes(name) && !isLast(inputs[0]) && isLast(inputs[1]) ? [1, 0] : [0, 1, 2];
    const [first, second, third] = order.map((i) => given[i]);
    const isFunction = functions.includes(name);
    // A function may want its operand again, for what its kernel leaves to Math.
    const inPlace = !isInside && !leaving.test(name) && isLast(inputs[order[0]]) && first !== second;
    // The other of sine and cosine may have brought it along.
    const known = slots.get(out);
    const to = known ?? (isInside ? place : inPlace ? first : take());
    const copied = (slot: string): string => (slot === first ? "" : `${memory}.copyWithin(${slot}, ${first}, ${first} + n);`);
    const mapped = (f: string, slot: string): string => `${copied(slot)} map(L.${f}${bits}, "${f}", ${memory}, ${slot}, n, ${first});`;
    const other = isTurn(step) && elements.slice(index + 1).find((each) => isTurn(each) && each.inputs[0] === inputs[0]);
    if (other && !plan.stored.has(other.out)) {
      const beside = take();
      slots.set(other.out, beside);
      const [sine, cosine] = name === "sin" ? [to, beside] : [beside, to];
      const end = at(`${sine} + n`);
      inside.push(
        `${copied(sine)} if (T > ${block} || L.sinCos${bits}(${at(sine)}, ${end}, ${at(`${cosine} - (${sine})`)}) < ${end}) {`,
        `${mapped("sin", sine)} ${mapped("cos", cosine)} }`,
      );
    } else if (!known) {
      const which = comparisons.indexOf(name);
      const more = [second ? at(`${second} - (${to})`) : [], third ? at(third) : which < 0 ? [] : which].flat();
      inside.push(
        isFunction
          ? mapped(name, to)
          : `${copied(to)} L.${which < 0 ? name : "compare"}${bits}(${[at(to), at(`${to} + n`), ...more].join(", ")});`,
      );
    }
    slots.set(out, to);
    if (isInside) fixed.add(out);
    folds.forEach((fold, i) => {
      if (fold.input === out) add(fold, frame.totals[i], to);
    });
    for (const slot of new Set(given.filter((_, i) => isLast(inputs[i])))) if (slot !== to) free.push(slot);
    if (!isStored || isInside) return;
    const source = out.dtype === "bool" ? `M1.subarray(${at(to)}, ${at(to)} + n)` : `${memory}.subarray(${to}, ${to} + n)`;
    inside.push(`${nameOf(buffer)}.set(${source}, ${place});`);
  });
  // From one place to the next: a kernel may write up to a vector more.
  emitter.space = `${used * bytes * (block + 32)} * together()`;
  const nest = new Nest(outer);
  nest.before[outer.length].push(
    ...before,
    `for (let t = 0; t < ${size}; t += T) {`,
    `const n = Math.min(T, ${size} - t);`,
    ...inside,
    "}",
    `r += ${size};`,
  );
  return [
    ...totals,
    // Results lie in order.
    "{ let r = 0;",
    `const T=${block}*together(),D=(T+31)&-16,E=B/${bytes},M1=new Uint8Array(M8.buffer);`,
    nest,
    ...last,
    "}",
  ].join("\n");
}
