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
 * Values in ascending order, where those that are equal but for rounding are pulled apart, so that quotients of differences can be formed of
 * functions of them. All others stay exactly as they are.
 *
 * Neighbours count as equal that differ by no more than rounding errors of the largest do, or by so little, beside themselves, that such
 * quotients would have lost three quarters of their digits. The distance that they get makes rounding errors of an `order`-th quotient as large
 * as those of the shift: ε^(1/(order + 1)) of the values themselves, and somewhat more where they are small beside the largest, for functions
 * of that one's size. Zeros have no size; the distance to the next value stands for it. A cluster opens around its mean, within a quarter of
 * that distance, and never past 0.
 *
 * @param away zeros are moved away from 0 too, also a single one
 */
export function apart(values: Float64Array, order: number, epsilon: number, away = false): Float64Array {
  const n = values.length;
  const sizeOf = (start: number, end: number): number => Math.max(Math.abs(values[start]), Math.abs(values[end - 1]));
  if (values[0] < 0 && values[n - 1] <= 0) return mirrored(apart(mirrored(values), order, epsilon));
  const out = values.slice();
  const largest = sizeOf(0, n);
  const noise = 8 * n * epsilon * largest;
  for (let start = 0, end = 0; start < n && noise < Infinity; start = end) {
    do end++;
    while (values[end] - values[end - 1] <= Math.max(noise, epsilon ** 0.75 * sizeOf(end - 1, end + 1)));
    const count = end - start;
    const size = sizeOf(start, end);
    const isZero = size <= noise;
    if (count === 1 && !(away && isZero)) continue;
    const distance = (i: number): number => (i > 0 && i < n ? values[i] - values[i - 1] : Infinity);
    const room = Math.min(distance(start), distance(end));
    const scale = !isZero ? size : room < Infinity ? room : 1;
    const balance = Math.max(1, largest / scale) ** (order / (order + 1));
    const wide = isZero ? balance : Math.min(balance, Math.max(1, 32 ** (1 / order) / count));
    const gap = Math.min(epsilon ** (1 / (order + 1)) * scale * wide, room / (4 * count), isZero ? Infinity : size / (2 * count));
    const cluster = out.subarray(start, end);
    const floor = !isZero ? -Infinity : away ? gap : values[start] < 0 ? -Infinity : values[start];
    // Distances that rounding would spoil do more harm than none.
    if (gap < 16 * epsilon * size) cluster.fill(cluster.reduce((sum, x) => sum + x / count, 0));
    else cluster.set(separate(cluster, gap, floor));
  }
  return out;
}

const mirrored = (values: Float64Array): Float64Array => values.map((x) => -x).reverse();
