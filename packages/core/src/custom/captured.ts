import type { NDArray } from "../array/ndarray.js";
import { observedFirst, observers } from "../engine/intercept.js";
import type { ArrayList } from "../engine/operation.js";
import { bind, entering } from "../engine/trace.js";
import { newest, Tracer } from "../engine/tracer.js";

/**
 * The arrays of traces that functions close over, so that they can be the inputs of an operation: found while the functions run, and then
 * replaced by the values that the rules of the operation are given. An array is known by what the function names; what the observers
 * of that moment make of it is what counts as its value.
 */
export class Closure {
  readonly #start = newest();
  readonly #outside = observers();
  readonly #found = new Map<NDArray, { readonly value: NDArray; readonly still: NDArray }>();

  #enter(name: string, x: NDArray): NDArray {
    if (!(x instanceof Tracer) || x.serial > this.#start) return x;
    let known = this.#found.get(x);
    if (known === undefined) {
      const value = this.#outside(() => entering(name, x));
      known = { value, still: this.#outside(() => bind("stopGradient", [value], {})) };
      this.#found.set(x, known);
    }
    return known.still;
  }

  /** Runs a body for which all that it closes over is constant, and finds that. */
  constant<T>(body: () => T): T {
    return observedFirst((name, inputs, run) => run(inputs.map((x) => this.#enter(name, x))), body);
  }

  /** Forgets what was found. */
  clear(): void {
    this.#found.clear();
  }

  /** The values that were found. */
  get values(): ArrayList {
    return [...this.#found.values()].map(({ value }) => value);
  }

  /** Runs a body with others in the place of what was found. */
  replaced<T>(values: ArrayList, body: () => T): T {
    const by = new Map([...this.#found.keys()].map((x, i) => [x, values[i]]));
    return observedFirst((_, inputs, run) => run(inputs.map((x) => by.get(x) ?? x)), body);
  }
}
