import { array, cond, customJvp, customOp, foriLoop, grad, type NDArray, scan, switchCase, whileLoop } from "@ad/core";
import { jvp } from "@ad/forward";
import { linearTranspose } from "@ad/functional";
import { vmap } from "@ad/vmap";
import { expect, test } from "vitest";
import { jit } from "../src/index.js";

type F = (x: NDArray) => NDArray;
const X = array([0.3, -1.2, 2]);
const steps = array([0.5, -1, 2]);

function expectClose(x: NDArray, wanted: NDArray): void {
  expect(x.shape).toEqual(wanted.shape);
  expect(x.sub(wanted).abs().max().item()).toBeLessThan(1e-12);
}

const linear: Readonly<Record<string, F>> = {
  foriLoop: (x) => foriLoop(0, 3, (_, c: NDArray) => c.mul(2), x),
  scan: (x) => scan((s: NDArray, r) => [s.mul(r), s.add(s.sum())], x, steps)[1],
  "scan of rows": (x) => scan((s: NDArray, r: NDArray) => [s.add(r.mul(3)), s], array(0), x)[1],
  "scan beside what moves alone": (x) => scan(([c, s]: NDArray[], r) => [[c.sin(), s.mul(c).add(r)], s], [array(2), x], array([0, 0]))[1],
  switchCase: (x) => switchCase(1, [(y: NDArray) => y, (y: NDArray) => y.mul(3)], x),
};

test.each(Object.entries(linear))("%s is transposed as it is without jit", (_, f) => {
  const y = f(X).add(1);
  const wanted = linearTranspose(f, X)(y);
  expectClose(linearTranspose(jit(f), X)(y), wanted);
  expectClose(jit((ct: NDArray) => linearTranspose(f, X)(ct))(y), wanted);
  expectClose(linearTranspose((t: NDArray) => jvp(jit(f), [X], [t])[1], X)(y), wanted);
});

test("a loop that is not linear is not transposed", () => {
  const f = (x: NDArray) => foriLoop(0, 2, (_, c: NDArray) => c.cos(), x);
  expect(() => linearTranspose(jit(f), X)).toThrow(/^linearTranspose: the function is not linear in its arguments. It applies cos/);
});

const loops: Readonly<Record<string, F>> = {
  foriLoop: (x) => foriLoop(0, 2, (_, c: NDArray) => c.cos(), x),
  scan: (x) => scan((c: NDArray, r: NDArray) => [c.mul(r).sin(), c.square()], x, steps)[1].sum(0),
};
const byHand = customJvp(
  (x: NDArray) => x.sin().sin().sin(),
  ([x], [t]) => scan(([c, d]: NDArray[]) => [[c.sin(), d.mul(c.cos())], null], [x, t], steps)[0] as [NDArray, NDArray],
);
const rules: readonly (readonly [string, F])[] = [
  ...["foriLoop", "scan"].flatMap((name) => {
    const f = loops[name];
    const rule = ([x]: [NDArray], [t]: [NDArray]) => jvp(f, [x], [t]);
    return [
      [`customJvp of ${name}`, customJvp(f, rule)],
      [`customOp of ${name}`, customOp({ forward: f, jvp: rule })],
    ] as const;
  }),
  ["customJvp by a scan of values and tangents", byHand],
];

test.each(rules)("%s has the gradients that it has without jit", (_, f) => {
  const g = (x: NDArray): NDArray => f(x).sum();
  const h = (x: NDArray): NDArray => grad(g)(x).mul(steps).sum();
  expectClose(jit(grad(g))(X), grad(g)(X));
  expectClose(grad(jit(g))(X), grad(g)(X));
  expectClose(jit(grad(h))(X), grad(h)(X));
  const lanes = array([
    [1, 2, 3],
    [0.1, -0.2, 0.3],
  ]);
  expectClose(vmap(grad(jit(g)))(lanes), vmap(grad(g))(lanes));
  expectClose(jit(vmap(grad(g)))(lanes), vmap(grad(g))(lanes));
});

const bent: Readonly<Record<string, F>> = {
  "a loop that squares tangents": (t) => scan((s: NDArray) => [s.square(), null], t, steps)[0],
  "a loop that tangents end": (t) =>
    whileLoop(
      (s: NDArray) => s.abs().sum().less(10),
      (s: NDArray) => s.mul(2),
      t,
    ),
  "a branch that tangents choose": (t) =>
    cond(
      t.sum().greater(0),
      (s: NDArray) => s.mul(2),
      (s: NDArray) => s,
      t,
    ),
};

test.each(Object.entries(bent))("a rule that is not linear is refused: %s", (_, pushed) => {
  const own = customJvp(
    (x: NDArray) => x,
    ([x], [t]) => [x, pushed(t)],
  );
  const g = (x: NDArray): NDArray => own(x).sum();
  expect(() => jit(grad(g))(X)).toThrow(/^customJvp: the function is not linear in its arguments/);
  expect(() => grad(jit(g))(X)).toThrow(/^jit: a custom rule is not linear in its arguments/);
});
