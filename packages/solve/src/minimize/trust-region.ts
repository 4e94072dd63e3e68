import { cond, linalg, type NDArray } from "@ad/core";
import { computed, type Numbers } from "@ad/core/internals/trace";
import * as codes from "../codes.js";
import { dot } from "../dot.js";
import { whileOn } from "../loop.js";
import { allFinite, epsilonOf, largest, norm } from "../problem.js";
import { begun, ended, held, hessianOf, isEndless, isFlat, type Objective, type Point, projected, reached } from "./objective.js";

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
    const isHeld = bounds && held(x, g, bounds);
    const own = isHeld ? isHeld.where(0, g) : g;
    // Elements that bounds hold have a curvature of their own, and no slope.
    const model = isHeld ? isHeld.expandDims(1).logicalOr(isHeld).where(isHeld.astype(x.dtype).diag(), H) : H;
    const step = inBall(model, own, radius);
    const x1 = projected(x.add(step), bounds);
    const p = x1.sub(x);
    const [f1, g1] = objective.slope(x1);
    const foreseen = p
      .mul(own.add(model.matmul(p).div(2)))
      .sum()
      .neg();
    const expected = own.mul(step).sum();
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
      const done = {
        ...point,
        H: hessianOf(objective, x1),
        radius: isFar.where(radius.mul(2), kept),
        code: reached(objective, state, point, foreseen, iterations),
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
      const failed = isOver.where(ended(objective, state, expected), codes.maxIterations[0]);
      return { ...state, radius: length.mul(0.25), code: isEnd.where(codes.unbounded[0], failed), evaluations };
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
  return vectors.matmul(computed("minimize's step", [g.matmul(vectors), values, radius], g.size, shifted));
}

/** Fills p, along the eigenvectors: −(values + shift)⁻¹·along, with the shift that makes it as long as the radius. */
function shifted([along, values, [radius]]: readonly Numbers[], p: Numbers): void {
  const n = p.length;
  const size = Math.sqrt(dot(along, 0, along, 0, n)) / radius;
  let low = Math.max(0, -values[0]);
  let high = low + size;
  let shift = low + size / 2;
  let length = Infinity;
  // The length falls with the shift: Newton's method on its reciprocal, held between bounds.
  for (let turn = 0; turn < 60 && Math.abs(length - radius) > radius * 1e-3; turn++) {
    let bend = 0;
    for (let i = 0; i < n; i++) {
      const inverse = 1 / (values[i] + shift || Infinity);
      p[i] = -along[i] * inverse;
      bend += p[i] ** 2 * inverse;
    }
    length = Math.sqrt(dot(p, 0, p, 0, n));
    if (length > radius) low = shift;
    else high = shift;
    shift += (length ** 2 / bend) * (length / radius - 1);
    if (!(shift > low && shift < high)) shift = (low + high) / 2;
  }
  // Where no shift makes the step long enough, the way of the least curvature does: the hard case.
  if (length < radius * 0.99) p[0] += Math.sqrt(radius ** 2 - length ** 2);
}
