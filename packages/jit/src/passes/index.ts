import type { Graph } from "@ad/core/internals/trace";
import { withoutDuplicates } from "./duplicates.js";

/** A program as it is to be run: each pass is a function from graph to graph. */
export const clean = (graph: Graph): Graph => withoutDuplicates(graph).withoutDeadCode();
