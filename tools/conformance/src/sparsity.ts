import type { NDArray } from "@ad/core";
import { hessian, jacobian } from "@ad/functional";
import { jit } from "@ad/jit";
import { hessianSparsity, type Pattern, sparseHessian, sparseJacobian, sparsity } from "@ad/sparse";
import type { Case } from "./case.js";
import { type Arrays, smoothPart } from "./smooth.js";

/** A matrix of numbers, row by row. */
export interface Dense {
  readonly shape: readonly [number, number];
  readonly data: Float64Array;
}

/** The blocks of a matrix as one. */
function assembled(blocks: readonly (readonly NDArray[])[], heights: readonly number[], widths: readonly number[]): Dense {
  const [m, n] = [heights, widths].map((sizes) => sizes.reduce((total, size) => total + size, 0));
  const data = new Float64Array(m * n);
  let top = 0;
  blocks.forEach((row, o) => {
    let left = 0;
    row.forEach((block, i) => {
      const own = block.data();
      for (let r = 0; r < heights[o]; r++) for (let c = 0; c < widths[i]; c++) data[(top + r) * n + left + c] = own[r * widths[i] + c];
      left += widths[i];
    });
    top += heights[o];
  });
  return { shape: [m, n], data };
}

const sizes = (list: readonly NDArray[]): number[] => list.map(({ size }) => size);
const all = (list: readonly unknown[]): number[] => list.map((_, i) => i);

/** One number of all results: their sum, each with a weight of its own, so that nothing cancels. */
const weighed =
  (f: Arrays): ((...x: NDArray[]) => NDArray) =>
  (...x) =>
    f(...x)
      .map((y, o) => {
        const weights = Float64Array.from({ length: y.size }, (_, i) => 1 + (((i + 1) * (o + 1) * 0.6180339887) % 1));
        return y.mul(y.lift(weights, "weighed").reshape(y.shape).astype(y.dtype)).sum().astype("float64");
      })
      .reduce((a, b) => a.add(b));

/** The keys of a pattern's entries, row · columns + column. */
const keysOf = ({ shape, rows, columns }: Pattern): Set<number> => new Set(Array.from(rows, (row, k) => row * shape[1] + columns[k]));

/** The first element that is not zero, and for which there is no entry. A NaN says nothing: it may be the 0 of another element times an infinite factor. */
function missed({ shape, data }: Dense, pattern: Pattern): string | undefined {
  if (`${shape}` !== `${pattern.shape}`) return `the pattern is [${pattern.shape}], but the matrix is [${shape}]`;
  const keys = keysOf(pattern);
  const at = data.findIndex((value, k) => value !== 0 && !Number.isNaN(value) && !keys.has(k));
  return at < 0
    ? undefined
    : `the pattern misses row ${Math.floor(at / shape[1])}, column ${at % shape[1]}, where the derivative is ${data[at]}`;
}

/** Returns the first difference of the derivatives, in words. At a singular point a NaN, which may be 0 times an infinite factor, gets into all that one product sums. */
function differing(actual: Dense, expected: Dense, tolerance: number): string | undefined {
  if (expected.data.some(Number.isNaN)) return undefined;
  const scale = expected.data.reduce((most, x) => (Number.isFinite(x) ? Math.max(most, Math.abs(x)) : most), 1);
  const at = expected.data.findIndex((x, k) => !(Math.abs(x - actual.data[k]) <= tolerance * scale) && x !== actual.data[k]);
  return at < 0 ? undefined : `the sparse derivative is ${actual.data[at]} at element ${at}, the dense one ${expected.data[at]}`;
}

const none = (error: string | undefined, what: string): void => {
  if (error) throw new Error(`${what}: ${error}`);
};

/** A case's parts, and the pattern of all its results by all its operands. */
function parts(c: Case) {
  const { f, x, y } = smoothPart(c);
  const [argnums, heights, widths] = [all(x), sizes(y), sizes(x)];
  const jacobianAt = (own: readonly NDArray[]): Dense => assembled(jacobian(f, { argnums })(...own) as NDArray[][], heights, widths);
  return { f, x, argnums, widths, jacobianAt, pattern: sparsity(f, { argnums })(...x) };
}

/** Holds the patterns of a case to its dense derivatives at some examples, and the sparse derivatives to the dense ones. */
export function checkSparsity(c: Case, examples: readonly number[] = [0]): void {
  const { dtype, same } = c.precision;
  const tolerance = dtype === "float32" ? same : 1e-12;
  const { f, x, argnums, widths, jacobianAt, pattern } = parts(c);
  const keys = keysOf(pattern);
  const J = sparseJacobian(f, { argnums, flat: true });
  for (const k of examples) {
    const own = smoothPart(c, k).x;
    const at = (what: string): string => `${what} of example ${k}`;
    const dense = jacobianAt(own);
    none(missed(dense, pattern), at("the pattern"));
    const local = sparsity(f, { argnums, at: "point" })(...own);
    none(missed(dense, local), at("the pattern at the point"));
    const more = [...keysOf(local)].find((key) => !keys.has(key));
    none(more === undefined ? undefined : `entry ${more} is none of the pattern for all points`, at("the pattern at the point"));
    none(differing(numbersOf(J(...own).toDense()), dense, tolerance), at("the Jacobian"));
  }
  const g = weighed(f);
  const dense = assembled(hessian(g, { argnums })(...x) as NDArray[][], widths, widths);
  none(missed(dense, hessianSparsity(g, { argnums })(...x)), "the Hessian's pattern");
  none(missed(dense, hessianSparsity(g, { argnums, at: "point" })(...x)), "the Hessian's pattern at the point");
  none(differing(numbersOf(sparseHessian(g, { argnums, flat: true })(...x).toDense()), dense, tolerance * 10), "the Hessian");
}

/** Holds the compiled entries of a case, and those of a program that is kept, by columns and by rows, to the dense derivative. Where that is not finite, they know more: 0 · Infinity is 0 in them. */
export function checkCompiledSparsity(c: Case): void {
  const { dtype, same } = c.precision;
  const { f, x, argnums, jacobianAt } = parts(c);
  const dense = jacobianAt(x);
  if (!dense.data.every(Number.isFinite)) return;
  const kept = dense.data.length % 2 === 0 ? "forward" : "reverse";
  for (const strategy of ["forward", "reverse"] as const) {
    const J = sparseJacobian(f, { argnums, flat: true, strategy });
    const compiled = jit((...own: NDArray[]) => J(...own).toDense())(...x);
    none(differing(numbersOf(compiled), dense, dtype === "float32" ? same : 1e-12), `the compiled Jacobian, ${strategy}`);
    // After so many calls that are alike a program of the entries is kept. They take time, so that each case has its turn for one strategy.
    if (strategy !== kept) continue;
    for (let call = 0; call < 32; call++) J(...x);
    for (const k of [0, 1]) {
      const own = smoothPart(c, k).x;
      const expected = jacobianAt(own);
      if (!expected.data.every(Number.isFinite)) continue;
      const what = `the Jacobian of a kept program, ${strategy}, at example ${k}`;
      none(differing(numbersOf(J(...own).toDense()), expected, dtype === "float32" ? same : 1e-12), what);
    }
  }
}

const numbersOf = (x: NDArray): Dense => ({ shape: x.shape as readonly [number, number], data: Float64Array.from(x.data()) });

/** Counts the entries of a case's pattern that are zero at all points that are tried: examples, moved a little, so that no factor is zero by chance. */
export function idleEntries(c: Case, examples: readonly number[] = [0, 1, 2]): number {
  const { pattern, jacobianAt } = parts(c);
  const idle = keysOf(pattern);
  for (const k of examples) {
    const near = smoothPart(c, k).x.map((x, i) => {
      const moves = Float64Array.from({ length: x.size }, (_, at) => 1e-3 * (1 + (((at + 1) * (i + 2) * 0.6180339887) % 1)));
      return x.add(x.lift(moves, "idleEntries").reshape(x.shape).astype(x.dtype));
    });
    jacobianAt(near).data.forEach((value, key) => {
      if (value !== 0) idle.delete(key);
    });
  }
  return idle.size;
}
