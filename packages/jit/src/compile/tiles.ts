import type { NDArray } from "@ad/core";
import { binaries, stepOf, unaries } from "@ad/core/internals/backend";
import { lastUses, sizeOf } from "@ad/core/internals/trace";
import { baseOf, literal, nameOf } from "./emit.js";
import type { ElementStep, Loop, Place, Plan } from "./plan.js";

/** Bytes of a value that are in the module's memory at a time: all values of a loop stay in the second-level cache. */
const tileBytes = 1 << 13;

/** Bytes from one place in memory to the next: a kernel may write up to a vector more. */
const apart = tileBytes + 64;

/** Kernels that compute all elements; the others leave some to a function of Math. */
const whole = new Set<string>(unaries.slice(0, unaries.indexOf("exp")));
const two = new Set<string>(binaries);
const comparisons: readonly string[] = ["less", "lessEqual", "equal", "notEqual"];

/** Either operand may be replaced by the result. */
const symmetric = new Set(["add", "mul", "maximum", "minimum"]);

/** A loop by the vector kernels: operands are copied into the module's memory, kernels run on them, and what is read elsewhere is copied out. */
export function tiles({ shape, elements }: Loop, plan: Plan, isFreshBuffer: (place: Place) => boolean): string {
  const size = sizeOf(shape);
  const placeOf = (x: NDArray): Place => plan.places.get(x) as Place;
  const own = new Set(elements.map(({ out }) => out));
  const dtypeOf = ({ name, inputs }: ElementStep) => inputs[name === "select" ? 1 : 0].dtype;
  const isSingle = dtypeOf(elements[0]) === "float32";
  const [bytes, bits, memory] = isSingle ? [4, 32, "M4"] : [8, 64, "M8"];
  const perTile = tileBytes / 8;

  /** An operand from outside by where it lies, a result by itself. */
  const keys = new Map<NDArray, string | NDArray>();
  const keyOf = (x: NDArray): string | NDArray => {
    let key = keys.get(x);
    if (key === undefined) {
      const { buffer, offset, stride } = placeOf(x);
      key = own.has(x) ? x : `${nameOf(buffer)} ${offset} ${stride}`;
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
  const before: string[] = [];
  const inside: string[] = [];
  const at = (slot: number): string => `B + ${slot * apart}`;
  const element = (slot: number): string => `E + ${(slot * apart) / bytes}`;

  const bring = (x: NDArray): number => {
    const key = keyOf(x);
    const known = slots.get(key);
    if (known !== undefined) return known;
    const place = placeOf(x);
    const { buffer, offset } = place;
    const isTruth = x.dtype === "bool";
    const target = isTruth ? "M1" : memory;
    const start = (slot: number): string => (isTruth ? at(slot) : element(slot));
    const name = nameOf(buffer);
    if (stepOf(place) === 1) {
      const slot = take();
      const from = `${baseOf(buffer)}${offset} + t`;
      inside.push(`${target}.set(${name}.subarray(${from}, ${from} + n), ${start(slot)});`);
      slots.set(key, slot);
      return slot;
    }
    // One value stays where it is from the first tile to the last.
    const slot = fresh();
    const value = buffer.kind === "constant" && buffer.data ? literal(buffer.data[offset]) : `${name}[${baseOf(buffer)}${offset}]`;
    before.push(`${target}.fill(${value}, ${start(slot)}, ${start(slot)} + ${Math.min(perTile, size)});`);
    slots.set(key, slot);
    fixed.add(key);
    return slot;
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
    for (const x of new Set(inputs)) {
      const slot = slots.get(keyOf(x)) as number;
      if (isLast(x) && slot !== to) free.push(slot);
    }
    if (!plan.stored.has(out)) return;
    const place = placeOf(out);
    const target = nameOf(place.buffer);
    if (isFreshBuffer(place)) before.push(`const ${target} = room(${JSON.stringify(out.dtype)}, ${size});`);
    const source =
      out.dtype === "bool" ? `M1.subarray(${at(to)}, ${at(to)} + n)` : `${memory}.subarray(${element(to)}, ${element(to)} + n)`;
    inside.push(`${target}.set(${source}, ${baseOf(place.buffer)}t);`);
  });
  const rooms = before.filter((line) => line.startsWith("const "));
  const fills = before.filter((line) => !line.startsWith("const "));
  return [
    ...rooms,
    "{",
    `const { kernels: L, start: B, float32: M4, float64: M8 } = load(${used * apart}), M1 = new Uint8Array(M8.buffer), E = B / ${bytes};`,
    ...fills,
    `for (let t = 0; t < ${size}; t += ${perTile}) {`,
    `const n = Math.min(${perTile}, ${size} - t);`,
    ...inside,
    "}",
    "}",
  ].join("\n");
}
