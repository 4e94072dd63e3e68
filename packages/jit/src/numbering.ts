let objects = 0;
const numbers = new WeakMap<object, number>();

/** A number for each object; the map keeps none of them alive. */
export function numberOf(value: object): number {
  let n = numbers.get(value);
  if (n === undefined) {
    n = ++objects;
    numbers.set(value, n);
  }
  return n;
}
