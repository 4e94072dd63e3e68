import { array, concatenate, type NDArray, valueAndGrad } from "@ad/core";
import { hessian } from "@ad/functional";
import {
  adjustment,
  attention,
  hand,
  handDerivatives,
  mixture,
  mixtureGradient,
  residuals,
  robustRegression,
  sequence,
  sequenceGradient,
  simpleRegression,
  transformer,
} from "./models.js";

/** Makes an array of the numbers that every peer makes. */
export type Make = (seed: number, shape: readonly number[], scale?: number) => NDArray;
type Of = (...args: NDArray[]) => NDArray;

/** An objective and its derivative, of one type for all floats. Both get the inputs; peers have the same by the same name. */
export interface Program {
  readonly inputs: (make: Make) => readonly NDArray[];
  readonly value: Of;
  readonly derivative: Of;
}

/** The gradient with respect to the first arguments, as one list. */
const gradient =
  (f: Of, count: number): Of =>
  (...args) => {
    const [, gradients] = valueAndGrad(f, { argnums: Array.from({ length: count }, (_, i) => i) })(...args);
    return concatenate((gradients as readonly NDArray[]).map((g) => g.ravel()));
  };

const ofMixture = (n: number, d: number, k: number): Program => ({
  inputs: (make) => [make(1, [k]), make(2, [k, d]), make(3, [k, (d * (d + 1)) / 2]), make(4, [n, d], 4)],
  value: mixture,
  derivative: mixtureGradient,
});

/** A bundle adjustment; points lie before the cameras. */
export const ofObservations = (n: number, cameras: number, points: number): Program => ({
  inputs: (make) => {
    const places = make(2, [points, 3]);
    return [make(1, [cameras, 11]), places.add(array([0, 0, 5]).astype(places.dtype)), make(3, [n]), make(4, [n, 2])];
  },
  value: residuals,
  derivative: adjustment,
});

/** A hand of 22 bones and so many vertices, fitted to so many points, each on a triangle of its surface. */
const ofHand = (vertices: number, points: number): Program => ({
  inputs: (make) => [
    ...[make(1, [26], 0.5), make(2, [points, 2]), make(3, [22, 3, 4], 0.5), make(4, [22, 3, 4], 0.5)],
    ...[make(5, [4, vertices]), make(6, [22, vertices], 0.2), make(7, [points, 3])],
  ],
  value: hand,
  derivative: handDerivatives,
});

const ofRegression = (value: Of, parameters: number): Program => ({
  inputs: (make) => [make(1, [parameters]), make(2, [1000, 10], 4), make(3, [1000], 4)],
  value,
  derivative: hessian(value),
});

export const programs = {
  "mixture 1k 10 25": ofMixture(1000, 10, 25),
  "mixture 1k 20 50": ofMixture(1000, 20, 50),
  "mixture 10k 20 25": ofMixture(10_000, 20, 25),
  "bundle 31843": ofObservations(31_843, 49, 7776),
  "hand 544 100": ofHand(544, 100),
  "lstm 2 1024": {
    inputs: (make) => {
      const rows = make(3, [1024, 14]);
      return [make(1, [2, 2, 4, 14]), make(2, [3, 14]), rows.greater(0).astype(rows.dtype)];
    },
    value: sequence,
    derivative: sequenceGradient,
  },
  "simple regression": ofRegression(simpleRegression, 10),
  "robust regression": ofRegression(robustRegression, 12),
  attention: {
    inputs: (make) => [make(1, [4, 32, 32]), make(2, [8, 16, 32], 4)],
    value: attention,
    derivative: gradient(attention, 1),
  },
  transformer: {
    inputs: (make) => [make(1, [2, 4, 64, 64], 0.5), make(2, [2, 64, 128], 0.5), make(3, [2, 128, 64], 0.5), make(4, [8, 32, 64], 4)],
    value: transformer,
    derivative: gradient(transformer, 3),
  },
} as const satisfies Readonly<Record<string, Program>>;

export type ProgramName = keyof typeof programs;
