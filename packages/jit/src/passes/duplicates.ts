import type { NDArray } from "@ad/core";
import { type Equation, Graph } from "@ad/core/internals/trace";
import { numberOf as identityOf } from "../numbering.js";
import { numberOf } from "./rewrite.js";

/** A constant of one number is that number, wherever it comes from. */
function keyOf(x: NDArray): string {
  const held = numberOf(x);
  return held === undefined ? String(identityOf(x)) : `${x.dtype} ${x.aval.weak} ${x.shape} ${Object.is(held, -0) ? "-0" : held}`;
}

/** Common subexpressions: primitives of the same inputs and parameters are computed once. */
export function withoutDuplicates(graph: Graph): Graph {
  const same = new Map<NDArray, NDArray>();
  const first = new Map<string, Equation>();
  const equations: Equation[] = [];
  const own = (x: NDArray): NDArray => same.get(x) ?? x;
  for (const { operation, inputs, params, outs } of graph.equations) {
    const equation = { operation, inputs: inputs.map(own), params, outs };
    if (typeof operation === "string") {
      const key = `${operation} ${equation.inputs.map(keyOf).join(", ")} ${JSON.stringify(params)}`;
      const known = first.get(key);
      if (known !== undefined) {
        outs.forEach((out, i) => {
          same.set(out, known.outs[i]);
        });
        continue;
      }
      first.set(key, equation);
    }
    equations.push(equation);
  }
  return new Graph(
    graph.inputs,
    equations,
    graph.outputs.map((x) => x && own(x)),
  );
}
