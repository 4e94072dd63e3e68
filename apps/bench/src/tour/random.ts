import { array, type NDArray } from "@ad/core";

/** Uniform numbers in [0, 1) by Tommy Ettinger's mulberry32: the same for the same seed. */
export function uniform(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let z = Math.imul(state ^ (state >>> 15), 1 | state);
    z = (z + Math.imul(z ^ (z >>> 7), 61 | z)) ^ z;
    return ((z ^ (z >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Arrays of standard normal numbers, by Box and Muller. */
export function normals(seed: number): (shape: readonly number[]) => NDArray {
  const next = uniform(seed);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  return (shape) => {
    const size = shape.reduce((n, length) => n * length, 1);
    return array(Float64Array.from({ length: size }, normal), { shape });
  };
}
