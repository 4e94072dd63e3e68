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
 * as those of the shift: ε^(1/(order + 1)) of the values themselves; of zeros, which have no size, of the geometric mean of the largest value
 * and the distance to the next. A cluster opens around its mean, within a quarter of the distance to the next value, and never past 0.
 *
 * @param away zeros are moved away from 0 too, also a single one
 */
export function apart(values: Float64Array, order: number, epsilon: number, away = false): Float64Array {
  const n = values.length;
  const sizeOf = (start: number, end: number): number => Math.max(Math.abs(values[start]), Math.abs(values[end - 1]));
  if (values[0] < 0 && values[n - 1] <= 0) {
    const mirrored = mirror(values);
    const moved = apart(mirrored, order, epsilon);
    return moved === mirrored ? values : mirror(moved);
  }
  let out = values;
  const largest = sizeOf(0, n);
  if (!(largest < Infinity)) return values;
  const noise = 8 * n * epsilon * largest;
  for (let start = 0, end = 0; start < n; start = end) {
    do end++;
    while (values[end] - values[end - 1] <= Math.max(noise, epsilon ** 0.75 * sizeOf(end - 1, end + 1)));
    const count = end - start;
    const size = sizeOf(start, end);
    const isZero = size <= noise;
    if (count === 1 && !(away && isZero)) continue;
    const room = Math.min(start > 0 ? values[start] - values[start - 1] : Infinity, end < n ? values[end] - values[end - 1] : Infinity);
    const scale = !isZero ? size : room < Infinity ? room : 1;
    const balance = (Math.max(largest, scale) / scale) ** (order / (order + 1));
    const wide = isZero ? balance : Math.min(balance, Math.max(1, 32 ** (1 / order) / count));
    const gap = Math.min(epsilon ** (1 / (order + 1)) * scale * wide, room / (4 * count), isZero ? Infinity : size / (2 * count));
    const cluster = values.slice(start, end);
    const floor = isZero && away ? gap : isZero && values[start] >= 0 ? values[start] : -Infinity;
    // Distances that rounding would spoil do more harm than none.
    const mean = cluster.reduce((sum, x) => sum + x / count, 0);
    const moved = gap < 16 * epsilon * size ? cluster.map(() => mean) : separate(cluster, gap, floor);
    if (moved.every((x, i) => x === cluster[i])) continue;
    if (out === values) out = values.slice();
    out.set(moved, start);
  }
  return out;
}

const mirror = (values: Float64Array): Float64Array => values.map((x) => -x).reverse();
