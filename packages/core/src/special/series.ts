/** Taylor coefficients in two variables, of powers up to p and q: number i (q + 1) + j is that of the powers i and j. */
export type Series = readonly number[];

/** Calculates with series of powers up to p and q. */
export interface Arithmetic {
  /** The series with these coefficients. */
  readonly of: (coefficient: (i: number, j: number) => number) => Series;
  readonly times: (a: Series, b: Series) => Series;
  readonly over: (a: Series, b: Series) => Series;
  /** The exponential of a series without a constant. */
  readonly exp: (a: Series) => Series;
}

export function arithmetic(p: number, q: number): Arithmetic {
  const w = q + 1;
  const size = (p + 1) * w;
  /** Σ a[r, c] b[i − r, j − c] without the first so many a. */
  const convolved = (a: Series, b: Series, at: number, from: number): number => {
    const j = at % w;
    let sum = 0;
    for (let k = from; k <= at; k++) if (k % w <= j) sum += a[k] * b[at - k];
    return sum;
  };
  const times = (a: Series, b: Series): Series => {
    const out: number[] = [];
    for (let k = 0; k < size; k++) out.push(convolved(a, b, k, 0));
    return out;
  };
  return {
    of: (coefficient) => Array.from({ length: size }, (_, k) => coefficient(Math.floor(k / w), k % w)),
    times,
    over(a, b) {
      const out: number[] = [];
      for (let k = 0; k < size; k++) out.push((a[k] - convolved(b, out, k, 1)) / b[0]);
      return out;
    },
    exp(a) {
      let term: Series = a.map((_, k) => +(k === 0));
      let out = term;
      for (let k = 1; k <= p + q; k++) {
        term = times(term, a).map((x) => x / k);
        out = out.map((x, i) => x + term[i]);
      }
      return out;
    },
  };
}
