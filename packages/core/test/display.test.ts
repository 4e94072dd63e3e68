import { afterEach, describe, expect, it } from "vitest";
import { arange, array, grad, installDisplay, NDArray, toHTML, zeros } from "../src/index.js";

/** The texts of the cells, row by row; of an inner table, its text. */
const cells = (html: string): string[][] =>
  [...html.matchAll(/<tr>(.*?)<\/tr>/g)].map(([, row]) =>
    row.split("</td>").flatMap((cell) => (cell ? [cell.replace(/<[^>]*>/g, "")] : [])),
  );

describe("toHTML", () => {
  it("is one div with the dtype, the shape and a table of aligned numbers", () => {
    const html = toHTML(
      array(
        [
          [1, 2.5, -3],
          [40, 5, 6],
        ],
        { dtype: "float32" },
      ),
    );
    expect(html).toMatch(/^<div><div>float32 \[2, 3\]<\/div><table style="[^"]*">.*<\/table><\/div>$/);
    expect(cells(html)).toEqual([
      ["1.0", "2.5", "-3.0"],
      ["40.0", "5.0", "6.0"],
    ]);
  });
  it("shows a vector as a row, a number as a cell, truth values by name", () => {
    expect(cells(toHTML([1, 2]))).toEqual([["1.", "2."]]);
    expect(cells(toHTML(7))).toEqual([["7."]]);
    expect(cells(toHTML(array([1, -1]).greater(0)))).toEqual([["true", "false"]]);
  });
  it("shows a view as its values", () =>
    expect(toHTML(arange(6).reshape(2, 3).T)).toBe(
      toHTML([
        [0, 3],
        [1, 4],
        [2, 5],
      ]),
    ));
  it("nests tables where there are more than two axes", () => {
    const html = toHTML(arange(8).reshape(2, 2, 2));
    expect(html.match(/<table/g)).toHaveLength(3);
    expect(html.match(/<tr>/g)).toHaveLength(2 + 2 * 2);
    expect(html.replace(/<[^>]*>/g, "")).toBe("float64 [2, 2, 2]0.1.2.3.4.5.6.7.");
  });
  it("leaves out the middle of long arrays", () => {
    const html = toHTML(arange(10000).reshape(100, 100));
    expect(cells(html)).toHaveLength(7);
    expect(cells(html)[0]).toEqual(["0.", "1.", "2.", "…", "97.", "98.", "99."]);
    expect(cells(html)[3]).toEqual(["…"]);
  });
  it("says of an array without elements what it is", () => {
    expect(toHTML(zeros([0, 3]))).toContain("float64 [0, 3]");
    expect(toHTML(zeros([2, 0])).match(/<tr>/g)).toHaveLength(2);
  });
  it("shows the text of an array that is traced", () => {
    let html = "";
    grad((x: NDArray) => {
      html = toHTML(x);
      return x.sum();
    })(array([1, 2]));
    expect(html).toBe("<div>array(traced by grad, shape=[2], dtype=float64)</div>");
  });
});

describe("installDisplay", () => {
  const page = globalThis as {
    devtoolsFormatters?: { header(x: unknown): unknown; hasBody(x: unknown): boolean; body(x: unknown): unknown }[];
  };
  const display = Symbol.for("Jupyter.display");
  afterEach(() => {
    delete page.devtoolsFormatters;
    delete (NDArray.prototype as { [display]?: unknown })[display];
  });

  it("gives Deno's kernel an array's text and its table", () => {
    const x = array([
      [1, 2],
      [3, 4],
    ]) as NDArray & { [display]?(): unknown };
    expect(display in x).toBe(false);
    installDisplay();
    expect(x[display]?.()).toEqual({ "text/plain": x.toString(), "text/html": toHTML(x) });
    expect(Object.keys(x)).not.toContain(String(display));
  });
  it("adds one formatter beside those of others, however often it is called", () => {
    const other = { header: () => null, hasBody: () => false, body: () => null };
    page.devtoolsFormatters = [other];
    installDisplay();
    installDisplay();
    expect(page.devtoolsFormatters).toHaveLength(2);
    expect(page.devtoolsFormatters[0]).toBe(other);
  });
  it("shows a short array in one line, a long one by its shape, with a table below", () => {
    installDisplay();
    const [{ header, hasBody, body }] = page.devtoolsFormatters ?? [];
    expect([header(array([1, 2])), hasBody(array([1, 2]))]).toEqual([["span", {}, "array([1., 2.])"], false]);
    const x = array([
      [1, 2],
      [3, 4],
    ]);
    expect([header(x), hasBody(x)]).toEqual([["span", {}, "array float64 [2, 2]"], true]);
    const cell = (text: string) => ["td", expect.any(Object), text];
    expect(body(x)).toEqual(["table", expect.any(Object), ["tr", {}, cell("1."), cell("2.")], ["tr", {}, cell("3."), cell("4.")]]);
  });
  it("leaves every other value to the console, and has no body for what has no numbers", () => {
    installDisplay();
    const [{ header, hasBody }] = page.devtoolsFormatters ?? [];
    for (const value of [1, "x", null, undefined, {}, [1], new Float64Array(2), NDArray]) expect(header(value)).toBe(null);
    grad((x: NDArray) => {
      expect([header(x), hasBody(x)]).toEqual([["span", {}, x.toString()], false]);
      return x.sum();
    })(array([1, 2]));
  });
});
