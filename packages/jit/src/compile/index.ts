import type { NDArray } from "@ad/core";
import type { ArrayList, Graph, Parts } from "@ad/core/internals/trace";
import type { Scan } from "../control/scan.js";

/** A graph that can be run. */
export interface Compiled {
  /** Whether it runs on these: arrays with numbers, on the CPU. */
  takes(inputs: ArrayList): boolean;
  run(inputs: ArrayList): Parts;
  /** All steps of a scan of this body; undefined where its steps are to be run one by one. */
  readonly loop?: (scan: Scan, inputs: ArrayList) => ArrayList | undefined;
}

export function compile(graph: Graph): Compiled {
  return { takes: () => false, run: (inputs: readonly NDArray[]) => graph.run(inputs) };
}
