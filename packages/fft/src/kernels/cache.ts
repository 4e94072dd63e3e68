/** The most numbers that tables hold together, unless they belong to one length. */
const limit = 2 ** 21;

interface Held {
  /** The count of numbers in its tables. */
  readonly held: number;
}

/** Plans by their lengths, of which those that were used last are kept. */
export function cached<T extends Held>(make: (n: number) => T): (n: number) => T {
  const plans = new Map<number, T>();
  let newest = 0;
  return (n) => {
    const known = plans.get(n);
    if (known && n === newest) return known;
    const plan = known ?? make(n);
    newest = n;
    plans.delete(n);
    plans.set(n, plan);
    let held = 0;
    for (const [length, each] of [...plans].reverse()) {
      held += each.held;
      if (held > limit && length !== n) plans.delete(length);
    }
    return plan;
  };
}
