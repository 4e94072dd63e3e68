import { concatenate, type NDArray, stopGradient, zeros } from "@ad/core";
import { Closure, call, checkUnchanged, isFloat, type Operation, recordPullback, runAgain } from "@ad/core/internals/trace";
import { cut } from "../linear.js";
import { adjointOf, parametric } from "./adjoint.js";
import type { System } from "./method.js";
import { op, pushed, replaced } from "./rule.js";

/**
 * The solution of y′ = f(t, y) with y(from) = y0 at a time that has the same value, and derivatives of its own. So the solution is y0, and its derivatives,
 * of any order, are those of the solution that moves with both times, with y0 and with what f closes over: they are solutions, at the same
 * time, of the equations for tangents and for cotangents.
 */
export function flow(f: System["f"], from: NDArray, to: NDArray, y0: NDArray): NDArray {
  const closure = new Closure();
  closure.constant(() => f(stopGradient(from), stopGradient(y0)));
  const inputs = [from, to, y0, ...closure.values];
  const at = parametric(closure, f, from, y0);
  const n = y0.size;
  const operation: Operation = {
    name: op,
    record: recordPullback,
    forward: (all) => [all[2]],
    jvp(all, [byFrom, byTo, byStart, ...moves]) {
      const [from, to, y0, ...values] = all;
      const [y] = call(operation, all);
      const still = y0.mul(0);
      const start = byFrom ? (byStart ?? still).sub(at(from, [y0, ...values]).mul(byFrom)) : byStart;
      const along: System["f"] = (t, z) => {
        const [outs, tangents] = pushed(
          ([y, ...own]) => [at(t, [y, ...own])],
          [z.slice([0, n]), ...values],
          [z.slice([n, null]), ...moves],
        );
        return concatenate([outs[0], tangents[0] ?? still]);
      };
      const isMoved = start !== undefined || moves.some((t) => t !== undefined);
      const tangent = isMoved ? flow(along, from, to, concatenate([y0, start ?? still])).slice([n, null]) : undefined;
      const way = byTo && at(to, [y, ...values]).mul(byTo);
      return [[y], [tangent && way ? tangent.add(way) : (tangent ?? way)]];
    },
    vjp(all, active = [true]) {
      const [from, to, y0, ...values] = all;
      const [y] = call(operation, all);
      const places = values.flatMap((x, i) => (isFloat(x.dtype) ? [i] : []));
      const floats = places.map((i) => values[i]);
      const rest = floats.reduce((sum, { size }) => sum + size, 0);
      const slope = at(to, [y, ...values]);
      return [
        [y],
        ([ct]) =>
          runAgain(op, () => {
            checkUnchanged(op, at(to, [y, ...values]), slope);
            const back = adjointOf((t, [y, ...own]) => at(t, [y, ...replaced(values, places, own)]), floats, y0);
            const end = flow(back, to, from, concatenate([y, ct as NDArray, zeros([rest], y0.dtype as "float64")]));
            const lambda = end.slice([n, 2 * n]);
            const parts = cut(end.slice([2 * n, null]), floats);
            const ofFrom = active[0]
              ? lambda
                  .mul(at(from, [y0, ...values]))
                  .sum()
                  .neg()
              : undefined;
            return [ofFrom, (ct as NDArray).mul(slope).sum(), lambda, ...values.map((_, i) => parts[places.indexOf(i)])];
          }),
      ];
    },
  };
  return call(operation, inputs)[0];
}
