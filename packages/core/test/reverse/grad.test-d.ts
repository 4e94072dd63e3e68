import ndarray from "ndarray";
import { expectTypeOf } from "vitest";
import {
  array,
  erfInv,
  grad,
  type Leaf,
  linalg,
  type Misfit,
  mul,
  type NDArray,
  type Scalar,
  sin,
  valueAndGrad,
  vjp,
  vjpWithAux,
} from "../../src/index.js";

const x = array([1, 2]);
interface Parameters {
  w: NDArray;
  b: NDArray;
}
declare const parameters: Parameters;
const loss = (p: Parameters, y: NDArray) => p.w.mul(y).add(p.b).sum();

// A bare function infers.
const bare = grad((y) => y.mul(y));
expectTypeOf(bare(x)).toEqualTypeOf<NDArray>();
expectTypeOf(grad((a, b) => a.mul(b))(x, x)).toEqualTypeOf<NDArray>();
expectTypeOf(grad((a, b) => a.mul(b), { argnums: 1 })(x, x)).toEqualTypeOf<NDArray>();
expectTypeOf(grad((y) => mul(y, y)))
  .parameter(0)
  .not.toBeAny();
expectTypeOf(grad(() => 3)).returns.not.toBeAny();

// Any leaf where the function says NDArray.
bare(3);
bare(Float64Array.of(1));
bare(ndarray(new Float32Array(4), [2, 2]));
// @ts-expect-error a string is no leaf
bare("3");
// @ts-expect-error nor is a list, where an array is wanted
bare([1, 2]);
// @ts-expect-error two arguments are wanted
grad(loss)(parameters);

// Trees.
expectTypeOf(grad(loss)(parameters, x)).toEqualTypeOf<{ w: NDArray; b: NDArray }>();
grad(loss)({ w: 1, b: Float64Array.of(2) }, x);
// @ts-expect-error b is missing
grad(loss)({ w: 1 }, x);
expectTypeOf(grad((p: { layers: { w: NDArray }[]; pair: [NDArray, NDArray] }) => p.pair[0])({ layers: [], pair: [1, 2] })).toEqualTypeOf<{
  layers: { w: NDArray }[];
  pair: [NDArray, NDArray];
}>();
expectTypeOf(grad((p: readonly [NDArray, NDArray]) => p[0])([1, 2])).toEqualTypeOf<[NDArray, NDArray]>();

// argnums.
const three = (a: Parameters, b: NDArray, c: { deep: [NDArray] }) => a.w.add(b).add(c.deep[0]);
expectTypeOf(grad(three, { argnums: 2 })(parameters, x, { deep: [1] })).toEqualTypeOf<{ deep: [NDArray] }>();
expectTypeOf(grad(three, { argnums: [1, 0] })(parameters, x, { deep: [x] })).toEqualTypeOf<[NDArray, { w: NDArray; b: NDArray }]>();
expectTypeOf(grad(three, { argnums: [] })(parameters, x, { deep: [x] })).toEqualTypeOf<[]>();
expectTypeOf(grad(three, { argnums: -1 })(parameters, x, { deep: [1] })).toEqualTypeOf<{ deep: [NDArray] }>();
expectTypeOf(grad(three, { argnums: [-2, -3] })(parameters, 2, { deep: [x] })).toEqualTypeOf<[NDArray, { w: NDArray; b: NDArray }]>();
expectTypeOf(grad((...all: NDArray[]) => all[0], { argnums: -1 })(x, 2)).toEqualTypeOf<NDArray>();
// @ts-expect-error 1 is passed as it is
grad(three, { argnums: -1 })(parameters, 1, { deep: [1] });
// @ts-expect-error a position is a number
grad(three, { argnums: "1" });

// An argument that is not differentiated is passed as it is: an NDArray there must be one.
// @ts-expect-error 3 would arrive as a JS number
grad((a: NDArray, b: NDArray) => b.mul(a))(x, 3);
grad((a: NDArray, n: number, flag: boolean, name: string) => a.mul(n))(x, 3, true, "name");
grad((a: NDArray, b: NDArray) => b.mul(a), { argnums: [0, 1] })(x, 3);

// The function returns a scalar.
// @ts-expect-error not undefined
grad((y: NDArray) => {
  y.sum();
});
// @ts-expect-error not a Promise
grad(async (y: NDArray) => y.sum());
// @ts-expect-error not a tree
grad((y: NDArray) => ({ loss: y }));
// @ts-expect-error no pair without hasAux
grad((y: NDArray) => [y, 1] as const);
// @ts-expect-error a misspelt option
grad((y: NDArray) => y, { argNums: 0 });
expectTypeOf<number>().toExtend<Scalar>();

// hasAux.
const withAux = (p: Parameters, y: NDArray) => [p.w.mul(y).sum(), { note: "aux", y }] as const;
expectTypeOf(grad(withAux, { hasAux: true })(parameters, x)).toEqualTypeOf<
  [gradient: { w: NDArray; b: NDArray }, aux: { readonly note: "aux"; readonly y: NDArray }]
>();
expectTypeOf(grad(withAux, { hasAux: true, argnums: [1] })(parameters, x)[0]).toEqualTypeOf<[NDArray]>();
expectTypeOf(grad((y: NDArray) => [y.sum(), { y }], { hasAux: true })(x)).toEqualTypeOf<[gradient: NDArray, aux: { y: NDArray }]>();
expectTypeOf(valueAndGrad(withAux, { hasAux: true })(parameters, x)[0][0]).toEqualTypeOf<NDArray>();
expectTypeOf(valueAndGrad(withAux, { hasAux: true })(parameters, x)[0][1].note).toEqualTypeOf<"aux">();
// @ts-expect-error with hasAux a pair is returned
grad((y: NDArray) => y, { hasAux: true });

// valueAndGrad.
expectTypeOf(valueAndGrad(loss)(parameters, x)).toEqualTypeOf<[value: NDArray, gradient: { w: NDArray; b: NDArray }]>();
expectTypeOf(valueAndGrad((y) => y)(3)).toEqualTypeOf<[value: NDArray, gradient: NDArray]>();
expectTypeOf(valueAndGrad(loss, { argnums: [0, 1] })(parameters, x)[1]).toEqualTypeOf<[{ w: NDArray; b: NDArray }, NDArray]>();

// argnums chooses the result's type wherever the function's own types come from.
expectTypeOf(grad((a, b) => a.mul(b), { argnums: [1, 0] })(x, 2)).toEqualTypeOf<[NDArray, NDArray]>();
expectTypeOf(grad((a, b) => [a.mul(b), b] as const, { argnums: [1], hasAux: true })(x, x)).toEqualTypeOf<
  [gradient: [NDArray], aux: NDArray]
>();
expectTypeOf(grad(three, {})).toEqualTypeOf(grad(three));
expectTypeOf(grad(three, { argnums: [0, 1], hasAux: false })).returns.toEqualTypeOf<[{ w: NDArray; b: NDArray }, NDArray]>();
expectTypeOf(valueAndGrad(withAux, { argnums: [1], hasAux: true })(parameters, x)).toEqualTypeOf<
  [result: [value: NDArray, aux: { readonly note: "aux"; readonly y: NDArray }], gradient: [NDArray]]
>();
expectTypeOf(grad(three, { argnums: [0, 2] })).parameters.toEqualTypeOf<
  [a: { readonly w: Leaf; readonly b: Leaf }, b: NDArray, c: { readonly deep: readonly [Leaf] }]
>();

// Positions that are known at run time alone: every argument may be meant.
type Some = NDArray | { w: NDArray; b: NDArray } | { deep: [NDArray] };
declare const position: number;
declare const positions: readonly number[];
declare const either: number | readonly number[];
expectTypeOf(grad(three, { argnums: position })(parameters, 2, { deep: [1] })).toEqualTypeOf<Some>();
expectTypeOf(grad(three, { argnums: positions })(parameters, 2, { deep: [1] })).toEqualTypeOf<Some[]>();
expectTypeOf(grad(three, { argnums: either })(parameters, 2, { deep: [1] })).toEqualTypeOf<Some | Some[]>();
// @ts-expect-error a position in a list is a number
grad(three, { argnums: ["1"] });
// @ts-expect-error there is no argument 3, and so no gradient
grad(three, { argnums: 3 })(parameters, x, { deep: [x] }).shape;

// Explicit types of the arguments: argnums' type stands beside them, where it is not the default.
expectTypeOf(grad<[NDArray, number]>((a, n) => a.mul(n))(2, 3)).toEqualTypeOf<NDArray>();
expectTypeOf(grad<[NDArray, NDArray], 1>((a, b) => a.mul(b), { argnums: 1 })(x, 3)).toEqualTypeOf<NDArray>();
expectTypeOf(grad<[NDArray, NDArray], readonly [0, 1]>((a, b) => a.mul(b), { argnums: [0, 1] })(3, 3)).toEqualTypeOf<[NDArray, NDArray]>();
expectTypeOf(grad<[NDArray], string>((a) => [a, "aux"], { hasAux: true })(3)).toEqualTypeOf<[gradient: NDArray, aux: string]>();
// @ts-expect-error argnums' type is the default, 0
grad<[NDArray, NDArray]>((a, b) => a.mul(b), { argnums: 1 });
// @ts-expect-error and so it is for a list
grad<[NDArray, NDArray]>((a, b) => a.mul(b), { argnums: [0, 1] });

// Generic wrappers.
const ofAll = <A extends readonly NDArray[]>(f: (...args: A) => Scalar) => grad(f);
expectTypeOf(ofAll((a: NDArray, b: NDArray) => a.mul(b))(3, x)).toEqualTypeOf<NDArray>();
const ofOne = <N extends number>(argnums: N) => grad(three, { argnums });
expectTypeOf(ofOne(2)(parameters, x, { deep: [1] })).toEqualTypeOf<{ deep: [NDArray] }>();
const ofSome = <const L extends readonly number[]>(argnums: L) => grad(three, { argnums });
expectTypeOf(ofSome([1, 0])(parameters, 2, { deep: [x] })).toEqualTypeOf<[NDArray, { w: NDArray; b: NDArray }]>();
const ofAny = <const N extends number | readonly number[]>(argnums: N) => grad(three, { argnums });
expectTypeOf(ofAny(-1)(parameters, x, { deep: [1] })).toEqualTypeOf<{ deep: [NDArray] }>();
expectTypeOf(ofAny([-1])(parameters, x, { deep: [1] })).toEqualTypeOf<[{ deep: [NDArray] }]>();

// Gradients nest.
expectTypeOf(grad(grad((y) => y.pow(3)))(2)).toEqualTypeOf<NDArray>();
expectTypeOf(grad((y: NDArray) => grad(loss)({ w: y, b: 1 }, x).w.sum())(2)).toEqualTypeOf<NDArray>();

// vjp.
const [out, pullback] = vjp((p: Parameters, y: NDArray) => ({ u: p.w.mul(y), n: 3, list: [y] as [NDArray] }), parameters, 2);
expectTypeOf(out).toEqualTypeOf<{ u: NDArray; n: NDArray; list: [NDArray] }>();
expectTypeOf(pullback({ u: x, n: 0, list: [1] })).toEqualTypeOf<[{ w: NDArray; b: NDArray }, NDArray]>();
// @ts-expect-error the cotangent lacks n and list
pullback({ u: x });
expectTypeOf(vjp((y) => y, x)[1](x)[0]).toEqualTypeOf<NDArray>();
expectTypeOf(vjp((a, b) => a.mul(b), x, x)[0]).toEqualTypeOf<NDArray>();
// @ts-expect-error a primal is missing
vjp((a: NDArray, b: NDArray) => a.mul(b), x);
// @ts-expect-error a string is no primal
vjp((a: NDArray) => a, "x");
expectTypeOf(vjpWithAux((y: NDArray) => [y, "aux" as string] as const, x)[2]).toEqualTypeOf<string>();
expectTypeOf(vjpWithAux((y: NDArray) => [{ y }, 1] as const, x)[0]).toEqualTypeOf<{ readonly y: NDArray }>();

const gradient = grad(loss);
expectTypeOf(vjp(gradient, parameters, x)[0]).toEqualTypeOf<{ w: NDArray; b: NDArray }>();

// Operations as they are.
expectTypeOf(grad(linalg.det)(x)).toEqualTypeOf<NDArray>();
expectTypeOf(grad(mul, { argnums: [0, 1] })(x, 3)).toEqualTypeOf<[NDArray, NDArray]>();
expectTypeOf(valueAndGrad(erfInv)(0.5)).toEqualTypeOf<[value: NDArray, gradient: NDArray]>();
expectTypeOf(vjp(linalg.inv, x)[0]).toEqualTypeOf<NDArray>();
expectTypeOf(vjp(linalg.inv, x)[1](x)).toEqualTypeOf<[NDArray]>();
expectTypeOf(vjp(sin, Float64Array.of(1))[1](1)[0]).toEqualTypeOf<NDArray>();
// @ts-expect-error to a transformation a list is a container
grad(linalg.det)([[1]]);
// @ts-expect-error a string is no array
vjp(sin, "x");

// An argument that is differentiated arrives as an NDArray: a parameter that says otherwise is refused, and the argument's type says why.
expectTypeOf(grad((n: number) => n * n))
  .parameter(0)
  .toEqualTypeOf<Misfit<number>>();
expectTypeOf(grad((p: { w: NDArray; rate: number }) => p.w.mul(p.rate)))
  .parameter(0)
  .toEqualTypeOf<{ readonly w: Leaf; readonly rate: Misfit<number> }>();
expectTypeOf(grad((p: { w: NDArray; name: string }) => p.w))
  .parameter(0)
  .toEqualTypeOf<{ readonly w: Leaf; readonly name: Misfit<string> }>();
expectTypeOf(grad((xs: Float64Array) => array(xs).sum()))
  .parameter(0)
  .toEqualTypeOf<Misfit<Float64Array>>();
expectTypeOf<Misfit<bigint>>().toExtend<`the function gets an NDArray here${string}`>();
// @ts-expect-error a bigint is no leaf
grad((_: bigint) => x.sum())(1n);
expectTypeOf<Misfit<number>>().toExtend<`the function gets an NDArray here${string}`>();
expectTypeOf<Misfit<string>>().toExtend<`a string has no derivative${string}`>();
// @ts-expect-error a number has no mul
grad((n: number) => n * n)(2);
// @ts-expect-error nor has the number that argnums chooses
grad((a: NDArray, n: number) => a.mul(n), { argnums: [0, 1] })(x, 3);
// @ts-expect-error a string in a tree
valueAndGrad((p: { w: NDArray; name: string }) => p.w)({ w: x, name: "w" });
// @ts-expect-error a pullback is by all arguments
vjp((a: NDArray, n: number) => a.mul(n), x, 3);
// An array or a number is both.
expectTypeOf(grad((s: Scalar) => mul(s, s)))
  .parameter(0)
  .toEqualTypeOf<Leaf>();
expectTypeOf(grad((p: { w: Scalar; b: NDArray | null }) => mul(p.w, 2)))
  .parameter(0)
  .toEqualTypeOf<{ readonly w: Leaf; readonly b: Leaf | null }>();
