// The examples that readers see, in docstrings and Markdown, as programs that a test runs. `expression; // literal` states what it evaluates to.
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { transformSync } from "esbuild";
import { parseSync } from "oxc-parser";
import { root, tsc, walk } from "./workspace.mjs";

/** @typedef {{ path: string, line: number, code: string, browser?: true }} Example browser: it needs one, and is only compiled here */

/**
 * The `@example` sections of doc comments: up to the next tag or the comment's end, with or without a fence. A title that says "in a
 * browser" is for those that need one.
 * @param {string} path
 * @param {string} [text]
 * @returns {Example[]}
 */
export function inSource(path, text = readFileSync(join(root, path), "utf8")) {
  return [...text.matchAll(/\/\*\*.*?\*\//gs)].flatMap((comment) =>
    [...comment[0].matchAll(/@example([^\n]*)\n(.*?)(?=\n\s*\*\s*@|\s*\*\/)/gs)].map((match) => ({
      path,
      line: text.slice(0, comment.index + match.index).split("\n").length + 1,
      code: match[2].replace(/^\s*\*( |$)/gm, "").replace(/^```\w*$/gm, ""),
      ...inBrowser(/in a browser/i.test(match[1])),
    })),
  );
}

/**
 * The ts and js fences of a Markdown file, whatever else they are marked with, but for "no-run"; "browser" is for those that need one.
 * @param {string} path
 * @param {string} [text]
 * @returns {Example[]}
 */
export function inMarkdown(path, text = readFileSync(join(root, path), "utf8")) {
  return [...text.matchAll(/^```(?:ts|js)(?! no-run)( [^\n]*)?\n(.*?)^```$/gms)].map((match) => ({
    path,
    line: text.slice(0, match.index).split("\n").length + 1,
    code: match[2],
    ...inBrowser(match[1]?.split(" ").includes("browser")),
  }));
}

/** @param {boolean | undefined} needed @returns {{ browser?: true }} */
const inBrowser = (needed) => (needed ? { browser: true } : {});

/**
 * Runs an example. Its imports must name what the packages export; without imports every export is in scope.
 * @param {string} code
 * @param {Record<string, Record<string, unknown>>} packages the exports by package
 * @returns {Promise<number>} how many values were compared
 */
export async function runExample(code, packages) {
  const { program, comments, errors } = parseSync("example.ts", code, { sourceType: "module" });
  if (errors.length > 0) throw new Error(errors[0].message);
  /** @type {{ at: number, remove?: number, text: string }[]} */
  const edits = [];
  /** @type {Record<string, unknown>} */
  const imported = {};
  for (const statement of program.body) {
    if (statement.type === "ImportDeclaration") {
      const exported = packages[statement.source.value];
      if (!exported) throw new Error(`no package ${statement.source.value}`);
      for (const each of statement.specifiers) {
        if (each.type !== "ImportSpecifier") throw new Error("import by name, please");
        const name = /** @type {any} */ (each.imported).name;
        if (statement.importKind === "type" || each.importKind === "type") continue;
        if (!(name in exported)) throw new Error(`${statement.source.value} exports no ${name}`);
        imported[each.local.name] = exported[name];
      }
      edits.push({ at: statement.start, remove: statement.end, text: "" });
      continue;
    }
    const comment = comments.find(
      ({ type, start }) => type === "Line" && start >= statement.end && !/[^ \t;]/.test(code.slice(statement.end, start)),
    );
    const expected = comment?.value.trim() ?? "";
    if (!isLiteral(expected)) continue;
    const check = `, ${JSON.stringify(expected)});`;
    if (statement.type === "ExpressionStatement") {
      edits.push({ at: statement.start, text: "await expect_(" });
      edits.push({ at: statement.expression.end, remove: statement.end, text: check });
    } else if (statement.type === "VariableDeclaration" && statement.declarations[0].id.type === "Identifier") {
      edits.push({ at: statement.end, text: ` await expect_(${statement.declarations[0].id.name}${check}` });
    }
  }
  let body = code;
  for (const { at, remove = at, text } of edits.sort((a, b) => b.at - a.at)) body = body.slice(0, at) + text + body.slice(remove);

  let compared = 0;
  const scope = {
    ...(Object.keys(imported).length > 0 ? imported : Object.assign({}, ...Object.values(packages).reverse())),
    expect_: async (/** @type {unknown} */ value, /** @type {string} */ expected) => {
      compared++;
      compare(await value, expected);
    },
  };
  const { code: javascript } = transformSync(`async function example_() {\n${body}\n}`, { loader: "ts", target: "es2022" });
  await new Function(...Object.keys(scope), `${javascript}; return example_();`)(...Object.values(scope));
  return compared;
}

/**
 * The packages, first that of a source file: where two export one name, an example means its own.
 * @param {string} path
 * @param {Record<string, Record<string, unknown>>} packages
 */
export function ownFirst(path, packages) {
  const own = `@ad/${path.split("/")[1]}`;
  return own in packages ? { [own]: packages[own], ...packages } : packages;
}

/** The names that a declaration binds. @param {any} pattern @returns {string[]} */
const bound = (pattern) =>
  pattern?.type === "Identifier"
    ? [pattern.name]
    : [...(pattern?.properties ?? pattern?.elements ?? []), pattern?.value, pattern?.argument, pattern?.left]
        .filter(Boolean)
        .flatMap(bound);

/**
 * An example as a module that a compiler can read: what it uses of the packages and neither imports nor declares is imported for it.
 * @param {string} code
 * @param {Record<string, Record<string, unknown>>} packages
 */
export function asModule(code, packages) {
  const { program } = parseSync("example.ts", code, { sourceType: "module" });
  if (program.body.some(({ type }) => type === "ImportDeclaration")) return `${code}\nexport {};\n`;
  const used = new Set();
  walk(program, (node) => node.type === "Identifier" && used.add(node.name));
  for (const { declarations = [] } of /** @type {any[]} */ (program.body))
    for (const { id } of declarations) for (const name of bound(id)) used.delete(name);
  const imports = Object.entries(packages).map(([name, exported]) => {
    const names = Object.keys(exported).filter((each) => used.delete(each));
    return `import { ${names.join(", ")} } from "${name}";`;
  });
  // On one line, so that an error's line is the example's.
  return `${imports.join(" ")} import type { NDArray as Array_ } from "@ad/core"; ${used.has("NDArray") ? "type NDArray = Array_; " : ""}${code}\nexport {};\n`;
}

/**
 * Compiles examples as a strict user would.
 * @param {Example[]} examples
 * @param {Record<string, Record<string, unknown>>} packages
 * @returns {string[]} what the compiler says, by the example's place
 */
export function compileErrors(examples, packages) {
  const folder = join(root, "tools/checks/dist/examples");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const compilerOptions = {
    customConditions: ["@ad/source"],
    lib: ["ES2023", "DOM", "ESNext.Disposable"],
    noEmit: true,
    declaration: false,
    declarationMap: false,
  };
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({ extends: "../../../../tsconfig.base.json", compilerOptions, include: ["*.ts"] }),
  );
  examples.forEach(({ path, code }, i) => writeFileSync(join(folder, `example${i}.ts`), asModule(code, ownFirst(path, packages))));
  const { stdout } = spawnSync(process.execPath, [tsc, "-p", ".", "--pretty", "false"], { cwd: folder, encoding: "utf8" });
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) =>
      line.replace(/^example(\d+)\.ts\((\d+),\d+\)/, (_, i, row) => `${examples[i].path}:${examples[i].line + Number(row) - 1}`),
    );
}

/** @param {string} text */
function parseLiteral(text) {
  return JSON.parse(
    text
      .replace(/\b(-?)(NaN|Infinity)\b/g, (_, sign, name) => `"#${sign}${name}"`)
      .replace(/-"#/g, '"#-')
      .replace(/([{,]\s*)(\w+):/g, '$1"$2":'),
    (_, value) => (typeof value === "string" && value.startsWith("#") ? Number(value.slice(1)) : value),
  );
}

/** @param {string} text */
function isLiteral(text) {
  try {
    parseLiteral(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * Numbers count as equal to the decimals written.
 * @param {unknown} value
 * @param {string} text
 */
function compare(value, text) {
  const decimals = Math.max(0, ...[...text.matchAll(/\.(\d+)/g)].map(([, digits]) => digits.length));
  const tolerance = decimals > 0 ? 0.51 * 10 ** -decimals : 1e-9;
  const actual = plain(value);
  if (!same(actual, parseLiteral(text), tolerance)) throw new Error(`expected ${text}, got ${JSON.stringify(actual)}`);
}

/** Arrays as nested numbers, at any depth. @param {any} value @returns {any} */
function plain(value) {
  if (typeof value?.toArray === "function") return value.toArray();
  if (Array.isArray(value) || ArrayBuffer.isView(value)) return Array.from(/** @type {any} */ (value), plain);
  if (value !== null && typeof value === "object")
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]));
  return value;
}

/** @param {any} a @param {any} b @param {number} tolerance @returns {boolean} */
function same(a, b, tolerance) {
  if (typeof a === "number" && typeof b === "number") return Object.is(a, b) || a === b || Math.abs(a - b) <= tolerance;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === b;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => key in b && same(a[key], b[key], tolerance));
}
