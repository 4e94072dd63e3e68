import { DTypeError, type NDArray, type Scalar, ShapeError } from "@ad/core";
import { describe } from "@ad/core/internals/checks";
import { asArray, peek } from "@ad/core/internals/trace";

/** A number of a user's, or an array of shape []; a bool is none. It stays weak where it is a number. */
export function scalarOf(op: string, name: string, value: Scalar): NDArray {
  const x = asArray(value, op);
  if (x.dtype === "bool") throw new DTypeError(`${op}: ${name} is ${describe(value)}; give a number.`);
  if (x.ndim !== 0) throw new ShapeError(`${op}: ${name} is ${describe(x)}; give a number, or map over it with vmap.`);
  return x;
}

/** A plain number that must lie above a limit, or be as large as it. */
export function numberOf(op: string, name: string, value: unknown, least = -Infinity, isOpen = false): number {
  if (typeof value !== "number" || !(value > least || (value === least && !isOpen)))
    throw new DTypeError(
      `${op}: ${name} is ${describe(value)}; give a number${least === -Infinity ? "" : isOpen ? ` above ${least}` : ` of ${least} or more`}.`,
    );
  return value;
}

/** A whole number of a user's. */
export function wholeOf(op: string, name: string, value: unknown, least: number): number {
  const n = numberOf(op, name, value, least);
  if (!Number.isInteger(n)) throw new DTypeError(`${op}: ${name} is ${n}; give a whole number.`);
  return n;
}

/** Returns whether all are true; undefined where there are no numbers. */
export const holds = (x: NDArray): boolean | undefined =>
  peek(x.all())
    ?.values.data()
    .every((each: number) => each !== 0);

/** x where something holds. Where it does not, that is an error; a program cannot throw, and makes NaN of x there. */
export function provided(isSound: NDArray, x: NDArray, error: () => Error): NDArray {
  if (holds(isSound) === false) throw error();
  return isSound.where(x, Number.NaN);
}
