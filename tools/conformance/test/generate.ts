import { isTurn } from "@ad/expect/turns";
import { test } from "vitest";
import type { Case } from "../src/case.js";
import { checkIdentity, type Entry, plan } from "../src/suite.js";

/** The turns in which operations meet their samples in every layout. Primitives, of which most operations are made, meet theirs in fewer turns. */
export const sampleTurns = 32;
export const primitiveTurns = 6;

/** Returns whether a run checks a case: always that of an operation's first sample, dense and in float64; the others have a turn, another one for each identity. */
export const isDue = (c: Case, first: Entry, k: number, turns = sampleTurns): boolean =>
  (c.label.startsWith(`${first.label}, `) && c.layout === "dense" && c.precision.dtype === "float64") || isTurn(k, turns);

/** Defines one test for each identity that says anything about some entries. */
export function generate(entries: readonly Entry[], turns = 1): void {
  plan(entries).forEach(({ name, cases }, row) => {
    const due = cases.filter((c, i) => isDue(c, entries[0], row + i, turns));
    if (due.length > 0)
      test(name, () => {
        for (const c of due) checkIdentity(name, c);
      });
  });
}
