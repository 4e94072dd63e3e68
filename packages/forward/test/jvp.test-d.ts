import { array, grad, linalg, type NDArray, sin } from "@ad/core";
import { expectTypeOf } from "vitest";
import { derivative, jvp, pushforward } from "../src/index.js";

const x = array([1, 2]);
interface Parameters {
  w: NDArray;
  b: [NDArray];
}
declare const parameters: Parameters;

// Tuples, one entry per argument.
expectTypeOf(jvp((y) => y.mul(y), [x], [x])).toEqualTypeOf<[out: NDArray, tangentOut: NDArray]>();
expectTypeOf(jvp((a, b) => a.mul(b), [x, 1], [x, 1])[0]).toEqualTypeOf<NDArray>();
expectTypeOf(jvp((p: Parameters) => ({ u: p.w, n: 1 }), [parameters], [{ w: 1, b: [x] }])[0].u).toEqualTypeOf<NDArray>();
expectTypeOf(jvp((p: Parameters) => ({ u: p.w, n: 1 }), [parameters], [{ w: 1, b: [x] }])[1].n).toEqualTypeOf<NDArray>();
// @ts-expect-error primals are a tuple
jvp((y: NDArray) => y, x, [x]);
// @ts-expect-error tangents are one
jvp((y: NDArray) => y, [x], x);
// @ts-expect-error a tangent is missing
jvp((a: NDArray, b: NDArray) => a.mul(b), [x, x], [x]);
// @ts-expect-error the tangent has another form
jvp((p: Parameters) => p.w, [parameters], [x]);
// @ts-expect-error a misspelt option
jvp((y: NDArray) => y, [x], [x], { hasaux: true });

// hasAux.
expectTypeOf(jvp((y: NDArray) => [y, { note: "aux" }] as const, [x], [x], { hasAux: true })).toEqualTypeOf<
  [out: NDArray, tangentOut: NDArray, aux: { readonly note: "aux" }]
>();

// pushforward.
const [out, push] = pushforward((p: Parameters, y: NDArray) => [p.w.mul(y), y] as const, parameters, 3);
expectTypeOf(out).toEqualTypeOf<[NDArray, NDArray]>();
expectTypeOf(push([{ w: 1, b: [2] }, x])).toEqualTypeOf<[NDArray, NDArray]>();
// @ts-expect-error tangents are a tuple
push({ w: 1, b: [2] }, x);
expectTypeOf(pushforward((y) => y.sin(), x)[1]([x])).toEqualTypeOf<NDArray>();

// derivative.
expectTypeOf(derivative((t) => t.pow(3))(2)).toEqualTypeOf<NDArray>();
expectTypeOf(derivative(derivative((t) => t.pow(3)))(2)).toEqualTypeOf<NDArray>();
expectTypeOf(derivative((t) => ({ position: t, speed: [t] }))(2)).toEqualTypeOf<{ position: NDArray; speed: NDArray[] }>();
// @ts-expect-error one argument
derivative((t) => t)(1, 2);
// @ts-expect-error no string
derivative((t) => t)("1");

// Compositions.
expectTypeOf(
  jvp(
    grad((y) => y.pow(3).sum()),
    [x],
    [x],
  ),
).toEqualTypeOf<[out: NDArray, tangentOut: NDArray]>();
const gradient = grad((p: Parameters) => p.w.sum());
expectTypeOf(jvp(gradient, [parameters], [parameters])[1]).toEqualTypeOf<{ w: NDArray; b: [NDArray] }>();
expectTypeOf(pushforward(gradient, parameters)[0].w).toEqualTypeOf<NDArray>();
expectTypeOf(grad((y) => jvp((z) => z.sum(), [y], [x])[1])(x)).toEqualTypeOf<NDArray>();
expectTypeOf(derivative((a) => jvp((b) => a.mul(b), [2], [a])[1])(3)).toEqualTypeOf<NDArray>();

// Operations as they are.
expectTypeOf(jvp(sin, [x], [x])).toEqualTypeOf<[out: NDArray, tangentOut: NDArray]>();
expectTypeOf(pushforward(linalg.solve, x, x)[1]([x, x])).toEqualTypeOf<NDArray>();
expectTypeOf(jvp(linalg.slogdet, [x], [x])[1].logdet).toEqualTypeOf<NDArray>();
expectTypeOf(derivative(sin)(2)).toEqualTypeOf<NDArray>();
expectTypeOf(derivative((t) => [t.pow(3), "a note"] as const, { hasAux: true })(2)).toEqualTypeOf<[derivative: NDArray, aux: "a note"]>();

// A gradient is a function like others, with one argnums or a list.
expectTypeOf(
  jvp(
    grad((y) => y.pow(3)),
    [x],
    [x],
  ),
).toEqualTypeOf<[out: NDArray, tangentOut: NDArray]>();
expectTypeOf(
  jvp(
    grad((a, b) => a.mul(b), { argnums: [0, 1] }),
    [x, x],
    [x, x],
  ),
).toEqualTypeOf<[out: [NDArray, NDArray], tangentOut: [NDArray, NDArray]]>();
