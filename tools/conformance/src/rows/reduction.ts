import { type Domain, distinct, type Interval, of, real, signed, truth } from "../inputs.js";
import type { SampleOf } from "../samples/sample.js";
import type { NDArray } from "@ad/core";

/** A reduction over axes: samples, calls, its meaning, a step of random programs, the form of its calls, and what NumPy calls it are made of the row. */
export interface Reduction {
  readonly domain: Domain;
  /** Of calls besides. */
  readonly calls?: readonly Domain[];
  /** It has a value for no elements; then it has samples of such. */
  readonly empty: boolean;
  /** Equal elements are a kink. */
  readonly ties?: true;
  /** What it means: of all elements that become one. */
  readonly reference: (values: readonly number[]) => number;
  /** NumPy's answer, in Python: of the array x, the axes a, and whether the axes are kept, k. */
  readonly numpy?: string;
  /** A step of a random program along an axis; "domain" makes it of the domain. */
  readonly step: ((x: NDArray, axis: number, q: number) => NDArray) | "none" | "domain";
}
