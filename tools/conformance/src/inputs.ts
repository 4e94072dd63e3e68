import { array, type DType, type NDArray, type Shape } from "@ad/core";
import { sizeOf } from "@ad/core/internals/trace";
import { type Random, seeded } from "./random.js";

/** The range that values are drawn from: inside of a function's domain and away from its kinks by at least 0.05. */
export interface Domain {
  readonly dtype: DType;
  readonly draw: (random: Random, size: number) => number[];
}

/** Of numbers, all from one end to the other of which lie in the function's domain. */
export interface Interval extends Domain {
  readonly ends: readonly [number, number];
}

/** An operand: a shape, and where its values come from. */
export interface Input extends Domain {
  readonly shape: Shape;
}

const each =
  (value: (random: Random, i: number) => number) =>
  (random: Random, size: number): number[] =>
    Array.from({ length: size }, (_, i) => value(random, i));

const domain = (value: (random: Random, i: number) => number, dtype: DType = "float64"): Domain => ({ dtype, draw: each(value) });

export const real = (from: number, to: number): Interval => ({ ...domain((random) => from + (to - from) * random()), ends: [from, to] });

/** Of either sign, with an absolute value between the bounds. */
export const signed = (from: number, to: number): Interval => ({
  ...domain((random) => (random() < 0.5 ? -1 : 1) * (from + (to - from) * random())),
  ends: [from, to],
});

/** Between whole numbers (and halves): n + 0.1 to n + 0.4. */
export const fractions = (from: number, to: number): Domain =>
  domain((random) => Math.floor(from + (to - from) * random()) + 0.1 + 0.3 * random());

/** One of the centres, give or take 0.1: operands around different centres never meet. */
export const near = (...centres: readonly number[]): Domain =>
  domain((random) => centres[Math.floor(centres.length * random())] + 0.2 * random() - 0.1);

/** Different from each other by 0.1 at least, in any order; `shift` keeps the values of two operands apart as well. */
export const distinct = (from = -1, shift = 0): Domain => ({
  dtype: "float64",
  draw(random, size) {
    const values = Array.from({ length: size }, (_, i) => from + 0.3 * i + shift + 0.1 * random());
    for (let i = size - 1; i > 0; i--) {
      const j = Math.floor((i + 1) * random());
      [values[i], values[j]] = [values[j], values[i]];
    }
    return values;
  },
});

export const whole = (from: number, to: number): Domain => domain((random) => from + Math.floor((to - from + 1) * random()), "int32");
export const truth: Domain = domain((random) => +(random() < 0.5), "bool");

/** These values, whatever the seed; for special values such as NaN and for permutations. */
export const exactly = (values: readonly number[], dtype: DType = "float64"): Domain => domain((_, i) => values[i % values.length], dtype);

export const as = (dtype: DType, from: Domain): Domain => ({ ...from, dtype });

/** An operand of a shape. */
export const of = (from: Domain, ...shape: readonly number[]): Input => ({ ...from, shape });

/** A compact array of the given numbers. */
export const compact = (values: ArrayLike<number>, shape: Shape, dtype: DType): NDArray =>
  array(Float64Array.from(values), { shape }).astype(dtype);

/** The k-th example of an operand. */
export const example = ({ shape, dtype, draw }: Input, label: string, k: number): NDArray =>
  compact(draw(seeded(`${label} ${k}`), sizeOf(shape)), shape, dtype);
