import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { builtPages, dist } from "./site.js";

const pages = builtPages().filter((page) => page.startsWith("api/@ad/"));

test("every package is there", () => {
  const packages = pages.filter((page) => /^api\/@ad\/\w+\/index\.html$/.test(page)).map((page) => page.split("/")[2]);
  expect(packages).toEqual(["core", "fft", "forward", "functional", "gpu", "jit", "random", "solve", "sparse", "vmap"]);
});

// The build itself fails where a symbol has no documentation or is not there, or a link leads nowhere. The facts that the documentation of a function
// has to state are checked in its source, where another test runs the examples.
test("every function has its example and what it throws", () => {
  const functions = pages.filter((page) => /\/functions\//.test(page));
  expect(functions.length).toBeGreaterThan(190);
  const lacking = functions.filter((page) => {
    const text = readFileSync(join(dist, page), "utf8");
    return ["example", "throws"].some((title) => !new RegExp(`<h\\d id="${title}`).test(text));
  });
  expect(lacking).toEqual([]);
});

const textOf = (page: string): string => readFileSync(join(dist, page), "utf8");

test("a function with overloads has one block of signatures and one text; a parameter is described for itself", () => {
  const functions = pages.filter((page) => /\/functions\//.test(page)).map((page) => [page, textOf(page)] as const);
  const twice = functions.filter(([, text]) => (text.match(/<h\d id="(throws|returns|example)[-\d]*"/g) ?? []).length > 3);
  expect(twice.map(([page]) => page)).toEqual([]);
  expect(functions.filter(([, text]) => /<td[^>]*>and<\/td>/.test(text)).map(([page]) => page)).toEqual([]);
  const grad = textOf("api/@ad/core/functions/grad.html");
  expect(grad.replace(/<[^>]+>/g, "")).toContain("options?: GradOptions&lt;N&gt; &amp; NoAux,");
  expect(grad).toMatch(/<li>TransformError where f is no function or gives a Promise<\/li>/);
});

test("every parameter is described in words, a function's, a method's and a constructor's", () => {
  const lacking: string[] = [];
  let parameters = 0;
  for (const page of pages)
    for (const [, heads, rows] of textOf(page).matchAll(/<table[^>]*>\s*<thead>(.*?)<\/thead>\s*<tbody>(.*?)<\/tbody>/gs)) {
      if (!/^<tr>\s*<th[^>]*>Parameter</.test(heads.trim())) continue;
      for (const row of rows.split("</tr>").slice(0, -1)) {
        const cells = [...row.matchAll(/<td[^>]*>(.*?)<\/td>/gs)].map(([, cell]) => cell.replace(/<[^>]*>/g, "").trim());
        parameters++;
        if (!heads.includes(">Description<") || !/\S\s+\S/.test(cells.at(-1) ?? "")) lacking.push(`${page}: ${cells[0]}`);
      }
    }
  expect(parameters).toBeGreaterThan(1000);
  expect(lacking).toEqual([]);
});

test("NDArray's page begins with its families; a package's with a line for each function", () => {
  const array = textOf("api/@ad/core/classes/NDArray.html");
  const table = /<table.*?<\/table>/s.exec(array)?.[0] ?? "";
  for (const name of ["sum", "reshape", "toArray", "matmul", "shape", "slice"]) expect(table).toContain(`href="#${name.toLowerCase()}"`);
  for (const family of ["reductions", "shapes-and-indices", "reading", "products"]) expect(array).toMatch(new RegExp(`<h2 id="${family}"`));
  expect(textOf("api/@ad/core/index.html")).toMatch(/functions\/cumsum\.html.*?<td[^>]*>[^<]{10,}/s);
});
