import { type ArrayList, type Graph, GraphTrace, type Operation, within } from "@ad/core/internals/trace";
import { staging } from "../staging.js";

/** Writes down what operations are made of, as far as they are made of operations. */
class InliningTrace extends GraphTrace {
  override call(operation: Operation, inputs: ArrayList): ArrayList {
    return operation.shape ? super.call(operation, inputs) : operation.forward(inputs);
  }
}

/** The equations of operations with rules of their own in the place of these: once all derivatives are made, the rules have done their work. */
export function inlined(graph: Graph): Graph {
  if (graph.equations.every(({ operation }) => typeof operation === "string" || operation.shape)) return graph;
  const trace = new InliningTrace("jit");
  const inputs = graph.inputs.map((x) => trace.input(x));
  return trace.graph(staging(() => within(trace, () => graph.run(inputs))));
}
