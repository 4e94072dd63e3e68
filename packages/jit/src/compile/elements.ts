import type { Data, NDArray } from "@ad/core";
import { type Strided, views } from "@ad/core/internals/backend";
import { type Aval, isFloat, type Params } from "@ad/core/internals/trace";
import { folding } from "./axes.js";
import { elementOf, literal } from "./emit.js";
import { type AnyView, partsOf } from "./plan.js";
import { type Functions, rounded } from "./scalars.js";
import type { ElementStep } from "./steps.js";

/** Positions of all elements in row-major order. */
export const positions = (shape: readonly number[], stride: readonly number[], offset: number): number[] =>
  shape.reduce((all, n, axis) => all.flatMap((at) => Array.from({ length: n }, (_, i) => at + i * stride[axis])), [offset]);

/** A zero beside a diagonal: what it is multiplied by counts as finite. */
const nothing = "0";

const zero = literal(0);
const one = literal(1);

/** The elements of a constant; of an identity, zeros that vanish. */
function literals(values: readonly number[]): string[] {
  const n = Math.sqrt(values.length);
  const isIdentity = n > 1 && values.every((value, i) => value === (i % (n + 1) === 0 ? 1 : 0));
  return values.map((value) => (isIdentity && value === 0 ? nothing : literal(value)));
}

/** Returns the text of an operation that needs no arithmetic. */
function trivial(name: string, [x, y]: readonly string[]): string | undefined {
  const isNone = (each: string): boolean => each === nothing || each === zero;
  if (name === "mul") return x === nothing || y === one ? x : y === nothing || x === one ? y : undefined;
  if (name === "add") return isNone(x) ? y : isNone(y) ? x : undefined;
  return x === nothing && /^(div|neg|cast)$/.test(name) ? x : undefined;
}

/** The way to the elements of an array: their strides, and the text of the one at a position. */
export interface Memory extends Strided {
  readonly at: (position: number | string) => string;
  /** The number of blocks around that the position depends on. */
  readonly depth: number;
  /** The numbers, where they are constant. */
  readonly data?: Data | undefined;
}

/** The lines inside of one loop, and the names of what they compute. */
interface Block {
  readonly lines: string[];
  readonly known: Map<string, string>;
}

/** The texts of reductions of some elements. */
const folds: Readonly<Record<string, (terms: readonly string[]) => string>> = {
  sum: (terms) => terms.join(" + "),
  any: (terms) => [0, ...terms].join(" | "),
  all: (terms) => [1, ...terms].join(" & "),
  max: (terms) => `Math.max(${terms})`,
  min: (terms) => `Math.min(${terms})`,
};

/**
 * The text of operations on small arrays, of which each element is a local of its own, so that moves of elements, views and zeros cost nothing. What
 * depends on nothing that a loop changes is computed before the loop. The first `skipped` axes of all arrays count lanes, of which the text computes one.
 */
export abstract class Elements {
  readonly #names = new Map<NDArray, readonly string[]>();
  readonly #depths = new Map<string, number>();
  readonly #blocks: Block[] = [];

  constructor(
    readonly functions: Functions,
    readonly name: () => string,
    readonly skipped: 0 | 1,
  ) {
    this.open();
  }

  /** The place of a value that is read; `isTable`: from any lane. */
  abstract memory(x: NDArray, isTable?: boolean): Memory;

  /** The number of blocks around the one that is written, and itself. */
  get depth(): number {
    return this.#blocks.length;
  }

  /** Begins a block. */
  open(): void {
    this.#blocks.push({ lines: [], known: new Map() });
  }

  /** Ends a block, and returns its lines. */
  close(): string[] {
    return (this.#blocks.pop() as Block).lines;
  }

  write(...lines: readonly string[]): void {
    (this.#blocks.at(-1) as Block).lines.push(...lines);
  }

  /** Writes a line that stands before all loops. */
  before(line: string): void {
    this.#blocks[0].lines.push(line);
  }

  /** A local for an expression of these names, in the outermost block that has all of them. */
  named(expression: string, from: readonly string[], least = 1): string {
    const { lines, known } = this.#blocks[Math.max(least, ...from.map((x) => this.#depths.get(x) ?? 1)) - 1];
    let name = known.get(expression);
    if (name === undefined) {
      name = this.name();
      known.set(expression, name);
      lines.push(`const ${name} = ${expression};`);
      this.placed(name, this.#blocks.findIndex((block) => block.known === known) + 1);
    }
    return name;
  }

  /** Notes the number of blocks that a name stands in. */
  placed(name: string, depth: number): void {
    this.#depths.set(name, depth);
  }

  set(x: NDArray, names: readonly string[]): void {
    this.#names.set(x, names);
  }

  forget(x: NDArray): void {
    this.#names.delete(x);
  }

  #load(x: NDArray): readonly string[] {
    const { stride, offset, at, depth, data } = this.memory(x);
    const all = positions(x.shape.slice(this.skipped), stride, offset);
    return data ? literals(all.map((i) => data[i])) : all.map((i) => this.named(at(i), [], depth));
  }

  valueOf(x: NDArray): readonly string[] {
    const own = this.#names.get(x) ?? this.#load(x);
    this.set(x, own);
    return own;
  }

  isLocal(x: NDArray): boolean {
    return this.#names.has(x);
  }

  /** Writes what computes the result of an operation. */
  compute(step: ElementStep): void {
    this.set(step.out, this.#elementsOf(step));
  }

  #elementsOf(step: ElementStep): readonly string[] {
    const { name, params, inputs, out } = step;
    if (name === "take") return this.#taken(inputs, params as Params<"take">);
    const own = inputs.map((x) => this.valueOf(x));
    const all = (shape: readonly number[], stride: readonly number[], offset: number): number[] =>
      positions(shape.slice(this.skipped), stride.slice(this.skipped), offset);
    if (name in views) {
      const { aval } = inputs[0];
      const { stride, offset } = viewOf(name, { aval, stride: aval.stride, offset: 0 }, params, out.aval) as Strided;
      return all(out.shape, stride, offset).map((at) => own[0][at]);
    }
    const size = all(out.shape, out.aval.stride, 0).length;
    if (name === "concatenate" || name === "place") {
      const elements = new Array<string>(size).fill(zero);
      partsOf(name, inputs, params, out.aval).forEach(({ to }, k) => {
        all(inputs[k].shape, to.stride, to.offset).forEach((at, i) => {
          elements[at] = own[k][i];
        });
      });
      return elements;
    }
    if (name in folds) {
      const parts = Array.from({ length: size }, (): string[] => []);
      all(inputs[0].shape, folding(inputs[0].shape, (params as Params<"sum">).axes, out.aval.stride), 0).forEach((at, i) => {
        parts[at].push(own[0][i]);
      });
      return parts.map((terms) => (name === "sum" ? this.#total(terms, out) : this.named(folds[name](terms), terms)));
    }
    if (name === "matmul") return this.#product(own, inputs, out);
    // A check stays where it is: before a loop it would throw where no turn comes to it.
    const least = /^(wrapIndex|pow)$/.test(name) && !isFloat(out.dtype) ? this.depth : 1;
    return own[0].map((_, i) => {
      const operands = own.map((each) => each[i]);
      return trivial(name, operands) ?? this.named(elementOf(step, operands, this.functions), operands, least);
    });
  }

  #total(terms: readonly string[], { dtype }: NDArray): string {
    const some = terms.filter((term) => term !== nothing);
    return some.length < 2 ? (some[0] ?? nothing) : this.named(rounded(folds.sum(some), dtype), some);
  }

  #product([x, y]: readonly (readonly string[])[], [a]: readonly NDArray[], out: NDArray): string[] {
    const [m, n] = out.shape.slice(-2);
    const k = a.shape.at(-1) as number;
    const times = (u: string, v: string): string => (isFloat(out.dtype) ? `${u} * ${v}` : `Math.imul(${u}, ${v})`);
    return Array.from({ length: out.size }, (_, at) => {
      const [column, row, lane] = [at % n, Math.floor(at / n) % m, Math.floor(at / n / m)];
      const from: string[] = [];
      const terms = Array.from({ length: k }, (_, l) => {
        const both = [x[(lane * m + row) * k + l], y[(lane * k + l) * n + column]];
        from.push(...both);
        return trivial("mul", both) ?? times(both[0], both[1]);
      }).filter((term) => term !== nothing);
      return terms.length === 0 ? nothing : this.named(rounded(folds.sum(terms), out.dtype), from);
    });
  }

  /** Elements at places that are computed: of an array as it lies, or by the index of each of a few locals. */
  #taken([x, indices]: readonly NDArray[], { axis }: Params<"take">): string[] {
    const at = this.valueOf(indices);
    const { shape } = x;
    const all = (stride: readonly number[], offset: number, make: (position: number, index: string) => string): string[] => {
      const inner = positions(shape.slice(axis + 1), stride.slice(axis + 1), 0);
      return positions(shape.slice(0, axis), stride, offset).flatMap((start) =>
        at.flatMap((index) => inner.map((each) => make(start + each, index))),
      );
    };
    if (!this.skipped && this.isLocal(x)) {
      const own = this.valueOf(x);
      const step = x.aval.stride[axis];
      return all(x.aval.stride, 0, (from, index) => {
        const some = Array.from({ length: shape[axis] }, (_, i) => own[from + i * step]);
        return this.named(some.map((each, i) => `${index} === ${i} ? ${each} : `).join("") + some.at(-1), [index, ...some]);
      });
    }
    const { stride, offset, at: element, depth } = this.memory(x, true);
    return all(stride, offset, (from, index) => this.named(element(`${from} + ${index} * ${stride[axis]}`), [index], depth));
  }
}

/** The way to the elements of a view; undefined where strides cannot say it. */
export const viewOf = (name: string, x: Strided & { aval: Aval }, params: unknown, out: Aval): Strided | undefined =>
  (views as Readonly<Record<string, AnyView>>)[name](x, params, out);
