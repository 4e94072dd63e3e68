import { grad, type NDArray, stack } from "@ad/core";
import { jvp } from "@ad/forward";
import { hessian, jacfwd, jacrev } from "@ad/functional";
import { jit } from "@ad/jit";
import { vmap } from "@ad/vmap";
import { numbers } from "./matrix/samples.js";

/** A function of the entries of a matrix and of what meets it. */
export type Function = (v: NDArray, x: NDArray) => NDArray;

/** Transformations of every kind, each from a function to one list of results. */
export const transformations: Readonly<Record<string, (f: Function, v: NDArray, x: NDArray) => readonly NDArray[]>> = {
  value: (f, v, x) => [f(v, x)],
  float32: (f, v, x) => [f(v.astype("float32"), x.astype("float32"))],
  "both dtypes": (f, v, x) => [f(v.astype("float32"), x)],
  jit: (f, v, x) => [jit(f)(v, x)],
  gradient: (f, v, x) => grad((a, b) => f(a, b).sin().sum(), { argnums: [0, 1] })(v, x),
  "compiled gradient": (f, v, x) => jit(grad((a: NDArray, b: NDArray) => f(a, b).sin().sum(), { argnums: [0, 1] }))(v, x),
  "gradient of the compiled": (f, v, x) =>
    grad(
      jit((a: NDArray, b: NDArray) => f(a, b).sin().sum()),
      { argnums: [0, 1] },
    )(v, x),
  tangents: (f, v, x) => jvp(f, [v, x], [numbers(v.shape, 5), numbers(x.shape, 6)]),
  "Jacobian by columns": (f, v, x) => jacfwd(f, { argnums: [0, 1] })(v, x),
  "Jacobian by rows": (f, v, x) => jacrev(f, { argnums: [0, 1] })(v, x),
  Hessian: (f, v, x) => [hessian((a: NDArray) => f(a, x).square().sum())(v), hessian((b: NDArray) => f(v, b).square().sum())(x)],
  "gradient of a gradient": (f, v, x) => [
    grad((b: NDArray) =>
      grad((a: NDArray) => f(a, b).sin().sum())(v)
        .square()
        .sum(),
    )(x),
    grad((a: NDArray) =>
      grad((b: NDArray) => f(a, b).sin().sum())(x)
        .square()
        .sum(),
    )(v),
  ],
  "lanes of values": (f, v, x) => [vmap(f, { inAxes: [0, null] })(stack([v, v.mul(2), v.neg()]), x)],
  "lanes of operands": (f, v, x) => [vmap(f, { inAxes: [null, -1] })(v, stack([x, x.mul(2)], -1))],
  "lanes of both": (f, v, x) => [vmap(f)(stack([v, v.mul(2)]), stack([x, x.sin()]))],
  "lanes of lanes": (f, v, x) => [
    vmap((a: NDArray) => vmap((b: NDArray) => f(a, b))(stack([x, x.mul(2), x.sin()])))(stack([v, v.mul(2)])),
    vmap((b: NDArray) => vmap((a: NDArray) => f(a, b))(stack([v, v.mul(2)])))(stack([x, x.mul(2), x.sin()])),
  ],
  "gradient in lanes": (f, v, x) => [
    vmap((a: NDArray) => grad((b: NDArray) => f(a, b).sin().sum())(x))(stack([v, v.mul(2)])),
    vmap((b: NDArray) => grad((a: NDArray) => f(a, b).sin().sum())(v))(stack([x, x.mul(2)])),
  ],
  "gradient of lanes": (f, v, x) => [
    grad((a: NDArray) => vmap((b: NDArray) => f(a, b).sin())(stack([x, x.mul(2)])).sum())(v),
    grad((b: NDArray) => vmap((a: NDArray) => f(a, b).sin())(stack([v, v.mul(2)])).sum())(x),
  ],
  "a batch of values": (f, v, x) => [f(stack([v, v.mul(2)]), x.ndim > 1 ? stack([x, x.sin()]) : x)],
};
