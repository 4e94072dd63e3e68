import { concatenate, type NDArray } from "@ad/core";
import { Concrete } from "@ad/core/internals/backend";
import {
  type ArrayList,
  Aval,
  apply,
  asArray,
  bind,
  type Equation,
  type Graph,
  hasEffect,
  isFloat,
  type Params,
  type PrimitiveName,
  peek,
  primitives,
  topologicalOrder,
} from "@ad/core/internals/trace";
import { ints } from "./numbers.js";
import { movements, zerosOf } from "./zeros.js";

/** The known facts about elements: 0 and 1, another number, or a formula by its number, from `firstFormula` on. */
interface Elements {
  readonly kinds: Int32Array;
  /** The numbers, where they are known. */
  readonly values: Float64Array;
}

const [zero, one, constant, firstFormula] = [0, 1, 2, 3];

/** Elements of more formulas than this are computed as if they had one. */
const maxFormulas = 48;
/** Longer chains of operations are left whole. */
const maxDepth = 400;

/** Sums of more terms than so many times what is summed are not looked at term by term. */
const maxLooks = 64;

const views = movements.slice(0, 4);

const kindOf = (value: number): number => (value === 0 ? zero : value === 1 ? one : constant);

/** The elements that come from an operand: their places among all, and their places in the operand. */
interface Part {
  readonly y: NDArray;
  readonly places: Int32Array;
  readonly from: Int32Array;
}

/** The terms of sums, those of sum i from starts[i] on: where they are in an operand. */
interface Terms {
  readonly y: NDArray;
  readonly starts: Int32Array;
  readonly from: Int32Array;
}

/** The terms of all elements of a sum: those of element i are at places[starts[i]] and after, up to starts[i + 1]. */
interface Groups {
  readonly starts: Int32Array;
  readonly places: Int32Array;
}

/** An array of indices for each value, with what was found for it; arrays of the same indices are one. */
class ByIndices<T> {
  readonly #of = new Map<NDArray, Map<Int32Array, T>>();

  get(x: NDArray, at: Int32Array, make: () => T): T {
    let own = this.#of.get(x);
    if (own === undefined) this.#of.set(x, (own = new Map()));
    let found = own.get(at);
    if (found === undefined) own.set(at, (found = make()));
    return found;
  }
}

/**
 * Single elements of what a graph computes, by array operations that compute these alone. Its last inputs are seeds, which are known, so that of what
 * is linear in them most is known as well: sums of nothing but known numbers, products with 0 and 1. Elements are told apart by the formula that is left,
 * and those of one formula are computed together. Values that do not depend on the seeds are computed whole. 0 · NaN and 0 · Infinity are 0 here.
 */
export class Picking {
  readonly #made: Map<NDArray, NDArray>;
  readonly #by = new Map<NDArray, Equation>();
  /** The values that depend on the seeds. */
  readonly #moving: Set<NDArray>;
  /** The values that depend on nothing else. */
  readonly #fixed: Set<NDArray>;
  readonly #sums = new Map<Equation, Groups | undefined>();
  readonly #sources = new Map<NDArray, Int32Array>();
  readonly #numbers = new Map<NDArray, ArrayLike<number> | undefined>();
  readonly #kinds = new ByIndices<Elements>();
  readonly #split = new ByIndices<readonly Part[] | undefined>();
  readonly #picked = new ByIndices<NDArray>();
  readonly #formulas = new Map<string, number>();
  readonly #ids = new Map<NDArray, number>();
  readonly #indices = new Map<string, Int32Array[]>();

  readonly #isCompiled: boolean;
  readonly #graph: Graph;
  readonly #seeds: ReadonlyMap<NDArray, NDArray>;
  #zeros: ReadonlyMap<NDArray, Uint8Array> | undefined;

  /** @param isCompiled whether the operations are those of a program that is compiled */
  constructor(graph: Graph, args: ArrayList, seeds: ArrayList, isCompiled: boolean) {
    this.#isCompiled = isCompiled;
    this.#graph = graph;
    this.#seeds = new Map(seeds.map((x, i) => [graph.inputs[args.length + i], x]));
    const given = [...args, ...seeds];
    this.#made = new Map(graph.inputs.map((x, i) => [x, given[i]]));
    this.#moving = new Set(graph.inputs.slice(args.length));
    this.#fixed = new Set(this.#moving);
    for (const equation of graph.equations) {
      const { inputs, outs } = equation;
      const isMoving = inputs.some((x) => this.#moving.has(x));
      const isFixed = inputs.every((x) => x.owner.level === 0 || this.#fixed.has(x));
      for (const out of outs) {
        this.#by.set(out, equation);
        if (isMoving) this.#moving.add(out);
        if (isFixed) this.#fixed.add(out);
      }
    }
    for (const equation of graph.equations) if (hasEffect(equation)) this.#run(equation);
  }

  #run(equation: Equation): void {
    const { operation, inputs, params, outs } = equation;
    if (outs.some((out) => this.#made.has(out))) return;
    const results = apply(
      operation,
      inputs.map((x) => this.whole(x)),
      params,
    );
    outs.forEach((out, i) => {
      this.#made.set(out, results[i]);
    });
  }

  /** A value of the graph. */
  whole(x: NDArray): NDArray {
    for (const each of topologicalOrder([x], (y) => (this.#made.has(y) ? [] : (this.#by.get(y)?.inputs ?? [])))) {
      const equation = this.#by.get(each);
      if (equation) this.#run(equation);
    }
    return this.#made.get(x) ?? x;
  }

  /** The elements of a value at some places, as one line. Of places that are there twice, as those of a symmetric matrix, each is computed once. */
  pick(x: NDArray, at: Int32Array): NDArray {
    const { places, distinct } = distinctOf(at, x.size);
    return distinct.length > 0.7 * at.length ? this.#joinedLine(x, at, 0) : this.#joinedLine(x, distinct, 0, places);
  }

  /** Elements of a value, formula by formula: gathered of all formulas, or added to what is known where that is most. Of these some, where places are given. */
  #joinedLine(x: NDArray, at: Int32Array, depth: number, taken?: Int32Array): NDArray {
    const { kinds, values } = this.#elements(x, at, depth);
    const groups = grouped(kinds);
    const lines = groups.map((places) => this.#one(x, this.#known(ints(places.length, (i) => at[places[i]])), 0));
    const count = groups.reduce((sum, { length }) => sum + length, 0);
    if (2 * count > at.length) {
      const isKnown = count < at.length;
      const order = new Int32Array(at.length);
      let next = 0;
      for (const places of groups) for (const place of places) order[place] = next++;
      // Of the known numbers each is there once.
      const distinct = new Map<number, number>();
      for (let i = 0; isKnown && i < at.length; i++) {
        if (kinds[i] >= firstFormula) continue;
        if (!distinct.has(values[i])) distinct.set(values[i], next++);
        order[i] = distinct.get(values[i]) as number;
      }
      if (isKnown) lines.push(this.#like(x, Float64Array.from(distinct.keys())));
      return gathered(lines.length === 1 ? lines[0] : concatenate(lines), taken ? taken.map((place) => order[place]) : order);
    }
    // Each element is added to -0 once: the sum is that element, with the sign of a zero.
    const known = this.#like(
      x,
      Float64Array.from(values, (value, i) => (kinds[i] < firstFormula ? value : -0)),
    );
    const added = (sum: NDArray, places: Int32Array, line: NDArray): NDArray =>
      bind("scatterAdd", [sum, x.device.put(asArray(places, "sparseJacobian")), line], { axis: 0 });
    // A program adds in place; without one each sum is an array of its own.
    const all =
      this.#isCompiled || lines.length === 0
        ? groups.reduce((sum, places, i) => added(sum, places, lines[i]), known)
        : added(known, Int32Array.from(groups.flatMap((places) => Array.from(places))), lines.length === 1 ? lines[0] : concatenate(lines));
    return taken ? gathered(all, taken) : all;
  }

  #like(x: NDArray, values: Float64Array): NDArray {
    return x.device.put(asArray(values, "sparseJacobian").astype(x.dtype));
  }

  /** The same indices as the array that came with them first. */
  #known(at: Int32Array): Int32Array {
    let hash = at.length;
    for (let i = 0; i < at.length; i++) hash = (Math.imul(hash, 31) + at[i]) | 0;
    const key = `${at.length} ${hash}`;
    const found = this.#indices.get(key) ?? [];
    const same = found.find((own) => equal(own, at));
    if (same) return same;
    this.#indices.set(key, [...found, at]);
    return at;
  }

  #formula(key: string): number {
    let id = this.#formulas.get(key);
    if (id === undefined) this.#formulas.set(key, (id = firstFormula + this.#formulas.size));
    return id;
  }

  #id(x: NDArray): number {
    let id = this.#ids.get(x);
    if (id === undefined) this.#ids.set(x, (id = this.#ids.size));
    return id;
  }

  /** The numbers of a value, where it has some. */
  #numbersOf(x: NDArray): ArrayLike<number> | undefined {
    if (!this.#numbers.has(x)) {
      const own = this.#made.get(x) ?? x;
      this.#numbers.set(x, own.owner.level === 0 ? own.data() : undefined);
    }
    return this.#numbers.get(x);
  }

  /** Returns the origins of the elements of a value that an operation moves: positions in its operands, one after the other, from 1 on; 0 for zeros. */
  #sourceOf(x: NDArray, { operation, inputs, params }: Equation): Int32Array | undefined {
    const known = this.#sources.get(x);
    if (known) return known;
    let next = 1;
    const named = (y: NDArray): NDArray => {
      const first = next;
      next += y.size;
      return new Concrete(
        new Aval(y.shape, "int32"),
        ints(y.size, (i) => first + i),
      );
    };
    const isTake = operation === "take";
    const indices = isTake ? peek(inputs[1]) : undefined;
    if (isTake && (indices === undefined || indices.batches.length > 0)) return undefined;
    const own = indices ? [named(inputs[0]), indices.values] : inputs.map(named);
    const source = bind(operation as "take", own, params as Params<"take">).data() as Int32Array;
    this.#sources.set(x, source);
    return source;
  }

  /** Returns the known facts about elements of a value. */
  #elements(x: NDArray, at: Int32Array, depth: number): Elements {
    return this.#kinds.get(x, at, () => this.#look(x, at, depth));
  }

  #look(x: NDArray, at: Int32Array, depth: number): Elements {
    const equation = this.#by.get(x);
    if (equation && views.includes(equation.operation as string) && depth <= maxDepth) {
      const [{ y, from }] = this.#parts(x, equation, at) as readonly Part[];
      return this.#elements(y, from, depth + 1);
    }
    // It may come out as a constant.
    if (equation && !this.#moving.has(x)) this.whole(x);
    const numbers = equation === undefined || this.#made.has(x) ? this.#numbersOf(x) : undefined;
    if (numbers) {
      const [kinds, values] = [new Int32Array(at.length), new Float64Array(at.length)];
      for (let i = 0; i < at.length; i++) {
        values[i] = numbers[at[i]];
        kinds[i] = kindOf(values[i]);
      }
      return { kinds, values };
    }
    const opaque = (): Elements => ({
      values: new Float64Array(0),
      kinds: new Int32Array(at.length).fill(this.#formula(`${this.#id(x)}`)),
    });
    if (equation === undefined || !this.#moving.has(x) || depth > maxDepth) return opaque();
    const { operation, inputs } = equation;
    if (typeof operation === "string") {
      if (isElementwise(operation))
        return this.#joined(
          x,
          operation,
          inputs.map((y) => this.#elements(y, at, depth + 1)),
          at.length,
        );
      if (movements.includes(operation)) {
        const parts = this.#parts(x, equation, at);
        if (parts) return this.#gathered(x, parts, at.length, depth);
      }
      const terms = this.#terms(equation, at);
      if (terms) return this.#added(x, terms, at.length, depth);
    }
    // Seeds are numbers, and so is what is made of nothing else.
    if (!this.#fixed.has(x) || this.#made.has(x)) return opaque();
    this.whole(x);
    return this.#look(x, at, depth);
  }

  /** Elementwise operations on what is known. */
  #joined(x: NDArray, name: PrimitiveName, operands: readonly Elements[], count: number): Elements {
    const [a, b = a, c = b] = operands;
    const out: Elements = { kinds: new Int32Array(count), values: new Float64Array(count) };
    const id = this.#id(x);
    const formula = remembered((p, q, r) => this.#formula(`${id}:${[p, q, r].slice(0, operands.length)}`));
    const rule = name === "cast" && !isFloat(x.dtype) ? undefined : simplified[name];
    for (let i = 0; i < count; i++) if (!rule?.(out, i, a, b, c)) out.kinds[i] = formula(a.kinds[i], b.kinds[i], c.kinds[i]);
    return out;
  }

  /** The operand of each element that is moved, as places in it; `at` are the places of these elements in the list. */
  #parts(x: NDArray, equation: Equation, at: Int32Array): readonly Part[] | undefined {
    return this.#split.get(x, at, () => {
      if (views.includes(equation.operation as string)) {
        const [y] = equation.inputs;
        return [{ y, places: placesUpTo(at.length), from: this.#known(seenThrough(equation, at)) }];
      }
      const source = this.#sourceOf(x, equation);
      if (source === undefined) return undefined;
      const inputs = equation.operation === "take" ? equation.inputs.slice(0, 1) : equation.inputs;
      let first = 1;
      return inputs.map((y) => {
        const [begin, end] = [first, (first += y.size)];
        let count = 0;
        for (let i = 0; i < at.length; i++) if (source[at[i]] >= begin && source[at[i]] < end) count++;
        const [places, from] = [new Int32Array(count), new Int32Array(count)];
        for (let i = 0, k = 0; i < at.length; i++) {
          const own = source[at[i]];
          if (own < begin || own >= end) continue;
          places[k] = i;
          from[k++] = own - begin;
        }
        return { y, places, from: this.#known(from) };
      });
    });
  }

  #gathered(x: NDArray, parts: readonly Part[], count: number, depth: number): Elements {
    const [kinds, values] = [new Int32Array(count), new Float64Array(count)];
    const id = this.#id(x);
    for (const { y, places, from } of parts) {
      const own = this.#elements(y, from, depth + 1);
      const formula = remembered((kind) => this.#formula(`${id}:${this.#id(y)}:${kind}`));
      for (let k = 0; k < places.length; k++) {
        const kind = own.kinds[k];
        kinds[places[k]] = kind < firstFormula ? kind : formula(kind, 0, 0);
        values[places[k]] = own.values[k];
      }
    }
    return { kinds, values };
  }

  /** For each element of a sum the terms' operands and places; undefined where it is none, or one of very many terms. Terms that are zero are left out. */
  #terms(equation: Equation, at: Int32Array): readonly Terms[] | undefined {
    const { operation, inputs } = equation;
    if (operation !== "sum" && operation !== "scatterAdd") return undefined;
    let groups = this.#sums.get(equation);
    if (groups === undefined) this.#sums.set(equation, (groups = groupsOf(equation)));
    const terms = groups && this.#nonzero(inputs[operation === "sum" ? 0 : 2], at, groups);
    if (terms === undefined || operation === "sum") return terms && [terms];
    return [{ y: inputs[0], starts: placesUpTo(at.length + 1), from: at }, terms];
  }

  /** The terms of each sum that may differ from zero; undefined where there are very many. */
  #nonzero(y: NDArray, at: Int32Array, { starts: firsts, places }: Groups): Terms | undefined {
    let all = 0;
    for (let i = 0; i < at.length; i++) all += firsts[at[i] + 1] - firsts[at[i]];
    if (all > maxLooks * (y.size + 16)) return undefined;
    this.#zeros ??= zerosOf(this.#graph, this.#seeds);
    const isZero = this.#zeros.get(y);
    const [starts, from] = [new Int32Array(at.length + 1), new Int32Array(all)];
    let next = 0;
    for (let i = 0; i < at.length; i++) {
      for (let k = firsts[at[i]]; k < firsts[at[i] + 1]; k++) if (isZero?.[places[k]] !== 1) from[next++] = places[k];
      starts[i + 1] = next;
    }
    return next > 4 * y.size + 64 ? undefined : { y, starts, from: this.#known(from.slice(0, next)) };
  }

  #added(x: NDArray, terms: readonly Terms[], size: number, depth: number): Elements {
    const [kinds, values] = [new Int32Array(size), new Float64Array(size)];
    const own = terms.map(({ y, from }) => this.#elements(y, from, depth + 1));
    const id = this.#id(x);
    const formula = remembered((number, last) => this.#formula(`${id}:${number}:${last}`));
    for (let i = 0; i < size; i++) {
      let sum = 0;
      let [count, last] = [0, 0];
      terms.forEach(({ starts }, t) => {
        for (let k = starts[i]; k < starts[i + 1]; k++)
          if (own[t].kinds[k] < firstFormula) sum += own[t].values[k];
          else {
            count++;
            last = 2 * own[t].kinds[k] + t;
          }
      });
      values[i] = sum;
      kinds[i] = count === 0 ? kindOf(sum) : formula(Math.min(count, 2), count === 1 ? last : 0, 0);
    }
    return { kinds, values };
  }

  /** Elements of a value that are computed together. */
  #one(x: NDArray, at: Int32Array, depth: number): NDArray {
    return this.#picked.get(x, at, () => this.#compute(x, at, depth));
  }

  #compute(x: NDArray, at: Int32Array, depth: number): NDArray {
    const equation = this.#by.get(x);
    if (equation === undefined || !this.#moving.has(x) || depth > maxDepth) return this.#taken(x, at);
    const { kinds, values } = this.#elements(x, at, depth);
    if (kinds.every((kind) => kind < firstFormula))
      return values.every((value) => value === values[0]) ? filled(this.#like(x, values.slice(0, 1)), at.length) : this.#like(x, values);
    const { operation, inputs, params } = equation;
    const all = (y: NDArray, kind: number): boolean => this.#elements(y, at, depth + 1).kinds.every((own) => own === kind);
    const operand = (y: NDArray): NDArray => this.#one(y, at, depth + 1);
    if (typeof operation === "string") {
      const [a, b, c] = inputs;
      if (operation === "mul" && all(a, one)) return operand(b);
      if (operation === "mul" && all(b, one)) return operand(a);
      if (operation === "add" && all(a, zero)) return operand(b);
      if ((operation === "add" || operation === "sub") && all(b, zero)) return operand(a);
      if (operation === "sub" && all(a, zero)) return operand(b).neg();
      if (operation === "select") {
        const on = this.#elements(a, at, depth + 1).kinds;
        if (on.every((kind) => kind === zero)) return operand(c);
        if (on.every((kind) => kind === one)) return operand(b);
      }
      if (isElementwise(operation)) return apply(operation, inputs.map(operand), params)[0];
      const parts = movements.includes(operation) ? this.#parts(x, equation, at) : undefined;
      const [part] = parts?.filter(({ places }) => places.length === at.length) ?? [];
      if (part) return this.#shared(part.y, part.from, depth + 1);
      const terms = parts ? undefined : this.#terms(equation, at);
      if (terms) return this.#sum(x, terms, at.length, depth);
    }
    return this.#taken(x, at);
  }

  /** Elements of which some may be there many times: each is computed once. */
  #shared(x: NDArray, at: Int32Array, depth: number): NDArray {
    const equation = this.#by.get(x);
    const isMoved = equation !== undefined && movements.includes(equation.operation as string);
    if (isMoved || !this.#moving.has(x)) return this.#one(x, at, depth);
    const { places, distinct } = distinctOf(at, x.size);
    return distinct.length > 0.7 * at.length ? this.#one(x, at, depth) : gathered(this.#one(x, this.#known(distinct), depth), places);
  }

  /** The sums of the terms that are not known, and of the others. */
  #sum(x: NDArray, terms: readonly Terms[], count: number, depth: number): NDArray {
    const sums = new Float64Array(count);
    const lines: NDArray[] = [];
    for (const { y, starts, from } of terms) {
      const { kinds, values } = this.#elements(y, from, depth + 1);
      const [places, own]: [number[], number[]] = [[], []];
      for (let i = 0; i < count; i++)
        for (let k = starts[i]; k < starts[i + 1]; k++)
          if (kinds[k] < firstFormula) sums[i] += values[k];
          else {
            places.push(i);
            own.push(from[k]);
          }
      if (own.length === 0) continue;
      const line = this.#joinedLine(y, this.#known(Int32Array.from(own)), depth + 1);
      const isPlain = own.length === count && places.every((place, i) => place === i);
      const none = this.#like(x, new Float64Array(isPlain ? 0 : count));
      lines.push(isPlain ? line : none.scatterAdd(line.device.put(asArray(Int32Array.from(places), "sparseJacobian")), line));
    }
    if (sums.some((value) => value !== 0)) lines.push(this.#like(x, sums));
    return lines.reduce((a, b) => a.add(b));
  }

  /** Elements of a whole value. */
  #taken(x: NDArray, at: Int32Array): NDArray {
    const equation = this.#by.get(x);
    const isView = equation && views.includes(equation.operation as string);
    if (!isView || this.#made.has(x)) {
      const own = this.whole(x);
      return gathered(bind("reshape", [own], { shape: [own.size] }), at);
    }
    const [{ y, from }] = this.#parts(x, equation, at) as readonly Part[];
    return this.#taken(y, from);
  }
}

const placesUpTo = (count: number): Int32Array<ArrayBuffer> => ints(count, (i) => i);

/** The place of each element, in an array of the same shape. */
const placesOf = ({ shape, size }: NDArray): NDArray => new Concrete(new Aval(shape, "int32"), placesUpTo(size));

/** The places in the operand of what a view has at these places. */
function seenThrough({ operation, inputs: [y], params, outs }: Equation, at: Int32Array): Int32Array {
  if (operation === "reshape") return at;
  // Of what is seen, a view reads nothing.
  const { stride, offset } = apply(operation, [new Concrete(new Aval(y.shape, "int32"), new Int32Array(0))], params)[0] as Concrete;
  // Axes that are gone along evenly are one.
  const axes: { size: number; step: number }[] = [];
  outs[0].shape.forEach((size, axis) => {
    const last = axes[axes.length - 1];
    if (size === 1) return;
    if (last && last.step === size * stride[axis]) axes[axes.length - 1] = { size: last.size * size, step: stride[axis] };
    else axes.push({ size, step: stride[axis] });
  });
  const from = new Int32Array(at.length);
  for (let i = 0; i < at.length; i++) {
    let [rest, place] = [at[i], offset];
    for (let axis = axes.length - 1; axis > 0; axis--) {
      const { size, step } = axes[axis];
      const next = Math.trunc(rest / size);
      place += (rest - next * size) * step;
      rest = next;
    }
    from[i] = axes.length > 0 ? place + rest * axes[0].step : place;
  }
  return from;
}

/** The terms of a sum, or of a sum by indices that are known. */
function groupsOf({ operation, inputs, params, outs }: Equation): Groups | undefined {
  if (operation === "sum") {
    const [y] = inputs;
    const { axes } = params as Params<"sum">;
    const each = axes.reduce((n, axis) => n * y.shape[axis], 1);
    const rest = y.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
    const places = bind("transpose", [placesOf(y)], { perm: [...rest, ...axes] }).data() as Int32Array;
    return { starts: ints(outs[0].size + 1, (i) => i * each), places };
  }
  const [x, indices] = inputs;
  const peeked = peek(indices);
  if (peeked === undefined || peeked.batches.length > 0) return undefined;
  const { axis } = params as Params<"scatterAdd">;
  const to = bind("take", [placesOf(x), peeked.values], { axis }).data();
  const starts = new Int32Array(x.size + 1);
  for (let i = 0; i < to.length; i++) starts[to[i] + 1]++;
  for (let i = 0; i < x.size; i++) starts[i + 1] += starts[i];
  const places = new Int32Array(to.length);
  const next = starts.slice();
  for (let i = 0; i < to.length; i++) places[next[to[i]]++] = i;
  return { starts, places };
}

const knows = ({ kinds }: Elements, i: number): boolean => kinds[i] < firstFormula;

/** Element i of the result is that of an operand. */
function same({ kinds, values }: Elements, i: number, of: Elements): true {
  kinds[i] = of.kinds[i];
  values[i] = of.values[i];
  return true;
}

function set({ kinds, values }: Elements, i: number, value: number): true {
  values[i] = value;
  kinds[i] = kindOf(value);
  return true;
}

type Simplified = (out: Elements, i: number, a: Elements, b: Elements, c: Elements) => boolean;

const both = (out: Elements, i: number, a: Elements, b: Elements, f: (x: number, y: number) => number): boolean =>
  knows(a, i) && knows(b, i) && set(out, i, f(a.values[i], b.values[i]));

/** Rules that set element i of a result, where it is known or is an operand's. */
const simplified: { readonly [P in PrimitiveName]?: Simplified } = {
  add: (out, i, a, b) =>
    (a.kinds[i] === zero && same(out, i, b)) || (b.kinds[i] === zero && same(out, i, a)) || both(out, i, a, b, (x, y) => x + y),
  sub: (out, i, a, b) => (b.kinds[i] === zero && same(out, i, a)) || both(out, i, a, b, (x, y) => x - y),
  mul: (out, i, a, b) =>
    ((a.kinds[i] === zero || b.kinds[i] === zero) && set(out, i, 0)) ||
    (a.kinds[i] === one && same(out, i, b)) ||
    (b.kinds[i] === one && same(out, i, a)) ||
    both(out, i, a, b, (x, y) => x * y),
  div: (out, i, a, b) => (a.kinds[i] === zero && set(out, i, 0)) || both(out, i, a, b, (x, y) => x / y),
  neg: (out, i, a) => knows(a, i) && set(out, i, -a.values[i]),
  cast: (out, i, a) => same(out, i, a),
  select: (out, i, on, a, b) =>
    (knows(on, i) && same(out, i, on.kinds[i] === zero ? b : a)) || (a.kinds[i] === zero && b.kinds[i] === zero && set(out, i, 0)),
};

/** A function of three numbers that is asked for the same ones again and again. */
function remembered(f: (p: number, q: number, r: number) => number): (p: number, q: number, r: number) => number {
  const known = new Map<string, number>();
  let [lastP, lastQ, lastR, last] = [-1, -1, -1, 0];
  return (p, q, r) => {
    if (p === lastP && q === lastQ && r === lastR) return last;
    const key = `${p},${q},${r}`;
    const found = known.get(key) ?? f(p, q, r);
    known.set(key, found);
    [lastP, lastQ, lastR, last] = [p, q, r, found];
    return found;
  };
}

function equal(a: Int32Array, b: Int32Array): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** The different ones of some indices, sorted, and at which of them each is. */
function distinctOf(at: Int32Array, size: number): { readonly distinct: Int32Array; readonly places: Int32Array } {
  const place = new Int32Array(size);
  for (let i = 0; i < at.length; i++) place[at[i]] = 1;
  let count = 0;
  for (let i = 0; i < size; i++) if (place[i] === 1) place[i] = ++count;
  const distinct = new Int32Array(count);
  for (let i = 0; i < size; i++) if (place[i] > 0) distinct[place[i] - 1] = i;
  return { distinct, places: ints(at.length, (i) => place[at[i]] - 1) };
}

const isElementwise = (name: PrimitiveName): boolean => primitives[name].kind === "elementwise" || name === "cast" || name === "select";

/** One number in each place of a line. */
const filled = (x: NDArray, count: number): NDArray =>
  bind("broadcast", [bind("reshape", [x], { shape: [] })], { shape: [count], dims: [] });

/** Some elements of a line: by steps, if they lie so. */
function gathered(line: NDArray, at: Int32Array): NDArray {
  if (at.length === 0) return bind("slice", [line], { starts: [0], steps: [1], sizes: [0] });
  const step = at.length > 1 ? at[1] - at[0] : 1;
  const isEven = step > 0 && at.every((index, i) => index === at[0] + i * step);
  if (!isEven)
    return at.every((index) => index === at[0])
      ? filled(bind("slice", [line], { starts: [at[0]], steps: [1], sizes: [1] }), at.length)
      : line.take(line.device.put(asArray(at, "sparseJacobian")));
  return at.length === line.size ? line : bind("slice", [line], { starts: [at[0]], steps: [step], sizes: [at.length] });
}

/** The places of the elements of each formula, the most frequent first; all as one where there are very many formulas. */
function grouped(kinds: Int32Array): Int32Array[] {
  const groups = new Map<number, number[]>();
  for (let i = 0; i < kinds.length; i++) {
    if (kinds[i] < firstFormula) continue;
    const own = groups.get(kinds[i]);
    if (own) own.push(i);
    else groups.set(kinds[i], [i]);
  }
  const sorted = [...groups.values()].sort((a, b) => b.length - a.length);
  const kept = sorted.length > maxFormulas ? [...sorted.slice(0, maxFormulas), sorted.slice(maxFormulas).flat()] : sorted;
  return kept.map((places) => Int32Array.from(places));
}
