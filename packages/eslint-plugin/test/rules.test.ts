import { fileURLToPath } from "node:url";
import * as parser from "@typescript-eslint/parser";
import { Linter } from "eslint";
import { expect, test } from "vitest";
import plugin from "../src/index.js";

const folder = fileURLToPath(new URL("project", import.meta.url));

const config = (parserOptions: object): Linter.Config[] => [
  { files: ["**/*.ts"], languageOptions: { parser, parserOptions } },
  { ...plugin.configs.recommended, files: ["**/*.ts"] },
];

/** A program in place of the project's file: x and y are arrays, n is a number, maybe is an array or undefined. */
const preamble = `import { array, grad, linalg, ones, where, type NDArray } from "@ad/core";
declare const x: NDArray, y: NDArray, n: number, i: number, flag: boolean, maybe: NDArray | undefined, either: NDArray | number, all: NDArray[], anything: any;
`;
// A single run, which the parser expects where CI is set, reads the file's own text.
const typed = config({ project: "tsconfig.json", tsconfigRootDir: folder, disallowAutomaticSingleRunInference: true });

/** Returns the reports of the rules on a line, as rule: message. */
const said = (line: string, preface = preamble): string[] =>
  new Linter({ cwd: folder })
    .verify(preface + line, typed, { filename: "code.ts" })
    .map(({ ruleId, message }) => `${ruleId?.slice("@ad/".length)}: ${message}`);

test.each([
  "if (x.greater(0)) n;",
  "grad((x) => (x.greater(0).all() ? x : x.mul(0)));",
  "flag && x.less(1) ? 1 : 2;",
  "!x;",
  "x.greater(0) && x.less(1);",
  "if (flag || x.any()) n;",
  "if (either) n;",
  "Boolean(x);",
  "let z = x; z ||= y;",
  "let z = x; z &&= y;",
  "declare const pair: readonly [NDArray, NDArray]; pair[0] ? n : i;",
  "all.filter((each) => each.greater(0));",
  "all.some((each) => each.isNaN().any());",
  "const g = <T extends NDArray>(x: T) => (x ? 1 : 2);",
])("no-array-condition refuses %s", (line) => {
  expect(said(line)).toEqual([expect.stringMatching(/^no-array-condition: .* an array as a condition is always true\. Write where\(/)]);
});

test.each([
  "jit(() => { if (!r.converged) throw n; });",
  "jit((a: NDArray) => { const { converged } = r; return converged ? a : x; });",
  "vmap(function () { return r.converged && x; });",
])("no-array-condition refuses a report that jit or vmap traces: %s", (line) => {
  const traced = `${preamble}declare const r: { converged: boolean }, jit: (f: unknown) => unknown, vmap: typeof jit;\n`;
  expect(said(line, traced)).toEqual([expect.stringMatching(/^no-array-condition: .*onverged is an array inside of jit and vmap/)]);
});

test.each(["while (x.greater(1)) n;", "do n; while (linalg.det(x));", "for (; x.sum(); ) n;", "while (flag && x.any()) n;"])(
  "no-array-condition refuses the loop %s",
  (line) => {
    expect(said(line)).toEqual([expect.stringMatching(/^no-array-condition: .*this loop does not end by it\. Write whileLoop/)]);
  },
);

test.each([
  ["x + y;", "operator: + knows no arrays. Write add(a, b) or a.add(b)."],
  ["n * x;", "operator: * knows no arrays. Write mul(a, b)"],
  ["x ** 2;", "operator: ** knows no arrays. Write pow(a, b)"],
  ["x > y;", "operator: > knows no arrays. Write greater(a, b)"],
  ["x.sum() <= 1e-6;", "operator: <= knows no arrays. Write lessEqual(a, b)"],
  ["x === n;", "operator: === knows no arrays. Write equal(a, b)"],
  ["let z = x; z += y;", "operator: += knows no arrays. Write add(a, b)"],
  ["-x;", "operator: - knows no arrays. Write x.neg()"],
  ["+x;", "operator: + knows no arrays. Write x.neg(), or item()"],
  ["x[0];", "operator: An array has no elements under its indices"],
  ["x[i];", "operator: An array has no elements under its indices"],
  ["`loss $" + "{x}`;", "operator: An array in a string throws. Write x.toString()"],
  ["String(x);", "operator: An array in a string throws."],
  ["Number(x);", "operator: Number knows no arrays. Write item()"],
  ["isNaN(x);", "operator: isNaN knows no arrays."],
  ["Number.isInteger(x);", "operator: Number.isInteger knows no arrays. Write item()"],
  ["Array(x).fill(1);", "operator: Array knows no arrays. Write item()"],
  ["new Array(x);", "operator: Array knows no arrays. Write item()"],
  ["switch (x) { case y: }", "operator: switch compares an array with its cases as objects"],
])("no-array-operator refuses %s", (line, message) => {
  expect(said(line)).toEqual([expect.stringContaining(`no-array-${message}`)]);
});

test.each([
  "if (maybe) n;",
  "declare const r: { converged: boolean }; if (r.converged) grad(() => (r.converged ? x : y));",
  "Number.isInteger(n); Array(n); Array(x, y); new Array(n); switch (n) { case 1: }",
  "const Number = { isInteger: (z: NDArray) => z }; Number.isInteger(x);",
  "if (maybe && flag) n;",
  "flag ? x : y;",
  "const z = maybe ?? x;",
  "const z = flag && x;",
  "while (x.greater(1).all().item()) n;",
  "if (x.size && x.shape[0] === 1) n;",
  "all[0]; all.length + 1; all.map((each) => each.greater(0));",
  "all.filter((each) => each.size > 1);",
  "if (all[0]) n;",
  "if (all[i] && flag) n;",
  "declare const record: Record<string, NDArray>; if (record.w || record['b']) n;",
  "let z = maybe; z ||= x; z ??= y;",
  "all[0] ||= x;",
  "x === y;",
  "x.shape[0] + x.shape[1];",
  "x.T; x['sum']();",
  "`loss $" + "{x.item()}`; String(x.item()); JSON.stringify(x);",
  "where(x.greater(0), x, 0);",
  "anything ? anything + 1 : anything[0];",
])("there is nothing to say of %s", (line) => {
  expect(said(line)).toEqual([]);
});

test("a class of the user's that only looks like an array is none", () => {
  expect(said("declare const frame: { shape: number[]; ndim: number }; if (frame) 1;", "")).toEqual([]);
});

test("without types the rules say what is missing", () => {
  expect(() => new Linter().verify("1;", config({}), { filename: "code.ts" })).toThrow(
    /no-array-condition needs types: .*projectService to true/,
  );
});
