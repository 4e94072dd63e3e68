/** The base of every error that this library throws on purpose. */
export class ADError extends Error {
  override readonly name: string = "ADError";
}

/** Shapes that do not fit each other, or an index outside of an axis. */
export class ShapeError extends ADError {
  override readonly name = "ShapeError";
}

/** A dtype that an operation or a transformation cannot work with. */
export class DTypeError extends ADError {
  override readonly name = "DTypeError";
}

/** A nested structure (pytree) with a wrong form, or with a leaf that is no array. */
export class TreeError extends ADError {
  override readonly name = "TreeError";
}

/** An axis that the array does not have, or that is named twice. */
export class AxisError extends ADError {
  override readonly name = "AxisError";
}

/** A transformation (`grad`, `jvp`, `vmap`, …) used where it has no meaning, or a traced value used as a number. */
export class TransformError extends ADError {
  override readonly name = "TransformError";
}

/** `[2, 3]`, the way shapes are written in messages, whatever stands in them. */
export const showShape = (shape: readonly unknown[]): string =>
  `[${Array.from(shape, (n) => (typeof n === "number" ? n : describe(n))).join(", ")}]`;

/** A short, safe description of any value that a user may have passed. */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === "string") return value.length > 40 ? `a string of ${value.length} characters` : JSON.stringify(value);
  if (typeof value === "function") return `a function${value.name ? ` named ${value.name}` : ""}`;
  if (typeof value !== "object") return `${String(value)} (${typeof value})`;
  if (Array.isArray(value)) return `a JS array of length ${value.length}`;
  if (typeof (value as PromiseLike<unknown>).then === "function") return "a Promise";
  const array = value as { shape?: readonly number[]; dtype?: string };
  if (Array.isArray(array.shape) && typeof array.dtype === "string")
    return `an array of shape ${showShape(array.shape)} and dtype ${array.dtype}`;
  const constructor = Object.getPrototypeOf(value)?.constructor?.name;
  return constructor && constructor !== "Object" ? `a ${constructor}` : `an object with keys ${JSON.stringify(Object.keys(value))}`;
}

/** How many letters have to be put in, taken out or replaced (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + +(a[i - 1] !== b[j - 1]));
    row = next;
  }
  return row[b.length];
}

/** Options: an object (or nothing) that holds only known keys. */
export function checkOptions(op: string, options: unknown, known: readonly string[]): void {
  if (options === undefined) return;
  if (typeof options !== "object" || options === null || Array.isArray(options))
    throw new TreeError(`${op}: options are ${describe(options)}; give an object with any of ${known.join(", ")}.`);
  for (const key of Object.keys(options)) {
    if (known.includes(key)) continue;
    const small = key.toLowerCase();
    const close = known.find((name) => {
      const other = name.toLowerCase();
      return (
        (small.length > 2 && other.startsWith(small)) ||
        (other.length > 2 && small.startsWith(other)) ||
        distance(small, other) <= Math.max(1, name.length / 3)
      );
    });
    throw new TreeError(
      `${op}: there is no option ${JSON.stringify(key)}${close ? `; did you mean ${JSON.stringify(close)}?` : "."} The options are ${known.join(", ")}.`,
    );
  }
}
