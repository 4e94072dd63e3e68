import type { ArrayLike, NDArray } from "@ad/core";
import { type Domain, exactly, near, of, real, signed, whole } from "../inputs.js";
import { type Call, type Calls, calls, family } from "./operation.js";

type Unary = (x: ArrayLike) => NDArray;

const unary = (...domains: readonly Domain[]): Call<Unary>[] =>
  domains.flatMap((from) => family((op: Unary, x) => op(x), [of(from, 2, 3)], [of(from)], [of(from, 0, 2)]));

const zero = exactly([0]);

const bessel = [
  ...unary(real(-2, 2), zero),
  ...family((op: Unary, x) => op(x), [of(whole(-2, 2), 2, 2)]),
  // On both sides of where they change their method. They are as steep there as exp.
  ...family((op: Unary, x) => op(x).abs().log(), [of(signed(7, 12), 2, 3)]),
];

/** On both sides of where they change their method. */
const oscillating = (from: Domain): Call<Unary>[] => [
  ...unary(from, real(3.5, 4.5), real(7.5, 8.5)),
  ...family((op: Unary, x) => op(x), [of(whole(1, 12), 2, 2)]),
];

type Binary = (x: ArrayLike, y: ArrayLike) => NDArray;

const binary = (x: Domain, y: Domain): Call<Binary>[] =>
  family(
    (op: Binary, a, b) => op(a, b),
    [of(x, 2, 3), of(y, 2, 3)],
    [of(x, 2, 1), of(y, 3)],
    [of(x), of(y, 2)],
    [of(x, 0, 2), of(y, 2)],
    [of(whole(1, 4), 3), of(y, 3)],
    [of(zero, 2), of(y, 2)],
  );

/** On both sides of where they change their method. */
const incomplete: readonly Call<Binary>[] = [
  ...family(
    (op: Binary, a, x) => op(a, x),
    [of(real(0.5, 5), 2, 3), of(real(0.5, 6), 2, 3)],
    [of(whole(1, 5), 2, 1), of(real(0.5, 6), 3)],
    [of(real(2, 5), 0, 2), of(real(0.5, 6), 2)],
    [of(real(0.2, 0.8), 2), of(real(0.2, 3), 2)],
    [of(real(18, 22), 2), of(real(15, 25), 2)],
  ),
];

type Ternary = (a: ArrayLike, b: ArrayLike, x: ArrayLike) => NDArray;

type Name =
  | ("erfInv" | "besselI0" | "besselI1" | "polygamma" | "erfcx" | "gammaln" | "logit" | "logNdtr" | "ndtr" | "ndtri")
  | ("besselJ0" | "besselJ1" | "besselY0" | "besselY1")
  | ("multigammaln" | "xlogy" | "xlog1py" | "zeta" | "gammainc" | "gammaincc" | "beta" | "betainc");

export const special: Calls<Name> = {
  erfcx: [...unary(real(-1.5, 1.5), real(3, 6), zero), ...family((op: Unary, x) => op(x), [of(whole(-1, 3), 2)])],
  gammaln: [...unary(real(1, 4)), ...family((op: Unary, x) => op(x), [of(whole(1, 5), 2)])],
  gammainc: incomplete,
  gammaincc: incomplete,
  logit: [...unary(real(0.2, 0.8)), ...family((op: Unary, x) => op(x.mul(0.1).add(0.5)), [of(whole(-2, 2), 2)])],
  logNdtr: [...unary(real(-2, 2), zero), ...family((op: Unary, x) => op(x), [of(whole(-6, 3), 2)])],
  ndtr: [...unary(real(-2, 2), zero), ...family((op: Unary, x) => op(x), [of(whole(-2, 3), 2)])],
  ndtri: [...unary(real(0.2, 0.8)), ...family((op: Unary, x) => op(x.mul(0.1).add(0.5)), [of(whole(-2, 2), 2)])],
  multigammaln: [1, 3].flatMap((d) =>
    calls("multigammaln")((multigammaln, x) => multigammaln(x, d), [of(real(2, 5), 2, 3)], [of(whole(2, 5), 3)], [of(real(2, 5), 0, 2)]),
  ),
  beta: family(
    (op: Binary, a, b) => op(a, b),
    [of(real(1, 4), 2, 2), of(real(1, 4), 2, 2)],
    [of(real(1, 4), 2, 1), of(real(1, 4), 2)],
    [of(whole(1, 3), 2), of(real(1, 4), 2)],
    [of(real(1, 4), 0), of(real(1, 4))],
  ),
  betainc: family(
    (op: Ternary, a, b, x) => op(a, b, x),
    [of(real(0.6, 4), 2, 2), of(real(0.6, 4), 2, 2), of(real(0.1, 0.9), 2, 2)],
    [of(real(1, 4), 2, 1), of(real(1, 4), 2), of(real(0.1, 0.9))],
    [of(whole(1, 3), 2), of(real(20, 24), 2), of(real(0.05, 0.15), 2)],
    [of(real(20, 24), 2), of(real(10, 14), 2), of(real(0.5, 0.8), 2)],
    [of(real(1, 4), 0), of(real(1, 4)), of(real(0.2, 0.8))],
  ),
  xlogy: binary(real(-2, 2), real(0.5, 3)),
  xlog1py: binary(real(-2, 2), real(-0.5, 2)),
  zeta: [
    ...family(
      (op: Binary, s, q) => op(s, q),
      [of(real(2, 5), 2, 2), of(real(0.6, 3), 2, 2)],
      [of(real(2, 5), 2, 1), of(real(0.6, 3), 2)],
      [of(whole(2, 5), 2), of(whole(1, 3), 2)],
      [of(real(2, 5), 0), of(real(0.6, 3))],
    ),
    ...calls("zeta")((zeta, s) => zeta(s), [of(real(2, 5), 2)]),
  ],
  erfInv: [...unary(real(-0.8, 0.8), zero), ...family((op: Unary, x) => op(x), [of(exactly([0], "int32"), 2)])],
  besselI0: bessel,
  besselI1: bessel,
  besselJ0: oscillating(real(-2, 2)),
  besselJ1: [...oscillating(real(-2, 2)), ...unary(zero)],
  besselY0: oscillating(real(0.5, 2)),
  besselY1: oscillating(real(0.5, 2)),
  polygamma: [
    ...[0, 1, 5].flatMap((n) =>
      calls("polygamma")((polygamma, x) => polygamma(n, x), [of(real(2, 5), 2, 3)], [of(whole(2, 5), 3)], [of(real(2, 5), 0, 2)]),
    ),
    ...calls("polygamma")((polygamma, x) => polygamma(2, x), [of(near(-0.5), 2)], [of(near(1.5))]),
  ],
};
