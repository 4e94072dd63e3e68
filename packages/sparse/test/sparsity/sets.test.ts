import { describe, expect, test } from "vitest";
import { EMPTY, Sets } from "../../src/sparsity/sets.js";

const listed = (sets: Sets, name: number): number[] => Array.from(sets.elements(name));

test("the name of {i} is i + 1, and equal sets have equal names", () => {
  const sets = new Sets(5);
  expect(listed(sets, EMPTY)).toEqual([]);
  expect([1, 5].map((name) => listed(sets, name))).toEqual([[0], [4]]);
  const a = sets.union(sets.union(1, 3), 5);
  expect(listed(sets, a)).toEqual([0, 2, 4]);
  expect(sets.union(5, sets.union(3, 1))).toBe(a);
  expect(sets.unionOf(Int32Array.of(5, 0, 3, 1, 1, 5))).toBe(a);
  expect([sets.union(a, 3), sets.union(3, a), sets.union(a, EMPTY), sets.union(a, a)]).toEqual([a, a, a, a]);
  expect(sets.size(a)).toBe(3);
});

test("a part of a list is joined, and nothing of nothing", () => {
  const sets = new Sets(6);
  const names = Int32Array.of(1, 2, 3, 4, 5, 6);
  expect(listed(sets, sets.unionOf(names, 1, 3))).toEqual([1, 2, 3]);
  expect(sets.unionOf(names, 2, 0)).toBe(EMPTY);
  expect(sets.unionOf(Int32Array.of(0, 0))).toBe(EMPTY);
  expect(new Sets(0).unionOf(new Int32Array(0))).toBe(EMPTY);
});

describe.each([7, 300, 5000])("random unions of %i numbers", (n) => {
  test("are those of JS sets", () => {
    const sets = new Sets(n);
    let state = 12345;
    const random = (below: number): number => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    const all: { name: number; plain: Set<number> }[] = Array.from({ length: n }, (_, i) => ({ name: i + 1, plain: new Set([i]) }));
    for (let k = 0; k < 3000; k++) {
      const some = Array.from({ length: random(k % 7 === 0 ? 40 : 3) }, () => all[random(all.length)]);
      const name = sets.unionOf(Int32Array.from(some, (each) => each.name));
      const plain = new Set(some.flatMap((each) => [...each.plain]));
      if (plain.size < 60) all.push({ name, plain });
      const sorted = [...plain].sort((a, b) => a - b);
      if (`${listed(sets, name)}` !== `${sorted}`) expect(listed(sets, name)).toEqual(sorted);
      // Those of arrays, element by element, have the same names: of few elements in all, and of many.
      if (some.length > 0) expect(Array.from(sets.unions(some.map((each) => Int32Array.of(EMPTY, each.name))))).toEqual([EMPTY, name]);
    }
    const names = new Map<string, number>();
    for (const { name, plain } of all) {
      const key = `${[...plain].sort((a, b) => a - b)}`;
      if ((names.get(key) ?? name) !== name) expect(name).toBe(names.get(key));
      names.set(key, name);
    }
  });
});
