import { concatenate, type NDArray } from "@ad/core";
import { type ArrayList, pullbackAt } from "@ad/core/internals/trace";
import { joined } from "../linear.js";
import type { System } from "./method.js";

/** A right-hand side, of the time, the solution and parameters. */
export type Parametric = (t: NDArray, [y, ...parameters]: ArrayList) => NDArray;

/** The right-hand side for λ, the cotangent of the solution, beside that of the solution itself and that of the cotangents of the parameters. */
export const adjointOf =
  (f: Parametric, parameters: ArrayList, { size: n, dtype }: NDArray): System["f"] =>
  (t, z) => {
    const inputs = [z.slice([0, n]), ...parameters];
    const [[dy], pull] = pullbackAt(
      "odeSolve",
      (own) => [f(t, own)],
      inputs,
      inputs.map(() => true),
    );
    const parts = pull([z.slice([n, 2 * n])]).map((part, i) => part ?? inputs[i].filled(0, inputs[i].aval));
    return concatenate([dy, joined(parts).neg().astype(dtype)]);
  };
