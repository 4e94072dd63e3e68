import { Graph } from "@ad/core/internals/trace";
import { belowBroadcasts } from "./broadcasts.js";
import { withoutDiagonals } from "./diagonals.js";
import { withoutDuplicates } from "./duplicates.js";
import { withPrograms } from "./effects.js";
import { withoutIdentities } from "./identities.js";
import { inlined } from "./inlined.js";
import { withoutStretchedFactors } from "./products.js";

/** A program as it is to be run: each pass is a function from graph to graph. A later one finds what an earlier one leaves behind. */
const passes: readonly ((graph: Graph) => Graph)[] = [
  inlined,
  withoutIdentities,
  belowBroadcasts,
  withoutDiagonals,
  withoutStretchedFactors,
  withoutIdentities,
  withoutDuplicates,
];

export const clean = (graph: Graph): Graph => passes.reduce((own, pass) => pass(own), graph).withoutDeadCode();

/** The same, with the programs that operations hold: these are cleaned when they are first run. */
export function cleanThroughout(graph: Graph): Graph {
  const { inputs, equations, outputs } = clean(graph);
  return new Graph(
    inputs,
    equations.map((equation) => withPrograms(equation, cleanThroughout)),
    outputs,
  );
}
