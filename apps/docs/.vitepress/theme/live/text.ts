const number = (x: number): string => (Number.isInteger(x) || !Number.isFinite(x) ? String(x) : String(Number(x.toPrecision(8))));

const isArray = (value: object): value is { shape: readonly number[]; dtype: string } => "shape" in value && "dtype" in value;

/** A value in one line or a few, arrays as NumPy prints them. */
export function text(value: unknown): string {
  if (typeof value === "number") return number(value);
  if (typeof value === "function") return `function ${value.name || "(anonymous)"}`;
  if (typeof value !== "object" || value === null) return String(value);
  if (ArrayBuffer.isView(value)) return `${value.constructor.name} ${text(Array.from(value as unknown as Iterable<number>))}`;
  if (Array.isArray(value)) {
    const parts = value.map(text);
    const flat = `[${parts.join(", ")}]`;
    return flat.length <= 72 ? flat : `[${parts.join(",\n").replaceAll("\n", "\n ")}]`;
  }
  if (isArray(value)) return String(Object.prototype.toString === value.toString ? "" : value.toString());
  const parts = Object.entries(value).map(([key, each]) => `${key}: ${text(each)}`);
  return parts.length === 0 ? String(value) : `{ ${parts.join(", ")} }`;
}

/** Values as a console writes them: side by side, or below each other where one has several lines. */
export function words(values: readonly unknown[]): string {
  const all = values.map(text);
  return all.join(all.some((each) => each.includes("\n")) ? "\n" : " ");
}
