import { concatenate, foriLoop, type LoopOptions, type NDArray, scan } from "@ad/core";
import type { System } from "./method.js";
import { rk4 } from "./runge-kutta.js";

/** The solution at each of the times by the classical method, with as many steps between two of them. */
export function fixedSteps(system: System, y0: NDArray, ts: NDArray, substeps: number, options: LoopOptions): NDArray {
  const first = y0.expandDims(0);
  if (ts.size === 1) return first;
  const pairs = { from: ts.slice([0, -1]), to: ts.slice([1, null]) };
  const [, ys] = scan(
    (y: NDArray, { from, to }) => {
      const h = to.sub(from).div(substeps);
      const next =
        substeps === 1
          ? rk4(system, from, y, h)
          : foriLoop(0, substeps, (i, own: NDArray) => rk4(system, from.add(h.mul(i)), own, h), y, options);
      return [next, next] as const;
    },
    y0,
    pairs,
    options,
  );
  return concatenate([first, ys]);
}
