import { none, type Params, type reductions as primitives } from "@ad/core/internals/trace";
import { distinct, exactly, type Input, of, real, signed, whole } from "../inputs.js";
import { derive } from "../rows/derive.js";
import { type Reduction, reductions as rows } from "../rows/reduction.js";
import type { Sample, SampleOf, Samples } from "./sample.js";

const any = real(-2, 2);

type Sampled = SampleOf<readonly [Input], Params<"sum">>;

/** Over one axis, several and all; where there is no element, only if that has a value. */
const ofReduction = ({ domain, empty, ties }: Reduction): readonly Sampled[] => [
  ...(
    [
      [[5], [0]],
      [[2, 3], [0]],
      [[2, 3], [1]],
      [
        [2, 3, 2],
        [0, 2],
      ],
      [
        [2, 3],
        [0, 1],
      ],
      [[], []],
      [[0, 2], [empty ? 0 : 1]],
      ...(empty ? [[[2, 0], [0]]] : []),
    ] as [number[], number[]][]
  ).map(([shape, axes]) => ({ operands: [of(domain, ...shape)] as const, params: { axes }, ...(ties && { ties }) })),
];

const made = derive(rows, ofReduction);
const int: Sampled = { operands: [of(whole(-5, 5), 2, 3)], params: { axes: [1] } };

const position: readonly Sample<"argmax">[] = [
  { operands: [of(distinct(), 5)], params: { axis: 0 } },
  { operands: [of(distinct(), 3, 4)], params: { axis: 0 } },
  { operands: [of(distinct(), 3, 4)], params: { axis: 1 } },
  { operands: [of(whole(0, 2), 3, 4)], params: { axis: 1 } },
  { operands: [of(exactly([1, Number.NaN, 2, Number.NaN]), 4)], params: { axis: 0 } },
  { operands: [of(any, 0, 2)], params: { axis: 1 } },
];

export const reductions: Samples<keyof typeof primitives | "matmul"> = {
  ...made,
  sum: [...made.sum, int],
  prod: [
    ...made.prod,
    int,
    // Exact at zeros: one of them, and two.
    { operands: [of(exactly([1.5, 0, -2]), 3)], params: { axes: [0] } },
    { operands: [of(exactly([0, -0.7, 0, 1.2, 0.5, 0.9, 0, 2]), 2, 4)], params: { axes: [1] } },
    { operands: [of(any, 0, 2)], params: { axes: [1] } },
  ],
  max: [...made.max, int],
  min: [...made.min, int],
  logsumexp: [
    { operands: [of(any, 5)], params: { axes: [0] } },
    { operands: [of(any, 3, 2)], params: { axes: [0] } },
    { operands: [of(any, 2, 3)], params: { axes: [1] } },
    // Far beyond what exp can hold.
    { operands: [of(exactly([1000, 1001, 999.5, -1000, -1001, -1000.3]), 2, 3)], params: { axes: [1] } },
    { operands: [of(any, 0, 2)], params: { axes: [1] } },
  ],
  softmax: [
    { operands: [of(any, 5)], params: { axis: 0 } },
    { operands: [of(any, 3, 2)], params: { axis: 0 } },
    { operands: [of(any, 2, 3)], params: { axis: 1 } },
    { operands: [of(exactly([1000, 1001, 999.5, -1000, -1001, -1000.3]), 2, 3)], params: { axis: 1 } },
    { operands: [of(any, 0, 2)], params: { axis: 1 } },
    { operands: [of(any, 2, 0)], params: { axis: 1 } },
  ],
  argmax: position,
  argmin: position,
  cumsum: [
    { operands: [of(any, 5)], params: { axis: 0, reverse: false } },
    { operands: [of(any, 5)], params: { axis: 0, reverse: true } },
    { operands: [of(any, 3, 2)], params: { axis: 0, reverse: false } },
    { operands: [of(any, 2, 3)], params: { axis: 1, reverse: true } },
    { operands: [of(any, 2, 0)], params: { axis: 1, reverse: false } },
    { operands: [of(whole(-5, 5), 4)], params: { axis: 0, reverse: false } },
  ],
  cumprod: [
    { operands: [of(signed(0.5, 2), 5)], params: { axis: 0, reverse: false } },
    { operands: [of(signed(0.5, 2), 5)], params: { axis: 0, reverse: true } },
    { operands: [of(signed(0.5, 2), 3, 2)], params: { axis: 0, reverse: false } },
    { operands: [of(signed(0.5, 2), 2, 3)], params: { axis: 1, reverse: true } },
    { operands: [of(exactly([1.5, 0, -2, 0, 0.5]), 5)], params: { axis: 0, reverse: false } },
    { operands: [of(any, 2, 0)], params: { axis: 1, reverse: false } },
    { operands: [of(any, 0, 2)], params: { axis: 1, reverse: false } },
    { operands: [of(whole(-5, 5), 4)], params: { axis: 0, reverse: false } },
  ],
  linearScan: [
    { operands: [of(any, 5), of(any, 5)], params: { axis: 0, reverse: false } },
    { operands: [of(any, 5), of(any, 5)], params: { axis: 0, reverse: true } },
    { operands: [of(any, 3, 2), of(any, 3, 2)], params: { axis: 0, reverse: true } },
    { operands: [of(any, 2, 3), of(any, 2, 3)], params: { axis: 1, reverse: false } },
    { operands: [of(exactly([1, 0, -2, 0, 0.5]), 5), of(any, 5)], params: { axis: 0, reverse: false } },
    { operands: [of(any, 2, 0), of(any, 2, 0)], params: { axis: 1, reverse: false } },
  ],
  matmul: [
    { operands: [of(any, 2, 3), of(any, 3, 4)], params: none },
    { operands: [of(any, 1, 5), of(any, 5, 1)], params: none },
    { operands: [of(any, 5, 6), of(any, 6, 7)], params: none },
    { operands: [of(any, 2, 2, 3), of(any, 2, 3, 2)], params: none },
    { operands: [of(any, 2, 1, 3, 2), of(any, 2, 1, 2, 3)], params: none },
    { operands: [of(any, 2, 0), of(any, 0, 3)], params: none },
    { operands: [of(any, 0, 2), of(any, 2, 3)], params: none },
    { operands: [of(any, 0, 2, 3), of(any, 0, 3, 2)], params: none },
    { operands: [of(whole(-5, 5), 2, 3), of(whole(-5, 5), 3, 2)], params: none },
  ],
};
