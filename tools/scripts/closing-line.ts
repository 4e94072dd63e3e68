import type { Reporter, TestModule } from "vitest/node";

/** Closes a run with one plain line. Checks that failed before the tests (see test.mjs) and files that did not load count as failed. */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const count = { passed: 0, failed: errors.length + Number(process.env.AD_FAILED_CHECKS ?? 0), skipped: 0, pending: 0 };
    for (const module of modules) {
      if (module.errors().length > 0) count.failed++;
      for (const test of module.children.allTests()) count[test.result().state]++;
    }
    const line = `${count.passed} passed, ${count.failed} failed, ${count.skipped + count.pending} skipped\n`;
    process.once("exit", () => process.stdout.write(line));
  }
}
