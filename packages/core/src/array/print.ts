import type { Data, DType } from "../engine/aval.js";
import type { View } from "../engine/kernels.js";

const edge = 3;
const maxPrinted = 1000;

/** The printed numbers in their nesting; null stands for the dots. */
export type Shown = number | null | Shown[];

/** The numbers that are printed, abbreviated beyond 1000 elements, and how one is written: at most 8 decimals. */
export function excerpt({ aval, storage, stride, offset }: View<Data>) {
  const { shape, dtype, size } = aval;
  const pick = (axis: number, at: number): Shown =>
    axis === shape.length
      ? storage[at]
      : picks(shape[axis], size > maxPrinted).map((i) => (i < 0 ? null : pick(axis + 1, at + i * stride[axis])));
  const shown = pick(0, offset);
  const values = [shown].flat(Infinity as 1).filter((value) => value !== null) as number[];
  return { shown, values, write: formatter(values, dtype) };
}

/** NumPy's way: aligned columns. */
export function print(view: View<Data>): string {
  const { shape, dtype } = view.aval;
  const rank = shape.length;
  const { shown, values, write } = excerpt(view);
  const width = rank && Math.max(0, ...values.map((value) => write(value).length));
  const nest = (value: Shown, axis: number): string => {
    if (value === null) return "...";
    if (typeof value === "number") return write(value).padStart(width);
    const gap = axis === rank - 1 ? ", " : `,${"\n".repeat(rank - 1 - axis)}${" ".repeat(axis + 7)}`;
    return `[${value.map((inner) => nest(inner, axis + 1)).join(gap)}]`;
  };
  const size = shape.includes(0) ? `, shape=[${shape.join(", ")}]` : "";
  return `array(${nest(shown, 0)}${size}${dtype === "float64" ? "" : `, dtype=${dtype}`})`;
}

/** The positions shown along an axis; -1 stands for the dots. */
function picks(n: number, abbreviate: boolean): number[] {
  const run = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);
  return abbreviate && n > 2 * edge ? [...run(0, edge), -1, ...run(n - edge, n)] : run(0, n);
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

/** The number of digits after the point in the shortest exact writing. */
function decimals(value: number, exponential: boolean): number {
  const [mantissa] = (exponential ? value.toExponential() : value.toFixed(8).replace(/0+$/, "")).split("e");
  return (mantissa.split(".")[1] ?? "").length;
}
