import type { NDArray } from "@ad/core";
import { binaries, unaries } from "@ad/core/internals/backend";
import { lastUses } from "@ad/core/internals/trace";
import { baseOf, type Emitter, locationOf, nameOf, position } from "./emit.js";
import { comparisons, type Frame, frameOf, type Operand, perTile, readBy } from "./frame.js";
import type { ElementStep, FoldStep, Loop } from "./steps.js";

/** Bytes from one place in memory to the next: a kernel may write up to a vector more. */
const apart = 8 * perTile + 64;

/** Kernels that compute all elements; the others leave some to a function of Math. */
const whole = new Set<string>(unaries.slice(0, unaries.indexOf("exp")));
const two = new Set<string>(binaries);

/** Either operand may be replaced by the result. */
const symmetric = new Set(["add", "mul", "maximum", "minimum"]);

/** A loop by the vector kernels: operands are copied into the module's memory, kernels run on them, and what is read elsewhere is copied out. */
export function tiles({ shape, elements, folds }: Loop, emitter: Emitter): string {
  const { plan } = emitter;
  const own = new Set(elements.map(({ out }) => out));
  const { places, totals } = readBy({ elements, folds }, shape, (x) => emitter.place(x));
  const frame = frameOf(shape, places, totals) as Frame;
  const { outer, lines, length } = frame;
  const layouts = new Map(places.map((place, i) => [place, frame.operands[i]]));
  const size = lines * length;
  /** Elements of a tile: whole lines, or a part of one. */
  const block = lines === 1 ? perTile : Math.floor(perTile / length) * length;
  const dtypeOf = ({ name, inputs }: ElementStep) => inputs[name === "select" ? 1 : 0].dtype;
  const isSingle = dtypeOf(elements[0]) === "float32";
  const [bytes, bits, memory] = isSingle ? [4, 32, "M4"] : [8, 64, "M8"];

  /** An operand from outside by where it lies, a result by itself. */
  const keys = new Map<NDArray, string | NDArray>();
  const keyOf = (x: NDArray): string | NDArray => {
    let key = keys.get(x);
    if (key === undefined) {
      key = own.has(x) ? x : locationOf(emitter.place(x));
      keys.set(x, key);
    }
    return key;
  };
  const lastUse = lastUses(elements, ({ inputs }) => inputs.map(keyOf));
  const slots = new Map<string | NDArray, number>();
  const free: number[] = [];
  let used = 0;
  const fresh = (): number => used++;
  const take = (): number => free.pop() ?? fresh();
  const fixed = new Set<string | NDArray>();
  /** Before everything, around the tiles of one place of the outer axes, in each tile, and at the end. */
  const [rooms, before, inside, last]: [string[], string[], string[], string[]] = [[], [], [], []];
  const at = (slot: number): string => `B + ${slot * apart}`;
  const element = (slot: number): string => `E + ${(slot * apart) / bytes}`;

  const bring = (x: NDArray): number => {
    const key = keyOf(x);
    const known = slots.get(key);
    if (known !== undefined) return known;
    const place = emitter.place(x);
    const { buffer, offset } = place;
    const layout = layouts.get(place) as Operand;
    const isTruth = x.dtype === "bool";
    const target = isTruth ? "M1" : memory;
    const start = (slot: number): string => (isTruth ? at(slot) : element(slot));
    const name = nameOf(buffer);
    const from = position(buffer, offset, layout.outer);
    const isFixed = layout.kind === "one" || layout.kind === "row";
    // One value, or one line, stays where it is from the first tile to the last.
    const slot = isFixed ? fresh() : take();
    slots.set(key, slot);
    if (isFixed) fixed.add(key);
    const step = layout.step;
    switch (layout.kind) {
      case "one":
        before.push(`${target}.fill(${name}[${from}], ${start(slot)}, ${start(slot)} + ${Math.min(block, size)});`);
        break;
      case "row":
        before.push(
          `for (let i = 0; i < ${Math.min(block, size)}; i += ${length}) ${target}.set(${name}.subarray(${from}, ${from} + ${length}), ${start(slot)} + i);`,
        );
        break;
      case "line":
        inside.push(`${target}.set(${name}.subarray(${from} + t, ${from} + t + n), ${start(slot)});`);
        break;
      case "column": {
        const values = take();
        inside.push(
          `for (let i = 0, f = ${from} + t / ${length} * ${step}; i < n / ${length}; i++, f += ${step}) ${target}[${element(values)} + i] = ${name}[f];`,
          `L.copy${bits}(${at(slot)}, ${at(values)}, n / ${length}, ${length}, ${bytes}, 0);`,
        );
        free.push(values);
      }
    }
    return slot;
  };

  /** Adds what stands in a tile to sums. */
  const add = ({ out }: FoldStep, { outer: along, kind, step }: Operand, slot: number): void => {
    const { buffer, offset } = emitter.place(out);
    const [name, start] = [nameOf(buffer), `${baseOf(buffer)}${offset}`];
    rooms.push(emitter.room(out));
    // In float64, and rounded once.
    const target = emitter.name();
    const to = position({ ...buffer, kind: "scratch" }, 0, along);
    rooms.push(`const ${target} = new Float64Array(${out.size});`);
    last.push(`for (let i = 0; i < ${out.size}; i++) ${name}[${start} + i] = ${target}[i];`);
    const sums = take();
    const s = `B / 8 + ${(sums * apart) / 8}`;
    const sum = (...values: readonly (string | number)[]): string => `L.sum${bits}(${at(sums)}, ${at(slot)}, ${values.join(", ")});`;
    const [per, first] = kind === "column" ? [length, `${to} + t / ${length} * ${step}`] : ["n", to];
    if (kind === "row")
      inside.push(
        sum(`n / ${length}`, length * bytes, Math.ceil(length / 4), 4 * bytes),
        `for (let i = 0; i < ${length}; i++) ${target}[${to} + i] += M8[${s} + i];`,
      );
    else
      inside.push(
        sum(`${per} >> 2`, 4 * bytes, `n / ${per}`, `${per} * ${bytes}`),
        `for (let i = 0, j = ${s}, o = ${first}; i < n; i += ${per}, j += 4, o += ${step}) {`,
        "let v = M8[j] + M8[j + 1] + (M8[j + 2] + M8[j + 3]);",
        `for (let k = i + (${per} & -4); k < i + ${per}; k++) v += ${memory}[${element(slot)} + k];`,
        `${target}[o] += v;`,
        "}",
      );
    free.push(sums);
  };

  elements.forEach((step, index) => {
    const { name, inputs, out } = step;
    const given = inputs.map(bring);
    const isLast = (x: NDArray): boolean => lastUse.get(keyOf(x)) === index && !fixed.has(keyOf(x)) && !plan.stored.has(x);
    const operands = name === "select" ? [inputs[1], inputs[2], inputs[0]] : inputs;
    const from = name === "select" ? [given[1], given[2], given[0]] : given;
    const isFunction = !two.has(name) && !whole.has(name) && name !== "select" && !comparisons.includes(name);
    let [first, second] = from;
    if (symmetric.has(name) && !isLast(operands[0]) && isLast(operands[1])) [first, second] = [second, first];
    const replaced = first === from[0] ? operands[0] : operands[1];
    // A function may want its operand again, for what its kernel leaves to Math.
    const inPlace = !isFunction && isLast(replaced) && (from.length === 1 || first !== second);
    const to = inPlace ? first : take();
    if (!inPlace) inside.push(`${memory}.copyWithin(${element(to)}, ${element(first)}, ${element(first)} + n);`);
    const end = `${at(to)} + n * ${bytes}`;
    if (name === "select") inside.push(`L.select${bits}(${at(to)}, ${end}, ${(second - to) * apart}, ${at(from[2])});`);
    else if (comparisons.includes(name))
      inside.push(`L.compare${bits}(${at(to)}, ${end}, ${(second - to) * apart}, ${comparisons.indexOf(name)});`);
    else if (two.has(name)) inside.push(`L.${name}${bits}(${at(to)}, ${end}, ${(second - to) * apart});`);
    else if (whole.has(name)) inside.push(`L.${name}${bits}(${at(to)}, ${end});`);
    else
      inside.push(
        `mend(L.${name}${bits}, Math.${name}, L.${name}${bits}(${at(to)}, ${end}), ${end}, ${memory}, ${memory}, ${((first - to) * apart) / bytes});`,
      );
    slots.set(out, to);
    folds.forEach((fold, i) => {
      if (fold.input === out) add(fold, frame.totals[i], to);
    });
    for (const x of new Set(inputs)) {
      const slot = slots.get(keyOf(x)) as number;
      if (isLast(x) && slot !== to) free.push(slot);
    }
    if (!plan.stored.has(out)) return;
    const { buffer } = emitter.place(out);
    rooms.push(emitter.room(out));
    const source =
      out.dtype === "bool" ? `M1.subarray(${at(to)}, ${at(to)} + n)` : `${memory}.subarray(${element(to)}, ${element(to)} + n)`;
    const along = outer.map((_, axis) => outer.slice(axis + 1).reduce((a, b) => a * b, size));
    inside.push(`${nameOf(buffer)}.set(${source}, ${position(buffer, 0, along)} + t);`);
  });
  return [
    ...rooms,
    "{",
    `const { kernels: L, start: B, float32: M4, float64: M8 } = load(${used * apart}), M1 = new Uint8Array(M8.buffer), E = B / ${bytes};`,
    ...outer.map((n, axis) => `for (let p${axis} = 0; p${axis} < ${n}; p${axis}++) {`),
    ...before,
    `for (let t = 0; t < ${size}; t += ${block}) {`,
    `const n = Math.min(${block}, ${size} - t);`,
    ...inside,
    "}",
    ...outer.map(() => "}"),
    ...last,
    "}",
  ].join("\n");
}
