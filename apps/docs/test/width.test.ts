import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

// A screen of 1440 pixels shows 88 characters of code beside the lists of pages and of headings.
test.each(["start", "arrays", "grad", "jvp", "vmap", "jacobian", "trees"])("the code of guide/%s fits beside its lists", (page) => {
  const markdown = readFileSync(new URL(`../guide/${page}.md`, import.meta.url), "utf8");
  const code = [...markdown.matchAll(/^```ts[^\n]*\n(.*?)^```/gms)].flatMap(([, lines]) => lines.split("\n"));
  expect(code.length).toBeGreaterThan(20);
  expect(code.filter((line) => line.length > 88)).toEqual([]);
});
