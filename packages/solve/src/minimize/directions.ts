import { concatenate, cond, type NDArray, whileLoop } from "@ad/core";
import { computed, type Numbers } from "@ad/core/internals/trace";
import { dot, move } from "../dot.js";
import { count, largest, norm } from "../problem.js";
import type { Directions } from "./descent.js";
import { type Objective, product } from "./objective.js";

/**
 * Directions of plain numbers: the memory begins at n + 1, and the direction is that of the gradient g at first. A step s is remembered where it tells of a
 * positive curvature: where s·y is more than rounding. Elements that bounds hold are 0 in g, and the turn of the direction is that of the others alone.
 */
const quasiNewton = (
  isBounded: boolean,
  size: (n: number) => number,
  remember: (all: Numbers, s: Numbers, y: Numbers, sy: number, n: number) => void,
  turn: (all: Numbers, g: Numbers, held: readonly number[], n: number) => void,
): Directions => ({
  size,
  next: (memory, what, { size: n }, g, s, y) =>
    computed("minimize's direction", [memory, what, s, y, g], n + memory.size, ([memory, what, s, y, g], all) => {
      const sy = dot(s, 0, y, 0, n);
      if (what[0]) all.set(memory, n);
      if (what[0] > 0 && sy > Math.sqrt(dot(s, 0, s, 0, n) * dot(y, 0, y, 0, n)) * 1e-14) {
        all[n]++;
        remember(all, s, y, sy, n);
      }
      const held: number[] = [];
      for (let i = 0; i < n; i++) {
        all[i] = -g[i];
        if (isBounded && !g[i]) held.push(i);
      }
      if (what[0] > 0) turn(all, g, held, n);
    }),
});

/**
 * Broyden, Fletcher, Goldfarb and Shanno: H, nearly the inverse of the Hessian, is corrected by each step. It is 0 before the first. The inverse of a part
 * is not a part of the inverse, so held elements are eliminated from H.
 */
export const bfgs = (isBounded: boolean): Directions =>
  quasiNewton(
    isBounded,
    (n) => n * n,
    (all, s, y, sy, n) => {
      const H = n + 1;
      if (!all[H]) for (let i = 0; i < n; i++) all[H + i * n + i] = sy / dot(y, 0, y, 0, n);
      // H·y, for a while where the direction will be.
      for (let i = 0; i < n; i++) all[i] = dot(all, H + i * n, y, 0, n);
      const scale = (dot(y, 0, all, 0, n) / sy + 1) / sy;
      for (let i = 0, at = H; i < n; i++)
        for (let j = 0; j < n; j++, at++) all[at] = all[at] - (s[i] * all[j] + all[i] * s[j]) / sy + s[i] * s[j] * scale;
    },
    (all, g, held, n) => {
      if (!all[n + 1]) return;
      const H = held.length ? all.slice() : all;
      for (const k of held) {
        const from = n + 1 + k * n;
        const row = H.slice(from, from + n);
        for (let i = 0; i < n; i++) move(H, n + 1 + i * n, -row[i] / row[k], row, 0, n);
      }
      for (let i = 0; i < n; i++) all[i] = -dot(H, n + 1 + i * n, g, 0, n);
    },
  );

/**
 * The same of the last steps alone, in two loops (Nocedal and Wright, algorithm 7.4): rows of s and y, oldest first; zeros where there were fewer, which change
 * nothing. The free parts of a step may tell of no positive curvature, and then it is left out.
 */
export const lbfgs = (isBounded: boolean, memory: number): Directions =>
  quasiNewton(
    isBounded,
    (n) => 2 * n * memory,
    (all, s, y, _, n) => {
      all.copyWithin(n + 1, 3 * n + 1);
      all.set(s, all.length - 2 * n);
      all.set(y, all.length - n);
    },
    (all, _, held, n) => {
      const rows = held.length ? all.slice() : all;
      const kept: number[] = [];
      let scale = 0;
      for (let at = all.length - 2 * n; at > n; at -= 2 * n) {
        for (const j of held) rows[at + j] = rows[at + n + j] = 0;
        const sy = dot(rows, at, rows, at + n, n);
        const weight = sy > 0 ? 1 / sy : 0;
        const part = weight * dot(rows, at, all, 0, n);
        scale ||= weight * dot(rows, at + n, rows, at + n, n);
        kept.push(weight, part);
        move(all, 0, -part, rows, at + n, n);
      }
      for (let j = 0; j < n; j++) all[j] /= scale || 1;
      for (let at = n + 1; at < all.length; at += 2 * n) {
        const part = kept.pop() as number;
        move(all, 0, part - (kept.pop() as number) * dot(rows, at + n, all, 0, n), rows, at, n);
      }
    },
  );

const inner = (a: NDArray, b: NDArray): NDArray => a.mul(b).sum();

/** Newton's step by conjugate gradients, which end where the curvature is not positive or the rest is small enough (Nocedal and Wright, algorithm 7.1). */
function newtonStep(objective: Objective, x: NDArray, g: NDArray): NDArray {
  const times = product(objective, x);
  const size = norm(g);
  const enough = size.sqrt().minimum(0.5).mul(size).square();
  const most = 20 * x.size;
  // Elements that bounds hold are 0 in g, and stay so.
  const hold = (v: NDArray): NDArray => (objective.bounds ? g.equal(0).where(0, v) : v);
  const { z } = whileLoop(
    ({ r, k }) => k.less(most).logicalAnd(inner(r, r).greater(enough)),
    ({ z, r, p, k }) => {
      const Hp = hold(times(p));
      const [curvature, rr] = [inner(p, Hp), inner(r, r)];
      const isPositive = curvature.greater(inner(p, p).mul(inner(Hp, Hp)).sqrt().mul(1e-8));
      // Where the curvature is not positive the search ends, and its first direction is taken as it is.
      const a = isPositive.where(rr.div(curvature), k.equal(0).astype(x.dtype));
      const next = r.add(Hp.mul(a));
      return {
        z: z.add(p.mul(a)),
        r: next,
        p: p.mul(inner(next, next).div(rr)).sub(next),
        k: isPositive.where(k.add(1), most),
      };
    },
    { z: g.mul(0), r: g, p: g.neg(), k: count(0) },
  );
  return z;
}

/** Newton's steps. The memory is 1 after the first one. */
export const newtonCg = (objective: Objective): Directions => ({
  size: () => 0,
  next: (memory, what, x, g, s) =>
    cond(
      what.greater(0),
      (): NDArray => concatenate([newtonStep(objective, x, g), largest(s).greater(0).astype(x.dtype).expandDims(0)]),
      (): NDArray => concatenate([g.mul(0), memory.mul(what.abs())]),
    ),
});
