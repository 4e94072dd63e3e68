import type { NDArray } from "@ad/core";
import { Concrete, compact } from "@ad/core/internals/backend";
import { type ArrayList, type Aval, GraphTrace, sameShape } from "@ad/core/internals/trace";

/** The number that all elements of a constant are, by its strides alone; undefined where these do not tell. */
export const repeatedIn = (x: NDArray): number | undefined =>
  x instanceof Concrete && x.size > 0 && x.stride.every((step) => step === 0) ? x.storage[x.offset] : undefined;

const known = new WeakMap<NDArray, { readonly number: number | undefined }>();

/** The number that all elements of a constant are; undefined where there is none. */
export function numberOf(x: NDArray): number | undefined {
  if (!(x instanceof Concrete) || x.size === 0) return undefined;
  let found = known.get(x);
  if (found === undefined) {
    const number = repeatedIn(x);
    const data = number === undefined ? compact(x) : undefined;
    found = { number: data?.every((each: number) => Object.is(each, data[0])) ? data[0] : number };
    known.set(x, found);
  }
  return found.number;
}

/** The operand that a primitive gives as it is, where the other ones are numbers that decide that. */
function passedBy(name: string, [a, b, c]: ArrayList): NDArray | undefined {
  switch (name) {
    case "and":
    case "or": {
      if (a.dtype !== "bool") return undefined;
      // The one of two truth values that says nothing, and the one that says all.
      const [first, second] = [numberOf(a), numberOf(b)];
      const open = name === "and" ? 1 : 0;
      if (first !== undefined) return first === open ? b : a;
      return second === undefined ? undefined : second === open ? a : b;
    }
    case "mul":
      return numberOf(a) === 1 ? b : numberOf(b) === 1 ? a : undefined;
    case "select": {
      const on = numberOf(a);
      return on === undefined ? undefined : on === 0 ? c : b;
    }
    case "reshape":
      return a;
    default:
      return undefined;
  }
}

const isLike = (x: NDArray, { dtype, shape, weak }: Aval): boolean =>
  x.dtype === dtype && x.aval.weak === weak && sameShape(x.shape, shape);

/** Writes operations down that do something, and those of the same inputs and parameters once. */
export class SharingTrace extends GraphTrace {
  readonly #known = new Map<string, ArrayList>();
  readonly #ids = new Map<NDArray, number>();

  /** Constants of one number are the same where the number is. */
  #name(x: NDArray): string {
    const number = numberOf(x);
    if (number !== undefined) return `${x.dtype}${x.aval.weak}[${x.shape}]=${Object.is(number, -0) ? "-0" : number}`;
    let id = this.#ids.get(x);
    if (id === undefined) this.#ids.set(x, (id = this.#ids.size));
    return `${id}`;
  }

  protected override apply(...[operation, inputs, params, avals]: Parameters<GraphTrace["apply"]>): ArrayList {
    if (typeof operation !== "string") return super.apply(operation, inputs, params, avals);
    const passed = passedBy(operation, inputs);
    if (passed && isLike(passed, avals[0])) return [passed];
    const key = `${operation} ${inputs.map((x) => this.#name(x)).join()} ${JSON.stringify(params)}`;
    let outs = this.#known.get(key);
    if (outs === undefined) this.#known.set(key, (outs = super.apply(operation, inputs, params, avals)));
    return outs;
  }
}
