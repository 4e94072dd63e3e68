import { concatenate, type NDArray, scan, stack, tensordot, zeros } from "@ad/core";
import { type ArrayList, Closure, checkUnchanged, isFloat, type Parts, runAgain } from "@ad/core/internals/trace";
import { jacfwd } from "@ad/functional";
import { vmap } from "@ad/vmap";
import { cut } from "../linear.js";
import { adjointOf, type Parametric, parametric } from "./adjoint.js";
import { integrate, type Problem } from "./integrate.js";
import type { System } from "./method.js";
import { asked, derivedFrom, op, replaced } from "./rule.js";
import type { State } from "./steps.js";

/** The way in which a solution is differentiated in reverse mode. */
export type Gradient = "steps" | "adjoint" | "forward";

type Solution = readonly [ys: NDArray, last: State];

/** A problem, as a function of all that it is differentiated by: the start, the times, and what the system closes over. */
interface Family {
  readonly at: (given: ArrayList) => Problem;
  readonly given: ArrayList;
  readonly ys: NDArray;
  readonly ct: NDArray;
}

/**
 * The solution of a problem. Its derivatives with respect to the start, the times and whatever the system closes over are those of the steps,
 * or, in reverse mode with "adjoint" and "forward", the solutions of other equations.
 */
export function solution(problem: Problem, gradient: Gradient): Solution {
  if (gradient === "steps") return integrate(problem);
  const closure = new Closure();
  const { y0, ts, system } = problem;
  const [found, last] = closure.constant(() => integrate({ ...problem, y0: y0.stopGradient(), ts: ts.stopGradient() }, true));
  // A program's rules ask for the system later, when variables that it closes over may be others.
  const asItIs = (own: System["f"]): Parametric => parametric(closure, own, ts.slice(0), y0);
  const f = asItIs(system.f);
  // A method that asks for slopes has no adjoint.
  const slope = gradient === "adjoint" ? f : asItIs(system.slope);
  const at = ([y0, ts, ...values]: ArrayList): Problem => ({
    ...problem,
    y0,
    ts,
    system: { f: (t, y) => f(t, [y, ...values]), slope: (t, y) => slope(t, [y, ...values]) },
    watch: undefined,
  });
  const pullback = gradient === "adjoint" ? adjoint : sensitivities;
  const backwards = (given: ArrayList, [ys]: ArrayList, active: readonly boolean[]) => {
    // The adjoint's steps are others, so that the numbers of f are compared at some points of the solution.
    const numbers = (): NDArray => stack([0, ts.size >> 1, -1].map((i) => at(given).system.f(given[1].slice(i), ys.slice(i))));
    const before = numbers();
    return ([ct]: ArrayList): Parts =>
      runAgain(op, () => {
        checkUnchanged(op, numbers(), before);
        const family = { at, given, ys, ct };
        const [ofStart, ...others] = pullback(family);
        // A cotangent of times that were not reached makes all NaN.
        const lost = asked(ys.isFinite(), ct).sum().mul(0);
        return [ofStart.add(ct.slice(0)), active[1] ? ofTimes(family, ofStart) : undefined, ...others].map((part) => part?.add(lost));
      });
  };
  return [derivedFrom(op, (given) => [integrate(at(given))[0]], [y0, ts, ...closure.values], [found], backwards)[0], last];
}

/** The cotangents of the times: each moves the solution along itself, and the first one moves all of it the other way. */
function ofTimes({ at, given, ys, ct }: Family, ofStart: NDArray): NDArray {
  const { system, ts } = at(given);
  const slopes = vmap(system.f)(ts, ys) as NDArray;
  return concatenate([ofStart.mul(slopes.slice(0)).sum().neg().reshape([1]), ct.mul(slopes).sum(1).slice([1, null])]);
}

/** The cotangents of the solution and of the parameters that it is differentiated by, backwards in time. */
function adjoint({ at, given, ys, ct }: Family): Parts & { readonly 0: NDArray } {
  const problem = at(given);
  const { y0, ts } = problem;
  const n = y0.size;
  const smooth = given.flatMap((x, i) => (i > 1 && isFloat(x.dtype) ? [i] : []));
  const floats = smooth.map((i) => given[i]);
  const rest = floats.reduce((sum, { size }) => sum + size, n);
  const f = adjointOf((t, [y, ...values]) => at(replaced(given, smooth, values)).system.f(t, y), floats, y0);
  const system: System = { ...problem.system, f };
  const { atol } = problem;
  const tolerance = typeof atol === "number" ? atol : concatenate([atol.broadcastTo([n]), atol.min().broadcastTo([rest])]);
  // Times that were not reached have no part in it: there is no way back from there.
  const isReached = ys.stopGradient().isFinite().all(1);
  const later = (x: NDArray): NDArray => x.slice([1, null]).flip(0);
  const xs = { on: later(isReached), y: later(ys), ct: later(ct), from: later(ts), to: ts.slice([0, -1]).flip(0) };
  const [end] = scan(
    (z: NDArray, row) => {
      const y = row.on.where(row.y, y0);
      const lambda = z.slice([0, n]).add(row.on.where(row.ct, 0));
      const times = stack([row.on.where(row.from, row.to), row.to]);
      const begin = concatenate([y, lambda, z.slice([n, null])]);
      const [zs] = solution({ ...problem, system, y0: begin, ts: times, atol: tolerance, firstStep: undefined }, "adjoint");
      return [zs.slice(-1, [n, null]), null];
    },
    zeros([rest], y0.dtype as "float64"),
    xs,
  );
  const parts = cut(end.slice([n, null]), floats);
  return [end.slice([0, n]), ...given.slice(2).map((_, i) => parts[smooth.indexOf(i + 2)])];
}

/** The derivatives of the solution by all that it depends on, in forward mode, weighed by the cotangent. */
function sensitivities({ at, given, ys, ct }: Family): Parts & { readonly 0: NDArray } {
  const smooth = given.flatMap((x, i) => (i !== 1 && isFloat(x.dtype) ? [i] : []));
  const isReached = ys.stopGradient().isFinite();
  const along = (values: NDArray[]): NDArray => isReached.where(integrate(at(replaced(given, smooth, values)))[0], 0).slice([1, null]);
  const all = jacfwd(along)(smooth.map((i) => given[i])) as NDArray[];
  const parts = given.map((_, i) => {
    const at = smooth.indexOf(i);
    return at < 0 ? undefined : tensordot(ct.slice([1, null]), all[at], 2);
  });
  return [parts[0] as NDArray, ...parts.slice(2)];
}
