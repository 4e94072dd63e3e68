import type { Failure, Program, Report } from "./messages.js";
import { isPicture, type Picture } from "./messages.js";
import { modules, problemOf } from "./modules.js";
import { posted } from "./record.js";
import { text, words } from "./text.js";

/** The most reports that an example shows. */
const most = 1000;

const report = (message: Report): void => postMessage(message);

let count = 0;

addEventListener("message", async ({ data }: MessageEvent<Program>) => {
  const name = `example-${++count}.ts`;
  report({
    ended: await run(data, name).then(
      () => undefined,
      (error: unknown) => failure(error, name),
    ),
  });
});

async function run({ javascript, imports, pictures }: Program, name: string): Promise<void> {
  const loaded = new Map<string, object>();
  for (const each of imports) {
    const module = await modules[each.module]?.(pictures);
    const problem = problemOf(each, module);
    if (problem) throw Object.assign(new Error(problem.message), { name: "", line: problem.line });
    loaded.set(each.module, { __esModule: true, ...module });
  }
  // On the first line of the example, so that lines of the stack are lines of the example.
  // biome-ignore lint/security/noGlobalEval: running what the reader wrote is what this worker is for
  const main = globalThis.eval(`(async (require, show_, console, exports) => {${javascript}\n})\n//# sourceURL=${name}`);
  let shown = 0;
  const show = (source: string, value: unknown): void => {
    if (value === undefined || ++shown > most) return;
    if (shown === most) return report({ source: "", text: "… and more, which is not shown" });
    report(isPicture(value) ? { picture: posted(value) as Picture } : { source, text: text(value) });
  };
  const log = (...values: unknown[]): void => {
    if (values.some(isPicture)) for (const value of values) show("", value);
    else show("", words(values));
  };
  await main(
    (path: string) => loaded.get(path),
    async (source: string, value: unknown) => show(source, await value),
    { log, info: log, warn: log, error: log, debug: log, table: log },
    {},
  );
}

function failure(error: unknown, name: string): Failure {
  if (!(error instanceof Error)) return { message: String(error), line: undefined };
  const line = (error as Error & { line?: number }).line ?? Number(error.stack?.match(new RegExp(`${name}:(\\d+)`))?.[1]);
  return { message: [error.name, error.message].filter(Boolean).join(": "), line: line || undefined };
}
