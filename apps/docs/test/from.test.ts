import { readdirSync, readFileSync } from "node:fs";
import * as core from "@ad/core";
import * as fft from "@ad/fft";
import * as forward from "@ad/forward";
import * as functional from "@ad/functional";
import * as jit from "@ad/jit";
import * as random from "@ad/random";
import * as solve from "@ad/solve";
import * as sparse from "@ad/sparse";
import * as vmap from "@ad/vmap";
import { expect, test } from "vitest";

const folder = new URL("../from/", import.meta.url);
const packages = new URL("../../../packages/", import.meta.url);

const { SparseMatrix } = sparse;
const functions: object[] = [
  core,
  core.linalg,
  fft,
  fft.complex,
  forward,
  functional,
  jit,
  random,
  solve,
  sparse,
  SparseMatrix,
  SparseMatrix.prototype,
  vmap,
];
const some = core.zeros([1]);
/** Dtypes, parameters and values. */
const others = ["float32", "float64", "axis", "dy", "f", "null"];

/** The options that the packages declare, and the properties of results. */
const options = new Set(
  readdirSync(packages, { recursive: true, encoding: "utf8" })
    .filter((path) => /^\w+[\\/]src[\\/].*\.ts$/.test(path))
    .flatMap((path) => [...readFileSync(new URL(path, packages), "utf8").matchAll(/^ +readonly (\w+)\??:/gm)].map(([, name]) => name)),
);

/** The options that a piece of code gives: what stands in its braces, or before its only colon. */
const given = (code: string): string[] =>
  [...code.matchAll(/\{([^{}]*)\}/g)]
    .flatMap(([, inside]) => inside.split(/,(?![^[]*\])/))
    .concat(/^\w+: /.test(code) ? code : [])
    .map((each) => each.split(":")[0].trim());

/** The names that are called, or stand alone, or are options, in the second column of the tables: what a user is told to write. */
function written(markdown: string): string[] {
  return markdown
    .split("\n")
    .filter((line) => line.startsWith("| ") && !/^\| ?-/.test(line))
    .flatMap((line) => [...(line.split(/(?<!\\)\|/)[2] ?? "").matchAll(/`([^`]+)`/g)].map(([, code]) => code))
    .flatMap((code) => {
      const named = [...code.matchAll(/\b[a-zA-Z]\w*(?=\()/g)].map(([name]) => name).concat(given(code));
      return named.length > 0 ? named : (/^\.?([a-z]\w*)$/i.exec(code)?.slice(1) ?? []);
    });
}

const exists = (name: string): boolean => functions.some((of) => name in of) || name in some || options.has(name) || others.includes(name);

test("what is told is found", () => {
  const rows = ["| there | here | |", "|---|---|---|"];
  rows.push('| `a` | `f(g, { chunkSize: [1, 2], strict })`, `strategy: "x"`, `x.sum(0)` or `T` | `b` |');
  expect(written(rows.join("\n"))).toEqual(["f", "chunkSize", "strict", "strategy", "sum", "T"]);
});

const pages = readdirSync(folder).filter((file) => file.endsWith(".md"));

/** Functions that none of those libraries has, or whose work they do by themselves: choosing without NaN, reading, printing, showing, rounding of products, threads. */
const own = ["safeWhere", "read", "debugPrint", "setFusedMultiplyAdd", "setThreads", "installDisplay", "toHTML"];

test("every function of core and of fft stands in one of the tables", () => {
  const told = new Set(pages.flatMap((file) => written(readFileSync(new URL(file, folder), "utf8"))));
  for (const of of [core, core.linalg, fft, fft.complex])
    expect(
      Object.entries(of)
        .filter(([name, value]) => typeof value === "function" && /^[a-z]/.test(name))
        .map(([name]) => name)
        .filter((name) => !told.has(name) && !own.includes(name)),
    ).toEqual([]);
});

test.each(pages)("what %s tells to write is there", (file) => {
  const names = written(readFileSync(new URL(file, folder), "utf8"));
  expect(names.length).toBeGreaterThan(10);
  expect(names.filter((name) => !exists(name))).toEqual([]);
});
