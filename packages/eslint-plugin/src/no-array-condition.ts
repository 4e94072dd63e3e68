import type { Rule } from "eslint";
import { type Node, typesOf } from "./types.js";

/** Methods of lists that ask their function for true or false. */
const predicates = new Set(["every", "filter", "find", "findIndex", "findLast", "findLastIndex", "some"]);

/** Returns whether a node is a call of jit or vmap. */
const isTracing = (node: Node | undefined): boolean =>
  node?.type === "CallExpression" && node.callee.type === "Identifier" && /^(jit|vmap)$/.test(node.callee.name);

/** A report's `converged`, whose type is that outside of transformations, in a function that is written as an argument of jit or vmap. */
function isTracedReport(node: Node, ancestors: readonly Node[]): boolean {
  const name = node.type === "MemberExpression" && !node.computed ? node.property : node;
  if (name.type !== "Identifier" || !("name" in name) || name.name !== "converged") return false;
  return ancestors.some((each, i) => /Function/.test(each.type) && isTracing(ancestors[i - 1]));
}

/** An array as a condition: it is true whatever it holds, because every object is. */
export const noArrayCondition: Rule.RuleModule = {
  meta: {
    type: "problem",
    docs: { description: "refuse an array as a condition: it is always true" },
    schema: [],
    messages: {
      condition:
        "{{ text }} is an array, and an array as a condition is always true. Write where(condition, a, b), or cond(condition, onTrue, onFalse, ...operands); outside of transformations, item() gives the value.",
      report:
        "{{ text }} is an array inside of jit and vmap, whatever its type says, and an array as a condition is always true. Return it and ask its item() outside, or write where(condition, a, b).",
      loop: "{{ text }} is an array, and an array as a condition is always true, so this loop does not end by it. Write whileLoop(test, body, init); outside of transformations, item() gives the value.",
    },
  },
  create(context) {
    const { maybeArray, givesArray } = typesOf(context);
    const text = (node: Node): string => {
      const all = context.sourceCode.getText(node);
      return all.length <= 40 ? all : `${all.slice(0, 39)}…`;
    };
    const check = (node: Node | null | undefined, messageId = "condition"): void => {
      if (!node) return;
      // Its left side is a condition wherever it stands, and has its own visit.
      if (node.type === "LogicalExpression" && node.operator !== "??") check(node.right, messageId);
      else if (isTracedReport(node, context.sourceCode.getAncestors(node as Parameters<typeof context.sourceCode.getAncestors>[0])))
        context.report({ node, messageId: "report", data: { text: text(node) } });
      else if (node.type !== "UnaryExpression" && maybeArray(node)) context.report({ node, messageId, data: { text: text(node) } });
    };
    return {
      IfStatement: ({ test }) => check(test),
      ConditionalExpression: ({ test }) => check(test),
      WhileStatement: ({ test }) => check(test, "loop"),
      DoWhileStatement: ({ test }) => check(test, "loop"),
      ForStatement: ({ test }) => check(test, "loop"),
      LogicalExpression: ({ left, operator }) => operator !== "??" && check(left),
      AssignmentExpression: ({ left, operator }) => /^(\|\||&&)=$/.test(operator) && check(left as Node),
      UnaryExpression: ({ argument, operator }) => operator === "!" && check(argument),
      CallExpression({ callee, arguments: [first] }) {
        if (!first || first.type === "SpreadElement") return;
        if (callee.type === "Identifier" && callee.name === "Boolean") return check(first);
        const method = callee.type === "MemberExpression" && callee.property.type === "Identifier" ? callee.property.name : "";
        if (predicates.has(method) && givesArray(first))
          context.report({ node: first, messageId: "condition", data: { text: `What ${text(first)} gives` } });
      },
    };
  },
};
