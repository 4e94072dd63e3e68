import { type NDArray, whileLoop } from "@ad/core";
import { computed, type Numbers } from "@ad/core/internals/trace";
import { dot } from "../dot.js";
import { count, largest } from "../problem.js";
import type { Directions } from "./descent.js";
import { type Objective, product } from "./objective.js";

/** Moves n numbers of x by a multiple of others of its numbers. */
function move(x: Numbers, to: number, by: number, from: number, n: number): void {
  for (let j = 0; j < n; j++) x[to + j] += by * x[from + j];
}

/**
 * Directions of plain numbers. What a kernel fills: 1 where it remembers the step, 0 otherwise; the direction, which is that of the gradient g at first; and
 * the memory, which begins at n + 1. A step s is remembered where it tells of a positive curvature: where s·y is more than rounding.
 */
const quasiNewton = (
  size: (n: number) => number,
  remember: (all: Numbers, s: Numbers, y: Numbers, sy: number, n: number) => void,
  turn: (all: Numbers, g: Numbers, n: number) => void,
): Directions => ({
  isCheap: true,
  size,
  next({ own, count }, { size: n }, g, s, y) {
    const all = computed("minimize's direction", [own, s, y, g], 1 + n + own.size, ([own, s, y, g], all) => {
      const sy = dot(s, 0, y, 0, n);
      all.set(own, n + 1);
      if (sy > Math.sqrt(dot(s, 0, s, 0, n) * dot(y, 0, y, 0, n)) * 1e-14) {
        all[0] = 1;
        remember(all, s, y, sy, n);
      }
      for (let i = 0; i < n; i++) all[1 + i] = -g[i];
      turn(all, g, n);
    });
    return [all.slice([1, n + 1]), { own: all.slice([n + 1, null]), count: count.add(all.slice(0).astype("int32")) }];
  },
});

/** Broyden, Fletcher, Goldfarb and Shanno: H, nearly the inverse of the Hessian, is corrected by each step. It is 0 before the first. */
export const bfgs = (): Directions =>
  quasiNewton(
    (n) => n * n,
    (all, s, y, sy, n) => {
      const H = n + 1;
      if (!all[H]) for (let i = 0; i < n; i++) all[H + i * n + i] = sy / dot(y, 0, y, 0, n);
      // H·y, for a while where the direction will be.
      for (let i = 0; i < n; i++) all[1 + i] = dot(all, H + i * n, y, 0, n);
      const scale = (dot(y, 0, all, 1, n) / sy + 1) / sy;
      for (let i = 0, at = H; i < n; i++)
        for (let j = 0; j < n; j++, at++) all[at] = all[at] - (s[i] * all[1 + j] + all[1 + i] * s[j]) / sy + s[i] * s[j] * scale;
    },
    (all, g, n) => {
      if (all[n + 1]) for (let i = 0; i < n; i++) all[1 + i] = -dot(all, n + 1 + i * n, g, 0, n);
    },
  );

/**
 * The same of the last steps alone, in two loops (Nocedal and Wright, algorithm 7.4): rows of s, y and 1 / s·y, oldest first; zeros where there were fewer, which change nothing.
 */
export const lbfgs = (memory: number): Directions =>
  quasiNewton(
    (n) => memory * (2 * n + 1),
    (all, s, y, sy, n) => {
      const row = 2 * n + 1;
      const last = all.length - row;
      all.copyWithin(n + 1, n + 1 + row);
      all.set(s, last);
      all.set(y, last + n);
      all[last + 2 * n] = 1 / sy;
    },
    (all, _, n) => {
      const row = 2 * n + 1;
      const last = all.length - row;
      const parts: number[] = [];
      for (let at = last; at > n; at -= row) {
        const part = dot(all, at, all, 1, n) * all[at + 2 * n];
        parts.push(part);
        move(all, 1, -part, at + n, n);
      }
      const scale = all[last + 2 * n] * dot(all, last + n, all, last + n, n) || 1;
      for (let j = 1; j <= n; j++) all[j] /= scale;
      for (let at = n + 1; at <= last; at += row)
        move(all, 1, (parts.pop() as number) - dot(all, at + n, all, 1, n) * all[at + 2 * n], at, n);
    },
  );

const inner = (a: NDArray, b: NDArray): NDArray => a.mul(b).sum();

/** Newton's step by conjugate gradients, which end where the curvature is not positive or the rest is small enough (Nocedal and Wright, algorithm 7.1). */
export const newtonCg = (objective: Objective): Directions => ({
  isCheap: false,
  size: () => 0,
  next({ own }, x, g, s) {
    const times = product(objective, x);
    const size = inner(g, g).sqrt();
    const enough = size.sqrt().minimum(0.5).mul(size).square();
    const zero = g.mul(0);
    // Elements that bounds hold are 0 in g, and stay so.
    const hold = (v: NDArray): NDArray => (objective.bounds ? g.equal(0).where(0, v) : v);
    const { z } = whileLoop(
      ({ r, on, k }) => on.logicalAnd(k.less(20 * x.size)).logicalAnd(inner(r, r).greater(enough)),
      ({ z, r, p, k, on }) => {
        const Hp = hold(times(p));
        const [curvature, rr] = [inner(p, Hp), inner(r, r)];
        const isPositive = curvature.greater(inner(p, p).mul(inner(Hp, Hp)).sqrt().mul(1e-8));
        const a = rr.div(isPositive.where(curvature, 1));
        const next = r.add(Hp.mul(a));
        return {
          z: isPositive.where(z.add(p.mul(a)), k.equal(0).where(p, z)),
          r: isPositive.where(next, r),
          p: isPositive.where(p.mul(inner(next, next).div(rr)).sub(next), p),
          k: k.add(1),
          on: on.logicalAnd(isPositive),
        };
      },
      { z: zero, r: g, p: g.neg(), k: count(0), on: size.greaterEqual(0) },
    );
    return [z, { own, count: largest(s).greater(0).astype("int32") }];
  },
});
