/**
 * The nearest values (by least squares) that are at least `gap` apart and not below `floor`, for values in ascending order. Values
 * that are so already stay exactly as they are; a cluster opens around its mean.
 */
export function separate(values: Float64Array, gap: number, floor = -Infinity): Float64Array {
  // Less a ramp of slope `gap`, the result ascends: neighbours that do not are pooled.
  const blocks: { start: number; count: number; sum: number }[] = [];
  values.forEach((value, start) => {
    let block = { start, count: 1, sum: value - start * gap };
    for (let last = blocks.at(-1); last && last.sum / last.count > block.sum / block.count; last = blocks.at(-1)) {
      block = { start: last.start, count: last.count + block.count, sum: last.sum + block.sum };
      blocks.pop();
    }
    blocks.push(block);
  });
  const out = values.slice();
  for (const { start, count, sum } of blocks)
    for (let i = start; i < start + count; i++) {
      if (count > 1) out[i] = sum / count + i * gap;
      out[i] = Math.max(out[i], floor + i * gap);
    }
  return out;
}

/**
 * How far apart repeated values are pulled for derivatives of an order: rounding errors of the order-th divided differences and the
 * error of the shift itself then are of one size.
 */
export function gapOf(values: Float64Array, order: number, epsilon: number): number {
  const scale = values.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  return epsilon ** (1 / (order + 1)) * (scale || 1);
}
