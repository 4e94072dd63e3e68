import { TransformError } from "@ad/core";
import { describe } from "@ad/core/internals/checks";

/** "forward" works column by column (JVPs), "reverse" row by row (VJPs), "auto" by what is fewer, columns or rows, unless both are few. */
export type Strategy = "auto" | "forward" | "reverse";

/** The way in which the passes of a sweep over all directions are made. */
export interface PassOptions {
  /** Directions as batches (default), or one after the other: the same values, slower, with the least memory. */
  readonly vectorize?: boolean;
  /** The most directions of a batch; by default all are one batch. By columns f runs once for each batch, by rows once. */
  readonly chunkSize?: number;
  /**
   * How many bytes a batch may take beside the result; it picks the size of a batch, by what f's intermediate results take for one
   * direction. f is run once more for that.
   */
  readonly memoryBudget?: number;
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

export const passOptions = ["vectorize", "chunkSize", "memoryBudget"] as const;
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
  for (const name of ["chunkSize", "memoryBudget"] as const) {
    const value: unknown = options[name];
    if (value !== undefined && !(Number.isInteger(value) && (value as number) > 0))
      throw new TransformError(
        `${op}: ${name} is ${describe(value)}; give a positive whole number${name === "chunkSize" ? "" : " of bytes"}.`,
      );
  }
}

/** The number of directions, each of the given bytes, that make a batch. */
export function chunkOf({ vectorize = true, chunkSize = Infinity, memoryBudget = Infinity }: PassOptions, bytes: () => number): number {
  if (!vectorize) return 1;
  return memoryBudget === Infinity ? chunkSize : Math.min(chunkSize, Math.max(1, Math.floor(memoryBudget / bytes())));
}
