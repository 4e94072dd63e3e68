import { type NDArray, stopGradient, treeMap } from "@ad/core";
import { Closure } from "@ad/core/internals/trace";

/** Runs a body for which all that it closes over is constant; so is its result. */
export const constant = <T extends NDArray | Readonly<Record<string, NDArray>>>(body: () => T): T =>
  treeMap((x) => stopGradient(x), new Closure().constant(body)) as T;
