import { type Equation, Graph, hasEffect, type Params } from "@ad/core/internals/trace";

/** The same equation, with what a function makes of the programs that its operation holds. */
export function withPrograms(equation: Equation, change: (program: Graph) => Graph): Equation {
  const { operation } = equation;
  if (typeof operation === "string" || !operation.programs || !operation.holding) return equation;
  return { ...equation, operation: operation.holding(operation.programs.map(change)) };
}

/** The same equation without an effect: an index is known to be within its bounds. */
const silent = (equation: Equation): Equation =>
  equation.operation === "wrapIndex"
    ? { ...equation, params: { ...(equation.params as Params<"wrapIndex">), isKnown: true } }
    : withPrograms(equation, withoutEffects);

/** The same results and nothing else: for a graph that is computed again. */
export function withoutEffects(graph: Graph): Graph {
  const equations = graph.equations.map((equation) => (hasEffect(equation) ? silent(equation) : equation));
  return new Graph(graph.inputs, equations, graph.outputs).withoutDeadCode(() => false);
}
