import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exportsOf, lacking } from "../src/documentation.mjs";
import { inSource, runExample } from "../src/examples.mjs";
import { root, tsc, workspaces } from "../src/workspace.mjs";

const packages = ["core", "forward", "vmap", "functional", "jit", "gpu", "random", "sparse", "solve", "fft"].map(
  (name) => `packages/${name}`,
);
const copied = [...packages, "tools/conformance", "tools/expect"];
const copy = mkdtempSync(join(tmpdir(), "ad-new-op-"));
afterAll(() => rmSync(copy, { recursive: true, force: true }));

/** Half a minute, but not on a busy machine. */
const long = 240_000;

/** The command that CONTRIBUTING.md shows, as arguments. */
function walkedThrough(): string[] {
  const markdown = readFileSync(join(root, "CONTRIBUTING.md"), "utf8");
  const command = /^npm run new-op -- ((?:.*\\\n)*.*)$/m.exec(markdown)?.[1] ?? "";
  return [...command.matchAll(/"([^"]*)"|[^\s\\]+/g)].map(([word, quoted]) => quoted ?? word);
}

const operations: Record<string, readonly string[]> = {
  // By another name: who follows the walk-through has acoth already.
  walked: ["walked", ...walkedThrough().slice(1)],
  half: ["half", "--value", "x / 2", "--partial", "0.5", "--numpy", "lambda x: x / 2", "--summary", "Half of x.", "--domain", "real(1, 3)"],
  placeholder: ["placeholder"],
  geometric: [
    ...[
      "geometric",
      "--kind",
      "binary",
      "--value",
      "Math.sqrt(x * y)",
      "--partial",
      "y.div(out).mul(0.5)",
      "--partial",
      "x.div(out).mul(0.5)",
    ],
    ...["--domain", "real(0.5, 2)", "--domain", "real(0.5, 3)", "--reference", "x ** 0.5 * y ** 0.5", "--glsl", "sqrt_(x * y)"],
  ],
  total2: ["total2", "--kind", "binary"],
  sumOfSquares: [
    ...["sumOfSquares", "--kind", "reduction", "--value", "total + value * value", "--partial", "x.mul(2)"],
    ...["--reference", "total(values.map((each) => each ** 2))"],
  ],
  totalled: ["totalled", "--kind", "reduction"],
  gudermann: [
    ...["gudermann", "--kind", "function", "--value", "Math.atan(Math.sinh(x))", "--partial", "out.cos()"],
    ...["--summary", "The Gudermannian function.", "--domain", "real(-1, 1)"],
  ],
  itself: ["itself", "--kind", "function"],
};

/** The proofs that conformance has for all primitives and operations, for the new ones alone: to plan those for all others takes seconds. */
const ofNew = `import { describe, test } from "vitest";
import { checkReference, operationEntries, operationNames, primitiveEntries, primitiveNames } from "../src/suite.js";
import { generate } from "./generate.js";
const isNew = (name: string) => ${JSON.stringify(Object.keys(operations))}.includes(name);
describe.each(primitiveNames.filter(isNew))("%s", (name) => {
  test("has the values of its meaning", () => checkReference(name));
  generate(primitiveEntries(name));
});
describe.each(operationNames.filter(isNew))("%s", (name) => generate(operationEntries(name)));
`;

const run = (command: string, ...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [command, ...args], { cwd: copy, encoding: "utf8" });
  return { status, output: stdout + stderr };
};
const newOp = (...args: string[]) => run(join(root, "tools/new-op/index.mjs"), ...args, "--root", copy);

/** The files that matter, and node_modules in which our packages are the copies and all others the installed ones. */
function makeCopy(): void {
  for (const path of copied)
    for (const part of readdirSync(join(root, path)))
      if (!["node_modules", "dist", ".turbo"].includes(part)) cpSync(join(root, path, part), join(copy, path, part), { recursive: true });
  for (const file of ["tsconfig.base.json", "biome.json", "tools/expectations/numpy.py"])
    cpSync(join(root, file), join(copy, file), { recursive: true });
  mkdirSync(join(copy, ".changeset"));

  const link = (name: string, to: string): void => {
    const path = join(copy, "node_modules", name);
    if (existsSync(path)) return;
    mkdirSync(dirname(path), { recursive: true });
    symlinkSync(to, path, "junction");
  };
  const all = workspaces();
  for (const path of copied) link(all.get(path)?.name, join(copy, path));
  for (const folder of [...copied, "."].map((path) => join(root, path, "node_modules")).filter((path) => existsSync(path)))
    for (const name of readdirSync(folder).flatMap((each) =>
      each.startsWith("@") ? readdirSync(join(folder, each)).map((inner) => `${each}/${inner}`) : [each],
    ))
      if (!name.startsWith(".") && !name.startsWith("@ad/")) link(name, realpathSync(join(folder, name)));

  // Compiled together: most packages read each other's sources. Packages for browsers have other types around them.
  const base = JSON.parse(readFileSync(join(copy, "packages/core/tsconfig.json"), "utf8"));
  const include = copied.filter((path) => path !== "packages/gpu").flatMap((path) => [`${path}/src`, `${path}/test`]);
  writeFileSync(join(copy, "tsconfig.json"), JSON.stringify({ ...base, extends: "./tsconfig.base.json", include }));

  const conditions = `conditions: ["@ad/source", "module", "node", "development|production"]`;
  writeFileSync(
    join(copy, "vitest.config.mjs"),
    `export default { resolve: { ${conditions} }, ssr: { resolve: { ${conditions} } }, test: { root: "tools/conformance", pool: "threads", isolate: false, maxWorkers: 1 } };`,
  );
}

/** The most files that an operation of a kind may touch. */
const places: Record<string, number> = { unary: 6, binary: 6, reduction: 8, function: 6 };

describe("new-op, on a copy of the repository", () => {
  const touched: (readonly [kind: string, files: number])[] = [];
  beforeAll(() => {
    makeCopy();
    for (const [name, args] of Object.entries(operations)) {
      const { status, output } = newOp(...args);
      const kind = new RegExp(`^${name}, (\\w+), stands in$`, "m").exec(output)?.[1];
      if (status !== 0 || kind === undefined) throw new Error(output);
      touched.push([kind, output.split("\n").filter((line) => /^ {2}[\w.]+\//.test(line)).length]);
    }
  }, long);

  test("CONTRIBUTING shows how", () => expect(walkedThrough()[0]).toBe("acoth"));

  test("an operation stands in few files", () => {
    expect(touched.map(([kind]) => kind).filter((kind, i, all) => all.indexOf(kind) === i)).toEqual(Object.keys(places));
    for (const [kind, files] of touched) expect([kind, files]).toEqual([kind, places[kind]]);
  });

  test.each([".", "packages/gpu"])(
    "what is in %s compiles",
    (path) => {
      expect(run(tsc, "-p", path, "--noEmit", "--pretty", "false", "--singleThreaded")).toEqual({ status: 0, output: "" });
    },
    long,
  );

  test(
    "every identity holds for every one of them, and rules that are wrong are caught",
    () => {
      const names = Object.keys(operations).join("|");
      writeFileSync(join(copy, "tools/conformance/test/new.test.ts"), ofNew);
      const files = ["new", "coverage", "broken", "batching"].map((name) => `test/${name}.test.ts`);
      const vitest = join(root, "node_modules/vitest/vitest.mjs");
      const out = join(copy, "report.json");
      const { output } = run(vitest, "run", ...files, "-t", `\\b(${names})\\b`, "--reporter=json", `--outputFile=${out}`);
      expect(existsSync(out), output).toBe(true);
      const report = JSON.parse(readFileSync(out, "utf8")) as {
        testResults: { assertionResults: { fullName: string; status: string }[] }[];
      };
      const results = report.testResults.flatMap((each) => each.assertionResults);
      expect(results.filter(({ status }) => status === "failed").map(({ fullName }) => fullName)).toEqual([]);
      for (const name of Object.keys(operations)) {
        const passed = results.filter(({ fullName, status }) => status === "passed" && new RegExp(`\\b${name}\\b`).test(fullName));
        expect(passed.length, name).toBeGreaterThan(10);
      }
    },
    long,
  );

  test("their documentation lacks nothing", () => {
    const all = exportsOf("packages/core/src/index.ts", copy);
    for (const name of Object.keys(operations)) expect(lacking(all.get(name)?.comment ?? ""), name).toEqual([]);
  });

  test("the examples in their documentation state what comes out", async () => {
    const core = await import(/* @vite-ignore */ join(copy, "packages/core/src/index.ts"));
    const files = ["ops/unary", "ops/binary", "ops/reduction", "special/gudermann", "special/itself"].map(
      (file) => `packages/core/src/${file}.ts`,
    );
    const examples = files
      .flatMap((file) => inSource(file, readFileSync(join(copy, file), "utf8")))
      .filter(({ code }) => Object.keys(operations).some((name) => code.includes(`${name}(`)));
    expect(examples).toHaveLength(Object.keys(operations).length);
    for (const { code } of examples) expect(await runExample(code, { "@ad/core": core })).toBe(1);
  });

  test.each([
    [["sin"], "sin is in packages/core/src/ops/unary.ts already"],
    [["Sinc"], "Sinc is no name for an operation"],
    [["a", "b"], "give one name"],
    [["sinc", "--kind", "ternary"], "there is no kind ternary"],
    [["sinc", "--partial", "1", "--partial", "2"], "--partial: 2 given; a unary operation has 1"],
    [["sinc", "--kernel", "1"], "--kernel"],
  ])("%j is refused", (args, message) => {
    const { status, output } = newOp(...args);
    expect(status).toBe(2);
    expect(output).toContain(message);
  });

  test("an anchor that is gone is named, and nothing is written", () => {
    const file = "packages/core/src/primitives/elementwise.ts";
    const source = readFileSync(join(copy, file), "utf8");
    writeFileSync(join(copy, file), source.replace("  floor: unary(", "  floor: somehow("));
    const { status, output } = newOp("sinc");
    expect(status).toBe(1);
    expect(output).toContain(`${file}: "\\n  floor: unary(" is there no time`);
    expect(readFileSync(join(copy, "packages/core/src/ops/unary.ts"), "utf8")).not.toContain("sinc");
    writeFileSync(join(copy, file), source);
  });
});
