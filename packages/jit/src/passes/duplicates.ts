import type { NDArray } from "@ad/core";
import { type Equation, Graph } from "@ad/core/internals/trace";
import { numberOf } from "../numbering.js";

/** Common subexpressions: primitives of the same inputs and parameters are computed once. */
export function withoutDuplicates(graph: Graph): Graph {
  const same = new Map<NDArray, NDArray>();
  const first = new Map<string, NDArray>();
  const equations: Equation[] = [];
  const own = (x: NDArray): NDArray => same.get(x) ?? x;
  for (const { operation, inputs, params, outs } of graph.equations) {
    const equation = { operation, inputs: inputs.map(own), params, outs };
    if (typeof operation === "string") {
      const key = `${operation} ${equation.inputs.map(numberOf)} ${JSON.stringify(params)}`;
      const known = first.get(key);
      if (known) {
        same.set(outs[0], known);
        continue;
      }
      first.set(key, outs[0]);
    }
    equations.push(equation);
  }
  return new Graph(
    graph.inputs,
    equations,
    graph.outputs.map((x) => x && own(x)),
  );
}
