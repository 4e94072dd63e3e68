import { type NDArray, stack } from "@ad/core";
import { jit } from "@ad/jit";
import { vmap } from "@ad/vmap";
import type { Case } from "./case.js";
import { agreeAll, agreeForms } from "./compare.js";
import { type Arrays, backwards, forwards, pullback, smoothPart, tangent } from "./smooth.js";

/** A compiled program computes what eager code computes: its values, and what transformations make of it. */

const compiled = (f: Arrays): Arrays => jit(f as (...x: NDArray[]) => NDArray[]) as Arrays;

/** Directions of the form of some arrays. */
const like = (all: readonly NDArray[]): NDArray[] =>
  all.map((x, i) =>
    x
      .mul(0.5)
      .add(0.25 * (i + 1))
      .astype(x.dtype),
  );

/** The values of jit, of two sets of numbers. */
export function checkCompiled(c: Case): void {
  const inputs = c.example(0);
  const expected = [...c.f(...inputs)];
  const f = compiled(((...x: NDArray[]) => [...c.f(...x)]) as Arrays);
  const actual = f(...inputs);
  agreeForms(actual, expected, "jit");
  agreeAll(actual, expected, c.precision.same, `${c.label}: jit`);
  // The second run computes it again, of other numbers.
  agreeAll(f(...c.example(1)), [...c.f(...c.example(1))], c.precision.same, `${c.label}: jit again`);
}

/** Returns the expected results, and those that are computed with jit at several places. */
type Check = (c: Case, n: number) => readonly [expected: NDArray[], found: Readonly<Record<string, () => NDArray[]>>, within?: number];

const lanesOf = (c: Case): NDArray[] => {
  const lanes = [0, 1].map((k) => smoothPart(c, 0).x.map((each) => each.add(k * 1e-3)));
  return lanes[0].map((_, i) => stack([lanes[0][i], lanes[1][i]]));
};

/** jit inside and outside of each transformation. */
const transformed: readonly Check[] = [
  (c, n) => {
    const { f, x, y } = smoothPart(c);
    const back = backwards(f, n);
    const g = like(y);
    return [back(...x, ...g), { "vjp of jit": () => pullback(compiled(f), x, g), "jit of vjp": () => compiled(back)(...x, ...g) }];
  },
  (c, n) => {
    const { f, x } = smoothPart(c);
    const forth = forwards(f, n);
    const t = like(x);
    return [forth(...x, ...t), { "jvp of jit": () => tangent(compiled(f), x, t), "jit of jvp": () => compiled(forth)(...x, ...t) }];
  },
  (c) => {
    const { f } = smoothPart(c);
    const stacked = lanesOf(c);
    return [
      vmap(f)(...stacked) as NDArray[],
      { "vmap of jit": () => vmap(compiled(f))(...stacked) as NDArray[], "jit of vmap": () => compiled(vmap(f) as Arrays)(...stacked) },
    ];
  },
  (c, n) => {
    const { f, x, y } = smoothPart(c);
    const back = backwards(f, n);
    const all = [...x, ...like(y)];
    const t = [...like(x), ...like(like(y))];
    return [
      tangent(back, all, t),
      {
        "jvp of vjp of jit": () => tangent(backwards(compiled(f), n), all, t),
      },
      c.precision.derivative,
    ];
  },
];

/** The number of checks of transformations. */
export const checksOfTransformed: number = transformed.length;

/** jit in and around transformations of a case's smooth part; `which` chooses one of them. */
export function checkCompiledTransformed(c: Case, which?: number): void {
  const n = smoothPart(c).x.length;
  for (const check of which === undefined ? transformed : [transformed[which]]) {
    const [expected, found, within = c.precision.same] = check(c, n);
    for (const [name, run] of Object.entries(found)) agreeAll(run(), expected, within, `${c.label}: ${name}`);
  }
}
