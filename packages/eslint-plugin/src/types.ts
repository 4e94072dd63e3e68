import type { Rule, SourceCode } from "eslint";

/** Any node of a program. */
export type Node = NonNullable<Parameters<SourceCode["getText"]>[0]>;

/** The part of TypeScript's types that the rules need. */
interface Type {
  readonly symbol?: { readonly name: string } | undefined;
  /** The name of a type that is the language's own, such as number or undefined. */
  readonly intrinsicName?: string;
  /** The value of a literal's type. */
  readonly value?: unknown;
  isUnion(): this is { readonly types: readonly Type[] };
  getCallSignatures(): readonly { getReturnType(): Type }[];
}

interface Checker {
  getBaseConstraintOfType(type: Type): Type | undefined;
  getPropertyOfType(type: Type, name: string): unknown;
}

interface Services {
  readonly program?: { getTypeChecker(): Checker } | null;
  readonly getTypeAtLocation?: (node: Node) => Type;
}

/** Questions about an expression's type. */
export interface Types {
  /** Every value of it is an array. */
  readonly isArray: (node: Node) => boolean;
  /** It is an array in some case, and in no case nothing: not null, undefined or false, and no element of a list that may be shorter. */
  readonly maybeArray: (node: Node) => boolean;
  /** It is a function whose result may be an array, as above. */
  readonly givesArray: (node: Node) => boolean;
  readonly isNumber: (node: Node) => boolean;
}

/** The types that the parser knows. Without them the rules could say nothing, so they say what is missing. */
export function typesOf(context: Rule.RuleContext): Types {
  const { program, getTypeAtLocation } = context.sourceCode.parserServices as Services;
  if (!program || !getTypeAtLocation)
    throw new Error(
      `${context.id} needs types: set languageOptions.parser to typescript-eslint's parser, and parserOptions.projectService to true.`,
    );
  const checker = program.getTypeChecker();
  const parts = (type: Type): readonly Type[] => {
    const whole = checker.getBaseConstraintOfType(type) ?? type;
    return whole.isUnion() ? whole.types : [whole];
  };
  const array = (type: Type): boolean =>
    type.symbol?.name === "NDArray" ||
    (checker.getPropertyOfType(type, "dtype") !== undefined && checker.getPropertyOfType(type, "ndim") !== undefined);
  const some = (type: Type): boolean => {
    const all = parts(type);
    return all.some(array) && !all.some(({ intrinsicName = "" }) => ["null", "undefined", "void", "false"].includes(intrinsicName));
  };
  /** `list[i]` and `record.name`: what an index gives, which may be nothing though its type does not say so. */
  const element = (node: Node): boolean => {
    if (node.type !== "MemberExpression") return false;
    const { object, property, computed } = node;
    const name = computed ? property.type === "Literal" && String(property.value) : property.type === "Identifier" && property.name;
    return name === false ? computed : !parts(getTypeAtLocation(object)).every((each) => checker.getPropertyOfType(each, name));
  };
  return {
    isArray: (node) => parts(getTypeAtLocation(node)).every(array),
    maybeArray: (node) => some(getTypeAtLocation(node)) && !element(node),
    givesArray: (node) =>
      getTypeAtLocation(node)
        .getCallSignatures()
        .some((each) => some(each.getReturnType())),
    isNumber: (node) =>
      parts(getTypeAtLocation(node)).every(({ intrinsicName, value }) => intrinsicName === "number" || typeof value === "number"),
  };
}
