import { array, grad, type NDArray, stack, stopGradient, vjp } from "@ad/core";
import { jvp, pushforward } from "@ad/forward";
import { vmap } from "@ad/vmap";
import { describe, expect, test } from "vitest";
import { choices } from "../src/choices.js";
import { checkChoices, products } from "../src/identities/choices.js";
import { isSmooth } from "../src/smooth.js";
import { allEntries, casesOf } from "../src/suite.js";

const dtypes = ["float64", "float32"] as const;
const hostile = [Infinity, -Infinity, Number.NaN];

/** For each position ones, but for a hostile value there. */
const vectors = (n: number): number[][] =>
  hostile.flatMap((value) => Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_x, k) => (k === i ? value : 1))));

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

describe.each(choices.flatMap((choice) => dtypes.map((dtype) => ({ ...choice, dtype }))))("$name, $dtype", ({ f, at, sources, dtype }) => {
  const x = array(at, { dtype });
  const flat = (y: NDArray): NDArray => f(y).ravel();
  const cotangents = vectors(sources.length);
  const tangents = vectors(at.length);
  /** The sums of the cotangents that element i gets, and of the tangents that result j gets. */
  const pulled = cotangents.map((ct) => at.map((_, i) => sum(ct.filter((_ct, j) => sources[j].includes(i)))));
  const pushed = tangents.map((t) => sources.map((from) => sum(from.map((i) => t[i]))));
  const rows = (values: readonly number[][]): NDArray => stack(values.map((row) => array(row, { dtype })));

  test("it is what its sources say", () => {
    expect(flat(x).size).toBe(sources.length);
    sources.forEach((from, j) => {
      if (from.length > 0) expect(flat(x).slice(j).item()).toBe(sum(from.map((i) => at[i])));
    });
  });

  test("a cotangent goes to what was chosen, and nowhere else", () => {
    const [, pull] = vjp(flat, x);
    expect(cotangents.map((ct) => pull(array(ct, { dtype }))[0].toArray())).toEqual(pulled);
    expect(vmap((ct: NDArray) => pull(ct)[0])(rows(cotangents)).toArray()).toEqual(pulled);
    expect(
      vmap((y: NDArray, ct: NDArray) => vjp(flat, y)[1](ct)[0])(rows(cotangents.map(() => [...at])), rows(cotangents)).toArray(),
    ).toEqual(pulled);
  });

  test("a tangent comes from what was chosen, and from nowhere else", () => {
    const [, push] = pushforward(flat, x);
    expect(tangents.map((t) => jvp(flat, [x], [array(t, { dtype })])[1].toArray())).toEqual(pushed);
    expect(vmap((t: NDArray) => push([t]))(rows(tangents)).toArray()).toEqual(pushed);
    expect(vmap((y: NDArray, t: NDArray) => jvp(flat, [y], [t])[1])(rows(tangents.map(() => [...at])), rows(tangents)).toArray()).toEqual(
      pushed,
    );
  });

  test("derivatives of these do the same", () => {
    const [one, ct] = [array(cotangents[0], { dtype }), array(cotangents[0].toReversed(), { dtype })];
    const backwards = (y: NDArray) => vjp(flat, y)[1](one)[0];
    const zero = at.map(() => 0);
    // The pullback, which is linear in the cotangent, does not depend on x.
    expect(jvp(backwards, [x], [array(tangents[0], { dtype })])[1].toArray()).toEqual(zero);
    expect(vjp(backwards, x)[1](array(tangents[0], { dtype }))[0].toArray()).toEqual(zero);
    expect(jvp((g) => vjp(flat, x)[1](g)[0], [one], [ct])[1].toArray()).toEqual(
      at.map((_, i) => sum(cotangents[0].toReversed().filter((_ct, j) => sources[j].includes(i)))),
    );
    expect(vjp((t) => jvp(flat, [x], [t])[1], x)[1](one)[0].toArray()).toEqual(pulled[0]);
  });

  test.each(sources.map((from, j) => ({ from, j })))("a root of 0 behind result $j does not reach what was not chosen", ({ from, j }) => {
    const smooth = (y: NDArray): NDArray => flat(y).square().sum();
    const sharp = (y: NDArray): NDArray => {
      const chosen = flat(y).slice(j);
      return smooth(y).add(chosen.sub(stopGradient(chosen)).sqrt());
    };
    const expected = (values: unknown, there: number): number[] =>
      (values as number[]).map((value, i) => (from.includes(i) ? there : value));
    const ones = array(
      at.map(() => 1),
      { dtype },
    );
    const first = expected(grad(smooth)(x).toArray(), Infinity);
    expect(grad(sharp)(x).toArray()).toEqual(first);
    expect(vmap(grad(sharp))(stack([x, x])).toArray()).toEqual([first, first]);
    const along = (g: typeof sharp) => jvp(grad(g), [x], [ones])[1].toArray();
    expect(along(sharp)).toEqual(expected(along(smooth), -Infinity));
  });
});

test("no operation is excused that need not be", () => {
  const failing = new Set<string>();
  for (const entry of allEntries()) {
    const [name] = entry.label.split(" ");
    if (!products.has(name)) continue;
    for (const c of casesOf(entry).filter((each) => isSmooth(each) && each.layout === "dense"))
      try {
        checkChoices(c);
      } catch {
        failing.add(name);
      }
  }
  expect([...failing].sort()).toEqual([...products].sort());
});
