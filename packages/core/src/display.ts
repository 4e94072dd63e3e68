import type { ArrayLike } from "./array/base.js";
import { asArray } from "./array/convert.js";
import { NDArray } from "./array/ndarray.js";
import { excerpt, type Shown } from "./array/print.js";
import { Concrete } from "./cpu/concrete.js";
import { showShape } from "./engine/errors.js";

/** An element of a page as browsers' consoles take it: its name, its attributes, what is in it. */
type Element = readonly [name: string, attributes: { readonly style?: string }, ...inside: (Element | string)[]];

const tableStyle = { style: "border-collapse: collapse; font-family: monospace" };
const cellStyle = { style: "text-align: right; padding: 0 0.5em; border: 1px solid #8888" };

/** A list along the last axis is a row of cells; anything else is one cell. */
const row = (part: Shown): Shown[] => (Array.isArray(part) && !part.some(Array.isArray) ? part : [part]);

/** The last axis goes to the right, the one before it goes down, and so does each other one, in cells that hold tables. */
function table(x: Concrete): Element {
  const { shown, write } = excerpt(x);
  const inside = (part: Shown): Element | string => (part === null ? "…" : typeof part === "number" ? write(part) : nest(part));
  const cell = (part: Shown): Element => ["td", cellStyle, inside(part)];
  const nest = (parts: Shown[]): Element => {
    const rows = parts.some(Array.isArray) ? parts.map(row) : [parts];
    return ["table", tableStyle, ...rows.map((cells): Element => ["tr", {}, ...cells.map(cell)])];
  };
  return nest([shown].flat() as Shown[]);
}

const caption = (x: NDArray): string => `${x.dtype} ${showShape(x.shape)}`;

const write = (part: Element | string): string => {
  if (typeof part === "string") return part.replace(/[&<]/g, (mark) => `&#${mark.charCodeAt(0)};`);
  const [name, { style }, ...inside] = part;
  return `<${name}${style ? ` style="${style}"` : ""}>${inside.map(write).join("")}</${name}>`;
};

/**
 * An array as an HTML table under its dtype and its shape, for notebooks and pages. The last axis goes to the right, the one before it goes down;
 * of more axes each is a table of tables. Long arrays are abbreviated, as {@link NDArray.toString} does it. Where there are no numbers at
 * once, in an array that is traced or on the GPU, its text stands instead.
 *
 * @param x an array of any shape and dtype, or what is made one
 * @returns HTML: one div
 * @throws DTypeError, ShapeError or TransformError where x is no {@link ArrayLike}
 * @example
 * toHTML(array([[1, 2], [3, 4]])).match(/<tr>/g)?.length; // 2
 */
export function toHTML(x: ArrayLike): string {
  const own = asArray(x, "toHTML");
  return write(own instanceof Concrete ? ["div", {}, ["div", {}, caption(own)], table(own)] : ["div", {}, own.toString()]);
}

/** A text of one line stands in the console's line; of a longer one the table, once it is unfolded. */
const isShort = (text: string): boolean => text.length <= 80 && !text.includes("\n");

/** A custom formatter, as the consoles of Chromium and Firefox call it for each value that they show. */
const formatter = {
  header(x: unknown): Element | null {
    if (!(x instanceof NDArray)) return null;
    const text = x.toString();
    return ["span", {}, isShort(text) ? text : `array ${caption(x)}`];
  },
  hasBody: (x: NDArray): boolean => x instanceof Concrete && !isShort(x.toString()),
  body: table,
};

/**
 * Has arrays of any shape and dtype shown with their numbers where a program is looked into: in browsers' consoles, in lists and objects too, once
 * custom formatters are enabled in the settings of the developer tools; and as HTML tables in Jupyter's notebooks with Deno, where an array is
 * the value of a cell. Node's console needs no call, nor do Deno's and Bun's. A second call changes nothing.
 *
 * @throws nothing
 * @example
 * installDisplay();
 * Symbol.for("Jupyter.display") in array([1, 2]); // true
 */
export function installDisplay(): void {
  Object.defineProperty(NDArray.prototype, Symbol.for("Jupyter.display"), {
    configurable: true,
    value(this: NDArray): Record<string, string> {
      return { "text/plain": this.toString(), "text/html": toHTML(this) };
    },
  });
  const page = globalThis as { devtoolsFormatters?: unknown[] };
  page.devtoolsFormatters ??= [];
  if (!page.devtoolsFormatters.includes(formatter)) page.devtoolsFormatters.push(formatter);
}
