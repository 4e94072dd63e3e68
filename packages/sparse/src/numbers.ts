/** So many numbers, by their positions: `Int32Array.from` takes ten times as long. */
export function ints(count: number, at: (i: number) => number): Int32Array<ArrayBuffer> {
  const out = new Int32Array(count);
  for (let i = 0; i < count; i++) out[i] = at(i);
  return out;
}

/** The greatest of numbers that are -1 at least. */
export function greatest(list: Int32Array): number {
  let most = -1;
  for (let i = 0; i < list.length; i++) if (list[i] > most) most = list[i];
  return most;
}
