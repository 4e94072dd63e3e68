import { BaseSequencer, type TestSpecification } from "vitest/node";

/** The files that take longest, longest first. A machine that runs the tests for the first time knows no durations, and the last file runs alone. */
const longest = [
  "packages/gpu/test/webgl/kernels/operations.test.ts",
  "packages/gpu/test/conformance.test.ts",
  "packages/gpu/test/programs.test.ts",
  "apps/docs/test/pages.test.ts",
  "apps/docs/test/live.test.ts",
  "tools/checks/test/new-op.test.ts",
  "tools/checks/test/examples.test.ts",
  "tools/conformance/test/jit.test.ts",
  "tools/conformance/test/operations.test.ts",
  "packages/core/test/reverse/memory.test.ts",
  "packages/solve/test/ode/ode-solve.test.ts",
  "apps/bench/test/sparse.test.ts",
  "packages/sparse/test/solvers/solve.test.ts",
  "tools/conformance/test/primitives.test.ts",
  "tools/conformance/test/programs.test.ts",
  "packages/core/test/cpu/threads/same.test.ts",
  "packages/sparse/test/jacobian.test.ts",
  "packages/solve/test/curve-fit.test.ts",
  "packages/functional/test/batch.test.ts",
  "tools/conformance/test/sparse-programs.test.ts",
  "tools/conformance/test/jit-programs.test.ts",
  "tools/conformance/test/arena.test.ts",
  "packages/core/test/cpu/memory.test.ts",
  "packages/core/test/cpu/kernels/gemm.test.ts",
  "packages/functional/test/examples/sensitivity.test.ts",
  "packages/jit/test/memory.test.ts",
  "packages/random/test/derivatives.test.ts",
  "packages/eslint-plugin/test/rules.test.ts",
];

/**
 * Starts the files that have a worker of their own first, then those that share one: a shared worker ends where the next file is of
 * another kind, and the next one like it loads all modules again. Of each kind the longest come first, and the others in Vitest's order.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const place = longest.findIndex((file) => moduleId.endsWith(`/${file}`));
      return place < 0 ? longest.length : place;
    };
    const shares = ({ project }: TestSpecification): number => Number(!project.config.isolate);
    return (await super.sort(files)).sort((a, b) => shares(a) - shares(b) || rank(a) - rank(b));
  }
}
