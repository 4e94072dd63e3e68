/** The parts of plots. Colours come from the page's style sheet, so that they follow light and dark mode. */

export const escape = (text: string): string => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);

type Attributes = Readonly<Record<string, string | number>>;

const attributes = (list: Attributes): string =>
  Object.entries(list)
    .map(([name, value]) => ` ${name}="${typeof value === "number" ? +value.toFixed(2) : escape(value)}"`)
    .join("");

export const element = (name: string, own: Attributes, ...children: readonly string[]): string =>
  children.length === 0 ? `<${name}${attributes(own)}/>` : `<${name}${attributes(own)}>${children.join("")}</${name}>`;

export const text = (x: number, y: number, content: string, own: Attributes = {}): string =>
  element("text", { x, y, ...own }, escape(content));

export const line = (x1: number, y1: number, x2: number, y2: number, own: Attributes = {}): string =>
  element("line", { x1, y1, x2, y2, ...own });

export const svg = (label: string, width: number, height: number, ...children: readonly string[]): string =>
  element("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label }, ...children);

/** From an interval to another one. */
export type Scale = (value: number) => number;

export const linear =
  ([a, b]: readonly [number, number], [from, to]: readonly [number, number]): Scale =>
  (value) =>
    from + ((value - a) / (b - a)) * (to - from);

export const logarithmic = ([a, b]: readonly [number, number], range: readonly [number, number]): Scale => {
  const scale = linear([Math.log10(a), Math.log10(b)], range);
  return (value) => scale(Math.log10(value));
};

/** The powers of ten around some values, with room for the smallest one to be seen. */
export function decades(values: readonly number[]): number[] {
  const low = Math.floor(Math.log10(Math.min(...values) / 1.5));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))));
  return Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i));
}
