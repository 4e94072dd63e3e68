import { type NDArray, TransformError } from "@ad/core";
import { asArray, bind, peek } from "@ad/core/internals/trace";
import { layout } from "./flat.js";
import type { Plan } from "./plan.js";
import { type Products, pushMany, type Run } from "./products.js";

/** Numbers between 0.5 and 1.5, the same each time, of no pattern. */
const direction = (count: number): Float64Array =>
  Float64Array.from({ length: count }, (_, i) => 0.5 + (((i + 1) * 0.6180339887498949) % 1));

const numbers = (x: NDArray): ArrayLike<number> | undefined => {
  const peeked = peek(x);
  return peeked && peeked.batches.length === 0 ? peeked.values.data() : undefined;
};

/** Holds the entries to one more product; throws where it shows what the pattern has no entry for. It looks at numbers, and does nothing where there are none. */
export function checkEntries(op: string, f: Run, leaves: readonly NDArray[], plan: Plan, { out, line }: Products): void {
  const { pattern } = plan;
  const known = line && numbers(line);
  if (known === undefined) return;
  const { total, starts } = layout(leaves);
  // A matrix without columns misses nothing.
  if (total === 0) return;
  const v = direction(total);
  const tangents = leaves.map((x, i) =>
    bind("reshape", [x.device.put(asArray(v.slice(starts[i], starts[i] + x.size), op).astype(x.dtype))], { shape: [1, ...x.shape] }),
  );
  const { products } = pushMany(f, leaves, tangents);
  const [block] = plan.blocks([layout(out).total], [total])[0] ?? [];
  const pushed = products.map(numbers);
  if (block === undefined || pushed.includes(undefined)) return;
  const sums = new Float64Array(pattern.shape[0]);
  const sizes = new Float64Array(pattern.shape[0]);
  block.entries.rows.forEach((row, k) => {
    const part = known[block.from[k]] * v[block.entries.columns[k]];
    sums[row] += part;
    sizes[row] += Math.abs(part);
  });
  const tolerance = [...leaves, ...out].some((x) => x.dtype === "float32") ? 1e-3 : 1e-8;
  // A sum that is so small beside the largest row may be the rounding of terms that cancel.
  const least = 1e-4 * sizes.reduce((a, b) => Math.max(a, b), 0);
  let row = 0;
  for (const product of pushed as readonly ArrayLike<number>[])
    for (let i = 0; i < product.length; i++, row++)
      if (Math.abs(product[i] - sums[row]) > tolerance * Math.max(sizes[row], Math.abs(product[i]), least))
        throw new TransformError(
          `${op}: the pattern misses an entry in row ${row}: a product with the Jacobian gives ${product[i]} there, but the pattern's entries ${sums[row]}. Leave out the pattern, or take the one that sparsity finds.`,
        );
}
