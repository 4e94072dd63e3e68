// npm run new-op -- NAME [--kind unary|binary|reduction|function] [formulas]: writes an operation in all its places. CONTRIBUTING.md shows one.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { kinds, operationOf } from "./operation.mjs";
import { expectedIn, placesOf } from "./places.mjs";

const usage = `npm run new-op -- NAME [--kind ${kinds.join("|")}] and, where you know them already,
  --summary "√x + 1."              what it is, for the documentation
  --value "Math.sqrt(x) + 1"       its value in plain numbers: of x, of x and y, or of total and value
  --partial "x.rsqrt().mul(0.5)"   its derivative in array operations, of x (and y) and out; once for each operand
  --domain "real(0.5, 3)"          what its samples are drawn from (tools/conformance/src/inputs.ts); once for each operand
  --reference "x ** 0.5 + 1"       its value by another formula, for the tests; by default the same one
  --initial "0"                    what a reduction begins with
  --glsl "sqrt_(x) + 1.0"          its value in a shader; without it the GPU leaves it to the host, and says so
  --numpy "lambda x: np.sqrt(x) + 1"   its value in NumPy
  --root FOLDER                    another copy of the repository`;

const text = /** @type {const} */ ({ type: "string" });
const several = /** @type {const} */ ({ type: "string", multiple: true });

/** @param {string} message @returns {never} */
function refuse(message) {
  console.error(`new-op: ${message}\n\n${usage}`);
  process.exit(2);
}

function read() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        kind: { type: "string", default: "unary" },
        ...{ summary: text, value: text, reference: text, initial: text, glsl: text, numpy: text, root: text },
        ...{ partial: several, domain: several },
      },
    });
  } catch (error) {
    return refuse(/** @type {Error} */ (error).message);
  }
}

const { values: given, positionals } = read();
const [name] = positionals;
const kind = /** @type {import("./operation.mjs").Kind} */ (given.kind);
const root = given.root ?? fileURLToPath(new URL("../..", import.meta.url));

if (positionals.length !== 1) refuse("give one name.");
if (!/^[a-z][a-zA-Z0-9]*$/.test(name)) refuse(`${name} is no name for an operation; use one like logSoftmax.`);
if (!kinds.includes(kind)) refuse(`there is no kind ${kind}.`);
for (const family of ["unary", "binary", "reduction", "product", "movement", "order", "create", "convolution", "einsum"]) {
  const file = `packages/core/src/ops/${family}.ts`;
  if (new RegExp(`^export (const|function) ${name}\\b`, "m").test(readFileSync(join(root, file), "utf8")))
    refuse(`${name} is in ${file} already.`);
}

/** Everything is worked out before anything is written. */
function edited() {
  /** @type {Map<string, string>} */
  const files = new Map();
  for (const [file, ...edits] of placesOf[kind](operation)) {
    const path = join(root, file);
    let source = files.get(file) ?? (existsSync(path) ? readFileSync(path, "utf8") : "");
    try {
      for (const edit of edits) source = edit(source);
    } catch (error) {
      console.error(
        `new-op: ${file}: ${/** @type {Error} */ (error).message}. Nothing was written; tools/new-op/places.mjs says where things stand.`,
      );
      process.exit(1);
    }
    files.set(file, source);
  }
  return files;
}

function asked() {
  try {
    return operationOf(kind, name, given);
  } catch (error) {
    return refuse(/** @type {Error} */ (error).message);
  }
}

const operation = asked();
const files = edited();
for (const [file, source] of files) writeFileSync(join(root, file), source);

const biome = fileURLToPath(new URL("../../node_modules/@biomejs/biome/bin/biome", import.meta.url));
const sources = [...files.keys()].filter((file) => file.endsWith(".ts"));
const { status, stdout, stderr } = spawnSync(process.execPath, [biome, "check", "--write", "--vcs-enabled=false", ...sources], {
  cwd: root,
  encoding: "utf8",
});
if (status !== 0) console.error(stdout + stderr);

console.log(`${name}, ${kind}, stands in`);
for (const file of files.keys()) console.log(`  ${file}`);
if (operation.missing.length > 0) console.log(`still a placeholder: ${operation.missing.map((option) => `--${option}`).join(", ")}`);
console.log(`next
  npm run typecheck
  npm run unit -- --project conformance -t ${name}
  npm run unit -- --project checks examples
  python3 tools/expectations/numpy.py ${expectedIn[kind]}, which needs numpy and scipy, writes what NumPy answers: commit its file
  npm run unit -- --project core expectations
  npm run build && node tools/checks/src/sizes.mjs, which says whether a bundle is over its ceiling: there is room for one operation of each
    kind; where it is used up, --ceilings writes new ones, and the commit says why
  npm test`);
process.exitCode = status === 0 ? 0 : 1;
