import { type NamesOf, none } from "@ad/core/internals/trace";
import { as, type Domain, distinct, exactly, fractions, near, of, real, signed, truth, whole } from "../inputs.js";
import { binary, type Samples, unary } from "./sample.js";

const any = real(-2, 2);
const positive = real(0.5, 3);
const open = real(-0.8, 0.8);
/** Where rules tend to have cases, though the functions have none. */
const atZero = exactly([0, 0.7, 0, -0.7]);
const integers = whole(-5, 5);
const special = exactly([Number.NaN, 1, Number.POSITIVE_INFINITY, -2, Number.NEGATIVE_INFINITY, 0]);

/** Whole numbers, which some kernels treat apart. */
const int = (shape: readonly number[], from: Domain = integers) => ({ ...from, shape });

export const elementwise: Samples<NamesOf<"elementwise">> = {
  neg: [...unary(any, none), { operands: [int([2, 3])], params: none }, ...unary(atZero, none)],
  sechSquare: [...unary(any, none), ...unary(atZero, none)],
  oneMinusSquare: [...unary(any, none), ...unary(atZero, none)],
  abs: [...unary(signed(0.2, 2), none), { operands: [int([2, 3])], params: none }],
  sign: [...unary(signed(0.2, 2), none), { operands: [int([2, 3])], params: none }],
  square: [...unary(any, none), { operands: [int([2, 3], whole(-70000, 70000))], params: none }, ...unary(atZero, none)],
  sqrt: unary(positive, none),
  rsqrt: unary(positive, none),
  cbrt: unary(signed(0.5, 3), none),
  reciprocal: unary(signed(0.6, 2), none),
  exp: [...unary(any, none), ...unary(atZero, none)],
  exp2: [...unary(any, none), ...unary(atZero, none)],
  expm1: [...unary(any, none), ...unary(atZero, none)],
  log: unary(positive, none),
  log2: unary(positive, none),
  log10: unary(positive, none),
  log1p: [...unary(real(-0.5, 2), none), ...unary(atZero, none)],
  sin: [...unary(any, none), ...unary(atZero, none)],
  cos: [...unary(any, none), ...unary(atZero, none)],
  tan: [...unary(real(-1, 1), none), ...unary(atZero, none)],
  asin: [...unary(open, none), ...unary(atZero, none)],
  acos: [...unary(open, none), ...unary(atZero, none)],
  atan: [...unary(any, none), ...unary(atZero, none)],
  sinh: [...unary(any, none), ...unary(atZero, none)],
  cosh: [...unary(any, none), ...unary(atZero, none)],
  tanh: [...unary(any, none), ...unary(atZero, none)],
  asinh: [...unary(any, none), ...unary(atZero, none)],
  acosh: unary(real(1.5, 4), none),
  atanh: [...unary(open, none), ...unary(atZero, none)],
  sigmoid: [...unary(real(-4, 4), none), ...unary(atZero, none)],
  softplus: [...unary(real(-4, 4), none), ...unary(atZero, none)],
  relu: unary(signed(0.2, 2), none),
  erf: [...unary(any, none), ...unary(atZero, none)],
  erfc: [...unary(any, none), ...unary(atZero, none)],
  normalCdf: [...unary(any, none), ...unary(atZero, none)],
  lgamma: [...unary(real(0.7, 4), none), ...unary(real(5, 30), none), ...unary(fractions(-3, 0), none)],
  polygamma: [
    ...unary(real(1, 4), { n: 0 }),
    ...unary(real(5, 20), { n: 0 }),
    ...unary(real(1, 4), { n: 1 }),
    ...unary(real(2, 9), { n: 3 }),
  ],
  floor: unary(fractions(-3, 3), none),
  ceil: unary(fractions(-3, 3), none),
  round: [...unary(fractions(-3, 3), none), ...unary(near(-1.3, 0.8, 2.2), none)],
  trunc: unary(fractions(-3, 3), none),
  stopGradient: unary(any, none).map((sample) => ({ ...sample, constant: true as const })),
  isNaN: unary(special, none),
  isFinite: unary(special, none),
  not: unary(truth, none),
  wrapIndex: unary(whole(-4, 3), { size: 4, op: "sample" }),

  add: [...binary(any, any, none), { operands: [int([2, 3]), int([2, 3])], params: none }],
  sub: [...binary(any, any, none), { operands: [int([2, 3]), int([2, 3])], params: none }],
  mul: [
    ...binary(any, any, none),
    { operands: [int([2, 3], whole(-70000, 70000)), int([2, 3], whole(-70000, 70000))], params: none },
    ...binary(atZero, exactly([0, 0, 1, 2]), none),
  ],
  div: [...binary(any, signed(0.6, 2), none), ...binary(atZero, signed(0.6, 2), none)],
  pow: [
    ...binary(positive, any, none),
    { operands: [int([2, 3]), int([2, 3], whole(0, 5))], params: none },
    ...binary(positive, exactly([0, 1, 2, -1]), none),
  ],
  mod: [
    ...binary(real(2.2, 2.8), real(1.5, 2), none),
    ...binary(real(-1.2, -0.2), real(1.5, 2), none),
    ...binary(real(4.2, 4.8), real(-2, -1.7), none),
    { operands: [int([2, 3]), int([2, 3], exactly([3, -3, 2, -2, 5, 1], "int32"))], params: none },
  ],
  maximum: [...binary(distinct(-1), distinct(-1, 0.15), none), { operands: [int([2, 3]), int([2, 3])], params: none }],
  minimum: [...binary(distinct(-1), distinct(-1, 0.15), none), { operands: [int([2, 3]), int([2, 3])], params: none }],
  atan2: [
    ...binary(signed(0.5, 2), signed(0.5, 2), none),
    ...binary(real(0.5, 2), any, none),
    ...binary(exactly([0, 1.5, -2]), exactly([1, 0, 0.5]), none),
  ],
  hypot: [...binary(signed(0.5, 2), signed(0.5, 2), none), ...binary(exactly([0, 1.5, -2]), exactly([1, 0, 0.5]), none)],
  logaddexp: [...binary(real(-3, 3), real(-3, 3), none), ...binary(exactly([0, 1, -2, 0.5]), exactly([0, 1, 2, 0.5]), none)],
  and: [...binary(truth, truth, none)],
  or: [...binary(truth, truth, none)],
  xor: [...binary(truth, truth, none)],
  equal: [...binary(real(1, 2), real(3, 4), none), { operands: [int([4, 5], whole(0, 2)), int([4, 5], whole(0, 2))], params: none }],
  notEqual: [...binary(real(1, 2), real(3, 4), none), { operands: [int([4, 5], whole(0, 2)), int([4, 5], whole(0, 2))], params: none }],
  less: [...binary(any, any, none), { operands: [int([4, 5], whole(0, 2)), int([4, 5], whole(0, 2))], params: none }],
  lessEqual: [...binary(any, any, none), { operands: [int([4, 5], whole(0, 2)), int([4, 5], whole(0, 2))], params: none }],

  clamp: [
    ...[[2, 3], [], [0, 2]].map((shape) => ({
      operands: [of(near(-1.5, 0, 1.5), ...shape), of(near(-0.75), ...shape), of(near(0.75), ...shape)] as const,
      params: none,
    })),
    // Where the bounds cross, the upper one wins.
    { operands: [of(near(-1.5, 0, 1.5), 3, 3), of(near(0.75), 3, 3), of(near(-0.75), 3, 3)], params: none },
    { operands: [int([2, 3]), int([2, 3], as("int32", exactly([-2]))), int([2, 3], as("int32", exactly([3])))], params: none },
  ],
};
