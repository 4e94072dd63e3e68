import type { NDArray } from "@ad/core";
import { type Aval, asArray, bind, type NamesOf, type Params, type PrimitiveName, type Shape, sizeOf } from "@ad/core/internals/trace";
import { ints } from "../numbers.js";
import { EMPTY, type Sets } from "./sets.js";

/** For each element of an array the name of a set, in an int32 array of its shape; undefined where all sets are empty. */
export type Names = NDArray | undefined;

/** Operands of an operation whose result is floating. */
export interface Operands {
  readonly sets: Sets;
  /** The sets of the operands' elements; one operand at least has some. */
  readonly names: readonly Names[];
  readonly avals: readonly Aval[];
  readonly out: Aval;
  /** The numbers of an operand that are the same wherever the function is evaluated; undefined where that is not known. */
  readonly known: (i: number) => NDArray | undefined;
  /** Returns where an operand's factor in the result is not zero; undefined where it may be anything everywhere. */
  readonly passing: (i: number) => NDArray | undefined;
  /** Returns where an operand is not zero; undefined as above. */
  readonly nonzero: (i: number) => Uint8Array | undefined;
}

/** The sets of the result's elements. */
export type Rule<P extends PrimitiveName> = (operands: Operands, params: Params<P>) => NDArray;

export const data = (names: NDArray): Int32Array => names.data() as Int32Array;

export const asNames = (names: Int32Array, shape: Shape): NDArray => bind("reshape", [asArray(names, "sparsity")], { shape });

const empty = (shape: Shape): NDArray => asNames(new Int32Array(sizeOf(shape)), shape);

/** The most arrays that wait for their union. */
const maxWaiting = 8;

/**
 * Element by element the union of arrays of sets, which is made where something asks for it: a sum of sums needs one union for each element, and none
 * of the sets between.
 */
export class Joined {
  #parts: readonly NDArray[];
  #isUsed = false;

  constructor(
    readonly sets: Sets,
    parts: readonly NDArray[],
  ) {
    this.#parts = [...new Set(parts)];
    if (this.#parts.length > maxWaiting) this.#parts = [this.names];
  }

  /** The arrays of which each element is the union. For who asks again, as a value may be used more than once, they are one. */
  get parts(): readonly NDArray[] {
    if (this.#isUsed && this.#parts.length > 2) return [this.names];
    this.#isUsed = true;
    return this.#parts;
  }

  get names(): NDArray {
    const [first] = this.#parts;
    if (this.#parts.length > 1) this.#parts = [asNames(this.sets.unions(this.#parts.map(data)), first.shape)];
    return this.#parts[0];
  }
}

const join = ({ sets }: Operands, all: readonly Names[]): NDArray =>
  new Joined(
    sets,
    all.filter((x) => x !== undefined),
  ).names;

/** Returns where a mask holds. */
export const kept = (names: NDArray, mask: NDArray | undefined): NDArray =>
  mask === undefined ? names : bind("select", [mask, names, names.filled(EMPTY, names.aval)], {});

/** All operands' sets, moved as their elements are. */
const moved =
  <P extends "transpose" | "broadcast" | "reshape" | "slice" | "place" | "unfold" | "concatenate">(name: P): Rule<P> =>
  ({ names, avals }, params) =>
    bind(
      name,
      names.map((x, i) => x ?? empty(avals[i].shape)),
      params,
    );

/** The union over some axes, which vanish. */
function united(sets: Sets, names: NDArray, axes: readonly number[]): NDArray {
  const rest = names.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const all = data(bind("transpose", [names], { perm: [...rest, ...axes] }));
  const shape = rest.map((axis) => names.shape[axis]);
  const out = new Int32Array(sizeOf(shape));
  const each = out.length === 0 ? 0 : all.length / out.length;
  for (let i = 0; i < out.length; i++) out[i] = sets.unionOf(all, i * each, each);
  return asNames(out, shape);
}

/** Computes the sets of what reduces axes: the union over them. */
export const over = ({ sets, names: [x], passing }: Operands, { axes }: Params<"sum">): NDArray =>
  united(sets, kept(x as NDArray, passing(0)), axes);

/** Goes along an axis, from one end to the other, and makes the set of an element from the set of the one before it and those of the operands at its place. */
function running(
  { names, avals }: Operands,
  { axis, reverse }: Params<"cumsum">,
  next: (before: number, a: number, b: number) => number,
): NDArray {
  const [first, last = first] = names.map((x) => data((x ?? empty(avals[0].shape)).moveaxis(axis, -1)));
  const shape = avals[0].shape.filter((_, i) => i !== axis);
  const n = avals[0].shape[axis];
  const out = new Int32Array(first.length);
  for (let line = 0; line < out.length; line += n)
    for (let k = 0, before = EMPTY; k < n; k++) {
      const at = line + (reverse ? n - 1 - k : k);
      before = out[at] = next(before, first[at], last[at]);
    }
  return asNames(out, [...shape, n]).moveaxis(-1, axis);
}

/** The union of sets that go to each position of an array: `to` has the position of each of them. */
function gathered(sets: Sets, names: Int32Array, to: Int32Array, shape: Shape): NDArray {
  const out = new Int32Array(sizeOf(shape));
  const starts = new Int32Array(out.length + 1);
  for (let i = 0; i < to.length; i++) starts[to[i] + 1]++;
  for (let i = 0; i < out.length; i++) starts[i + 1] += starts[i];
  const next = starts.slice();
  const sorted = new Int32Array(names.length);
  for (let i = 0; i < names.length; i++) sorted[next[to[i]]++] = names[i];
  for (let i = 0; i < out.length; i++) out[i] = sets.unionOf(sorted, starts[i], starts[i + 1] - starts[i]);
  return asNames(out, shape);
}

/** The position of each element of an array. */
const positions = (shape: Shape): NDArray =>
  asNames(
    ints(sizeOf(shape), (i) => i),
    shape,
  );

/** The union along an axis, at each of the positions that other axes have in its place. */
function spread(sets: Sets, names: NDArray, axis: number, shape: Shape, by: number): NDArray {
  const rest = united(sets, names, [axis]);
  const dims = rest.shape.map((_, i) => (i < axis ? i : i + by));
  return bind("broadcast", [rest], { shape, dims });
}

/** Each element of the result from a row and a column of operands: where one's sets count, the other says by its zeros where not. */
function product({ sets, names, avals: [x, y], out, nonzero }: Operands): NDArray {
  const [m, k] = x.shape.slice(-2);
  const n = y.shape[y.ndim - 1];
  const batch = sizeOf(x.shape.slice(0, -2));
  const all = new Int32Array(out.size);
  /** The lines of one operand, the elements of each beside each other, and where the lines of the other are not zero. */
  const add = (
    lines: Int32Array,
    mask: Uint8Array | undefined,
    count: number,
    others: number,
    at: (b: number, i: number, j: number) => number,
  ) => {
    const own = new Int32Array(k);
    for (let b = 0; b < batch; b++)
      for (let i = 0; i < count; i++) {
        const start = (b * count + i) * k;
        const whole = mask === undefined ? sets.unionOf(lines, start, k) : EMPTY;
        for (let j = 0; j < others; j++) {
          let union = whole;
          if (mask !== undefined) {
            let used = 0;
            for (let l = 0; l < k; l++) if (mask[(b * others + j) * k + l] !== 0) own[used++] = lines[start + l];
            union = sets.unionOf(own, 0, used);
          }
          const to = at(b, i, j);
          all[to] = sets.union(all[to], union);
        }
      }
  };
  const flipped = (aval: Aval, mask: Uint8Array | undefined): Uint8Array | undefined =>
    mask &&
    (bind("reshape", [asArray(mask, "sparsity")], { shape: aval.shape })
      .swapaxes(-1, -2)
      .data() as Uint8Array);
  if (names[0]) add(data(names[0]), flipped(y, nonzero(1)), m, n, (b, i, j) => (b * m + i) * n + j);
  if (names[1]) add(data(names[1].swapaxes(-1, -2)), nonzero(0), n, m, (b, j, i) => (b * m + i) * n + j);
  return asNames(all, out.shape);
}

type Discrete = NamesOf<"discrete">;

/** The sets that a result's elements have, for every primitive that is neither elementwise, nor a reduction, nor without derivative. */
export const rules: { readonly [P in Exclude<PrimitiveName, NamesOf<"elementwise" | "reduction"> | Discrete>]: Rule<P> } = {
  transpose: moved("transpose"),
  broadcast: moved("broadcast"),
  reshape: moved("reshape"),
  slice: moved("slice"),
  place: moved("place"),
  unfold: moved("unfold"),
  concatenate: moved("concatenate"),
  fold: ({ sets, names: [x] }, { shape, ...windowing }) =>
    gathered(sets, data(x as NDArray), data(bind("unfold", [positions(shape)], windowing)), shape),
  cast: ({ names: [x] }) => x as NDArray,
  select(operands) {
    const { names, avals, known } = operands;
    const condition = known(0);
    if (condition === undefined) return join(operands, names.slice(1));
    return bind("select", [condition, ...names.slice(1).map((x) => x ?? empty(avals[1].shape))], {});
  },
  take({ sets, names: [x], avals, out, known }, { axis }) {
    const indices = known(1);
    if (indices !== undefined) return bind("take", [x as NDArray, indices], { axis });
    return spread(sets, x as NDArray, axis, out.shape, avals[1].ndim - 1);
  },
  scatterAdd(operands, { axis }) {
    const { sets, names, avals, out, known } = operands;
    const [x, , updates] = names;
    if (updates === undefined) return x as NDArray;
    const indices = known(1);
    if (indices !== undefined) {
      const to = data(bind("take", [positions(out.shape), indices], { axis }));
      return join(operands, [x, gathered(sets, data(updates), to, out.shape)]);
    }
    const axes = Array.from({ length: avals[1].ndim }, (_, i) => axis + i);
    const all = united(sets, updates, axes);
    const dims = out.shape.map((_, i) => i).filter((i) => i !== axis);
    return join(operands, [x, bind("broadcast", [all], { shape: out.shape, dims })]);
  },

  sum: over,
  softmax: ({ sets, names: [x], out }, { axis }) => spread(sets, x as NDArray, axis, out.shape, 1),
  cumsum: (operands, params) => running(operands, params, (before, x) => operands.sets.union(before, x)),
  cumprod: (operands, params) => running(operands, params, (before, x) => operands.sets.union(before, x)),
  linearScan(operands, params) {
    const { sets, names, avals } = operands;
    const { axis, reverse } = params;
    // Nothing comes before the first element, so that its factor does not count.
    const n = avals[0].shape[axis];
    const first = asNames(
      ints(n, (i) => i),
      [n],
    );
    const later = first.notEqual(reverse ? n - 1 : 0);
    const mask = bind("broadcast", [later], { shape: avals[0].shape, dims: [axis] });
    const own: Operands = { ...operands, names: [names[0] && kept(names[0], mask), names[1]] };
    return running(own, params, (before, a, b) => sets.union(sets.union(before, a), b));
  },
  matmul: product,
};
