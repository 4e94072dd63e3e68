import type { Rule } from "eslint";
import { type Node, typesOf } from "./types.js";

/** The method that replaces an operator between values of which one is an array. */
const methods: Readonly<Record<string, string>> = {
  "+": "add",
  "-": "sub",
  "*": "mul",
  "/": "div",
  "%": "mod",
  "**": "pow",
  "<": "less",
  "<=": "lessEqual",
  ">": "greater",
  ">=": "greaterEqual",
  "==": "equal",
  "===": "equal",
  "!=": "notEqual",
  "!==": "notEqual",
};

/** An array where JavaScript wants a number or a string: that throws, is undefined, or compares objects. */
export const noArrayOperator: Rule.RuleModule = {
  meta: {
    type: "problem",
    docs: { description: "refuse JavaScript's operators, indices and templates on arrays" },
    schema: [],
    messages: {
      operator: "{{ operator }} knows no arrays. Write {{ method }}(a, b) or a.{{ method }}(b).",
      negative: "{{ operator }} knows no arrays. Write x.neg(), or item() for the number of an array that holds one.",
      index: "An array has no elements under its indices: this is undefined. Write x.slice(i).",
      string: "An array in a string throws. Write x.toString() for its text, or item() for the number of an array that holds one.",
      case: "switch compares an array with its cases as objects, which never are the same. Write switchCase(index, branches, ...operands), or item() for the number of an array that holds one.",
      number: "{{ name }} knows no arrays. Write item() for the number of an array that holds one.",
    },
  },
  create(context) {
    const { isArray, isNumber } = typesOf(context);
    /** Two arrays may be one object: that is asked on purpose. An array is never a number. */
    const identity = (operator: string): boolean => /^[!=]=/.test(operator);
    const operator = (node: Node, sign: string, left: Node, right: Node): void => {
      const method = methods[sign.replace(/^([-+*/%]|\*\*)=$/, "$1")];
      const arrays = [left, right].filter((each) => each.type !== "PrivateIdentifier" && isArray(each)).length;
      const numbers = [left, right].filter((each) => each.type !== "PrivateIdentifier" && isNumber(each)).length;
      if (method && (identity(sign) ? arrays > 0 && numbers > 0 : arrays > 0))
        context.report({ node, messageId: "operator", data: { operator: sign, method } });
    };
    const refuses = (name: string, node: Node, argument: Node | undefined): void => {
      if (argument && isArray(argument)) context.report({ node, messageId: "number", data: { name } });
    };
    return {
      SwitchStatement(node) {
        if (isArray(node.discriminant)) context.report({ node: node.discriminant, messageId: "case" });
      },
      NewExpression({ callee, arguments: all }) {
        if (callee.type === "Identifier" && callee.name === "Array" && all.length === 1) refuses("Array", callee, all[0]);
      },
      BinaryExpression: (node) => operator(node, node.operator, node.left, node.right),
      AssignmentExpression: (node) => operator(node, node.operator, node.left, node.right),
      UnaryExpression(node) {
        if (/^[-+~]$/.test(node.operator) && isArray(node.argument))
          context.report({ node, messageId: "negative", data: { operator: node.operator } });
      },
      UpdateExpression(node) {
        if (isArray(node.argument)) context.report({ node, messageId: "negative", data: { operator: node.operator } });
      },
      MemberExpression(node) {
        if (node.computed && isArray(node.object) && isNumber(node.property)) context.report({ node, messageId: "index" });
      },
      TemplateLiteral(node) {
        if (node.parent.type === "TaggedTemplateExpression") return;
        for (const each of node.expressions) if (isArray(each)) context.report({ node: each, messageId: "string" });
      },
      CallExpression(node) {
        const { callee } = node;
        const [first] = node.arguments;
        if (callee.type === "MemberExpression") {
          const { object, property } = callee;
          if (
            object.type === "Identifier" &&
            object.name === "Number" &&
            property.type === "Identifier" &&
            context.sourceCode.isGlobalReference(object)
          )
            refuses(`Number.${property.name}`, node, first);
          return;
        }
        if (callee.type !== "Identifier" || !context.sourceCode.isGlobalReference(callee)) return;
        const { name } = callee;
        if (name === "String" && first && isArray(first)) context.report({ node, messageId: "string" });
        if (/^(Number|parseFloat|parseInt|isNaN|isFinite)$/.test(name) || (name === "Array" && node.arguments.length === 1))
          refuses(name, node, first);
      },
    };
  },
};
