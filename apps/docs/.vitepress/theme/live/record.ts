import { isPicture, type Picture } from "./messages.js";

/** Stands in a worker for the module that plots: its functions keep what they are called with, for the page to call them. */
export const recorder = (names: readonly string[]): object =>
  Object.fromEntries(names.map((plotted) => [plotted, (...args: unknown[]): Picture => ({ plotted, args })]));

const isData = (value: unknown): value is ArrayLike<unknown> =>
  typeof value === "object" && value !== null && (Symbol.iterator in value || "length" in value);

/** A picture as it can be posted: the functions that give a datum's place or colour have been called for each datum. */
export function posted(value: unknown, data?: ArrayLike<unknown>): unknown {
  if (typeof value === "function") {
    if (data) return Array.from(data, (each, i) => value(each, i));
    throw new TypeError(
      "A picture is drawn outside of the worker that runs this example: it can take functions of its data, and no others.",
    );
  }
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value) || value instanceof Date) return value;
  if (isPicture(value)) {
    const [first] = value.args;
    const own = isData(first) && value.plotted !== "plot" ? first : data;
    return { plotted: value.plotted, args: value.args.map((each) => posted(each, own)) };
  }
  if (Array.isArray(value)) return value.map((each) => posted(each, data));
  if ("toArray" in value && typeof value.toArray === "function") return value.toArray();
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, posted(each, data)]));
}
