import { array, type NDArray } from "@ad/core";
import { jit } from "@ad/jit";
import { vmap } from "@ad/vmap";
import { expectTypeOf, test } from "vitest";
import { adam, applyUpdates, cubicSpline, curveFit, minimize, odeSolve, quad, root } from "../src/index.js";

test("a minimum has the form of x0", () => {
  const found = minimize(({ w, b }: { w: NDArray; b: NDArray[] }) => w.sum().add(b[0]), { w: array([1]), b: [array(1)] });
  expectTypeOf(found.x).toEqualTypeOf<{ w: NDArray; b: NDArray[] }>();
  expectTypeOf(found.gradient).toEqualTypeOf<{ w: NDArray; b: NDArray[] }>();
  expectTypeOf(found.value).toEqualTypeOf<NDArray>();
  expectTypeOf(found.converged).toEqualTypeOf<boolean>();
  expectTypeOf(found.status).toEqualTypeOf<string>();
  minimize((x) => x.square(), 1, {
    onStep: ({ x, value }) => expectTypeOf([x, value] as const).toEqualTypeOf<readonly [NDArray, number]>(),
  });
  // @ts-expect-error there is no such method
  minimize((x: NDArray) => x, 1, { method: "adam" });
});

test("a report that is traced holds arrays", () => {
  const along = (a: NDArray) => minimize((x) => x.sub(a).square().sum(), array([1]));
  expectTypeOf(jit(along)(array([1])).status).toEqualTypeOf<NDArray>();
  expectTypeOf(jit(along)(array([1])).converged).toEqualTypeOf<NDArray>();
  expectTypeOf(vmap(along)(array([[1]])).status).toEqualTypeOf<NDArray>();
});

test("updates have the form of the gradients", () => {
  const optimizer = adam(0.1);
  const params = { w: array([1]), b: 2 };
  const [updates] = optimizer.update({ w: array([1]), b: array(2) }, optimizer.init(params), params);
  expectTypeOf(updates).toEqualTypeOf<{ w: NDArray; b: NDArray }>();
  expectTypeOf(applyUpdates(params, updates)).toEqualTypeOf<{ w: NDArray; b: NDArray }>();
});

test("a fit takes numbers to start from where the model says that it gets arrays", () => {
  const fit = curveFit((t, { a, b }: { a: NDArray; b: NDArray }) => a.mul(t).add(b), [1, 2, 3], [2, 4, 5], { a: 1, b: 1 });
  expectTypeOf(fit.params).toEqualTypeOf<{ a: NDArray; b: NDArray }>();
  curveFit((t, p) => p.mul(t), [1, 2, 3], [2, 4, 5], 1);
});

test("a list that is written out is a tuple", () => {
  const lines = (p: [NDArray, NDArray]): [NDArray, NDArray] => [p[0].add(p[1]).sub(3), p[0].sub(p[1])];
  expectTypeOf(root(lines, [1, 2]).x).toEqualTypeOf<[NDArray, NDArray]>();
  expectTypeOf(root(([a, b]) => [a.add(b).sub(3), a.sub(b)], [1, 2]).x).toEqualTypeOf<[NDArray, NDArray]>();
  expectTypeOf(odeSolve((_, [q, { p }]) => [p, { p: q.neg() }], [1, { p: 0 }], [0, 1]).ys).toEqualTypeOf<[NDArray, { p: NDArray }]>();
  expectTypeOf(minimize(([a, b]) => a.square().add(b), [1, 2]).x).toEqualTypeOf<[NDArray, NDArray]>();
  expectTypeOf(curveFit((t, [a, b]) => t.mul(a).add(b), [1, 2], [2, 3], [1, 0]).params).toEqualTypeOf<[NDArray, NDArray]>();
});

test("integrals and curves are arrays", () => {
  expectTypeOf(quad((x) => x.sin(), 0, 1).value).toEqualTypeOf<NDArray>();
  expectTypeOf(cubicSpline([0, 1], [0, 1])(0.5)).toEqualTypeOf<NDArray>();
  // @ts-expect-error there is no such boundary
  cubicSpline([0, 1], [0, 1], { boundary: "free" });
});
