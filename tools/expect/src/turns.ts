import { inject } from "vitest";

declare module "vitest" {
  /** The values that vitest.config.ts provides. */
  interface ProvidedContext {
    browser: { executablePath: string | null; args: string[] };
    /** The turn of this run (tools/scripts/turn.mjs). Without one, the run makes the whole of every proof. */
    turn: number | null;
    /** The number of random programs that a person asks for, and the first seed, for tests in a browser. */
    fuzz: { readonly runs: number; readonly seed: number } | null;
  }
}

/**
 * Some proofs are too long for every run. They are made in turns: each run makes one part of such a proof, the commit says which one,
 * and `npm run exhaustive` makes all parts.
 */
const turn = inject("turn") ?? null;

/** Returns whether this run makes part k of a proof that takes this many turns. */
export const isTurn = (k: number, turns: number): boolean => turn === null || (k + turn) % turns === 0;

/** Returns the least number of checks that this run makes, out of all checks of a proof that takes this many turns. The parts differ by a fifth at most. */
export const inTurn = (all: number, turns: number): number => (turn === null || turns === 1 ? all : Math.floor((0.8 * all) / turns));
