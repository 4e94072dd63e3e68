import type { Data, DType, Shape } from "../aval.js";

const edge = 3;
const most = 1000;

/** NumPy's way: aligned columns, at most 8 decimals, abbreviated with … beyond 1000 elements. */
export function print(data: Data, shape: Shape, dtype: DType): string {
  const abbreviate = data.length > most;
  const shown: number[] = [];
  const visit = (axis: number, at: number, visitElement: (at: number) => void): void => {
    if (axis === shape.length) return visitElement(at);
    for (const i of picks(shape[axis], abbreviate)) if (i >= 0) visit(axis + 1, at * shape[axis] + i, visitElement);
  };
  visit(0, 0, (at) => shown.push(data[at]));
  const write = formatter(shown, dtype);
  const width = Math.max(0, ...shown.map((value) => write(value).length));
  const nest = (axis: number, at: number, indent: string): string => {
    if (axis === shape.length) return write(data[at]).padStart(shape.length === 0 ? 0 : width);
    const parts = picks(shape[axis], abbreviate).map((i) => (i < 0 ? "..." : nest(axis + 1, at * shape[axis] + i, `${indent} `)));
    const gap = axis === shape.length - 1 ? ", " : `,${"\n".repeat(shape.length - 1 - axis)}${indent} `;
    return `[${parts.join(gap)}]`;
  };
  const prefix = "array(";
  const body = nest(0, 0, " ".repeat(prefix.length));
  const notes = [shape.includes(0) ? `shape=[${shape.join(", ")}]` : "", dtype === "float64" ? "" : `dtype=${dtype}`].filter(Boolean);
  return `${prefix}${[body, ...notes].join(", ")})`;
}

/** The positions shown along an axis; -1 stands for the dots. */
function picks(n: number, abbreviate: boolean): number[] {
  const all = Array.from({ length: n }, (_, i) => i);
  return abbreviate && n > 2 * edge ? [...all.slice(0, edge), -1, ...all.slice(-edge)] : all;
}

function formatter(values: readonly number[], dtype: DType): (value: number) => string {
  if (dtype === "bool") return (value) => (value ? "true" : "false");
  if (dtype === "int32") return String;
  const special = (value: number): string => (Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf");
  const finite = values.filter(Number.isFinite);
  const sizes = finite.filter((value) => value !== 0).map(Math.abs);
  const [least, greatest] = [Math.min(...sizes), Math.max(...sizes)];
  const shorten = dtype === "float32" ? shortest : (value: number): number => value;
  if (sizes.length > 0 && (greatest >= 1e8 || least < 1e-4 || greatest / least > 1e3 * 1e3)) {
    const places = Math.max(0, ...finite.map((value) => decimals(+shorten(value).toPrecision(9), true)));
    return (value) => (Number.isFinite(value) ? shorten(value).toExponential(places) : special(value));
  }
  const places = Math.min(8, Math.max(0, ...finite.map((value) => decimals(+shorten(value).toFixed(8), false))));
  return (value) => {
    if (!Number.isFinite(value)) return special(value);
    const text = `${Object.is(value, -0) ? "-" : ""}${value.toFixed(places)}`;
    return places === 0 ? `${text}.` : text;
  };
}

/** The shortest decimal number that a float32 is the nearest one to. */
function shortest(value: number): number {
  for (let digits = 1; digits < 9; digits++) {
    const rounded = +value.toPrecision(digits);
    if (Math.fround(rounded) === value) return rounded;
  }
  return value;
}

/** How many digits follow the point in the shortest exact writing. */
function decimals(value: number, exponential: boolean): number {
  const [mantissa] = (exponential ? value.toExponential() : value.toFixed(8).replace(/0+$/, "")).split("e");
  return (mantissa.split(".")[1] ?? "").length;
}
