import { arange, customVjp, type NDArray } from "@ad/core";
import { jacobian } from "@ad/functional";

/** The Jacobian is of shape [size, size]. */
export const size = 4096;

export interface Case {
  readonly strategy: "forward" | "reverse";
  /** Without it all directions are one batch. */
  readonly chunkSize?: number;
}
export const cases: readonly Case[] = (["forward", "reverse"] as const).flatMap((strategy) => [
  ...[16, 64, 256].map((chunkSize) => ({ strategy, chunkSize })),
  { strategy },
]);

/** Bytes, beyond what was there before. */
export interface Figures {
  readonly result: number;
  /** The intermediate results of f for one batch of directions. */
  readonly batch: number;
  /** The most that was held in arrays at once: sampled within each batch, after a garbage collection. */
  readonly held: number;
  /** The most that the process ever had, with what the garbage collector had not got round to. */
  readonly process: number;
}

const bytes = 8;
/** Intermediate results in the body below, each of the argument's size, with the direction itself. */
const intermediates = 8;
const body = (x: NDArray): NDArray => x.sin().mul(x.roll(1)).add(x.square()).tanh();

/** Runs a case in a process of its own, which `collect` clears of garbage. */
export function measure({ strategy, chunkSize }: Case, collect: () => void, n = size): Figures {
  let held = 0;
  const arrays = (): number => {
    collect();
    return process.memoryUsage().arrayBuffers;
  };
  const watched = customVjp(
    (x: NDArray) => x,
    (x: NDArray) => [
      x,
      (ct: NDArray) => {
        held = Math.max(held, arrays());
        return [ct];
      },
    ],
  );
  const f = (x: NDArray): NDArray => watched(body(watched(x)) as NDArray) as NDArray;
  const run = (n: number): NDArray => jacobian(f, { strategy, ...(chunkSize === undefined ? {} : { chunkSize }) })(arange(n).div(n));
  run(64);
  const before = arrays();
  const { rss } = process.memoryUsage();
  held = 0;
  run(n);
  return {
    result: n * n * bytes,
    batch: intermediates * (chunkSize ?? n) * n * bytes,
    held: held - before,
    process: process.resourceUsage().maxRSS * 1024 - rss,
  };
}
