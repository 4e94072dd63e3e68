import { array, grad, linalg, type NDArray, sin, softmax } from "@ad/core";
import { expectTypeOf } from "vitest";
import {
  acrossBatch,
  batchJacobian,
  batchJvp,
  batchVjp,
  checkGrad,
  hessian,
  hessianDiagonal,
  hvp,
  jacfwd,
  jacobian,
  jacrev,
  jvpMany,
  laplacian,
  linearTranspose,
  pushforward,
  valueAndJacobian,
  valueGradHessian,
  vhp,
  vjpMany,
} from "../src/index.js";

const x = array([1, 2]);
interface Parameters {
  w: NDArray;
  b: [NDArray];
}
interface Derivatives {
  w: NDArray;
  b: [NDArray];
}
declare const parameters: Parameters;
const f = (p: Parameters, y: NDArray) => ({ u: p.w.mul(y), list: [y, 3] as [NDArray, number] });

// A bare function infers, whichever way.
expectTypeOf(jacobian((y) => y.sin())(x)).toEqualTypeOf<NDArray>();
expectTypeOf(jacfwd((y) => y.sin(), { vectorize: false })(3)).toEqualTypeOf<NDArray>();
expectTypeOf(jacrev((a, b) => a.mul(b), { argnums: 1 })(x, x)).toEqualTypeOf<NDArray>();
expectTypeOf(hessian((y) => y.prod())(x)).toEqualTypeOf<NDArray>();
expectTypeOf(jacobian(jacobian((y) => y.sin()))(x)).toEqualTypeOf<NDArray>();

// A tree of trees.
expectTypeOf(jacobian(f)(parameters, x)).toEqualTypeOf<{ u: Derivatives; list: [Derivatives, Derivatives] }>();
expectTypeOf(jacrev(f, { argnums: 1 })(parameters, x)).toEqualTypeOf<{ u: NDArray; list: [NDArray, NDArray] }>();
expectTypeOf(jacrev(f, { argnums: -2 })(parameters, x)).toEqualTypeOf<{ u: Derivatives; list: [Derivatives, Derivatives] }>();
expectTypeOf(jacfwd(f, { argnums: [-1, 0] })(parameters, x).u).toEqualTypeOf<[NDArray, Derivatives]>();
expectTypeOf(jacfwd(f, { argnums: [1, 0] })(parameters, x).u).toEqualTypeOf<[NDArray, Derivatives]>();
expectTypeOf(jacobian((y: NDArray) => [y, { z: y }] as const)(x)).toEqualTypeOf<[NDArray, { readonly z: NDArray }]>();

// Of a scalar function the argument's tree, with the argument's tree at each leaf.
const scalar = (p: Parameters, y: NDArray) => p.w.dot(y);
expectTypeOf(hessian(scalar)(parameters, x).b[0].w).toEqualTypeOf<NDArray>();
expectTypeOf(hessian(scalar, { argnums: [0, 1] })(parameters, x)[1][0]).toEqualTypeOf<Derivatives>();
expectTypeOf(hessian(f)(parameters, x).u.w.b[0]).toEqualTypeOf<NDArray>();

// Null is an empty container in results.
expectTypeOf(jacobian((y: NDArray) => ({ out: y, none: null }))(x)).toEqualTypeOf<{ out: NDArray; none: null }>();

// A list that is written out is a tuple.
expectTypeOf(jacobian((y: NDArray) => [y, { y }])(x)).toEqualTypeOf<[NDArray, { y: NDArray }]>();
expectTypeOf(jacobian((y: NDArray) => [y, "aux"], { hasAux: true })(x)).toEqualTypeOf<[jacobian: NDArray, aux: string]>();

// hasAux.
expectTypeOf(jacobian((y: NDArray) => [y, "aux" as string] as const, { hasAux: true })(x)).toEqualTypeOf<
  [jacobian: NDArray, aux: string]
>();
expectTypeOf(hessian((y: NDArray) => [y, 1] as const, { hasAux: true })(x)[1]).toEqualTypeOf<1>();
expectTypeOf(jacrev((y: NDArray) => [y, 1] as const, { hasAux: true, argnums: [0] })(x)[0]).toEqualTypeOf<[NDArray]>();

// Wrong use.
// @ts-expect-error no such strategy
jacobian((y: NDArray) => y, { strategy: "backward" });
// @ts-expect-error jacfwd has none to choose
jacfwd((y: NDArray) => y, { strategy: "forward" });
// @ts-expect-error a misspelt option
hessian((y: NDArray) => y, { vectorise: false });
// @ts-expect-error an argument is missing
jacobian(f)(parameters);
// @ts-expect-error what is not differentiated is passed as it is
jacobian(scalar)(parameters, 3);
jacobian(scalar, { argnums: [0, 1] })({ w: 1, b: [2] }, 3);

// Products: tuples in, tuples out.
expectTypeOf(hvp((y) => y.sum(), [x], [x])).toEqualTypeOf<[value: NDArray, product: [y: NDArray]]>();
expectTypeOf(hvp(scalar, [parameters, x], [{ w: 1, b: [1] }, x])[1]).toEqualTypeOf<[Derivatives, NDArray]>();
expectTypeOf(vhp(scalar, [parameters, x], [parameters, 1])[1]).toEqualTypeOf<[Derivatives, NDArray]>();
expectTypeOf(jvpMany(f, [parameters, x], [parameters, x])[1]).toEqualTypeOf<{ u: NDArray; list: [NDArray, NDArray] }>();
expectTypeOf(vjpMany(f, [parameters, x], { u: x, list: [x, x] })).toEqualTypeOf<
  [out: { u: NDArray; list: [NDArray, NDArray] }, products: [Derivatives, NDArray]]
>();
expectTypeOf(batchJvp((y) => y.sum(), [x], [x])).toEqualTypeOf<[outs: NDArray, products: NDArray]>();
expectTypeOf(batchVjp(f, [parameters, x], { u: x, list: [x, x] })[1]).toEqualTypeOf<[Derivatives, NDArray]>();
// @ts-expect-error primals are a tuple
jvpMany((y: NDArray) => y, x, [x]);
// @ts-expect-error so are tangents
batchJvp((y: NDArray) => y, [x], x);
// @ts-expect-error the Hessian is of a scalar function
hvp((y: NDArray) => ({ y }), [x], [x]);
// @ts-expect-error the cotangents have the result's form
vjpMany(f, [parameters, x], x);

// Compositions over trees.
const gradient = grad(scalar);
expectTypeOf(jvpMany(gradient, [parameters, x], [parameters, x])[1]).toEqualTypeOf<Derivatives>();
expectTypeOf(jacobian(grad(scalar))(parameters, x).w.b[0]).toEqualTypeOf<NDArray>();
expectTypeOf(batchVjp(gradient, [parameters, x], parameters)[1][1]).toEqualTypeOf<NDArray>();

// Every option on each of the four.
const all = { vectorize: true, chunkSize: 2, memoryBudget: 1e6, strict: true, argnums: [0], hasAux: false } as const;
expectTypeOf(jacobian(f, { ...all, strategy: "auto" })(parameters, x).u).toEqualTypeOf<[Derivatives]>();
expectTypeOf(jacfwd(f, all)(parameters, x).list[1]).toEqualTypeOf<[Derivatives]>();
expectTypeOf(jacrev(f, all)(parameters, x).u).toEqualTypeOf<[Derivatives]>();
expectTypeOf(
  hessian(scalar, { ...all, outerStrategy: "auto", innerStrategy: "forward" })(parameters, x)[0].w[0].w,
).toEqualTypeOf<NDArray>();
// @ts-expect-error a size is a number
jacobian((y: NDArray) => y, { chunkSize: "all" });
// @ts-expect-error hessian has two strategies
hessian((y: NDArray) => y, { strategy: "forward" });

// Several results from one run.
expectTypeOf(valueAndJacobian((y) => y.sin())(x)).toEqualTypeOf<[value: NDArray, jacobian: NDArray]>();
expectTypeOf(valueAndJacobian(f)(parameters, x)[1].u).toEqualTypeOf<Derivatives>();
expectTypeOf(valueAndJacobian((y: NDArray) => [y, "aux" as string] as const, { hasAux: true })(x)).toEqualTypeOf<
  [result: [value: NDArray, aux: string], jacobian: NDArray]
>();
expectTypeOf(valueGradHessian((y) => y.prod())(x)).toEqualTypeOf<[value: NDArray, gradient: NDArray, hessian: NDArray]>();
expectTypeOf(valueGradHessian(scalar)(parameters, x)[2].b[0].w).toEqualTypeOf<NDArray>();
expectTypeOf(valueGradHessian((y: NDArray) => [y.sum(), 1 as number] as const, { hasAux: true, argnums: [0] })(x)).toEqualTypeOf<
  [result: [value: NDArray, aux: number], gradient: [NDArray], hessian: [[NDArray]]]
>();

// Second derivatives without the Hessian.
expectTypeOf(hessianDiagonal((y) => y.prod())(x)).toEqualTypeOf<NDArray>();
expectTypeOf(hessianDiagonal(scalar)(parameters, x)).toEqualTypeOf<Derivatives>();
expectTypeOf(hessianDiagonal(scalar, { argnums: [1, 0] })(parameters, x)).toEqualTypeOf<[NDArray, Derivatives]>();
expectTypeOf(laplacian((y) => y.prod())(x)).toEqualTypeOf<NDArray>();
expectTypeOf(laplacian(f, { argnums: [0, 1] })(parameters, x)).toEqualTypeOf<{ u: NDArray; list: [NDArray, NDArray] }>();
expectTypeOf(laplacian((y: NDArray) => [y.sum(), "n" as string] as const, { hasAux: true })(x)).toEqualTypeOf<
  [laplacian: NDArray, aux: string]
>();
// @ts-expect-error the outer derivatives are always had forward
laplacian((y: NDArray) => y, { outerStrategy: "reverse" });

// Linear maps: a tuple for a tuple, one argument's form for one argument.
expectTypeOf(linearTranspose((y) => y.mul(2), x)(x)).toEqualTypeOf<NDArray>();
expectTypeOf(linearTranspose((y) => y.mul(2), [x])(x)).toEqualTypeOf<[y: NDArray]>();
expectTypeOf(linearTranspose((p: Parameters) => p.w.add(p.b[0]), { w: 1, b: [2] })(x)).toEqualTypeOf<Derivatives>();
expectTypeOf(linearTranspose((p: Parameters, y: NDArray) => ({ z: p.w.add(y) }), [parameters, x])({ z: x })).toEqualTypeOf<
  [Derivatives, NDArray]
>();
// @ts-expect-error the cotangent has the result's form
linearTranspose((y: NDArray) => ({ y }), x)(x);
expectTypeOf(pushforward(f, parameters, x)[1]([parameters, 1]).u).toEqualTypeOf<NDArray>();

// Batches.
expectTypeOf(batchJacobian((y) => y.sin())(x)).toEqualTypeOf<NDArray>();
expectTypeOf(batchJacobian(f, { interactions: "verify" })(parameters, x)).toEqualTypeOf<{
  u: Derivatives;
  list: [Derivatives, Derivatives];
}>();
expectTypeOf(batchJacobian(f, { argnums: [1], chunkSize: 3 })(parameters, x).u).toEqualTypeOf<[NDArray]>();
expectTypeOf(batchJacobian((y: NDArray) => [y, 1 as number] as const, { hasAux: true })(x)).toEqualTypeOf<
  [jacobian: NDArray, aux: number]
>();
// @ts-expect-error no such way with rows
batchJacobian((y: NDArray) => y, { interactions: "mean" });
expectTypeOf(acrossBatch((y: NDArray, n: number) => ({ z: y.mul(n) }))(x, 2)).toEqualTypeOf<{ z: NDArray }>();

// Checks.
expectTypeOf(checkGrad((y) => y.sin(), [x])).toEqualTypeOf<void>();
checkGrad(scalar, [{ w: 1, b: [2] }, x], { order: 2, modes: ["forward"] });
// @ts-expect-error the arguments are a tuple
checkGrad((y: NDArray) => y, x);

// Operations as they are.
expectTypeOf(jacobian(softmax)(x)).toEqualTypeOf<NDArray>();
expectTypeOf(jacrev(linalg.solve, { argnums: [0, 1] })(x, x)).toEqualTypeOf<[NDArray, NDArray]>();
expectTypeOf(jacfwd(linalg.slogdet)(x).logdet).toEqualTypeOf<NDArray>();
expectTypeOf(hessian(linalg.det)(x)).toEqualTypeOf<NDArray>();
expectTypeOf(jvpMany(sin, [x], [x])[1]).toEqualTypeOf<NDArray>();
expectTypeOf(hvp(linalg.det, [x], [x])[0]).toEqualTypeOf<NDArray>();
expectTypeOf(batchJacobian(sin)(x)).toEqualTypeOf<NDArray>();

// hasAux of the products.
const noted = (y: NDArray): [NDArray, { note: string; y: NDArray }] => [y.sum(), { note: "a note", y }];
const aux = { hasAux: true } as const;
expectTypeOf(hvp(noted, [x], [x], aux)).toEqualTypeOf<[value: NDArray, product: [y: NDArray], aux: { note: string; y: NDArray }]>();
expectTypeOf(jvpMany(noted, [x], [x], aux)).toEqualTypeOf<[out: NDArray, products: NDArray, aux: { note: string; y: NDArray }]>();
expectTypeOf(vjpMany(noted, [x], x, aux)[1]).toEqualTypeOf<[y: NDArray]>();

// argnums gives a tree or a tuple of trees, and goes through compositions.
declare const either: number | readonly number[];
const pair = (p: Parameters, y: NDArray) => [p.w.dot(y), "aux" as string] as const;
expectTypeOf(jacobian((a, b) => ({ u: a.mul(b) }), { argnums: [0, 1] })(x, 2)).toEqualTypeOf<{ u: [NDArray, NDArray] }>();
expectTypeOf(jacrev(f, { argnums: either })(parameters, x).u).toEqualTypeOf<NDArray | Derivatives | (NDArray | Derivatives)[]>();
expectTypeOf(jacfwd(pair, { argnums: -1, hasAux: true })(parameters, 2)).toEqualTypeOf<[jacobian: NDArray, aux: string]>();
expectTypeOf(valueAndJacobian(pair, { argnums: [1, 0], hasAux: true })(parameters, 2)).toEqualTypeOf<
  [result: [value: NDArray, aux: string], jacobian: [NDArray, Derivatives]]
>();
expectTypeOf(hessian(scalar, { argnums: 1 })(parameters, 2)).toEqualTypeOf<NDArray>();
expectTypeOf(hessian(pair, { argnums: [1], hasAux: true })(parameters, 2)).toEqualTypeOf<[hessian: [[NDArray]], aux: string]>();
expectTypeOf(valueGradHessian(scalar, { argnums: [1] })(parameters, 2)).toEqualTypeOf<
  [value: NDArray, gradient: [NDArray], hessian: [[NDArray]]]
>();
expectTypeOf(hessianDiagonal(pair, { argnums: [1], hasAux: true })(parameters, 2)).toEqualTypeOf<[diagonal: [NDArray], aux: string]>();
expectTypeOf(batchJacobian(pair, { argnums: [1], hasAux: true })(parameters, 2)).toEqualTypeOf<[jacobian: [NDArray], aux: string]>();
expectTypeOf(jacrev(grad(scalar, { argnums: [1] }), { argnums: 1 })(parameters, x)).toEqualTypeOf<[NDArray]>();
// @ts-expect-error there is no such strategy
jacobian(f, { argnums: [0], strategy: "sideways" });

// A function that returns numbers: a message, and no type without an end.
const noSecond = hessian((y) => y.toArray())(x);
expectTypeOf(noSecond).extract<string>().toEqualTypeOf<"numbers have no derivative: return the array, and leave toArray out">();
// @ts-expect-error "numbers have no derivative: return the array, and leave toArray out"
jacobian((y: NDArray) => y.toArray())(x).shape;
expectTypeOf(hessian((y) => [y, [y]])(x)).toEqualTypeOf<[NDArray, NDArray[]]>();
