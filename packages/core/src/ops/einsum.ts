import type { ArrayLike } from "../array/base.js";
import { asArrays } from "../array/convert.js";
import type { NDArray } from "../array/ndarray.js";
import { common, numeric, sizeOf } from "../engine/aval.js";
import { describe, ShapeError, showShape } from "../engine/errors.js";

/** An operand with a label for each axis. */
interface Term {
  readonly x: NDArray;
  readonly labels: readonly string[];
}

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
  const [left, right, more] = subscripts.replace(/\s/g, "").split("->");
  const inputs = left.split(",");
  if (more !== undefined || !/^[A-Za-z.,]*$/.test(left)) throw fail('is no list of letters; write as in "ij,jk->ik"');
  if (inputs.length !== lifted.length || lifted.length === 0) throw fail(`names ${inputs.length} operands, but ${lifted.length} are given`);
  const dtype = common(lifted);
  const dots = Math.max(...inputs.map((term, k) => (term.includes("...") ? lifted[k].ndim - term.length + 3 : 0)));
  const ellipsis = (count: number): string[] => Array.from({ length: count }, (_, i) => `.${dots - count + i}`);
  const lengths = new Map<string, number>();
  const parse = (term: string, count: number): string[] => {
    const [head, tail, rest] = term.split("...");
    if (rest !== undefined || `${head}${tail ?? ""}`.includes(".")) throw fail(`has a term "${term}" in which "..." does not stand once`);
    return tail === undefined ? [...head] : [...head, ...ellipsis(count), ...tail];
  };
  let terms: Term[] = lifted.map((x, k) => {
    const count = inputs[k].includes("...") ? x.ndim - inputs[k].length + 3 : 0;
    const labels = parse(inputs[k], Math.max(0, count));
    if (labels.length !== x.ndim || count < 0) throw fail(`has the term "${inputs[k]}" for an operand of shape ${showShape(x.shape)}`);
    labels.forEach((label, i) => {
      const known = lengths.get(label) ?? 1;
      if (known !== 1 && x.shape[i] !== 1 && known !== x.shape[i]) throw fail(`gives "${label}" both ${known} and ${x.shape[i]} elements`);
      lengths.set(label, known === 1 ? x.shape[i] : known);
    });
    return { x: x.astype(numeric(dtype)), labels };
  });
  const once = [...lengths.keys()].filter((label) => !label.startsWith(".") && [...left].filter((c) => c === label).length === 1).sort();
  const output = right === undefined ? [...ellipsis(dots), ...once] : parse(right, dots);
  if (new Set(output).size !== output.length) throw fail("names an axis twice in the output");
  const stray = output.find((label) => !lengths.has(label));
  if (stray !== undefined) throw fail(`has "${stray}" in the output and in no operand`);
  terms = terms.map((term) => diagonals(term, lengths));
  while (terms.length > 1) {
    const [a, b, ...others] = terms;
    const needed = new Set([...output, ...others.flatMap((term) => term.labels)]);
    terms = [product(a, b, needed), ...others];
  }
  const [{ x, labels }] = [sumOut(terms[0], new Set(output))];
  const out = x.transpose(output.map((label) => labels.indexOf(label)));
  return out.broadcastTo(output.map((label) => lengths.get(label) as number)).astype(dtype);
}

/** Repeated letters become one axis, the diagonal; axes of length 1 are stretched where the letter is longer elsewhere. */
function diagonals({ x, labels }: Term, lengths: ReadonlyMap<string, number>): Term {
  const twice = labels.findIndex((label, i) => labels.indexOf(label) !== i);
  if (twice < 0) return { x: x.broadcastTo(labels.map((label) => lengths.get(label) as number)), labels };
  const first = labels.indexOf(labels[twice]);
  const rest = labels.filter((_, i) => i !== first && i !== twice);
  return diagonals({ x: x.diagonal(0, first, twice), labels: [...rest, labels[twice]] }, lengths);
}

function sumOut({ x, labels }: Term, needed: ReadonlySet<string>): Term {
  const axes = labels.flatMap((label, i) => (needed.has(label) ? [] : [i]));
  return { x: axes.length > 0 ? x.sum(axes) : x, labels: labels.filter((label) => needed.has(label)) };
}

/** Two terms as one: letters of both that are still needed are batch axes, those that are not are contracted. */
function product(first: Term, second: Term, needed: ReadonlySet<string>): Term {
  const a = sumOut(first, new Set([...needed, ...second.labels]));
  const b = sumOut(second, new Set([...needed, ...first.labels]));
  const shared = a.labels.filter((label) => b.labels.includes(label));
  const batch = shared.filter((label) => needed.has(label));
  const contracted = shared.filter((label) => !needed.has(label));
  const [free, other] = [a.labels.filter((label) => !shared.includes(label)), b.labels.filter((label) => !shared.includes(label))];
  const arrange = (term: Term, order: readonly string[]): NDArray => term.x.transpose(order.map((label) => term.labels.indexOf(label)));
  const left = arrange(a, [...batch, ...free, ...contracted]);
  const right = arrange(b, [...batch, ...contracted, ...other]);
  const outer = left.shape.slice(0, batch.length);
  const rows = left.shape.slice(batch.length, batch.length + free.length);
  const columns = right.shape.slice(batch.length + contracted.length);
  const k = sizeOf(left.shape.slice(batch.length + free.length));
  const x = left.reshape([...outer, sizeOf(rows), k]).matmul(right.reshape([...outer, k, sizeOf(columns)]));
  return { x: x.reshape([...outer, ...rows, ...columns]), labels: [...batch, ...free, ...other] };
}
