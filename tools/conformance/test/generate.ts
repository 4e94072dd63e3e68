import { test } from "vitest";
import type { Case } from "../src/case.js";
import { checkIdentity, type Entry, plan } from "../src/suite.js";
import { isTurn } from "../src/turns.js";

/** The turns in which operations meet the layouts. Primitives, of which most operations are made, meet all of them in every run. */
export const layoutTurns = 6;

/** Every case that is neither in the dense layout nor in float64 waits for its turn, which is another one for each identity. */
export const isDue = (c: Case, k: number, turns: number): boolean =>
  (c.layout === "dense" && c.precision.dtype === "float64") || isTurn(k, turns);

/** Defines one test for each identity that says anything about some entries. */
export function generate(entries: readonly Entry[], turns = 1): void {
  plan(entries).forEach(({ name, cases }, row) => {
    const due = cases.filter((c, i) => isDue(c, row + i, turns));
    if (due.length > 0)
      test(name, () => {
        for (const c of due) checkIdentity(name, c);
      });
  });
}
