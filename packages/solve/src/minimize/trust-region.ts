import { cond, linalg, type NDArray, whileLoop } from "@ad/core";
import * as codes from "../codes.js";
import { whileOn } from "../loop.js";
import { allFinite, count, epsilonOf, largest, norm } from "../problem.js";
import { begun, ended, freed, hessianOf, isEndless, isFlat, type Objective, type Point, projected, reached } from "./objective.js";

interface Region extends Point {
  readonly H: NDArray;
  readonly radius: NDArray;
}

/**
 * Newton's method within a region of trust: each step is the minimum of the quadratic model in a ball, by the eigenvalues of the Hessian (Moré and
 * Sorensen, "Computing a trust region step", 1983).
 */
export function trustRegion(objective: Objective, x0: NDArray): Point {
  const { bounds } = objective;
  const start: Region = { ...begun(objective, x0), H: hessianOf(objective, x0), radius: norm(x0).maximum(1) };
  const turn = (state: Region): Region => {
    const { x, f, g, H, radius, iterations } = state;
    const free = freed(x.filled(1, x.aval), x, g, bounds);
    const own = g.mul(free);
    // Elements that bounds hold have a curvature of their own, and no slope.
    const model = bounds ? H.mul(free.outer(free)).add(free.neg().add(1).diag()) : H;
    const step = inBall(model, own, radius);
    const x1 = projected(x.add(step), bounds);
    const p = x1.sub(x);
    const [f1, g1] = objective.slope(x1);
    const foreseen = p
      .mul(own.add(model.matmul(p).div(2)))
      .sum()
      .neg();
    const expected = bounds ? own.mul(step).sum() : foreseen;
    const ratio = f.sub(f1).div(foreseen);
    const isFine = isFlat(f, foreseen).logicalAnd(largest(g1).less(largest(g)));
    const isEnd = isEndless(x1, f1);
    const isTaken = ratio
      .greater(1e-4)
      .logicalAnd(foreseen.greater(0))
      .logicalOr(isFine)
      .logicalAnd(allFinite(g1))
      .logicalAnd(isEnd.logicalNot());
    // Of the step before bounds cut it: they may leave nothing of it, and a shorter one goes along the gradient.
    const length = norm(step);
    const isFar = ratio.greater(0.75).logicalAnd(length.greater(radius.mul(0.9)));
    const kept = ratio.less(0.25).logicalAnd(isFine.logicalNot()).where(length.mul(0.5), radius);
    const evaluations = state.evaluations.add(1);
    const taken = (): Region => {
      const point = { x: x1, f: f1, g: g1 };
      const code = reached(objective, state, point, foreseen, iterations);
      const done = {
        ...point,
        H: hessianOf(objective, x1),
        radius: isFar.where(radius.mul(2), kept),
        code,
        iterations: iterations.add(1),
        evaluations,
      };
      objective.show?.(done);
      return done;
    };
    const refused = (): Region => {
      // A step whose square would underflow leads nowhere.
      const least = largest(x)
        .mul(1e-16)
        .maximum(epsilonOf(x) ** 3);
      const isOver = isFlat(f, expected).logicalOr(length.greater(least).logicalNot());
      const code = isEnd.where(codes.unbounded[0], isOver.where(ended(objective, state, expected), codes.maxIterations[0]));
      return { ...state, radius: length.mul(0.25), code, evaluations };
    };
    return cond(isTaken, taken, refused);
  };
  return whileOn(start, turn, objective.maxIterations);
}

/** The p of at most this length with the least g·p + p·H·p / 2. */
function inBall(H: NDArray, g: NDArray, radius: NDArray): NDArray {
  // Newton's step, by factors: where the scales of x differ they keep more digits than eigenvalues.
  const L = linalg.cholesky(H, { onFailure: "nan" });
  const newton = linalg.solveTriangular(L.T, linalg.solveTriangular(L, g, { lower: true })).neg();
  return cond(
    norm(newton).lessEqual(radius),
    () => newton,
    () => onSphere(H, g, radius),
  );
}

/** The same where the matrix is not positive definite or its minimum is outside: at the radius. */
function onSphere(H: NDArray, g: NDArray, radius: NDArray): NDArray {
  const { values, vectors } = linalg.eigh(H);
  const along = g.matmul(vectors);
  const least = values.slice(0);
  const low = least.neg().maximum(0);
  const size = norm(along);
  const step = (shift: NDArray): NDArray => {
    const bend = values.add(shift);
    return along.div(bend.equal(0).where(1, bend)).mul(bend.notEqual(0)).neg();
  };
  // The length falls with the shift: Newton's method on its reciprocal, held between bounds.
  const { shift } = whileLoop(
    ({ shift, k }) => k.less(60).logicalAnd(norm(step(shift)).sub(radius).abs().greater(radius.mul(1e-3))),
    ({ shift, lo, hi, k }) => {
      const p = step(shift);
      const length = norm(p);
      const isLong = length.greater(radius);
      const [a, b] = [isLong.where(shift, lo), isLong.where(hi, shift)];
      const bend = p.square().div(values.add(shift)).sum();
      const wanted = shift.add(length.square().div(bend).mul(length.sub(radius).div(radius)));
      const isWithin = wanted.greater(a).logicalAnd(wanted.less(b));
      return { shift: isWithin.where(wanted, a.add(b).div(2)), lo: a, hi: b, k: k.add(1) };
    },
    { shift: low.add(size.div(radius).mul(0.5)), lo: low, hi: low.add(size.div(radius)), k: count(0) },
  );
  const p = step(shift);
  // Where no shift makes the step long enough, the way of the least curvature does: the hard case.
  const lack = radius.square().sub(p.square().sum()).maximum(0).sqrt();
  const isHard = norm(p).less(radius.mul(0.99));
  const full = isHard.where(p.addAt([0], lack), p);
  return vectors.matmul(full);
}
