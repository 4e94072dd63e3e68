import { cond, type NDArray } from "@ad/core";
import { eigenSymmetric, factorCholesky } from "@ad/core/internals/backend";
import type { Numbers } from "@ad/core/internals/trace";
import { dot, largestOf, move, normOf } from "../dot.js";
import { hessianOf, type Objective, type Point } from "./objective.js";
import { isOpen, own, Search, tried, value } from "./search.js";

const radius = own;
/** The length of the step before bounds cut it, its slope, and how much the value is to fall on what is left of it. */
const length = own + 1;
const slope = own + 2;
const foreseen = own + 3;

/**
 * Newton's method within a region of trust: each step is the minimum of the quadratic model in a ball, by the eigenvalues of the Hessian (Moré and
 * Sorensen, "Computing a trust region step", 1983).
 */
export function trustRegion(objective: Objective, x0: NDArray): Point {
  const search = new Search(objective, x0.size);
  const { n, x, g, p, beside: H } = search;

  const start = (s: Numbers): void => {
    s[radius] = Math.max(normOf(s, x, n), 1);
    s[isOpen] = 1;
  };

  const judge = (s: Numbers, f1: number, g1: Numbers): void => {
    const f = s[value];
    const ratio = (f - f1) / s[foreseen];
    const isFine = search.isFlat(f, s[foreseen]) && largestOf(g1) < largestOf(s, g, n);
    s[isOpen] = +(((ratio > 1e-4 && s[foreseen] > 0) || isFine) && largestOf(g1) < Infinity);
    if (s[isOpen]) {
      if (ratio > 0.75 && s[length] > s[radius] * 0.9) s[radius] *= 2;
      else if (ratio < 0.25 && !isFine) s[radius] = s[length] * 0.5;
      search.take(s, f1, g1);
      search.reach(s, s[foreseen]);
    } else {
      // A step whose square would underflow leads nowhere.
      const least = Math.max(largestOf(s, x, n) * 1e-16, objective.epsilon ** 3);
      if (search.isFlat(f, s[slope]) || !(s[length] > least)) search.end(s, s[slope]);
      // Of the step before bounds cut it: they may leave nothing of it, and a shorter one goes along the gradient.
      s[radius] = s[length] * 0.25;
    }
  };

  /** Tries the point to which the model leads. Elements that bounds hold have a curvature of their own, and no slope. */
  const propose = (s: Numbers, [hessian]: readonly Numbers[]): void => {
    const down = new Float64Array(n);
    const model = new Float64Array(n * n);
    for (let i = 0; i < n; i++) {
      const isHeld = search.isHeld(s, i, 0);
      if (!isHeld) down[i] = s[g + i];
      for (let j = 0; j < n; j++) model[i * n + j] = isHeld || search.isHeld(s, j, 0) ? +(i === j) : hessian[i * n + j];
    }
    s.set(model, H);
    const step = stepOf(model, down, s[radius]);
    s[length] = normOf(step);
    s[slope] = dot(down, 0, step, 0, n);
    for (let i = 0; i < n; i++) {
      s[tried + i] = search.within(s, i, s[x + i] + step[i]);
      s[p + i] = s[tried + i] - s[x + i];
    }
    s[foreseen] = -dot(down, 0, s, p, n);
    for (let i = 0; i < n; i++) s[foreseen] -= (s[p + i] * dot(model, i * n, s, p, n)) / 2;
  };

  const complete = (s: NDArray): NDArray => {
    const hessian = cond(
      s.slice(isOpen).greater(0),
      () => hessianOf(objective, search.vector(s, x)),
      () => s.slice([H, null]).reshape([n, n]),
    );
    return search.after(s, [hessian as NDArray], propose);
  };
  return search.run(x0, { size: n * n, ask: objective.slope, start, turn: judge, complete });
}

/** The p of at most this length with the least g·p + p·H·p / 2. */
function stepOf(H: Float64Array, g: Float64Array, radius: number): Float64Array {
  const n = g.length;
  const p = new Float64Array(n);
  // Newton's step, by factors: where the scales of x differ they keep more digits than eigenvalues.
  const factor = H.slice();
  const isDefinite = !factorCholesky(factor, n);
  for (let i = 0; i < n; i++) p[i] = (-g[i] - dot(factor, i * n, p, 0, i)) / factor[i * n + i];
  for (let i = n - 1; i >= 0; i--) {
    p[i] /= factor[i * n + i];
    move(p, 0, -p[i], factor, i * n, i);
  }
  return isDefinite && normOf(p) <= radius ? p : onSphere(H, g, radius);
}

/** The same where the matrix is not positive definite or its minimum is outside: at the radius. Along the eigenvectors it is −(values + shift)⁻¹·g. */
function onSphere(H: Float64Array, g: Float64Array, radius: number): Float64Array {
  const n = g.length;
  const { values, vectors } = eigenSymmetric(H, n);
  const along = new Float64Array(n);
  for (let i = 0; i < n; i++) move(along, 0, g[i], vectors, i * n, n);
  const p = new Float64Array(n);
  let low = Math.max(0, -values[0]);
  let high = low + normOf(along) / radius;
  let length = Infinity;
  // The length falls with the shift.
  for (let turn = 0; turn < 200 && Math.abs(length - radius) > radius * 1e-3; turn++) {
    const shift = (low + high) / 2;
    for (let i = 0; i < n; i++) p[i] = -along[i] / (values[i] + shift || Infinity);
    length = normOf(p);
    if (length > radius) low = shift;
    else high = shift;
  }
  // Where no shift makes the step long enough, the way of the least curvature does: the hard case.
  if (length < radius * 0.99) p[0] += Math.sqrt(radius ** 2 - length ** 2);
  return along.map((_, i) => dot(vectors, i * n, p, 0, n));
}
