import { type NDArray, whileLoop } from "@ad/core";
import { dot, largestOf, move } from "../dot.js";
import { largest } from "../problem.js";
import { count, type Directions } from "./descent.js";
import { type Objective, product } from "./objective.js";

/** The factors of |v|²: itself, or twice the largest element, which is near |v|, where it leaves the range. */
function factorsOf(v: ArrayLike<number>, from: number, n: number): readonly number[] {
  const square = dot(v, from, v, from, n);
  const most = largestOf(v, from, n);
  return square < Infinity ? [square] : [most, most];
}

/**
 * Broyden, Fletcher, Goldfarb and Shanno: H, nearly the inverse of the Hessian, is corrected by each step. The inverse of a part
 * is not a part of the inverse, so held elements are eliminated from H.
 */
export const bfgs = (n: number): Directions => ({
  size: n * n + n,
  remember(s, { p, g, beside: H }, curvature) {
    const Hy = H + n * n;
    if (s[count] === 1) {
      s.fill(0, H);
      const part = factorsOf(s, g, n).reduce((quotient, factor) => quotient / factor, curvature);
      for (let i = 0; i < n; i++) s[H + i * n + i] = part;
    }
    for (let i = 0; i < n; i++) s[Hy + i] = dot(s, H + i * n, s, g, n);
    const scale = dot(s, g, s, Hy, n) / curvature + 1;
    for (let i = 0, at = H; i < n; i++)
      for (let j = 0; j < n; j++, at++) s[at] += (s[p + i] * s[p + j] * scale - s[p + i] * s[Hy + j] - s[Hy + i] * s[p + j]) / curvature;
  },
  turn(s, { p, beside: at }, held) {
    const H = held.length ? s.slice(at) : s.subarray(at);
    for (const k of held) {
      const row = H.slice(k * n, k * n + n);
      for (let i = 0; i < n; i++) move(H, i * n, -row[i] / row[k], row, 0, n);
    }
    const turned = at + n * n;
    for (let i = 0; i < n; i++) s[turned + i] = dot(H, i * n, s, p, n);
    s.copyWithin(p, turned);
  },
});

/**
 * The same of the last steps alone, in two loops (Nocedal and Wright, algorithm 7.4): rows of the changes of the gradient and of x, 1 over their product, and
 * room for one number, oldest first. The free parts of a step may tell of no positive curvature, and then it is left out.
 */
export const lbfgs = (n: number, memory: number): Directions => {
  const row = 2 * n + 2;
  return {
    size: memory * row,
    remember(s, { g, beside }, curvature) {
      s.copyWithin(beside, beside + row);
      const last = s.length - row;
      s.copyWithin(last, g, g + 2 * n);
      s[last + 2 * n] = 1 / curvature;
    },
    turn(s, { p }, held) {
      const end = s.length;
      const first = end - row * Math.min(memory, s[count]);
      const rows = held.length ? s.slice() : s;
      for (let at = first; held.length && at < end; at += row) {
        for (const j of held) rows[at + j] = rows[at + n + j] = 0;
        const curvature = dot(rows, at, rows, at + n, n);
        rows[at + 2 * n] = curvature > 0 ? 1 / curvature : 0;
      }
      let scale = 0;
      for (let at = end - row; at >= first; at -= row) {
        const weight = rows[at + 2 * n];
        const part = weight * dot(rows, at + n, s, p, n);
        rows[at + 2 * n + 1] = part;
        move(s, p, -part, rows, at, n);
        scale ||= factorsOf(rows, at, n).reduce((product, factor) => product * factor, weight);
      }
      for (let j = 0; j < n; j++) s[p + j] /= scale || 1;
      for (let at = first; at < end; at += row)
        move(s, p, rows[at + 2 * n + 1] - rows[at + 2 * n] * dot(rows, at, s, p, n), rows, at + n, n);
    },
  };
};

const inner = (a: NDArray, b: NDArray): NDArray => a.mul(b).sum();

/** Newton's steps by conjugate gradients, which end where the curvature is not positive or the rest is small enough (Nocedal and Wright, algorithm 7.1). */
export const newtonCg = (objective: Objective): Directions => ({
  size: 0,
  find(x, down) {
    const times = product(objective, x);
    // In a power of two near the largest element, so that squares stay in the range, and digits as they are. Where that is 0 there is no step.
    const unit = largest(down).log2().floor().exp2();
    const start = down.div(unit);
    const square = inner(start, start);
    const enough = square.sqrt().mul(unit).minimum(0.25).mul(square);
    // Elements that bounds hold are 0 in the direction, and stay so.
    const hold = (v: NDArray): NDArray => (objective.bounds ? down.equal(0).where(0, v) : v);
    return whileLoop(
      ({ r, k }) => k.less(20 * x.size).logicalAnd(inner(r, r).greater(enough)),
      ({ z, r, p, k }) => {
        const Hp = hold(times(p));
        const [curvature, rr] = [inner(p, Hp), inner(r, r)];
        const isPositive = curvature.greater(largest(p).mul(largest(Hp)).mul(1e-8));
        // Where the curvature is not positive the search ends, and its first direction is taken as it is.
        const a = isPositive.where(rr.div(curvature), k.equal(0).where(1, 0));
        const next = r.sub(Hp.mul(a));
        return {
          z: z.add(p.mul(a)),
          r: next,
          p: p.mul(inner(next, next).div(rr)).add(next),
          k: isPositive.where(k.add(1), Infinity),
        };
      },
      { z: down.mul(0), r: start, p: start, k: unit.mul(0) },
    ).z.mul(unit);
  },
});
