import { arange, array, eye, linalg, type NDArray, onesLike, stack, whileLoop, zerosLike } from "@ad/core";
import { call, type Operation } from "@ad/core/internals/trace";
import { laneOperation } from "../matrix/lanes.js";
import type { VectorMap } from "./maps.js";
import { plain } from "./report.js";

/** Equations A x = r, and a way near to A's inverse. */
export interface System {
  readonly map: VectorMap;
  readonly near: VectorMap;
}

/** The limits of a method: it stops at a norm of the residual, or at a number of steps; `note` is told each state. */
export interface Limits {
  readonly tolerance: NDArray;
  readonly maxIterations: NDArray;
  readonly note: (iterations: NDArray, norm: NDArray) => void;
}

/**
 * Some steps of a method from x = 0 on, which stop where its own estimate of the residual is within the tolerance, at the last step, or where the
 * method breaks down; its caller looks at the residual itself, and begins again.
 *
 * @param norm of r
 * @param steps the steps that were taken before
 */
export type Cycle = (
  system: System,
  r: NDArray,
  norm: NDArray,
  steps: NDArray,
  limits: Limits,
) => { readonly x: NDArray; readonly steps: NDArray };

export const dot = (a: NDArray, b: NDArray): NDArray => a.mul(b).sum();
export const normOf = (a: NDArray): NDArray => dot(a, a).sqrt();

/** a / b, and 0 where b is 0. */
const quotient = (a: NDArray, b: NDArray): NDArray => b.equal(0).where(0, a.div(b.equal(0).where(1, b)));

interface Progress {
  /** The method's estimate of the norm of what is left. */
  readonly norm: NDArray;
  /** False where the method has broken down. */
  readonly on: NDArray;
}

/** Takes steps of a method until one of the limits is met. */
function iterate<S extends Readonly<Record<keyof S, NDArray | readonly NDArray[]>>>(
  { tolerance, maxIterations, note }: Limits,
  steps: NDArray,
  start: S & Progress,
  step: (state: S & Progress) => S & Progress,
): { readonly state: S & Progress; readonly steps: NDArray } {
  const last = whileLoop(
    ({ state, steps }) => {
      const { on, norm } = state as S & Progress;
      // In the step the lanes that have ended have another lane's numbers.
      note(steps, norm);
      return on.logicalAnd(norm.greater(tolerance)).logicalAnd(steps.less(maxIterations));
    },
    ({ state, steps }) => ({ state: step(state as S & Progress), steps: steps.add(1) }),
    { state: start, steps },
  );
  return { state: last.state as S & Progress, steps: last.steps };
}

/** Conjugate gradients (Hestenes and Stiefel, 1952), for symmetric positive definite matrices. */
export const conjugateGradients: Cycle = ({ map, near }, r, norm, steps, limits) => {
  const z = near(r);
  const start = { x: zerosLike(r), r, p: z, rz: dot(r, z), norm, on: array(true) };
  const end = iterate(limits, steps, start, ({ x, r, p, rz }) => {
    const q = map(p);
    const alpha = quotient(rz, dot(p, q));
    const left = r.sub(q.mul(alpha));
    const z = near(left);
    const next = dot(left, z);
    return {
      x: x.add(p.mul(alpha)),
      r: left,
      p: z.add(p.mul(quotient(next, rz))),
      rz: next,
      norm: normOf(left),
      on: alpha.notEqual(0),
    };
  });
  return { x: end.state.x, steps: end.steps };
};

/** The stabilised method of biconjugate gradients (van der Vorst, 1992), preconditioned from the right. */
export const stabilised: Cycle = ({ map, near }, first, norm, steps, limits) => {
  const start = { x: zerosLike(first), r: first, p: first, rho: dot(first, first), norm, on: array(true) };
  const end = iterate(limits, steps, start, ({ x, r, p, rho }) => {
    const direction = near(p);
    const v = map(direction);
    const alpha = quotient(rho, dot(first, v));
    const half = r.sub(v.mul(alpha));
    const second = near(half);
    const t = map(second);
    const omega = quotient(dot(t, half), dot(t, t));
    const left = half.sub(t.mul(omega));
    const next = dot(first, left);
    const beta = quotient(next, rho).mul(quotient(alpha, omega));
    return {
      x: x.add(direction.mul(alpha)).add(second.mul(omega)),
      r: left,
      p: left.add(p.sub(v.mul(omega)).mul(beta)),
      rho: next,
      norm: normOf(left),
      on: beta.notEqual(0),
    };
  });
  return { x: end.state.x, steps: end.steps };
};

/**
 * Computes what of a vector lies in the span of the first vectors of an orthonormal basis, and what is left of it, one after the other: m + 1 coefficients, then
 * the rest. By Gram and Schmidt's way, done twice, so that what is left is orthogonal to the dtype's accuracy. The operands are the vector, the
 * index of the last vector of the basis that counts, and m + 1 vectors.
 */
const orthogonalised = (m: number): Operation =>
  laneOperation(
    "gramSchmidt",
    [1, 0, ...new Array<number>(m + 1).fill(1)],
    ([[n]]) => [m + 1 + n],
    ([w, last, ...basis], out) => {
      const rest = out.subarray(m + 1);
      rest.set(w);
      for (let pass = 0; pass < 2; pass++)
        for (let i = 0; i <= last[0]; i++) {
          const v = basis[i];
          let sum = 0;
          for (let k = 0; k < v.length; k++) sum += v[k] * rest[k];
          for (let k = 0; k < v.length; k++) rest[k] -= sum * v[k];
          out[i] += sum;
        }
    },
    {},
  );

/** A list with another array at an index, which may have no number. */
function replaced(list: readonly NDArray[], index: NDArray, by: NDArray): NDArray[] {
  const at = plain<number>(index);
  return list.map((x, i) => (typeof at === "number" ? (i === at ? by : x) : index.equal(i).where(by, x)));
}

/**
 * Generalised minimal residuals (Saad and Schultz, 1986), preconditioned from the right: the combination of A's powers times r, up to the m-th,
 * that leaves the least. Rotations keep the coefficients triangular.
 */
export const minimalResiduals = (m: number): Cycle => {
  const orthogonalise = orthogonalised(m);
  return ({ map, near }, r, norm, steps, limits) => {
    const { dtype } = r;
    const [places, columns] = [arange(m + 1).astype("int32"), arange(m).astype("int32")];
    const none = zerosLike(r);
    const first = r.div(norm);
    const start = {
      basis: [first, ...new Array<NDArray>(m).fill(none)],
      newest: first,
      // The product of all rotations, and what they make of the coefficients.
      rotation: eye(m + 1, m + 1, { dtype }),
      triangle: eye(m, m, { dtype }),
      index: array(0, { dtype: "int32" }),
      norm,
      on: array(true),
    };
    const end = iterate(limits, steps, start, ({ basis, newest, rotation, triangle, index, norm: before }) => {
      const [both] = call(orthogonalise, [map(near(newest)), index, ...basis]);
      const rest = both.slice([m + 1, null]);
      const length = normOf(rest);
      const after = index.add(1);
      const [here, below] = [places.equal(index), places.equal(after)];
      const column = rotation.matmul(below.where(length, both.slice([0, m + 1])));
      const [a, b] = [column.take(index, 0), column.take(after, 0)];
      const size = a.hypot(b);
      // Where the matrix is singular there may be nothing to divide by.
      const isFound = size.greater(0);
      const [cos, sin] = [quotient(a, size), quotient(b, size)];
      const [upper, lower] = [rotation.take(index, 0), rotation.take(after, 0)];
      const turned = here
        .expandDims(1)
        .where(upper.mul(cos).add(lower.mul(sin)), below.expandDims(1).where(lower.mul(cos).sub(upper.mul(sin)), rotation));
      const entries = here.where(size, below.where(0, column)).slice([0, m]);
      const unit = rest.mul(quotient(onesLike(length), length));
      const next = isFound.where(after, index);
      return {
        basis: replaced(basis, after, unit),
        newest: unit,
        rotation: isFound.where(turned, rotation),
        triangle: columns.equal(index).logicalAnd(isFound).where(entries.expandDims(1), triangle),
        index: next,
        norm: isFound.where(norm.mul(turned.take(after, 0).slice(0).abs()), before),
        on: isFound.logicalAnd(length.greater(0)).logicalAnd(next.less(m)),
      };
    });
    const { basis, rotation, triangle, index } = end.state;
    const right = columns.less(index).where(rotation.slice([0, m], 0).mul(norm), 0);
    const weights = linalg.solveTriangular(triangle, right, { onFailure: "nan" });
    return { x: near(weights.matmul(stack(basis.slice(0, m)))), steps: end.steps };
  };
};
