import type { NDArray } from "@ad/core";
import { type Domain, distinct, type Interval, real, signed, truth } from "../inputs.js";

/**
 * A step of a random program along an axis, for values in [-2, 2] and with moderate derivatives; "domain" makes it of the domain, "own" says that
 * programs/steps.ts has one, or needs none.
 */
type Stepped =
  | { readonly domain: Interval; readonly step: "domain" }
  | { readonly domain: Domain; readonly step: ((x: NDArray, axis: number, q: number) => NDArray) | "own" };

/** A reduction over axes. */
export type Reduction = Stepped & {
  /** Of calls besides. */
  readonly calls?: readonly Domain[];
  /** It has a value for no elements. */
  readonly empty: boolean;
  /** Equal elements are a kink. */
  readonly ties?: true;
  /** Its meaning, for all elements that become one. */
  readonly reference: (values: readonly number[]) => number;
  /** NumPy's answer, in Python: of the array x, the axes a, and whether these are kept, k. */
  readonly numpy?: string;
};

const any = real(-2, 2);

const total = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const product = (values: readonly number[]): number => values.reduce((a, b) => a * b, 1);

/** Reductions over axes: all that the tests know of them, as rows/elementwise.ts does of those. */
export const reductions = {
  sum: {
    domain: any,
    empty: true,
    reference: total,
    numpy: "lambda x, a, k: np.sum(numeric(x), axis=a, keepdims=k, dtype=exact(x)).astype(numeric(x).dtype)",
    step: "own",
  },
  prod: {
    domain: signed(0.5, 2),
    empty: true,
    reference: product,
    numpy: "lambda x, a, k: np.prod(numeric(x), axis=a, keepdims=k, dtype=numeric(x).dtype)",
    step: (x, axis, q) => x.mul(0.6).prod(axis, { keepdims: q % 2 === 0 }),
  },
  max: {
    domain: distinct(),
    empty: false,
    ties: true,
    reference: (values) => values.reduce((a, b) => (a > b ? a : b)),
    numpy: "lambda x, a, k: np.max(x, axis=a, keepdims=k)",
    step: "own",
  },
  min: {
    domain: distinct(),
    empty: false,
    ties: true,
    reference: (values) => values.reduce((a, b) => (a < b ? a : b)),
    numpy: "lambda x, a, k: np.min(x, axis=a, keepdims=k)",
    step: "own",
  },
  any: {
    domain: truth,
    calls: [any],
    empty: true,
    reference: (values) => +(total(values) > 0),
    numpy: "lambda x, a, k: np.any(x, axis=a, keepdims=k)",
    step: "own",
  },
  all: {
    domain: truth,
    calls: [any],
    empty: true,
    reference: product,
    numpy: "lambda x, a, k: np.all(x, axis=a, keepdims=k)",
    step: "own",
  },
} satisfies Readonly<Record<string, Reduction>>;
