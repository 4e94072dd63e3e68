/** Taylor coefficients in two variables, of powers up to p and q: number i (q + 1) + j is that of the powers i and j. */
export type Series = Float64Array;

/** Calculates with series of powers up to p and q. What gives a series changes its first operand, and gives that back. */
export interface Arithmetic {
  /** A new series, which is 0. */
  readonly zero: () => Series;
  /** Writes constant + byFirst s + bySecond t, in the variables s and t. */
  readonly linear: (out: Series, constant: number, byFirst: number, bySecond: number) => Series;
  readonly plus: (f: Series, g: Series) => Series;
  readonly times: (f: Series, g: Series) => Series;
  readonly over: (f: Series, g: Series) => Series;
  /** The product with constant + byFirst s + bySecond t. */
  readonly timesLinear: (f: Series, constant: number, byFirst: number, bySecond: number) => Series;
  readonly overLinear: (f: Series, constant: number, byFirst: number, bySecond: number) => Series;
  /** The exponential of a series without a constant. */
  readonly exp: (f: Series) => Series;
  /** Adds to a total, which it gives back, what a step makes of a term for n = 1, 2, …, until that no longer counts. The term begins as 1. */
  readonly summed: (total: Series, step: (term: Series, n: number) => Series) => Series;
}

export function arithmetic(p: number, q: number): Arithmetic {
  const w = q + 1;
  const size = (p + 1) * w;
  const zero = (): Series => new Float64Array(size);
  /** The coefficient number k of the product without the first so many of f. */
  const convolved = (f: Series, g: Series, k: number, from: number): number => {
    const j = k % w;
    let sum = 0;
    for (let r = from; r <= k; r++) if (r % w <= j) sum += f[r] * g[k - r];
    return sum;
  };
  const linear = (out: Series, constant: number, byFirst: number, bySecond: number): Series => {
    out.fill(0);
    out[0] = constant;
    if (p > 0) out[w] = byFirst;
    if (q > 0) out[1] = bySecond;
    return out;
  };
  const plus = (f: Series, g: Series): Series => {
    for (let k = 0; k < size; k++) f[k] += g[k];
    return f;
  };
  const times = (f: Series, g: Series): Series => {
    for (let k = size; k--; ) f[k] = convolved(g, f, k, 0);
    return f;
  };
  return {
    zero,
    linear,
    plus,
    times,
    over(f, g) {
      for (let k = 0; k < size; k++) f[k] = (f[k] - convolved(g, f, k, 1)) / g[0];
      return f;
    },
    timesLinear(f, constant, byFirst, bySecond) {
      for (let k = size; k--; ) f[k] = constant * f[k] + (k < w ? 0 : byFirst * f[k - w]) + (k % w ? bySecond * f[k - 1] : 0);
      return f;
    },
    overLinear(f, constant, byFirst, bySecond) {
      for (let k = 0; k < size; k++) f[k] = (f[k] - (k < w ? 0 : byFirst * f[k - w]) - (k % w ? bySecond * f[k - 1] : 0)) / constant;
      return f;
    },
    exp(f) {
      const term = linear(zero(), 1, 0, 0);
      const out = linear(zero(), 1, 0, 0);
      for (let k = 1; k <= p + q; k++) {
        times(term, f).forEach((c, i) => {
          term[i] = c / k;
        });
        plus(out, term);
      }
      return out;
    },
    summed(total, step) {
      const term = linear(zero(), 1, 0, 0);
      let n = 0;
      let part: Series;
      do plus(total, (part = step(term, ++n)));
      while (part.some((c, k) => Math.abs(c) > Math.abs(total[k]) * 1e-17));
      return total;
    },
  };
}
