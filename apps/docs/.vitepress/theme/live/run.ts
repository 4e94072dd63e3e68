import { typescriptLanguage } from "@codemirror/lang-javascript";
import { transform } from "sucrase";
import { modules } from "./modules.js";

/** The value of a statement, or what the example logged. */
export interface Shown {
  /** The statement as written; empty for what was logged. */
  readonly source: string;
  readonly value: unknown;
}

/** Why an example stopped, and the line (from 1) of it that is to blame, where one is known. */
export interface Failure {
  readonly message: string;
  readonly line: number | undefined;
}

let count = 0;

/** Runs TypeScript as a module of its own. The value of each statement that is an expression is shown, in order; pictures are so wide. */
export async function run(code: string, width: number, show: (shown: Shown) => void): Promise<Failure | undefined> {
  const name = `example-${++count}.ts`;
  try {
    const loaded = await load(code, width);
    const { code: javascript } = transform(instrument(code), { transforms: ["typescript", "imports"], production: true });
    // On the first line of the example, so that lines of the stack are lines of the example.
    // biome-ignore lint/security/noGlobalEval: running what the reader wrote is what this page is for
    const main = globalThis.eval(`(async (require, show_, console, exports) => {${javascript}\n})\n//# sourceURL=${name}`);
    const log = (...values: unknown[]) => values.forEach((value) => show({ source: "", value }));
    const console = { log, info: log, warn: log, error: log };
    const reveal = async (source: string, value: unknown) => show({ source, value: await value });
    await main((path: string) => loaded.get(path), reveal, console, {});
    return undefined;
  } catch (error) {
    return failure(error, name);
  }
}

/** Where something was thrown that knows its own place. */
class Misplaced extends Error {
  constructor(
    message: string,
    readonly loc: { line: number },
  ) {
    super(message);
  }
}

async function load(code: string, width: number): Promise<Map<string, object>> {
  const loaded = new Map<string, object>();
  for (const match of code.matchAll(/^import [^"]*"([^"]+)"/gms)) {
    const name = match[1];
    if (/^import type /.test(match[0])) continue;
    const module = modules[name];
    if (!module) {
      const line = code.slice(0, match.index + match[0].length).split("\n").length;
      throw new Misplaced(`There is no ${name} in this page. An example can import ${Object.keys(modules).join(", ")}.`, { line });
    }
    loaded.set(name, await module(width));
  }
  return loaded;
}

/** Wraps the expression statements of the top level in calls of show_. No line moves. */
function instrument(code: string): string {
  let result = code;
  const statements = [];
  for (let node = typescriptLanguage.parser.parse(code).topNode.firstChild; node; node = node.nextSibling) statements.push(node);
  for (const statement of statements.reverse()) {
    const expression = statement.name === "ExpressionStatement" ? statement.firstChild : null;
    if (!expression) continue;
    const source = code.slice(expression.from, expression.to);
    result = `${result.slice(0, expression.from)}await show_(${JSON.stringify(source)}, ${source})${result.slice(expression.to)}`;
  }
  return result;
}

function failure(error: unknown, name: string): Failure {
  if (!(error instanceof Error)) return { message: String(error), line: undefined };
  const place = (error as Partial<Misplaced>).loc?.line ?? error.stack?.match(new RegExp(`${name}:(\\d+)`))?.[1];
  const message = error.message.replace(/^Error transforming [^:]*: /, "").replace(/ \(\d+:\d+\)$/, "");
  return {
    message: error instanceof Misplaced ? message : `${error.name}: ${message}`,
    line: place === undefined ? undefined : Number(place),
  };
}
