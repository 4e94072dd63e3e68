import { readdirSync, readFileSync } from "node:fs";
import * as core from "@ad/core";
import * as forward from "@ad/forward";
import * as functional from "@ad/functional";
import * as vmap from "@ad/vmap";
import { expect, test } from "vitest";

const folder = new URL("../from/", import.meta.url);

const functions: object[] = [core, core.linalg, forward, functional, vmap];
const some = core.zeros([1]);
/** @ad/gpu's, which is for browsers; dtypes, options and parameters. */
const others = ["float32", "float64", "webgl", "memory", "scope", "dispose", "outerStrategy", "innerStrategy", "axis", "dy"];

/** The names that are called, or stand alone, in the second column of the tables: what a user is told to write. */
function written(markdown: string): string[] {
  return markdown
    .split("\n")
    .filter((line) => line.startsWith("| ") && !/^\| ?-/.test(line))
    .flatMap((line) => [...(line.split(/(?<!\\)\|/)[2] ?? "").matchAll(/`([^`]+)`/g)].map(([, code]) => code))
    .flatMap((code) => {
      const called = [...code.matchAll(/(\.?)\b([a-zA-Z][\w]*)(?=\()/g)].map(([, dot, name]) => dot + name);
      return called.length > 0 ? called : /^\.?[a-z]\w*$/i.test(code) ? [code] : [];
    });
}

const exists = (name: string): boolean => {
  const plain = name.replace(/^\./, "");
  return functions.some((of) => plain in of) || plain in some || others.includes(plain);
};

test.each(readdirSync(folder).filter((file) => file.endsWith(".md")))("what %s tells to write is there", (file) => {
  const names = written(readFileSync(new URL(file, folder), "utf8"));
  expect(names.length).toBeGreaterThan(10);
  expect(names.filter((name) => !exists(name))).toEqual([]);
});
