/** The inputs of all peers: whole numbers make them, so that every language makes the same. Uniform in [-scale/2, scale/2). */
export function numbers(seed: number, count: number, scale = 1): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => scale * (((i * i * 31 + i * 7919 + seed * 104729) % 65521) / 65521 - 0.5));
}

/** Returns the numbers by which two results are compared: their length, their sum, the sum of their absolute values, and some of their elements. */
export function digest(values: ArrayLike<number>): number[] {
  const n = values.length;
  let [sum, size] = [0, 0];
  for (let i = 0; i < n; i++) {
    sum += values[i];
    size += Math.abs(values[i]);
  }
  return [n, sum, size, ...Array.from({ length: 8 }, (_, k) => values[Math.floor((k * (n - 1)) / 7)])];
}

/** Returns the distance of a digest from another one, relative to the mean absolute value. */
export function deviation(own: readonly number[], other: readonly number[]): number {
  const [n, , size] = own;
  if (other.length !== own.length || other[0] !== n) return Number.POSITIVE_INFINITY;
  const mean = size / n || 1;
  const apart = own.slice(3).map((value, i) => Math.abs(value - other[i + 3]) / (mean + Math.abs(value)));
  const all = [...apart, Math.abs(own[1] - other[1]) / (size || 1), Math.abs(own[2] - other[2]) / (size || 1)];
  return all.some(Number.isNaN) ? Number.POSITIVE_INFINITY : Math.max(...all);
}
