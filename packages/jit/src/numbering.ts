let objects = 0;
const numbers = new WeakMap<object, number>();
const symbols = new Map<object, number>();

/** A number for each object, and each symbol; objects are not kept alive. */
export function serialOf(value: object): number {
  const known = typeof value === "symbol" ? symbols : numbers;
  let n = known.get(value);
  if (n === undefined) {
    n = ++objects;
    known.set(value, n);
  }
  return n;
}
