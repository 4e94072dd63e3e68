import { TransformError } from "@ad/core";
import { describe } from "@ad/core/internals/checks";

/** "forward" works column by column (JVPs), "reverse" row by row (VJPs), "auto" by what is fewer, columns or rows, unless both are few. */
export type Strategy = "auto" | "forward" | "reverse";

/** The number of directions that go through f at once. */
export interface ManyOptions {
  /** The most directions of a batch; by default as many as the memory budget allows. By columns f runs once for each batch, by rows once. */
  readonly chunkSize?: number;
  /**
   * The bytes that a batch may take beside the result. It picks the size of a batch, by what f's intermediate results take for one direction;
   * what goes by columns runs f once more for that. By default 64 MiB, and for columns no limit where all directions together take less than 16 MiB.
   */
  readonly memoryBudget?: number;
}

/** The way in which the passes of a sweep over all directions are made. */
export interface PassOptions extends ManyOptions {
  /** Directions as batches (default), or one after the other: the same values, slower, with the least memory. */
  readonly vectorize?: boolean;
}

/** Options of what goes over all directions of some arguments. */
export interface SweepOptions<N> extends PassOptions {
  /**
   * Throw where a result does not depend on an argument, instead of giving zeros. By the operations that lead from one to the other, not
   * by their values; f is run once more for that.
   */
  readonly strict?: boolean;
  /** The arguments to differentiate: a position (default 0; negative ones count from the end) or a list of positions, which gives a tuple in place of each derivative. */
  readonly argnums?: N;
}

export const manyOptions = ["chunkSize", "memoryBudget"] as const;
export const passOptions = ["vectorize", ...manyOptions] as const;
export const sweepOptions = [...passOptions, "strict", "argnums", "hasAux"] as const;

export interface AnyOptions extends SweepOptions<number | readonly number[]> {
  readonly strategy?: Strategy;
  readonly hasAux?: boolean;
}

export function checkStrategy(op: string, strategy: unknown): Strategy {
  if (strategy === "auto" || strategy === "forward" || strategy === "reverse") return strategy;
  throw new TransformError(`${op}: strategy is ${describe(strategy)}; use "auto", "forward" or "reverse".`);
}

/** Options of second derivatives along one direction. */
export function checkInner(op: string, strategy: unknown): "forward" | "reverse" {
  if (strategy === "forward" || strategy === "reverse") return strategy;
  throw new TransformError(`${op}: innerStrategy is ${describe(strategy)}; use "forward" or "reverse".`);
}

export function checkPasses(op: string, options: PassOptions): void {
  for (const name of manyOptions) {
    const value: unknown = options[name];
    if (value !== undefined && !(Number.isInteger(value) && (value as number) > 0))
      throw new TransformError(
        `${op}: ${name} is ${describe(value)}; give a positive whole number${name === "chunkSize" ? "" : " of bytes"}.`,
      );
  }
}

/** The bytes that a batch may take by default. Below a part of that, directions alone tell that f need not be looked at. */
const defaultBudget = 2 ** 26;
const minLooked = 2 ** 24;

/**
 * The number of directions that make a batch, where there are `count` of them, each an array of `numbers` numbers. `bytes` are what f's
 * intermediate results take for one direction, where that is known.
 */
export type Chunking = (count: number, numbers: number, bytes?: number) => number;

export const allAtOnce: Chunking = () => Infinity;

/** Whether the bytes that f takes for one direction do not matter. */
export const isUnlimited = ({ chunkSize, memoryBudget }: PassOptions, count: number, numbers: number): boolean =>
  memoryBudget === undefined && (chunkSize !== undefined || count * numbers * 8 <= minLooked);

/**
 * The chunks that options ask for: by a budget, which by default is there for what is large, and the bytes that f's intermediate results take
 * for one direction, which are asked for only where they matter.
 */
export function chunking(options: PassOptions, bytes: () => number): Chunking {
  const { vectorize = true, chunkSize, memoryBudget } = options;
  if (!vectorize) return () => 1;
  return (count, numbers, known) => {
    const isFree = isUnlimited(options, count, known === undefined ? numbers : Infinity);
    const affordable = isFree ? Infinity : Math.max(1, Math.floor((memoryBudget ?? defaultBudget) / (known ?? bytes())));
    return Math.min(chunkSize ?? Infinity, affordable);
  };
}
