import { type NamesOf, none } from "@ad/core/internals/trace";
import { as, type Domain, exactly, near, of, real, truth, whole } from "../inputs.js";
import { derive } from "../rows/derive.js";
import { type Binary, binaries, type Unary, unaries } from "../rows/elementwise.js";
import { binary, type Samples, unary } from "./sample.js";

const any = real(-2, 2);

/** Whole numbers, which some kernels treat apart. */
const int = (shape: readonly number[], from: Domain) => ({ ...from, shape });

const ofUnary = ({ domain, more = [] }: Unary) => [domain, ...more].flatMap((from) => unary(from, none));
const ofBinary = ({ domain, more = [] }: Binary) => [domain, ...more].flatMap(([a, b]) => binary(a, b, none));

const made = derive(binaries, ofBinary);
/** As many as make some of them equal. */
const meeting = { operands: [int([4, 5], whole(0, 2)), int([4, 5], whole(0, 2))], params: none } as const;

export const elementwise: Samples<NamesOf<"elementwise">> = {
  ...derive(unaries, ofUnary),
  polygamma: [
    ...unary(real(1, 4), { n: 0 }),
    ...unary(real(5, 20), { n: 0 }),
    ...unary(real(1, 4), { n: 1 }),
    ...unary(real(2, 9), { n: 3 }),
  ],
  stopGradient: unary(any, none).map((sample) => ({ ...sample, constant: true as const })),
  not: unary(truth, none),
  wrapIndex: unary(whole(-4, 3), { size: 4, op: "sample" }),

  ...made,
  and: binary(truth, truth, none),
  or: binary(truth, truth, none),
  xor: binary(truth, truth, none),
  equal: [...made.equal, meeting],
  notEqual: [...made.notEqual, meeting],
  less: [...made.less, meeting],
  lessEqual: [...made.lessEqual, meeting],

  clamp: [
    ...[[2, 3], [], [0, 2]].map((shape) => ({
      operands: [of(near(-1.5, 0, 1.5), ...shape), of(near(-0.75), ...shape), of(near(0.75), ...shape)] as const,
      params: none,
    })),
    // Where the bounds cross, the upper one wins.
    { operands: [of(near(-1.5, 0, 1.5), 3, 3), of(near(0.75), 3, 3), of(near(-0.75), 3, 3)], params: none },
    {
      operands: [int([2, 3], whole(-5, 5)), int([2, 3], as("int32", exactly([-2]))), int([2, 3], as("int32", exactly([3])))],
      params: none,
    },
  ],
};
