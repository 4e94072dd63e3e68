import type { ArrayLike } from "../array/base.js";
import { asArrays } from "../array/convert.js";
import type { NDArray } from "../array/ndarray.js";
import { common, numeric, sizeOf } from "../engine/aval.js";
import { describe, ShapeError, showShape } from "../engine/errors.js";

/** Two terms as one: letters of both that are still needed are batch axes, those that are not are contracted. */
interface Step {
  /** The axes of either term that no other term and not the output has. */
  readonly sums: readonly (readonly number[])[];
  /** The order of the axes that are left: batch, free, contracted of the one, batch, contracted, free of the other; none where it is theirs. */
  readonly orders: readonly (readonly number[] | undefined)[];
  readonly batch: number;
  readonly contracted: number;
}

/** All that subscripts say about operands of some ranks. */
interface Plan {
  /** The labels of each operand. */
  readonly inputs: readonly (readonly string[])[];
  /** The two axes, of which the diagonal takes the last place, as often as a label is repeated; and the labels after that. */
  readonly diagonals: readonly (readonly (readonly [number, number])[])[];
  readonly labels: readonly (readonly string[])[];
  readonly steps: readonly Step[];
  readonly last: readonly number[];
  readonly order: readonly number[] | undefined;
  readonly output: readonly string[];
}

/** Plans by their subscripts and ranks; so many are kept. */
const plans = new Map<string, Plan>();
const maxPlans = 256;

/**
 * Einstein's summation, as NumPy's: each letter is an axis; letters that the output lacks are summed. Operands are contracted from
 * left to right, each pair as one (batched) matrix product.
 *
 * @param subscripts such as "ij,jk->ik"; "..." stands for broadcast axes; without "->" the output has the letters that occur once, sorted
 * @param operands of any shape; dtypes are promoted; of truth values it says whether any product is true
 * @throws ShapeError where subscripts do not fit the operands, DTypeError where one of them is no {@link ArrayLike}
 * @example
 * einsum("ij,j->i", array([[1, 2], [3, 4]]), array([1, 1])).toArray(); // [3, 7]
 * einsum("ii->i", array([[1, 2], [3, 4]])).toArray(); // [1, 4]
 */
export function einsum(subscripts: string, ...operands: readonly ArrayLike[]): NDArray {
  if (typeof subscripts !== "string")
    throw new ShapeError(`einsum: the subscripts are ${describe(subscripts)}; give a string such as "ij,jk->ik".`);
  const fail = (why: string): ShapeError =>
    new ShapeError(
      `einsum: "${subscripts}" ${why}; the operands' shapes are ${lifted.map((x) => showShape(x.shape)).join(", ") || "none"}.`,
    );
  const lifted = asArrays(operands, "einsum");
  let key = subscripts;
  for (const { ndim } of lifted) key += `;${ndim}`;
  let plan = plans.get(key);
  if (plan === undefined) {
    plan = planOf(subscripts, lifted, fail);
    if (plans.size >= maxPlans) plans.clear();
    plans.set(key, plan);
  }
  const { inputs, diagonals, labels, steps, last, order, output } = plan;
  const lengths: Record<string, number> = {};
  const clash = (label: string, n: number, m: number): ShapeError => fail(`gives "${label}" both ${n} and ${m} elements`);
  inputs.forEach((own, k) => {
    const { shape } = lifted[k];
    own.forEach((label, i) => {
      const n = shape[i];
      // An axis of one element is stretched to those of other operands; with a longer one of its own it has no diagonal.
      const twin = shape[own.indexOf(label)];
      if (twin !== n) throw clash(label, twin, n);
      const known = lengths[label] ?? 1;
      if (known !== 1 && n !== 1 && known !== n) throw clash(label, known, n);
      lengths[label] = known === 1 ? n : known;
    });
  });
  const dtype = common(lifted);
  /** Axes of length 1 are stretched where the letter is longer elsewhere. */
  const stretched = (x: NDArray, own: readonly string[]): NDArray =>
    own.every((label, i) => x.shape[i] === lengths[label]) ? x : x.broadcastTo(own.map((label) => lengths[label]));
  const terms = lifted.map((x, k) => {
    x = x.astype(numeric(dtype));
    for (const [first, second] of diagonals[k]) x = x.diagonal(0, first, second);
    return stretched(x, labels[k]);
  });
  let out = terms[0];
  steps.forEach((step, k) => {
    out = product(out, terms[k + 1], step);
  });
  return stretched(arranged(summed(out, last), order), output).astype(dtype);
}

function planOf(subscripts: string, operands: readonly NDArray[], fail: (why: string) => ShapeError): Plan {
  const [left, right, more] = subscripts.replace(/\s/g, "").split("->");
  const written = left.split(",");
  if (more !== undefined || !/^[A-Za-z.,]*$/.test(left)) throw fail('is no list of letters; write as in "ij,jk->ik"');
  if (written.length !== operands.length || operands.length === 0)
    throw fail(`names ${written.length} operands, but ${operands.length} are given`);
  const dots = Math.max(...written.map((term, k) => (term.includes("...") ? operands[k].ndim - term.length + 3 : 0)));
  const ellipsis = (count: number): string[] => Array.from({ length: count }, (_, i) => `.${dots - count + i}`);
  const parse = (term: string, count: number): string[] => {
    const [head, tail, rest] = term.split("...");
    if (rest !== undefined || `${head}${tail ?? ""}`.includes(".")) throw fail(`has a term "${term}" in which "..." does not stand once`);
    return tail === undefined ? [...head] : [...head, ...ellipsis(count), ...tail];
  };
  const inputs = operands.map((x, k) => {
    const count = written[k].includes("...") ? x.ndim - written[k].length + 3 : 0;
    const own = parse(written[k], Math.max(0, count));
    if (own.length !== x.ndim || count < 0) throw fail(`has the term "${written[k]}" for an operand of shape ${showShape(x.shape)}`);
    return own;
  });
  const known = new Set(inputs.flat());
  const once = [...known].filter((label) => !label.startsWith(".") && [...left].filter((c) => c === label).length === 1).sort();
  const output = right === undefined ? [...ellipsis(dots), ...once] : parse(right, dots);
  if (new Set(output).size !== output.length) throw fail("names an axis twice in the output");
  const stray = output.find((label) => !known.has(label));
  if (stray !== undefined) throw fail(`has "${stray}" in the output and in no operand`);
  const labels = inputs.slice();
  const diagonals = labels.map((own, k) => {
    const pairs: [number, number][] = [];
    for (;;) {
      const twice = own.findIndex((label, i) => own.indexOf(label) !== i);
      if (twice < 0) break;
      const first = own.indexOf(own[twice]);
      pairs.push([first, twice]);
      own = [...own.filter((_, i) => i !== first && i !== twice), own[twice]];
    }
    labels[k] = own;
    return pairs;
  });
  let current = labels[0];
  const steps = labels.slice(1).map((other, k) => {
    const needed = new Set([...output, ...labels.slice(k + 2).flat()]);
    const [step, joined] = stepOf(current, other, needed);
    current = joined;
    return step;
  });
  const last = without(current, new Set(output));
  const rest = current.filter((_, i) => !last.includes(i));
  return { inputs, diagonals, labels, steps, last, order: orderOf(rest, output), output };
}

/** The axes that nobody needs. */
const without = (labels: readonly string[], needed: ReadonlySet<string>): number[] =>
  labels.flatMap((label, i) => (needed.has(label) ? [] : [i]));

/** The permutation that puts labels in an order; none where they are. */
const orderOf = (labels: readonly string[], wanted: readonly string[]): number[] | undefined =>
  wanted.every((label, i) => label === labels[i]) ? undefined : wanted.map((label) => labels.indexOf(label));

function stepOf(first: readonly string[], second: readonly string[], needed: ReadonlySet<string>): [step: Step, labels: string[]] {
  const sums = [without(first, new Set([...needed, ...second])), without(second, new Set([...needed, ...first]))];
  const [a, b] = [first, second].map((labels, k) => labels.filter((_, i) => !sums[k].includes(i)));
  const shared = a.filter((label) => b.includes(label));
  const batch = shared.filter((label) => needed.has(label));
  const contracted = shared.filter((label) => !needed.has(label));
  const [free, other] = [a, b].map((labels) => labels.filter((label) => !shared.includes(label)));
  const orders = [orderOf(a, [...batch, ...free, ...contracted]), orderOf(b, [...batch, ...contracted, ...other])];
  return [{ sums, orders, batch: batch.length, contracted: contracted.length }, [...batch, ...free, ...other]];
}

const summed = (x: NDArray, axes: readonly number[]): NDArray => (axes.length > 0 ? x.sum(axes) : x);

const arranged = (x: NDArray, order: readonly number[] | undefined): NDArray => (order ? x.transpose(order) : x);

/** The same array where it has the shape already. */
const shaped = (x: NDArray, shape: readonly number[]): NDArray =>
  x.ndim === shape.length && shape.every((n, i) => n === x.shape[i]) ? x : x.reshape(shape);

function product(first: NDArray, second: NDArray, { sums, orders, batch, contracted }: Step): NDArray {
  const left = arranged(summed(first, sums[0]), orders[0]);
  const right = arranged(summed(second, sums[1]), orders[1]);
  const free = left.ndim - contracted;
  const outer = left.shape.slice(0, batch);
  const rows = left.shape.slice(batch, free);
  const columns = right.shape.slice(batch + contracted);
  // Without a sum it is no product of matrices, and many sums of one row and one column each are cheaper as one.
  if (contracted === 0)
    return shaped(left, [...left.shape, ...columns.map(() => 1)]).mul(shaped(right, [...outer, ...rows.map(() => 1), ...columns]));
  if (batch > 0 && rows.length + columns.length === 0) return left.mul(right).sum(left.shape.map((_, i) => i).slice(batch));
  const k = sizeOf(left.shape.slice(free));
  const x = shaped(left, [...outer, sizeOf(rows), k]).matmul(shaped(right, [...outer, k, sizeOf(columns)]));
  return shaped(x, [...outer, ...rows, ...columns]);
}
