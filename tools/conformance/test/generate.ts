import { test } from "vitest";
import { checkIdentity, type Entry, plan } from "../src/suite.js";

/** One test for each identity that says anything about some entries. */
export function generate(entries: readonly Entry[]): void {
  for (const row of plan(entries))
    test(row.name, () => {
      for (const c of row.cases) checkIdentity(row.name, c);
    });
}
