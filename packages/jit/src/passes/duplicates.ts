import type { NDArray } from "@ad/core";
import { type Equation, Graph } from "@ad/core/internals/trace";
import { numberOf } from "../numbering.js";

/** Common subexpressions: primitives of the same inputs and parameters are computed once. */
export function withoutDuplicates(graph: Graph): Graph {
  const same = new Map<NDArray, NDArray>();
  const first = new Map<unknown, NDArray>();
  const equations: Equation[] = [];
  const own = (x: NDArray): NDArray => same.get(x) ?? x;
  for (const { operation, inputs: given, params, outs } of graph.equations) {
    const inputs = given.map(own);
    const [out] = outs;
    // An operation that carries its rules is like no other.
    const key = typeof operation === "string" ? `${operation} ${inputs.map(numberOf)} ${JSON.stringify(params)}` : out;
    const known = first.get(key);
    if (known) same.set(out, known);
    else {
      first.set(key, out);
      equations.push({ operation, inputs, params, outs });
    }
  }
  return new Graph(
    graph.inputs,
    equations,
    graph.outputs.map((x) => x && own(x)),
  );
}
