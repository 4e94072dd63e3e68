import { concatenate, type NDArray } from "@ad/core";
import { type ArrayList, type Closure, pullbackAt, written } from "@ad/core/internals/trace";
import { joined } from "../linear.js";
import type { System } from "./method.js";
import { op } from "./rule.js";

/** A right-hand side, of the time, the solution and parameters. */
export type Parametric = (t: NDArray, [y, ...parameters]: ArrayList) => NDArray;

/** A function of a system as it is now, of what it closes over too: of times and solutions like these. */
export function parametric(closure: Closure, f: System["f"], t: NDArray, y: NDArray): Parametric {
  const own = written(op, ([t, y, ...values]) => [closure.replaced(values, () => f(t, y))], [t, y, ...closure.values]);
  return (t, ys) => own([t, ...ys])[0];
}

/** The right-hand side for λ, the cotangent of the solution, beside that of the solution itself and that of the cotangents of the parameters. */
export const adjointOf =
  (f: Parametric, parameters: ArrayList, { size: n, dtype }: NDArray): System["f"] =>
  (t, z) => {
    const inputs = [z.slice([0, n]), ...parameters];
    const [[dy], pull] = pullbackAt(
      op,
      (own) => [f(t, own)],
      inputs,
      inputs.map(() => true),
    );
    const parts = pull([z.slice([n, 2 * n])]).map((part, i) => part ?? inputs[i].filled(0, inputs[i].aval));
    return concatenate([dy, joined(parts).neg().astype(dtype)]);
  };
