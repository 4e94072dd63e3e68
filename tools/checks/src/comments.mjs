// Comments: a file that one cites has to be there, what {@link} names has to be known where it stands, and no line begins with a clause without a head.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { parseSync } from "oxc-parser";
import { exportsOf } from "./documentation.mjs";
import { isMain, lineOf, published, report, root, sources, workspaces } from "./workspace.mjs";

/** A path with a folder or an extension that only files of the repository have. */
const path = /(?<![\w/@.:-])(?:[\w.-]+\/)*[\w-]+(?:\.[\w-]+)*\.(?:ts|mjs|py|md)\b/g;

/** A decision by its number, with or without its folder. */
const decision = /(?:docs\/)?decisions\/(\d{4})/g;

/** The first part of a name: `NDArray` of `{@link NDArray.slice}`. */
const link = /\{@link(?:code|plain)?\s+([\w$]+)[^}]*\}/g;

/** The first words of a line that is a clause without a head, such as "How many there are". */
const headless = /^[\s*]*((?:How|What|Which|Who|Whose|Why|Says (?:how|what|when|where|whether|which|why)|(?:Holds|Is) what)\b)/gm;

/** Examples hold programs, not sentences. @param {string} comment */
const sentences = (comment) => comment.replace(/@example\b.*?(?=\n\s*\*\s*@|$)/gs, (text) => text.replace(/[^\n]/g, " "));

/**
 * The files that a cited path may mean: from the file that cites it, its package or that package's sources, a sibling package, the root.
 * @param {string} from @param {string} cited @returns {string[]}
 */
function candidates(from, cited) {
  const [group, name] = from.split("/");
  const home = `${group}/${name}`;
  return [posix.dirname(from), posix.dirname(posix.dirname(from)), `${home}/src`, home, "packages", ""].map((base) =>
    posix.join(base, cited),
  );
}

/**
 * @param {string} file its path, relative to the root
 * @param {string} text
 * @param {{ exists: (path: string) => boolean, decisions: ReadonlySet<string>, names: ReadonlySet<string> }} known
 * @returns {string[]}
 */
export function problemsOf(file, text, { exists, decisions, names }) {
  const { comments } = parseSync(file, text);
  /** Everything but comments. */
  let code = text;
  for (const { start, end } of comments.toReversed()) code = code.slice(0, start) + code.slice(end);
  return comments.flatMap(({ value, start }) => {
    const said = sentences(value);
    /** @param {number} at @param {string} message */
    const problem = (at, message) => `${file}:${lineOf(text, start + at)}: ${message}`;
    return [
      ...[...said.matchAll(path)]
        .filter(([cited]) => !candidates(file, cited).some(exists))
        .map(({ 0: cited, index }) => problem(index, `the comment cites ${cited}, and there is no such file`)),
      ...[...said.matchAll(decision)]
        .filter(([, number]) => !decisions.has(number))
        .map(({ 1: number, index }) => problem(index, `the comment cites decision ${number}, and there is none`)),
      ...[...said.matchAll(headless)].map(({ 0: all, 1: words, index }) =>
        problem(index + all.length, `the comment begins with "${words}"; name what it stands on by a noun, or say what it does by a verb`),
      ),
      ...[...said.matchAll(link)]
        .filter(([, name]) => !names.has(name) && !new RegExp(`(?<![\\w$])${name.replaceAll("$", "\\$")}(?![\\w$])`).test(code))
        .map(({ 1: name, index }) => problem(index, `{@link ${name}} names nothing that this file or a package has`)),
    ];
  });
}

/** Returns the names that the repository knows. @param {string} [base] */
export function known(base = root) {
  const numbers = readdirSync(join(base, "docs/decisions")).map((name) => name.slice(0, 4));
  const entries = [...published().keys()].map((home) => `${home}/src/index.ts`);
  const names = entries.filter((entry) => existsSync(join(base, entry))).flatMap((entry) => [...exportsOf(entry, base).keys()]);
  return {
    exists: (/** @type {string} */ file) => existsSync(join(base, file)),
    decisions: new Set(numbers),
    names: new Set(names.flatMap((name) => name.split("."))),
  };
}

if (isMain(import.meta.url)) {
  const all = known();
  const files = [...workspaces().keys()].flatMap((home) => sources(home));
  report(
    "stale names and headless clauses in comments",
    files.flatMap((file) => problemsOf(file, readFileSync(join(root, file), "utf8"), all)),
  );
}
