import type { Reporter, TestModule } from "vitest/node";

/** Closes a run with one plain line, after the checks that failed. Checks that failed before the tests (see test.mjs) and files that did not load count as failed. */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const checks = (process.env.AD_FAILED_CHECKS ?? "").split("\n").filter((title) => title !== "");
    const count = { passed: 0, failed: errors.length + checks.length, skipped: 0, pending: 0 };
    for (const module of modules) {
      if (module.errors().length > 0) count.failed++;
      // The setup of tests may fail as well; its tests count as skipped then.
      for (const suite of module.children.allSuites()) if (suite.errors().length > 0) count.failed++;
      for (const test of module.children.allTests()) count[test.result().state]++;
    }
    const shown = checks.map((title) => `failed before the tests: ${title}\n`).join("");
    const line = `${shown}${count.passed} passed, ${count.failed} failed, ${count.skipped + count.pending} skipped\n`;
    process.once("exit", () => process.stdout.write(line));
  }
}
