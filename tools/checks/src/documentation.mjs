// The functions that users call, and their documentation.
import { lineOf, readModule, target } from "./workspace.mjs";

/**
 * A declaration in the text of a module, and the doc comment before it.
 * @typedef {{ path: string, line: number, comment: string, kind: "function" | "class", node: any, text: string }} Declared
 */

/**
 * The functions and classes that a module exports, by name. Those of a namespace are named as they are called: "linalg.det".
 * @param {string} path
 * @param {string} [base]
 * @returns {Map<string, Declared>}
 */
export function exportsOf(path, base) {
  /** @type {Map<string, Declared>} */
  const found = new Map();
  const { text, program } = readModule(path, base);
  for (const statement of program.body) {
    if (statement.type !== "ExportAllDeclaration" && statement.type !== "ExportNamedDeclaration") continue;
    if (statement.source) {
      if (!statement.source.value.startsWith(".")) continue;
      const there = exportsOf(target(path, statement.source.value), base);
      if (statement.type === "ExportAllDeclaration") {
        const space = statement.exported === null ? "" : `${nameOf(statement.exported)}.`;
        for (const [name, own] of there) found.set(space + name, own);
      } else
        for (const { local, exported } of statement.specifiers) {
          const own = there.get(nameOf(local));
          if (own) found.set(nameOf(exported), own);
        }
    } else if (statement.type === "ExportNamedDeclaration")
      for (const [name, kind] of declaredBy(statement.declaration)) {
        const { start } = statement;
        const declared = { path, line: lineOf(text, start), comment: commentBefore(text, start), kind, node: statement.declaration, text };
        // Of overloads the first has the documentation.
        if (!found.has(name)) found.set(name, declared);
      }
  }
  return found;
}

/** @param {any} node an identifier or a string */
const nameOf = (node) => node.name ?? node.value;

/** @param {any} declaration @returns {[name: string, kind: Declared["kind"]][]} */
function declaredBy(declaration) {
  if (declaration?.type === "ClassDeclaration") return [[declaration.id.name, "class"]];
  if (/^(TSDeclareFunction|FunctionDeclaration)$/.test(declaration?.type)) return [[declaration.id.name, "function"]];
  if (declaration?.type !== "VariableDeclaration") return [];
  return declaration.declarations.flatMap((/** @type {any} */ { id, init }) =>
    init?.type === "ArrowFunctionExpression" ? [[id.name, "function"]] : [],
  );
}

/** The doc comment that ends where a declaration starts. @param {string} text @param {number} start */
const commentBefore = (text, start) => /\/\*\*(?:(?!\*\/).)*\*\/\s*$/s.exec(text.slice(0, start))?.[0] ?? "";

/**
 * The members of a class, and of those above it that its module imports, each with its comment.
 * @param {Declared} declared
 * @returns {Map<string, string>}
 */
export function membersOf({ path, text, node }) {
  const { program } = readModule(path);
  const from = /** @type {any} */ (
    program.body.find(
      (each) => each.type === "ImportDeclaration" && each.specifiers.some(({ local }) => local.name === node.superClass?.name),
    )
  );
  const above = from?.source.value.startsWith(".") ? exportsOf(target(path, from.source.value)).get(node.superClass.name) : undefined;
  const members = above ? membersOf(above) : new Map();
  for (const { key, computed, start } of node.body.body) if (!computed) members.set(key.name, commentBefore(text, start));
  return members;
}

/** The text of a tag, wherever it stands. @param {string} comment @param {string} tag */
export const tagged = (comment, tag) =>
  [...comment.matchAll(new RegExp(`@${tag}\\b(.*?)(?=\\n\\s*\\*\\s*@|\\s*\\*/)`, "gs"))].map(([, text]) => text.trim()).join("\n");

/** Returns the part about arguments and results. @param {string} comment */
const described = (comment) => comment.replace(/@(example|throws)\b.*?(?=\n\s*\*\s*@|\s*\*\/)/gs, "");

/** @type {Record<string, (comment: string) => boolean>} */
const wanted = {
  "an example": (comment) => tagged(comment, "example") !== "",
  "what it throws": (comment) => tagged(comment, "throws") !== "",
  shapes: (comment) => /\b(shapes?|ax[ie]s|scalars?|vectors?|matri(x|ces)|broadcast)\b|\[(\.\.\.|[BNmn],)/.test(described(comment)),
  dtypes: (comment) => /\b(dtypes?|float(ing|32|64)|int32|bool)\b/.test(described(comment)),
};

/** Returns the facts that the doc comment of a function lacks. @param {string} comment @returns {string[]} */
export const lacking = (comment) => Object.keys(wanted).filter((what) => !wanted[what](comment));

/** The name of a parameter, which may have a default or be the rest. @param {any} node @returns {string} */
const parameterOf = (node) => node.name ?? parameterOf(node.left ?? node.argument ?? node.typeAnnotation);

/**
 * The parameters of a function that its documentation does not describe, in two words at least. Of overloads these are the first one's.
 * @param {string} name as it is exported
 * @param {Declared} declared
 * @returns {string[]}
 */
export function undescribed(name, { node, comment }) {
  const own = node.declarations?.find((/** @type {any} */ { id }) => id.name === name.replace(/.*\./, ""))?.init ?? node;
  const described = [...comment.matchAll(/@param (\w+)(.*?)(?=\n\s*\*\s*@|\s*\*\/)/gs)].filter(([, , text]) => /\S\s+\S/.test(text.trim()));
  const names = described.map(([, each]) => each);
  return own.params.map(parameterOf).filter((/** @type {string} */ each) => !names.includes(each));
}

/**
 * The classes of errors that a function's documentation names, itself or by "as {@link other} does".
 * @param {string} name
 * @param {ReadonlyMap<string, Declared>} all
 * @returns {Set<string>}
 */
export function errorsOf(name, all) {
  const text = tagged(all.get(name)?.comment ?? "", "throws");
  const own = [...text.matchAll(/\b\w+Error\b/g)].map(([each]) => each);
  const others = [...text.matchAll(/\{@link (\w+)\}/g)].filter(([, other]) => other !== name);
  // Its documentation says what is thrown for what is none.
  const general = text.includes("{@link ArrayLike}") ? ["DTypeError", "ShapeError", "TransformError"] : [];
  return new Set([...own, ...general, ...others.flatMap(([, other]) => [...errorsOf(other, all)])]);
}
