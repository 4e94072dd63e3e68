import { arange, type NDArray, scan, switchCase, whileLoop } from "@ad/core";
import type { Stager } from "@ad/core/internals/trace";

/** Control flow that looks at the numbers of a point, as it does where nothing is staged. */
export const looking: Stager = {
  choose: (_, index, branches, operands) =>
    switchCase(
      index,
      branches.map(
        (branch) =>
          (...own: NDArray[]) =>
            branch(own),
      ),
      ...operands,
    ),

  whileLoop: (_, test, body, first) => whileLoop(test, body, first),

  // A loop without rows counts.
  scan: (_, body, first, rows, length) => scan((state, [, ...row]) => body(state, row), first, [arange(length), ...rows]),
};
