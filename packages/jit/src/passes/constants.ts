import type { NDArray } from "@ad/core";
import { Concrete, compact, isRowMajor } from "@ad/core/internals/backend";
import type { Found } from "./site.js";

/** Elements of a constant that is copied to be looked at. */
const maxCopied = 1 << 10;

/** The number that a constant holds, in each element; undefined where it holds several, or is no constant. */
export function numberOf(x: NDArray): number | undefined {
  // An axis along which all is the same is read once.
  const own = stretching(x)?.inputs[0] ?? x;
  // A large one that would be copied to be read in order counts as several.
  if (!(own instanceof Concrete && own.size > 0 && (own.size <= maxCopied || isRowMajor(own)))) return undefined;
  const first = own.storage[own.offset];
  return compact(own).every((value) => Object.is(value, first)) ? first : undefined;
}

/** A constant that is stretched along some of its axes, as an equation would have made it. */
export function stretching(x: NDArray): Found<"broadcast"> | undefined {
  if (!(x instanceof Concrete)) return undefined;
  const { shape, stride } = x;
  const isThin = shape.map((n, axis) => n === 1 || (n > 1 && stride[axis] === 0));
  const own = x.slice(...isThin.map((on) => (on ? 0 : ":")));
  return own.size < x.size ? { inputs: [own], params: { shape, dims: [...shape.keys()].filter((axis) => !isThin[axis]) } } : undefined;
}
