import { array, checkpoint, cond, customJvp, customVjp, foriLoop, grad, type NDArray, scan, stack, where, whileLoop } from "@ad/core";
import { jvp } from "@ad/forward";
import { hessian } from "@ad/functional";
import { vmap } from "@ad/vmap";
import { expect, test } from "vitest";
import { jit } from "../src/index.js";

/** Random nests of control flow, transformations and rules, in which each function closes over the values of all those around it. */

type Of = (x: NDArray) => NDArray;
/** jit, or nothing. */
type Way = (f: Of) => Of;
/** A value from those that are in scope. */
type Value = (scope: readonly NDArray[], way: Way) => NDArray;

let seed = 99;
const random = (): number => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return seed / 2 ** 32;
};
const below = (n: number): number => Math.floor(random() * n);

const ruled =
  (c: NDArray): Of =>
  (x) =>
    customVjp(
      (x: NDArray) => x.sin().mul(c),
      (x: NDArray) => [x.sin().mul(c), (ct: NDArray) => [ct.mul(x.cos()).mul(c)]],
    )(x);
const pushed =
  (c: NDArray): Of =>
  (x) =>
    customJvp(
      (x: NDArray) => x.sin().mul(c),
      ([x], [t]) => [x.sin().mul(c), t.mul(x.cos()).mul(c)],
    )(x);

/** A random value of so many that are in scope. */
function valueOf(depth: number, count: number): Value {
  const at = below(count);
  if (depth === 0 || random() < 0.1) return (scope) => scope[at];
  const [x, y] = [valueOf(depth - 1, count), valueOf(depth - 1, count)];
  const [body, other] = [1, 2].map((more): Value => valueOf(depth - 1, count + more));
  const inner =
    (scope: readonly NDArray[], way: Way): Of =>
    (own) =>
      body([...scope, own], way);
  const forms: readonly Value[] = [
    (s, way) => x(s, way).mul(y(s, way)),
    (s, way) => x(s, way).add(y(s, way)).tanh(),
    (s, way) => where(x(s, way).greater(0), x(s, way), y(s, way)),
    (s, way) =>
      cond(
        x(s, way).greater(0.1),
        (own) => inner(s, way)(own),
        (own) => own.tanh(),
        y(s, way),
      ),
    (s, way) => {
      const rows = array([0.3, -0.6, 1.1]);
      const [last, all] = scan((state: NDArray, row) => [other([...s, row, state], way).tanh(), state.mul(row)], x(s, way), rows);
      return last.add(all.sum());
    },
    (s, way) => foriLoop(0, 3, (i, state: NDArray) => other([...s, i.mul(0.1), state], way).tanh(), x(s, way)),
    (s, way) =>
      whileLoop(
        ([k, state]) => state.add(k).less(2.2),
        ([k, state]: [NDArray, NDArray]) => [k.add(0.6), inner(s, way)(state).tanh().add(0.3)],
        [array(0), x(s, way)] as [NDArray, NDArray],
      )[1],
    (s, way) => vmap(inner(s, way))(stack([x(s, way), y(s, way)])).sum(),
    (s, way) => way(inner(s, way))(x(s, way)),
    (s, way) => grad((own: NDArray) => inner(s, way)(own).mul(own))(x(s, way)),
    (s, way) => jvp((own: NDArray) => inner(s, way)(own).mul(own), [x(s, way)], [y(s, way)])[1],
    (s, way) => checkpoint((own: NDArray) => inner(s, way)(own))(x(s, way)),
    (s, way) => ruled(s[at])(x(s, way)),
    (s, way) => pushed(s[at])(x(s, way)),
  ];
  return forms[below(forms.length)];
}

const places: readonly ((f: (x: NDArray, y: NDArray) => NDArray, way: Way) => NDArray)[] = [
  (f, way) => way((x) => f(x, y0))(x0),
  (f, way) => grad(way((x) => f(x, y0)))(x0),
  (f, way) => way(grad((x: NDArray) => f(x, y0)))(x0),
  (f, way) => way((x) => vmap(grad((y: NDArray) => f(x, y)))(ys))(x0),
  (f, way) => vmap((y: NDArray) => way((x) => f(x, y))(x0))(ys),
  (f, way) => way((y) => jvp((x: NDArray) => f(x, y), [x0], [y0])[1])(y0),
  (f, way) => way(hessian((x: NDArray) => f(x, y0)))(x0),
];
const [x0, y0, ys] = [array(0.7), array(-0.4), array([0.7, -0.3])];

test("random nests have the values that they have without jit", () => {
  let compared = 0;
  for (let round = 0; round < 100; round++) {
    const value = valueOf(3, 2);
    const place = places[below(places.length)];
    const run = (way: Way): number[] => [place((x, y) => value([y, x], way), way).toArray()].flat(3) as number[];
    /** The results; undefined where the library refuses, by a remedy, a rule that misses something. */
    const found = (way: Way): number[] | undefined => {
      try {
        return run(way);
      } catch (error) {
        expect((error as Error).message).toMatch(/its rules would miss that one/);
        return undefined;
      }
    };
    const wanted = found((f) => f);
    const own = wanted && found((f) => jit(f));
    if (wanted === undefined || own === undefined) continue;
    compared++;
    own.forEach((each, i) => {
      expect(Math.abs(each - wanted[i]), `round ${round}`).toBeLessThan(1e-8 * Math.max(1, Math.abs(wanted[i])));
    });
  }
  expect(compared).toBeGreaterThan(40);
});
