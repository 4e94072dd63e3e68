import { concatenate, type NDArray, ShapeError } from "@ad/core";
import { Aval, asArray, bind, GraphTrace, isStaging, mapArrays, pullbackOf, type Structure, within } from "@ad/core/internals/trace";
import { jvp } from "@ad/forward";
import { vmap } from "@ad/vmap";
import { Picking } from "./elements.js";
import { layout } from "./flat.js";
import type { Plan } from "./plan.js";

/** A function from leaves to leaves, and what it gives beside them. */
export type Run = (...leaves: NDArray[]) => [out: readonly NDArray[], beside: Beside];

export interface Beside {
  readonly structure: Structure;
  readonly aux: unknown;
}

/** The results of the products of all colours. */
export interface Products {
  readonly out: readonly NDArray[];
  readonly beside: Beside;
  /** All of them in one line, where they were all computed: those of the columns' colours, then those of the rows'. */
  readonly line?: NDArray;
  /** Some of them, by their places in that line. */
  readonly entries: (from: Int32Array) => NDArray;
}

/** For a range of colours a direction each, as a leaf sees it: a one where its element has that colour. */
function seeds(x: NDArray, colors: Int32Array, first: number, from: number, count: number): NDArray {
  const all = new Float64Array(count * x.size);
  for (let i = 0; i < x.size; i++) {
    const color = colors[first + i] - from;
    if (color >= 0 && color < count) all[color * x.size + i] = 1;
  }
  const made = asArray(all, "sparseJacobian").astype(x.dtype);
  return bind("reshape", [x.device.put(made)], { shape: [count, ...x.shape] });
}

const seedsOf = (leaves: readonly NDArray[], colors: Int32Array, from: number, count: number): NDArray[] => {
  const { starts } = layout(leaves);
  return leaves.map((x, i) => seeds(x, colors, starts[i], from, count));
};

/** Products with a leading axis, leaf by leaf, beside each other in one line. */
const inLine = (products: readonly NDArray[], count: number): NDArray[] => {
  const flat = products.filter((x) => x.size > 0).map((x) => bind("reshape", [x], { shape: [count, x.size / count] }));
  return flat.length === 0
    ? []
    : [bind("reshape", [flat.length === 1 ? flat[0] : concatenate(flat, 1)], { shape: [flat.reduce((n, x) => n + x.size, 0)] })];
};

function* ranges(total: number, size: number): Generator<readonly [from: number, count: number]> {
  for (let from = 0; from < total; from += size) yield [from, Math.min(size, total - from)];
}

/** Checks that the results have as many elements as the pattern has rows. */
export function checkRows(op: string, { pattern }: Plan, out: readonly { readonly size: number }[]): void {
  const { total } = layout(out);
  if (pattern.shape[0] !== total)
    throw new ShapeError(
      `${op}: the pattern is [${pattern.shape.join(", ")}], but the function's results have ${total} elements; give the pattern of this function at arguments of these shapes.`,
    );
}

/** The value of f, and its products with a stack of directions. */
export function pushMany(
  f: Run,
  leaves: readonly NDArray[],
  directions: readonly NDArray[],
): Pick<Products, "out" | "beside"> & { readonly products: readonly NDArray[] } {
  let beside = undefined as Beside | undefined;
  const lane = (...tangents: NDArray[]): NDArray[][] => {
    // never: leaves are arrays, whatever f's arguments are.
    const [out, pushed, own] = jvp(f as never, leaves as never, tangents as never, { hasAux: true }) as unknown as [
      NDArray[],
      NDArray[],
      Beside,
    ];
    beside = own;
    const more: NDArray[] = [];
    mapArrays(own.aux, (x) => more[more.push(x) - 1]);
    return [out, pushed, more];
  };
  const [outs, products, more] = vmap(lane as (...tangents: NDArray[]) => NDArray[][])(...directions);
  // The point is none of the lanes' own, so what is no product is the same in all of them.
  const one = (x: NDArray): NDArray => x.slice(0);
  const { structure, aux } = beside as Beside;
  let next = 0;
  return { out: outs.map(one), products, beside: { structure, aux: mapArrays(aux, () => one(more[next++])) } };
}

interface Lined extends Products {
  readonly line: NDArray;
}

/** The products of a plan's colours, at most `chunk` of them at once. */
export function productsOf(
  op: string,
  f: Run,
  leaves: readonly NDArray[],
  plan: Plan,
  chunk: number,
  seeded = (seeds: readonly NDArray[]): readonly NDArray[] => seeds,
): Lined {
  const lines: NDArray[] = [];
  let last: Pick<Products, "out" | "beside"> | undefined;
  for (const [from, count] of ranges(plan.columns?.count ?? 0, chunk)) {
    const { colors } = plan.columns as NonNullable<Plan["columns"]>;
    const directions = seeded(seedsOf(leaves, colors, from, count));
    const { out, products, beside } = pushMany(f, leaves, directions);
    checkRows(op, plan, out);
    last = { out, beside };
    lines.push(...inLine(products, count));
  }
  if ((plan.rows?.count ?? 0) > 0) {
    const { colors, count: total } = plan.rows as NonNullable<Plan["rows"]>;
    const { out, pullback, aux } = pullbackOf(op, f, leaves, true);
    const results = out as readonly NDArray[];
    checkRows(op, plan, results);
    last ??= { out: results, beside: aux as Beside };
    for (const [from, count] of ranges(total, chunk)) {
      const products = vmap(pullback as (cotangents: unknown) => unknown)(
        seeded(seedsOf(results, colors, from, count)),
      ) as readonly NDArray[];
      lines.push(...inLine(products, count));
    }
  }
  if (last === undefined) {
    const [out, beside] = f(...leaves);
    checkRows(op, plan, out);
    last = { out, beside };
  }
  const like = leaves[0] ?? last.out[0] ?? asArray(0, op);
  const line = lines.length === 0 ? like.filled(0, new Aval([0], like.dtype)) : lines.length === 1 ? lines[0] : concatenate(lines);
  return { ...last, line, entries: (from) => line.take(line.device.put(asArray(from, op))) };
}

/** The same where a program is staged, or kept: it computes no more of the products than the entries. */
export function pickedProductsOf(op: string, f: Run, leaves: readonly NDArray[], plan: Plan, chunk: number): Products {
  const trace = new GraphTrace(op);
  const seeds: NDArray[] = [];
  const seeded = (own: readonly NDArray[]): NDArray[] => {
    seeds.push(...own);
    return own.map((x) => trace.input(x));
  };
  const own = leaves.map((x) => trace.input(x));
  const { out, beside, line } = within(trace, () => productsOf(op, f, own, plan, chunk, seeded));
  const picking = new Picking(trace.graph([]), leaves, seeds, isStaging());
  const whole = (x: NDArray): NDArray => picking.whole(x);
  return {
    out: out.map(whole),
    beside: { ...beside, aux: mapArrays(beside.aux, whole) },
    entries: (from) => picking.pick(line, from),
  };
}
