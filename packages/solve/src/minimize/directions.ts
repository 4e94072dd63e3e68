import { concatenate, eye, type NDArray, ones, whileLoop, zeros } from "@ad/core";
import { chosen } from "../loop.js";
import { count } from "../problem.js";
import type { Directions } from "./descent.js";
import { type Objective, product } from "./objective.js";

const dot = (a: NDArray, b: NDArray): NDArray => a.mul(b).sum();

/** Returns whether a step tells of a positive curvature. */
const isCurved = (s: NDArray, y: NDArray): NDArray => dot(s, y).greater(dot(s, s).mul(dot(y, y)).sqrt().mul(1e-14));

/** Broyden, Fletcher, Goldfarb and Shanno: H, nearly the inverse of the Hessian, is corrected by each step. */
export const bfgs: Directions = {
  isCheap: true,
  first: (x) => ({ H: eye(x.size, x.size, { dtype: x.dtype }), count: count(0) }),
  direction: ({ H }, _, g) => H.matmul(g).neg(),
  next({ H, count }, s, y) {
    const on = isCurved(s, y);
    const sy = on.where(dot(s, y), 1);
    const own = count.equal(0).where(H.mul(sy.div(on.where(dot(y, y), 1))), H);
    const Hy = own.matmul(y);
    const both = s.outer(Hy);
    const changed = own.sub(both.add(both.T).div(sy)).add(s.outer(s).mul(dot(y, Hy).div(sy).add(1).div(sy)));
    return { H: on.where(changed, H), count: count.add(on.astype("int32")) };
  },
};

/**
 * The same of the last steps S alone, and the changes Y of the gradient along them, oldest first; rows of zeros where there were fewer. The compact form
 * of Byrd, Nocedal and Schnabel (1994): D is the diagonal of S Yᵀ, and R the inverse of its upper triangle, from which a new step takes a row
 * and to which it adds a column.
 */
export const lbfgs = (memory: number): Directions => ({
  isCheap: true,
  first: (x) => ({
    S: zeros([memory, x.size], x.dtype),
    Y: zeros([memory, x.size], x.dtype),
    D: zeros([memory], x.dtype),
    R: zeros([memory, memory], x.dtype),
    scale: ones([], x.dtype),
    count: count(0),
  }),
  direction({ S, Y, D, R, scale }, _, g) {
    const u = R.matmul(S.matmul(g));
    const Yu = u.matmul(Y);
    const v = D.mul(u)
      .add(Y.matmul(Yu.sub(g)).mul(scale))
      .matmul(R);
    return Yu.sub(g).mul(scale).sub(v.matmul(S));
  },
  next(own, s, y) {
    const { S, Y, D, R, count } = own;
    const [sy, yy] = [dot(s, y), dot(y, y)];
    const pushed = (rows: NDArray, row: NDArray): NDArray => concatenate([rows.slice([1, null]), row.expandDims(0)]);
    const [steps, rest] = [pushed(S, s), R.slice([1, null], [1, null])];
    const column = rest.matmul(S.slice([1, null]).matmul(y)).div(sy.neg());
    const inverse = concatenate(
      [
        rest.pad([
          [0, 1],
          [0, 0],
        ]),
        concatenate([column, sy.reciprocal().expandDims(0)]).expandDims(1),
      ],
      1,
    );
    const next = { S: steps, Y: pushed(Y, y), D: pushed(D, sy), R: inverse, scale: sy.div(yy), count: count.add(1) };
    return chosen(isCurved(s, y), next, own);
  },
});

/** Newton's step by conjugate gradients, which end where the curvature is not positive or the rest is small enough (Nocedal and Wright, algorithm 7.1). */
export const newtonCg = (objective: Objective): Directions => ({
  isCheap: false,
  first: () => ({ count: count(0) }),
  direction(_, x, g) {
    const times = product(objective, x);
    const size = dot(g, g).sqrt();
    const enough = size.sqrt().minimum(0.5).mul(size).square();
    const zero = g.mul(0);
    // Elements that bounds hold are 0 in g, and stay so.
    const hold = (v: NDArray): NDArray => (objective.bounds ? g.equal(0).where(0, v) : v);
    const { z } = whileLoop(
      ({ r, on, k }) => on.logicalAnd(k.less(20 * x.size)).logicalAnd(dot(r, r).greater(enough)),
      ({ z, r, p, k, on }) => {
        const Hp = hold(times(p));
        const [curvature, rr] = [dot(p, Hp), dot(r, r)];
        const isPositive = curvature.greater(dot(p, p).mul(dot(Hp, Hp)).sqrt().mul(1e-8));
        const a = rr.div(isPositive.where(curvature, 1));
        const next = r.add(Hp.mul(a));
        return {
          z: isPositive.where(z.add(p.mul(a)), k.equal(0).where(p, z)),
          r: isPositive.where(next, r),
          p: isPositive.where(p.mul(dot(next, next).div(rr)).sub(next), p),
          k: k.add(1),
          on: on.logicalAnd(isPositive),
        };
      },
      { z: zero, r: g, p: g.neg(), k: count(0), on: size.greaterEqual(0) },
    );
    return z;
  },
  next: () => ({ count: count(1) }),
});
