import { array, grad, type NDArray, stack, valueAndGrad, vjp } from "@ad/core";
import { limits } from "@ad/core/internals/backend";
import { unseen } from "@ad/core/internals/trace";
import { isTurn } from "@ad/expect/turns";
import { jvp } from "@ad/forward";
import { type VmapOptions, vmap } from "@ad/vmap";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Case } from "../src/case.js";
import { directions } from "../src/compare.js";
import { methods } from "../src/operations/index.js";
import { linalgNames } from "../src/operations/linalg.js";
import { caseOf, trial } from "../src/programs/generator.js";
import { isSmooth, pullback, smoothPart } from "../src/smooth.js";
import {
  casesOf,
  type Entry,
  linalgEntries,
  methodEntries,
  operationEntries,
  operationNames,
  primitiveEntries,
  primitiveNames,
} from "../src/suite.js";

/**
 * Every array is large here, and has several parts, and those that are longer than wide lie by columns: elementwise operations wait for the next one, grad
 * computes what only it sees later, and uses its storage again. vjp never does.
 */
const usual = { ...limits };
beforeAll(() => Object.assign(limits, { slab: -1, large: 0, lazy: 0, part: 2, vectors: 1, column: 1 }));
afterAll(() => Object.assign(limits, usual));

/** Runs it with operations of which none waits. */
function atOnce<R>(run: () => R): R {
  limits.lazy = Number.POSITIVE_INFINITY;
  try {
    return run();
  } finally {
    limits.lazy = 0;
  }
}

const numbers = (xs: readonly NDArray[]): number[][] => xs.map((x) => [...x.data()]);

/** The gradient of Σ f(x)·g by grad is, to the bit, what the pullback of f makes of g; and it stays so when the next one is computed. */
function checkReuse(c: Case): void {
  const { f, x, y } = smoothPart(c);
  const g = directions(y, "g");
  const loss = (...x: NDArray[]): [NDArray, NDArray[]] => {
    const out = f(...x);
    const terms = out.map((part, i) => part.mul(g[i]).sum());
    return [terms.reduce((sum, term) => sum.add(term)), out];
  };
  const argnums = x.map((_, i) => i);
  const pulled = (): number[][] => numbers(pullback((...x) => [loss(...x)[0]], x, [array(1)]));
  const expected = atOnce(pulled);
  // Of this moment: y was computed before every array was large, by functions that round otherwise.
  const values = atOnce(() => numbers(f(...x)));
  expect(numbers(f(...x)), c.label).toEqual(values);
  expect(pulled(), c.label).toEqual(expected);
  const run = () => valueAndGrad(loss, { argnums, hasAux: true })(...x);
  const [first, second] = [run(), run()];
  for (const [[, aux], gradients] of [first, second]) {
    expect(numbers(gradients), c.label).toEqual(expected);
    expect(numbers(aux), c.label).toEqual(values);
  }
}

/**
 * So it is where lanes, or pairs of a value and a tangent, stand around grad: they keep nothing of what they see. What grad gives there is, to the
 * bit, what the pullback of f gives.
 */
function checkReuseWithin(c: Case): void {
  const { f, x, y } = smoothPart(c);
  const g = directions(y, "g");
  const loss = (...x: NDArray[]): NDArray => {
    const terms = f(...x).map((part, i) => part.mul(g[i]).sum());
    return terms.reduce((sum, term) => sum.add(term));
  };
  const argnums = x.map((_, i) => i);
  const lanes = x.map((each) => stack([each, each]));
  const tangents = directions(x, "t");
  const ways: readonly ((h: (...x: NDArray[]) => NDArray[]) => readonly NDArray[])[] = [
    (h) => vmap(h)(...lanes),
    (h) => jvp(h, [...x], [...tangents]).flat(),
    (h) =>
      jvp(
        (...each: NDArray[]) => vmap(h)(...each),
        lanes,
        tangents.map((t) => stack([t, t])),
      ).flat(),
  ];
  for (const way of ways) {
    const expected = atOnce(() => numbers(way((...x) => pullback((...x) => [loss(...x)], x, [array(1)]))));
    const run = () => way((...x) => grad(loss, { argnums })(...x));
    for (const found of [run(), run()]) expect(numbers(found), c.label).toEqual(expected);
  }
}

const held: VmapOptions & { readonly [unseen]: true } = { [unseen]: true };

/** Lanes compute, to the bit, the numbers that they compute where a tape around them sees it; and it stays so when others are computed. */
function checkLanes(c: Case): void {
  const { f, x, y } = smoothPart(c);
  const g = directions(y, "g");
  const both = (...x: NDArray[]): NDArray[] => [...f(...x), ...pullback(f, x, g)];
  const lanes = x.map((each) => stack([each, each]));
  const run = (...given: NDArray[]): NDArray[] => vmap(both, held)(...given);
  const expected = atOnce(() => numbers(vjp(run, ...lanes)[0]));
  for (const outs of [run(...lanes), run(...lanes)]) expect(numbers(outs), c.label).toEqual(expected);
}

const generate = (entries: readonly Entry[]): void => {
  const cases = entries.flatMap(casesOf).filter(isSmooth);
  if (cases.length === 0) return;
  const due = cases.filter((c, i) => c.layout === "dense" || isTurn(i + entries.length, 4));
  test("what waits has the same numbers, and what nobody sees is in storage that is used again", () => due.forEach(checkReuse));
  test("and where lanes or tangents stand around it", () => checkReuseWithin(cases[0]));
  test("what lanes alone see is in storage that is used again", () => checkLanes(cases[0]));
};

describe.each(primitiveNames)("%s", (name) => generate(primitiveEntries(name)));
describe.each(operationNames)("%s", (name) => generate(operationEntries(name)));
describe.each(linalgNames)("linalg.%s", (name) => generate(linalgEntries(name)));
describe.each(Object.keys(methods) as (keyof typeof methods)[])("x.%s", (name) => generate(methodEntries(name)));

test("and so it is in 300 random programs, a third of them in each turn", { timeout: 120_000 }, () => {
  for (const t of fc.sample(trial, { seed: 21, numRuns: 300 }).filter((_, i) => isTurn(i, 3))) {
    const c = caseOf(t);
    if (!isSmooth(c)) continue;
    checkReuse(c);
    checkReuseWithin(c);
    checkLanes(c);
  }
});
