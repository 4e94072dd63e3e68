import { concatenate, cond, type NDArray } from "@ad/core";
import { vmap } from "@ad/vmap";
import * as codes from "../codes.js";
import { chosen, firstOf, whileOn } from "../loop.js";
import { count, largest } from "../problem.js";
import { isEndless, type Objective, type Point, projected } from "./objective.js";

interface Simplex extends Omit<Point, "x" | "f" | "g"> {
  /** n + 1 points, the best first, and the values there; what is not a number counts as infinite. */
  readonly points: NDArray;
  readonly values: NDArray;
}

/** The method of Nelder and Mead (1965): a simplex that turns over, stretches and shrinks. It asks for values alone, but for the gradient at the end. */
export function nelderMead(objective: Objective, x0: NDArray): Point {
  const { bounds, ftol, xtol } = objective;
  const n = x0.size;
  const value = (x: NDArray): NDArray => {
    const f = objective.value(x);
    return f.isNaN().where(Infinity, f);
  };
  const sorted = ([points, values]: readonly NDArray[]): Pick<Simplex, "points" | "values"> => {
    const order = values.argsort();
    return { points: points.take(order), values: values.take(order) };
  };
  const edge = x0.equal(0).where(0.00025, x0.mul(0.05));
  // An edge that would lead out of the bounds leads the other way: otherwise nothing might be left of it.
  const isOut = projected(x0.add(edge), bounds).notEqual(x0.add(edge));
  const first = projected(concatenate([x0.expandDims(0), isOut.where(edge.neg(), edge).diag().add(x0)]), bounds);
  const values = vmap(value)(first);
  const start: Simplex = {
    ...sorted([first, values]),
    code: values.slice(0).isFinite().where(codes.maxIterations[0], codes.notFinite[0]).astype("int32"),
    iterations: count(0),
    evaluations: count(n + 1),
  };
  const turn = ({ points, values, iterations, evaluations }: Simplex): Simplex => {
    const [f0, second, worst] = [values.slice(0), values.slice(n - 1), values.slice(n)];
    const centre = points.slice([0, -1]).mean(0);
    const way = centre.sub(points.slice(n));
    const at = (t: NDArray | number): NDArray => projected(centre.add(way.mul(t)), bounds);
    const x1 = at(1);
    const f1 = value(x1);
    const isBest = f1.less(f0);
    const isPoor = f1.greaterEqual(second);
    const isWorst = f1.greaterEqual(worst);
    const alone = { x: x1, f: f1, shrink: f1.isNaN(), n: count(1) };
    const {
      x,
      f,
      shrink,
      n: asked,
    } = cond(
      isBest.logicalOr(isPoor),
      () => {
        const x2 = at(isBest.where(2, isWorst.where(-0.5, 0.5)).astype(x1.dtype));
        const f2 = value(x2);
        const isBetter = isWorst.where(f2.less(worst), f2.lessEqual(f1));
        return { ...chosen(isBetter, { x: x2, f: f2 }, { x: x1, f: f1 }), shrink: isPoor.logicalAnd(isBetter.logicalNot()), n: count(2) };
      },
      () => alone,
    );
    const next = sorted(
      cond(
        shrink,
        () => {
          const nearer = points.add(points.slice(0)).mul(0.5);
          return [nearer, vmap(value)(nearer)];
        },
        () => [points, values].map((all, i) => concatenate([all.slice([0, -1]), [x, f][i].expandDims(0)])),
      ),
    );
    const [best, low] = [next.points.slice(0), next.values.slice(0)];
    const isSmall = largest(next.points.sub(best)).lessEqual(largest(best).maximum(1).mul(xtol));
    const isEven = largest(next.values.sub(low)).lessEqual(low.abs().maximum(1).mul(ftol));
    const code = firstOf(
      iterations,
      [
        [isEndless(best, low), codes.unbounded],
        [isSmall.logicalAnd(isEven), codes.step],
      ],
      codes.maxIterations,
    );
    const done = {
      ...next,
      code,
      iterations: iterations.add(1),
      evaluations: evaluations.add(asked).add(shrink.where(n + 1, 0).astype("int32")),
    };
    objective.show?.({ ...done, x: best, f: low, g: best });
    return done;
  };
  const { points, values: last, ...counts } = whileOn(start, turn, objective.maxIterations);
  const x = points.slice(0);
  return { x, f: last.slice(0), g: objective.slope(x)[1], ...counts };
}
