import { Graph } from "@ad/core/internals/trace";
import { below } from "./broadcasts.js";
import { scaled } from "./diagonals.js";
import { withPrograms } from "./effects.js";
import { identity } from "./identities.js";
import { chained, joined, repeated, summed } from "./products.js";
import { rewritten } from "./rewrite.js";

/** A program as it is to be run. All rules go over it in one walk: what one leaves behind, the others find. */
export const clean = (graph: Graph): Graph => rewritten(graph, identity, below, scaled, repeated, joined, summed, chained);

/** The same, with the programs that operations hold: these are cleaned when they are first run. */
export function cleanThroughout(graph: Graph): Graph {
  const { inputs, equations, outputs } = clean(graph);
  return new Graph(
    inputs,
    equations.map((equation) => withPrograms(equation, cleanThroughout)),
    outputs,
  );
}
