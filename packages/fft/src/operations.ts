import { type NDArray, zerosLike } from "@ad/core";
import { type ArrayList, Aval, call, filling, numbersOf, type Operation, type Parts, recordPullback } from "@ad/core/internals/trace";
import { ends } from "./constants.js";
import { cosineTransformOf } from "./kernels/cosine.js";
import { linesOf, type Numbers } from "./kernels/lines.js";
import { realTransformOf } from "./kernels/real.js";
import { transformOf } from "./kernels/transform.js";

/** Real and imaginary parts, of one shape and dtype. */
export type Pair = readonly [re: NDArray, im: NDArray];

const pairOf = ([re, im]: ArrayList): Pair => [re, im];

/** Computes on lines of length n, of which there are `count`. */
type Kernel = (inputs: readonly Numbers[], outs: readonly Numbers[], count: number, n: number) => void;

/** Makes an operation of what all of them have in common: all are linear, and take the last axis; every axis before it is a batch. */
function linear(
  name: string,
  results: (x: Aval) => readonly Aval[],
  kernel: Kernel,
  transposed: (cotangents: ArrayList, inputs: ArrayList) => ArrayList,
): Operation {
  const own: Operation = {
    name,
    block: 1,
    record: recordPullback,
    ...filling(
      ([x]) => results(x),
      (avals) => {
        const [x] = avals;
        const n = lengthOf(x);
        const sizes = [...avals, ...results(x)].map(({ size }) => size);
        return (...storage) => {
          const inputs = numbersOf(storage, sizes);
          const outs = inputs.splice(avals.length);
          if (x.size > 0) kernel(inputs, outs, x.size / n, n);
        };
      },
    ),
    jvp: (inputs, tangents) => [call(own, inputs), tangents.some(Boolean) ? call(own, filled(tangents, inputs)) : []],
    vjp(inputs) {
      const outs = call(own, inputs);
      return [outs, (cotangents) => transposed(filled(cotangents, outs), inputs)];
    },
    vmap: (inputs, mapped, size) =>
      call(
        own,
        inputs.map((x, i) => (mapped[i] ? x : x.broadcastTo([size, ...x.shape]))),
      ),
  };
  return own;
}

/** Zeros that were never made are made. */
const filled = (parts: Parts, like: ArrayList): ArrayList => like.map((x, i) => parts[i] ?? zerosLike(x));

const lengthOf = ({ shape }: Aval): number => shape[shape.length - 1];

/** The same aval with another length of the last axis. */
const lengthened = ({ shape, dtype }: Aval, n: number): Aval => new Aval([...shape.slice(0, -1), n], dtype);

const whole: Operation = linear(
  "fft",
  (x) => [lengthened(x, lengthOf(x)), lengthened(x, lengthOf(x))],
  ([re, im], [outRe, outIm], count, n) => transformOf(n).run(linesOf(re, im, 0, n, 1), linesOf(outRe, outIm, 0, n, 1), count),
  ([re, im]) => backward([re, im]),
);

/** Xₖ = Σⱼ xⱼ exp(−2πi jk / n) along the last axis. */
export const forward = (x: Pair): Pair => pairOf(call(whole, x));

/** Xₖ = Σⱼ xⱼ exp(2πi jk / n): the same with the parts exchanged, before and after. As a real matrix it is the other's transpose. */
export function backward([re, im]: Pair): Pair {
  const [outIm, outRe] = forward([im, re]);
  return [outRe, outIm];
}

/** The first half of the transform of real numbers, of n / 2 + 1 entries; the others are conjugate to these. */
const halving: Operation = linear(
  "rfft",
  (x) => [halfOf(x), halfOf(x)],
  ([x], [re, im], count, n) => realTransformOf(n).halve(x, re, im, count),
  ([re, im], [x]) => {
    const n = x.shape[x.ndim - 1];
    const once = multiplicity(n, re);
    return [restore([re.div(once), im.div(once)], n)];
  },
);

/** Σₖ Xₖ exp(2πi jk / n) of an even or an odd n, from the first half. */
const restoring: readonly Operation[] = [0, 1].map((odd) =>
  linear(
    "irfft",
    (x) => [lengthened(x, 2 * lengthOf(x) - 2 + odd)],
    ([re, im], [x], count, m) => realTransformOf(2 * m - 2 + odd).restore(re, im, x, count),
    ([x]) => {
      const [re, im] = halve(x);
      const often = multiplicity(x.shape[x.ndim - 1], x);
      return [re.mul(often), im.mul(often)];
    },
  ),
);

const halfOf = (x: Aval): Aval => lengthened(x, Math.floor(lengthOf(x) / 2) + 1);

/** The first half of the transform of real numbers. */
export const halve = (x: NDArray): Pair => pairOf(call(halving, [x]));

/** The real numbers of length n of whose inverse transform, not divided by n, the first half is given. The imaginary parts of what has to be real are not read. */
export const restore = (x: Pair, n: number): NDArray => call(restoring[n % 2], x)[0];

/** Σⱼ xⱼ cos(π k (2j + 1) / 2n) along the last axis. */
const cosine: Operation = linear(
  "dct",
  (x) => [x],
  ([x], [y], count, n) => cosineTransformOf(n).forward(x, y, count),
  ([y]) => [sumOfCosines(y)],
);

/** Σₖ xₖ cos(π k (2j + 1) / 2n): the transpose. */
const cosineSum: Operation = linear(
  "idct",
  (x) => [x],
  ([x], [y], count, n) => cosineTransformOf(n).transposed(x, y, count),
  ([y]) => [cosinesOf(y)],
);

export const cosinesOf = (x: NDArray): NDArray => call(cosine, [x])[0];
export const sumOfCosines = (x: NDArray): NDArray => call(cosineSum, [x])[0];

/** Returns how often an entry of the half stands in the whole of length n: twice, but for the first and, where n is even, the last. */
const multiplicity = (n: number, like: NDArray): NDArray => ends(Math.floor(n / 2) + 1, like, 1, 2, n % 2 === 0 ? 1 : 2);
