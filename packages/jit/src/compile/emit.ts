import type { DType, NDArray } from "@ad/core";
import { isFloat, type NamesOf } from "@ad/core/internals/trace";
import { folding, gathering, joined, type Strides } from "./axes.js";
import { castOf, type Functions, scalar } from "./scalars.js";
import type { Buffer, Copy, ElementStep, Loop, Place, Plan, Product } from "./steps.js";

/** The name of a buffer in the program's text: the first letter of its kind, and its index. */
export const nameOf = ({ kind, index, dtype }: Buffer): string => (kind === "memory" ? `M${bytesOf(dtype)}` : kind[0] + index);

/** The terms that are added to each position in a buffer: of a caller's, where it starts. */
export const baseOf = ({ kind, index }: Buffer): string =>
  kind === "memory" ? `${index} + ` : /put/.test(kind) ? `${kind[0] + index}s + ` : "";

/** Bytes of an element of a floating dtype. The module's memory is M4 or M8, by these. */
export const bytesOf = (dtype: DType): number => (dtype === "float32" ? 4 : 8);

/** `i0s + 3 + p0 * 4 + p1`. */
export function position(buffer: Buffer, offset: number, strides: Strides): string {
  const terms = strides.flatMap((stride, depth) => (stride === 0 ? [] : [stride === 1 ? `p${depth}` : `p${depth} * ${stride}`]));
  if (offset !== 0 || terms.length === 0) terms.unshift(String(offset));
  return baseOf(buffer) + terms.join(" + ");
}

/** `s0[3 + p0 * 4 + p1]`. */
export const elementAt = (buffer: Buffer, offset: number, strides: Strides): string =>
  `${nameOf(buffer)}[${position(buffer, offset, strides)}]`;

/** A key that tells the places of values apart. */
export const locationOf = ({ buffer, stride, offset }: Place): string => `${nameOf(buffer)} ${baseOf(buffer)}${offset} ${stride}`;

/** Returns how many loops are around what depends on these strides. */
const depthOf = (strides: Strides): number => strides.findLastIndex((stride) => stride !== 0) + 1;

/** Loops of so few turns, of which each is so short a text, are written out. */
const maxTurns = 4;
const maxTurn = 1 << 8;

/** Lines of a loop nest: before[d] stand inside of d loops, before the next one; after[d] behind it. */
export class Nest {
  readonly before: string[][];
  readonly after: string[][];

  constructor(readonly sizes: readonly number[]) {
    [this.before, this.after] = [0, 1].map(() => [...sizes, 0].map(() => []));
  }

  toString(depth = 0): string {
    const n = this.sizes[depth];
    const body = n === undefined ? "" : `${this.toString(depth + 1)}\n}`;
    const inner =
      n <= maxTurns && body.length < maxTurn
        ? Array.from({ length: n }, (_, i) => `{ const p${depth} = ${i};\n${body}`)
        : body && `for (let p${depth} = 0; p${depth} < ${n}; p${depth}++) {\n${body}`;
    return [...this.before[depth], inner, ...this.after[depth]].flat().join("\n");
  }
}

export const literal = (value: number): string => `(${Object.is(value, -0) ? "-0" : value})`;

/** The text of a program: a function of the inputs (typed arrays and offsets) and of what the outputs are written to. */
export class Emitter {
  #next = 0;
  /** Bytes of the module's memory that a step needs for its calls: what lies there must not move meanwhile. */
  space: string | number = 0;

  constructor(
    readonly plan: Plan,
    readonly functions: Functions,
    /** The number of inputs that stay as they are while a loop turns. */
    readonly still = 0,
  ) {}

  place(x: NDArray): Place {
    return this.plan.places.get(x) as Place;
  }

  loop({ shape, elements, folds }: Loop): string {
    const own = new Set(elements.map(({ out }) => out));
    const first: string[] = [];
    // The strides of all that is loaded, gathered, stored and added up, which become those of the nest.
    const all: Strides[] = [];
    const going = (stride: Strides): number => all.push(stride) - 1;
    const loads = new Map<string, readonly [place: Place, at: number]>();
    const need = (x: NDArray): void => {
      const place = this.place(x);
      const key = locationOf(place);
      if (!own.has(x) && !loads.has(key)) loads.set(key, [place, going(place.stride)]);
    };
    const gathers = new Map<ElementStep, readonly number[]>();
    const stores = new Map<NDArray, number>();
    for (const step of elements) {
      const { inputs, params, out } = step;
      if (this.plan.stored.has(out)) stores.set(out, going(this.place(out).stride));
      if (step.name !== "take") {
        inputs.forEach(need);
        continue;
      }
      const [x, indices] = inputs.map((input) => this.place(input));
      gathers.set(step, gathering(x.stride, (params as { axis: number }).axis, indices.stride).map(going));
    }
    const totals = folds.map(({ axes, input, out }) => {
      need(input);
      return going(folding(shape, axes, this.place(out).stride));
    });
    const { sizes, strides } = joined(shape, all);
    const nest = new Nest(sizes);
    const names = new Map<string | NDArray, readonly [name: string, depth: number]>();
    const define = (key: string | NDArray, depth: number, expression: string): string => {
      const name = this.name();
      nest.before[depth].push(`const ${name} = ${expression};`);
      names.set(key, [name, depth]);
      return name;
    };
    for (const [key, [{ buffer, offset }, at]] of loads) {
      const depth = depthOf(strides[at]);
      if (buffer.data && depth === 0) names.set(key, [literal(buffer.data[offset]), 0]);
      else define(key, depth, elementAt(buffer, offset, strides[at]));
    }
    const valueOf = (x: NDArray): readonly [string, number] =>
      (names.get(x) ?? names.get(locationOf(this.place(x)))) as readonly [string, number];
    for (const step of elements) {
      const { out } = step;
      const gather = gathers.get(step)?.map((at) => strides[at]);
      const operands = gather ? [] : step.inputs.map(valueOf);
      const name = define(
        out,
        Math.max(0, ...(gather ? gather.map(depthOf) : operands.map(([, at]) => at))),
        gather
          ? this.#gather(step, gather)
          : elementOf(
              step,
              operands.map(([name]) => name),
              this.functions,
            ),
      );
      const at = stores.get(out);
      if (at === undefined) continue;
      const { buffer, offset } = this.place(out);
      nest.before[sizes.length].push(`${elementAt(buffer, offset, strides[at])} = ${name};`);
    }
    const last: string[] = [];
    folds.forEach(({ name, input, out }, i) => {
      const along = strides[totals[i]];
      const depth = depthOf(along);
      const { buffer, offset } = this.place(out);
      const start = { sum: "0", max: "-Infinity", min: "Infinity" }[name];
      const add = (a: string, b: string): string =>
        name !== "sum" ? `Math.${name}(${a}, ${b})` : isFloat(out.dtype) ? `${a} + ${b}` : `(${a} + ${b} | 0)`;
      const total = this.name();
      const [value] = valueOf(input);
      nest.before[depth].push(`let ${total} = ${start};`);
      nest.before[sizes.length].push(`${total} = ${add(total, value)};`);
      const isOnce = along.slice(0, depth).every((stride) => stride !== 0);
      if (isOnce) {
        nest.after[depth].push(`${elementAt(buffer, offset, along)} = ${total};`);
        return;
      }
      // Outer loops add to the same totals.
      const [sums, at] = this.totals(out, along, first, last, start);
      nest.after[depth].push(`${sums}[${at}] = ${add(`${sums}[${at}]`, total)};`);
    });
    return [...first, nest, ...last].join("\n");
  }

  /** The name of totals in float64, which are rounded once at the end, and the position among them of a result that lies along these strides. */
  totals(out: NDArray, along: Strides, first: string[], last: string[], start = "0"): [name: string, at: string] {
    const { buffer, offset } = this.place(out);
    const name = this.name();
    first.push(`const ${name} = new Float64Array(${out.size}).fill(${start});`);
    last.push(`${nameOf(buffer)}.set(${name}, ${baseOf(buffer)}${offset});`);
    return [name, position({ ...buffer, kind: "scratch" }, 0, along)];
  }

  #gather({ inputs, params }: ElementStep, [stride, index]: readonly Strides[]): string {
    const { axis } = params as { axis: number };
    const [from, at] = inputs.map((x) => this.place(x));
    const start = position(from.buffer, from.offset, stride);
    return `${nameOf(from.buffer)}[${start} + ${elementAt(at.buffer, at.offset, index)} * ${from.stride[axis]}]`;
  }

  copy({ out, zero, parts }: Copy): string {
    const name = nameOf(out.buffer);
    const lines: string[] = [];
    if (zero) lines.push(`${name}.fill(0, ${baseOf(out.buffer)}0, ${baseOf(out.buffer)}${out.aval.size});`);
    for (const { from, to, adds, at } of parts) {
      const { sizes, strides } = joined(from.aval.shape, [from.stride, to.stride, ...(at ? [at.stride] : [])]);
      const nest = new Nest(sizes);
      const value = elementAt(from.buffer, from.offset, strides[0]);
      const index = at ? ` + ${elementAt(at.indices.buffer, at.indices.offset, strides[2])} * ${at.step}` : "";
      nest.before[sizes.length].push(`${name}[${position(out.buffer, to.offset, strides[1])}${index}] ${adds ? "+=" : "="} ${value};`);
      const start = position(from.buffer, from.offset, []);
      lines.push(
        !adds && sizes[0] > 64 && `${strides}` === "1,1"
          ? `${name}.set(${nameOf(from.buffer)}.subarray(${start}, ${start} + ${sizes}), ${position(out.buffer, to.offset, [])});`
          : `${nest}`,
      );
    }
    return lines.join("\n");
  }

  /** Small products written out, larger ones by core. */
  product({ inputs: [x, y], out }: Product): string {
    const [m, n] = out.aval.shape.slice(-2);
    const k = x.aval.shape.at(-1) as number;
    const all = [x, y, out];
    const { sizes, strides } = joined(
      out.aval.shape.slice(0, -2),
      all.map(({ stride }) => stride.slice(0, -2)),
    );
    const [[rx, cx], [ry, cy]] = all.map(({ stride }) => stride.slice(-2));
    if (m * n * k > maxTerms) {
      // The layout of a constant may stay for the next run.
      this.space = 16 * (m + n + 16) * k + 8 * (m + 1) * (n + 8) + 128;
      const matrix = ({ buffer, offset, stride }: Place, i: number): string => {
        const fixed = sizes.length === 0 ? this.#fixed(buffer) : undefined;
        const [row, column] = stride.slice(-2);
        return `{storage:${nameOf(buffer)},row:${row},column:${column},fixed:${fixed}}, ${position(buffer, offset, strides[i])}`;
      };
      const nest = new Nest(sizes);
      nest.before[sizes.length].push(
        `G(${m},${n},${k},${matrix(x, 0)}, ${matrix(y, 1)}, ${nameOf(out.buffer)}, ${position(out.buffer, out.offset, strides[2])});`,
      );
      return `${nest}`;
    }
    const nest = new Nest([...sizes, m, n]);
    const terms = Array.from({ length: k }, (_, l) => {
      const u = elementAt(x.buffer, x.offset + l * cx, [...strides[0], rx, 0]);
      const v = elementAt(y.buffer, y.offset + l * ry, [...strides[1], 0, cy]);
      return isFloat(out.aval.dtype) ? `${u} * ${v}` : `Math.imul(${u}, ${v})`;
    });
    nest.before[sizes.length + 2].push(`${elementAt(out.buffer, out.offset, [...strides[2], n, 1])} = ${terms.join(" + ") || 0};`);
    return `${nest}`;
  }

  /** The key of a matrix that stays as it is: for all runs, or for the turns of one loop. */
  #fixed({ kind, index }: Buffer): string | undefined {
    const name = `H${this.functions.size}`;
    const isStill = kind === "input" && index < this.still;
    if (kind !== "constant" && !isStill) return undefined;
    this.functions.set(name, {});
    return isStill ? `F && (F.${name} ??= {})` : name;
  }

  /** A local that is not there yet. */
  name(): string {
    return `v${this.#next++}`;
  }
}

/** Products of so few terms are written out. */
export const maxTerms = 64;

export function elementOf({ name, params, inputs, out }: ElementStep, operands: readonly string[], functions: Functions): string {
  if (name === "cast") return castOf(operands[0], inputs[0].dtype, out.dtype);
  if (name === "select") return `(${operands[0]} ? ${operands[1]} : ${operands[2]})`;
  return scalar(name as NamesOf<"elementwise">, operands, (params ?? {}) as object, inputs[0].dtype, out.dtype, functions);
}
