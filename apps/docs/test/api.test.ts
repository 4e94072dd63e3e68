import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { builtPages, dist } from "./site.js";

const pages = builtPages().filter((page) => page.startsWith("api/@ad/"));

test("every package is there", () => {
  const packages = pages.filter((page) => /^api\/@ad\/\w+\/index\.html$/.test(page)).map((page) => page.split("/")[2]);
  expect(packages).toEqual(["core", "fft", "forward", "functional", "gpu", "jit", "random", "solve", "sparse", "vmap"]);
});

// The build itself fails where a symbol has no documentation or is not there, or a link leads nowhere. What the documentation of a function
// has to say is checked in its source, where another test runs the examples.
test("every function has its example and what it throws", () => {
  const functions = pages.filter((page) => /\/functions\//.test(page));
  expect(functions.length).toBeGreaterThan(190);
  const lacking = functions.filter((page) => {
    const text = readFileSync(join(dist, page), "utf8");
    return ["example", "throws"].some((title) => !new RegExp(`<h\\d id="${title}`).test(text));
  });
  expect(lacking).toEqual([]);
});
