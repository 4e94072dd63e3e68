import { eye, type NDArray, stack } from "@ad/core";

/** A result beside the same result from elsewhere. */
export interface Check {
  readonly against: string;
  /** The largest absolute difference. */
  readonly deviation: number;
  readonly tolerance: number;
}

/** Sums in another order differ in the last digits. */
const loopTolerance = 1e-11;

/** A step of 1e-6 leaves about 1e-10 from rounding and 1e-12 times the third derivative along v from truncation. */
const differencesTolerance = 1e-7;

function compare(what: string, against: string, tolerance: number, x: NDArray, y: NDArray): Check {
  if (x.shape.join() !== y.shape.join()) throw new Error(`${what}: shape [${x.shape}], but [${y.shape}] by ${against}.`);
  const deviation = x.sub(y).abs().max().item() as number;
  if (!(deviation <= tolerance)) throw new Error(`${what} is off by ${deviation} against ${against}; at most ${tolerance} is allowed.`);
  return { against, deviation, tolerance };
}

export const againstLoop = (what: string, x: NDArray, loop: NDArray): Check => compare(what, "the plain loop", loopTolerance, x, loop);

export const againstDifferences = (what: string, x: NDArray, differences: NDArray): Check =>
  compare(what, "central differences", differencesTolerance, x, differences);

/** The derivative of f at x along v, from two values of f. */
export function difference(f: (x: NDArray) => NDArray, x: NDArray, v: NDArray, step = 1e-6): NDArray {
  const h = v.mul(step);
  return f(x.add(h))
    .sub(f(x.sub(h)))
    .div(2 * step);
}

/** The Jacobian [...out, n] of f at x [n], column by column. */
export const jacobianByDifferences = (f: (x: NDArray) => NDArray, x: NDArray): NDArray =>
  stack(
    rows(eye(x.size)).map((v) => difference(f, x, v)),
    -1,
  );

/** The arrays along the first axis. */
export const rows = (x: NDArray): NDArray[] => Array.from({ length: x.shape[0] }, (_, i) => x.slice(i));
