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

export const special: Calls<"erfInv" | "besselI0" | "besselI1" | "polygamma"> = {
  erfInv: [...unary(real(-0.8, 0.8), zero), ...family((op: Unary, x) => op(x), [of(exactly([0], "int32"), 2)])],
  besselI0: bessel,
  besselI1: bessel,
  polygamma: [
    ...[0, 1, 5].flatMap((n) =>
      calls("polygamma")((polygamma, x) => polygamma(n, x), [of(real(2, 5), 2, 3)], [of(whole(2, 5), 3)], [of(real(2, 5), 0, 2)]),
    ),
    ...calls("polygamma")((polygamma, x) => polygamma(2, x), [of(near(-0.5), 2)], [of(near(1.5))]),
  ],
};
