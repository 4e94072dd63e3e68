import { array, cond, customJvp, foriLoop, grad, type NDArray, scan, whileLoop } from "@ad/core";
import { jvp } from "@ad/forward";
import { hessian, linearTranspose } from "@ad/functional";
import { vmap } from "@ad/vmap";
import { expect, test } from "vitest";
import { jit } from "../src/index.js";

/** Rules for tangents of random nests of control flow: under jit their loops carry values and tangents together, and are transposed. */

type Of = (x: NDArray) => NDArray;

let seed = 5;
const random = (): number => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return seed / 2 ** 32;
};
const below = (n: number): number => Math.floor(random() * n);
const rows = array([0.3, -0.6, 1.1]);

/** Control flow around some bodies, by its name. */
const flows: Readonly<Record<string, (f: Of, g: Of) => Of>> = {
  cond: (f, g) => (x) => cond(x.greater(0.1), f, g, x),
  scan: (f, g) => (x) => {
    const [last, all] = scan((s: NDArray, r: NDArray) => [f(s).add(r), g(s).mul(r)], x, rows);
    return last.add(all.sum());
  },
  "scan with checkpoints": (f) => (x) => scan((s: NDArray, r: NDArray) => [f(s).add(r), null], x, rows, { checkpoint: true })[0],
  foriLoop: (f, g) => (x) =>
    foriLoop(0, 3, (i, [s, c]: NDArray[]) => [f(s).add(i.mul(0.1)), c.mul(0.7).add(g(s))] as const, [x, array(0.5)])[1],
  whileLoop: (f) => (x) =>
    whileLoop(
      ([k, s]) => s.add(k).less(2.2),
      ([k, s]: NDArray[]) => [k.add(0.6), f(s).add(0.3)],
      [array(0), x] as NDArray[],
    )[1],
  "whileLoop beside what moves alone": (f) => (x) =>
    whileLoop(
      ([k]) => k.less(3),
      ([k, c, s]: NDArray[]) => [k.add(1), c.sin(), f(s).mul(c)],
      [array(0), array(2), x] as NDArray[],
    )[2],
};
const names = Object.keys(flows);

/** A nest of these flows, the first around the others. */
const nested = ([name, ...more]: readonly string[]): Of =>
  name === undefined ? (x) => x.sin() : flows[name](nested(more), (x) => x.mul(0.8).cos());

const ruled = (f: Of): Of => customJvp(f, ([x], [t]) => jvp(f, [x], [t]));
const lanes = array([0.7, -0.3, 0.2]);
const x0 = array(0.7);
const transformed: Readonly<Record<string, (f: Of, way: (f: Of) => Of) => NDArray>> = {
  "jit(grad)": (f, way) => way(grad(ruled(f)))(x0),
  "grad(jit)": (f, way) => grad(way(ruled(f)))(x0),
  "vmap(grad(jit))": (f, way) => vmap(grad(way(ruled(f))))(lanes),
  "jit(vmap(grad))": (f, way) => way(vmap(grad(ruled(f))))(lanes),
  "jit(hessian)": (f, way) => way(hessian(ruled(f)))(x0),
  "jit(grad(grad))": (f, way) => way(grad(grad(ruled(f))))(x0),
  "grad(grad(jit))": (f, way) => grad(grad(way(ruled(f))))(x0),
  "the transpose of tangents": (f, way) => linearTranspose((t: NDArray) => jvp(way(f), [x0], [t])[1], x0)(array(1.3)),
  "a rule in the flow": (f, way) => grad(way(nested(["foriLoop"])))(grad(way(ruled(f)))(x0)),
};

function expectSame(name: string, f: Of): void {
  for (const [way, run] of Object.entries(transformed)) {
    const wanted = run(f, (own) => own)
      .ravel()
      .toArray() as number[];
    const found = run(f, (own) => jit(own))
      .ravel()
      .toArray() as number[];
    found.forEach((each, i) => {
      expect(Math.abs(each - wanted[i]), `${way} of ${name}: ${each}, and not ${wanted[i]}`).toBeLessThan(
        1e-9 * Math.max(1, Math.abs(wanted[i])),
      );
    });
  }
}

test.each(names)("a rule with a %s has the derivatives that it has without jit", (name) => expectSame(name, nested([name])));

test.each(names.flatMap((outer) => names.map((inner) => [outer, inner])))("a rule with a %s around a %s", (outer, inner) =>
  expectSame(`${outer} around ${inner}`, nested([outer, inner])),
);

test("rules with random nests", () => {
  for (let round = 0; round < 6; round++) {
    const nest = Array.from({ length: 3 }, () => names[below(names.length)]);
    expectSame(nest.join(" around "), nested(nest));
  }
});
