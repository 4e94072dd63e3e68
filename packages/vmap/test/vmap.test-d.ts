import { array, grad, linalg, type NDArray, valueAndGrad } from "@ad/core";
import { expectTypeOf } from "vitest";
import { allGather, axisIndex, pmean, psum, vmap } from "../src/index.js";

const x = array([
  [1, 2],
  [3, 4],
]);

expectTypeOf(vmap((y) => y.sum())(x)).toEqualTypeOf<NDArray>();
expectTypeOf(vmap((a, b) => a.dot(b))(x, x)).toEqualTypeOf<NDArray>();
expectTypeOf(
  vmap((p: { w: NDArray; b: [NDArray] }, n: NDArray) => ({ u: p.w.mul(n), n: 3, list: [p.b[0]] }))({ w: x, b: [x] }, x),
).toEqualTypeOf<{
  u: NDArray;
  n: NDArray;
  list: NDArray[];
}>();
vmap((y) => y, { inAxes: 1, outAxes: -1 })(Float64Array.of(1));
vmap((p: { a: NDArray }, b: NDArray) => [p.a, b] as const, { inAxes: [{ a: 0 }, null], outAxes: [0, null] })({ a: x }, x);
vmap((a: NDArray, k: number, on: boolean, p: { name: string }) => (on ? a.mul(k) : a[p.name as "neg"]()), {
  inAxes: [0, null, null, null],
})(x, 2, true, { name: "neg" });
// @ts-expect-error what is not mapped comes as it is: a number is no NDArray
vmap((a: NDArray, k: NDArray) => k.mul(a), { inAxes: [0, null] })(x, 2);
expectTypeOf(vmap((y: NDArray) => [y, null])(x)).toEqualTypeOf<[NDArray, null]>();
expectTypeOf(vmap((y) => [y, null] as const)(x)).toEqualTypeOf<[NDArray, null]>();
// @ts-expect-error an axis is a number, null or a tree of these
vmap((y: NDArray) => y, { inAxes: "0" });
// @ts-expect-error a misspelt option
vmap((y: NDArray) => y, { inAxis: 0 });
// @ts-expect-error an argument is missing
vmap((a: NDArray, b: NDArray) => a.add(b))(x);
// @ts-expect-error no string
vmap((y: NDArray) => y)("x");

expectTypeOf(vmap(vmap((y) => y.square()))(x)).toEqualTypeOf<NDArray>();
expectTypeOf(vmap(grad((y) => y.sum()))(x)).toEqualTypeOf<NDArray>();
expectTypeOf(
  vmap(
    grad((p: { w: NDArray }, y: NDArray) => p.w.dot(y)),
    { inAxes: [null, 0] },
  )({ w: x }, x),
).toEqualTypeOf<{ w: NDArray }>();
expectTypeOf(vmap(valueAndGrad((y) => y.sum()))(x)).toEqualTypeOf<[value: NDArray, gradient: NDArray]>();

expectTypeOf(psum(x, "i")).toEqualTypeOf<NDArray>();
expectTypeOf(pmean({ a: x, b: [x, 1] as [NDArray, number] }, "i")).toEqualTypeOf<{ a: NDArray; b: [NDArray, NDArray] }>();
expectTypeOf(allGather(1, "i")).toEqualTypeOf<NDArray>();
expectTypeOf(axisIndex("i")).toEqualTypeOf<NDArray>();
expectTypeOf(vmap((y) => psum(y, "i"), { axisName: "i" })(x)).toEqualTypeOf<NDArray>();
expectTypeOf(vmap((y) => y, { chunkSize: 2 })(x)).toEqualTypeOf<NDArray>();
// @ts-expect-error the name is missing
psum(x);
// @ts-expect-error a name is a string
vmap((y: NDArray) => y, { axisName: 1 });

// Operations as they are.
expectTypeOf(vmap(linalg.det)(x)).toEqualTypeOf<NDArray>();
expectTypeOf(vmap(linalg.solve, { inAxes: [0, null] })(x, x)).toEqualTypeOf<NDArray>();
expectTypeOf(vmap(linalg.eigh)(x).values).toEqualTypeOf<NDArray>();
expectTypeOf(vmap(grad(linalg.det))(x)).toEqualTypeOf<NDArray>();
