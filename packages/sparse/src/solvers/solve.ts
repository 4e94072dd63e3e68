import { type ArrayLike, type Arrays, array, type Listed, type NDArray, TreeError, whileLoop, zerosLike } from "@ad/core";
import { checkFunction, checkOptions, describe, flattenLike } from "@ad/core/internals/checks";
import { type ArrayList, asArray, effect, type LinearMap, linearSolve, type Solver } from "@ad/core/internals/trace";
import type { SparseMatrix } from "../matrix/sparse-matrix.js";
import { joined, type LinearOperator, mapOf, spaceOf, treeOf, type VectorMap } from "./maps.js";
import { type Cycle, conjugateGradients, minimalResiduals, normOf, stabilised } from "./methods.js";
import { type Counts, codes, type Report, report } from "./report.js";

/**
 * The progress of a solver, which `onStep` receives. In lanes of vmap both are arrays. A lane that has nothing to do, or has ended where others begin again
 * with the residual itself, has the numbers of another one there.
 */
export interface Step {
  /** The number of steps that were taken so far. */
  readonly iterations: number;
  /** The method's estimate of the norm of b − A x. */
  readonly residual: number;
}

/** Options of {@link conjugateGradient}, {@link gmres} and {@link bicgstab}. */
export interface SolverOptions<B = NDArray> {
  /** The solution to start from: a tree like b; zeros by default. */
  readonly x0?: Arrays<B> | B;
  /** The tolerance of the norm of b − A x, relative to that of b: 1e-10 by default, 1e-5 in float32. */
  readonly rtol?: number;
  /** The absolute tolerance of the norm of b − A x: 0 by default. The larger one of both tolerances counts. */
  readonly atol?: number;
  /** The most steps that are taken: 10 for each unknown by default; Infinity for no bound. */
  readonly maxIterations?: number;
  /** A linear map near to the inverse of A: {@link jacobi}, {@link ilu0}, a function or a matrix. */
  readonly preconditioner?: LinearOperator<B>;
  /** It is told each step, but not those of derivatives; inside of jit in each run, and in lanes of vmap of all lanes at once. */
  readonly onStep?: (step: Step) => void;
}

/** Options of {@link gmres}. */
export interface GmresOptions<B = NDArray> extends SolverOptions<B> {
  /** The number of steps after which it begins again, with the memory of one vector for each: 30 by default. */
  readonly restart?: number;
}

/** The options of any of the solvers, of any trees. */
type AnyOptions = { readonly [K in keyof GmresOptions]: K extends "x0" | "preconditioner" ? unknown : GmresOptions[K] };

/** The solution of linear equations, and how it was found. */
export interface LinearSolution<B = NDArray> extends Report {
  /** The solution, a tree like b; it alone has derivatives. */
  readonly x: Arrays<B>;
}

const names = ["x0", "rtol", "atol", "maxIterations", "preconditioner", "onStep"] as const;

/** Steps are counted in int32. */
const maxInt32 = 2 ** 31 - 1;

function checkNumber(op: string, name: string, value: number | undefined, otherwise: number): number {
  if (value === undefined) return otherwise;
  if (typeof value !== "number" || !(value >= 0)) throw new TreeError(`${op}: ${name} is ${describe(value)}; give a number, 0 or larger.`);
  return value;
}

function checkCount(op: string, name: string, value: number | undefined, otherwise: number, least: number): number {
  if (value === undefined) return otherwise;
  if (!(Number.isInteger(value) || value === Infinity) || value < least)
    throw new TreeError(`${op}: ${name} is ${describe(value)}; give a whole number, ${least} or larger.`);
  return Math.min(value, maxInt32);
}

interface Tolerances {
  readonly rtol: number;
  readonly atol: number;
  readonly maxIterations: number;
}

/** A method, and how many products with the matrix a step of it takes. */
interface Method {
  readonly cycle: Cycle;
  readonly perStep: number;
}

const int = (n: number): NDArray => array(n, { dtype: "int32" });

/** Returns a divisor of vectors, after which their norms are numbers and not 0: 1 for all but very large and very small ones. */
function scaleOf(vectors: readonly NDArray[]): NDArray {
  const [{ size, dtype }] = vectors;
  const large = dtype === "float32" ? 1e10 : 1e100;
  if (size === 0) return array(1, { dtype });
  const most = vectors.map((v) => v.abs().max()).reduce((a, b) => a.maximum(b));
  const isExtreme = most.greater(large).logicalOr(most.less(1 / large).logicalAnd(most.greater(0)));
  return isExtreme.logicalAnd(most.isFinite()).where(most, 1).astype(dtype);
}

/** Cycles of a method until the residual itself is within the tolerance. */
function cycles(
  { cycle, perStep }: Method,
  { rtol, atol, maxIterations }: Tolerances,
  map: VectorMap,
  near: VectorMap,
  given: NDArray,
  x0: NDArray | undefined,
  tell: (iterations: NDArray, norm: NDArray) => void,
): Counts & { readonly x: NDArray } {
  const first = x0 ? given.sub(map(x0)) : given;
  const scale = scaleOf(x0 ? [given, first] : [given]);
  const [b, r] = [given.div(scale), first.div(scale)];
  const tolerance = normOf(b).mul(rtol).maximum(array(atol).div(scale).astype(b.dtype));
  const note = (iterations: NDArray, norm: NDArray): void => tell(iterations, norm.mul(scale));
  const limits = { tolerance, maxIterations: int(maxIterations), note };
  const start = x0 ? x0.div(scale) : zerosLike(b);
  const code = (of: keyof typeof codes): NDArray => int(codes[of]);
  const [running, stuck, notFinite, done] = [code("maxIterations"), code("noProgress"), code("notFinite"), code("residual")];
  const end = whileLoop(
    ({ norm, steps, code }) => norm.greater(tolerance).logicalAnd(steps.less(limits.maxIterations)).logicalAnd(code.equal(running)),
    ({ x, r, norm, steps, evaluations }) => {
      const next = cycle({ map, near }, r, norm, steps, limits);
      const moved = x.add(next.x);
      const left = b.sub(map(moved));
      const size = normOf(left);
      // A result that is worse than before, or no number, is not taken.
      const isBetter = size.less(norm);
      const code = size.isFinite().where(size.less(norm.mul(0.999)).where(running, stuck), notFinite);
      return {
        x: isBetter.where(moved, x),
        r: isBetter.where(left, r),
        norm: isBetter.where(size, norm),
        steps: next.steps,
        evaluations: evaluations.add(next.steps.sub(steps).mul(perStep)).add(1),
        code,
      };
    },
    { x: start, r, norm: normOf(r), steps: int(0), evaluations: int(x0 ? 1 : 0), code: running },
  );
  const { x, norm, steps, evaluations } = end;
  const last = norm.isFinite().where(norm.lessEqual(tolerance).where(done, end.code), notFinite);
  // Lanes that have taken as many steps as each other are lanes all the same.
  const each = last.mul(0);
  return { x: x.mul(scale), iterations: each.add(steps), evaluations: each.add(evaluations), residual: norm.mul(scale), code: last };
}

/** A number of a step, or, of a batch, the array of its lanes, whose type is that of one. */
const numberOf = (x: NDArray): number => (x.ndim ? (x as unknown as number) : x.item<number>());

function solve(op: string, method: (n: number) => Method, a: unknown, b: unknown, options: AnyOptions): unknown {
  const { x0, rtol, atol, maxIterations, preconditioner, onStep } = options;
  if (onStep !== undefined) checkFunction(op, onStep);
  const { space, vector } = spaceOf(op, b, [a, preconditioner]);
  const map = mapOf(op, "the map", a, space);
  const near = preconditioner === undefined ? undefined : mapOf(op, "the preconditioner", preconditioner, space);
  const n = vector.size;
  const tolerances: Tolerances = {
    rtol: checkNumber(op, "rtol", rtol, space.dtype === "float32" ? 1e-5 : 1e-10),
    atol: checkNumber(op, "atol", atol, 0),
    maxIterations: checkCount(op, "maxIterations", maxIterations, Math.max(10, 10 * n), 0),
  };
  const first =
    x0 === undefined
      ? undefined
      : joined(flattenLike(typeof a === "function" ? x0 : asArray(x0, op), space.like, op, "x0"), space.dtype).stopGradient();
  const own = method(n);
  let counts: Counts | undefined;
  let isFirst = true;
  let before = 0;
  /** Shows each state that a step led to; the count is 0 where the solver begins. */
  const show = ([iterations, residual]: ArrayList): void => {
    const total = iterations.sum().item<number>();
    if (total > before) onStep?.({ iterations: numberOf(iterations), residual: numberOf(residual) });
    before = total;
  };
  const note = (iterations: NDArray, norm: NDArray): void => {
    // Lanes that have taken as many steps as each other are lanes all the same.
    if (onStep) effect(`${op}'s onStep`, show, [iterations.add(norm.isFinite().where(0, 0)), norm]);
  };
  const solver: Solver = (at, [rhs], nearby) => {
    const on = (f: LinearMap | undefined): VectorMap => (f ? (v) => f([v])[0] : (v) => v);
    const isOwn = isFirst;
    isFirst = false;
    const end = cycles(own, tolerances, on(at), on(nearby), rhs, isOwn ? first : undefined, isOwn ? note : () => {});
    if (isOwn) counts = end;
    // A derivative has no report: where its equations are not solved, it is NaN.
    return [isOwn ? end.x : end.code.greater(0).where(end.x, Number.NaN)];
  };
  const [x] = linearSolve(op, ([v]) => [map(v)], [vector], solver, solver, near && (([v]) => [near(v)]));
  return { x: treeOf(space, x), ...report(counts ?? countsOf(map, vector, x, tolerances)) };
}

/** Returns what is reported where shapes alone are known. */
function countsOf(map: VectorMap, b: NDArray, x: NDArray, { rtol, atol }: Tolerances): Counts {
  const residual = normOf(b.sub(map(x)));
  const none = residual.mul(0).astype("int32");
  return {
    residual,
    iterations: none,
    evaluations: none,
    code: residual.lessEqual(normOf(b).mul(rtol).maximum(atol)).astype("int32"),
  };
}

/**
 * The solution of A x = b for a symmetric positive definite A, by conjugate gradients.
 *
 * The derivatives are those of the solution, with respect to b, the matrix, and whatever a function A closes over, to any order: equations with
 * the same matrix are solved for them, by the same method and options, and no step is recorded. Each lane of vmap stops by itself.
 *
 * @param a a {@link SparseMatrix} or an array [n, n], or a linear function of trees like b, which is never made a matrix. A matrix is not checked
 * for being symmetric and positive definite
 * @param b the right-hand side: [n], or [n, k] for k columns; for a function a tree of any shapes. int32 and bool become float64
 * @param options x0, rtol, atol, maxIterations, preconditioner (symmetric and positive definite too) and onStep: {@link SolverOptions}
 * @returns { x, converged, status, iterations, evaluations, residual }
 * @throws ShapeError where shapes do not fit, TreeError where b or a result is no tree of arrays, or an option is unknown or wrong,
 * TransformError where a function is none, DTypeError where a or b is no {@link ArrayLike}
 * @example
 * const a = SparseMatrix.fromDense([[4, 1], [1, 3]]);
 * const { x, converged } = conjugateGradient(a, array([1, 2]));
 * x.toArray(); // [0.0909091, 0.6363636]
 * converged; // true
 * grad((b: NDArray) => conjugateGradient(a, b).x.sum())(array([1, 2])).toArray(); // [0.1818182, 0.2727273]
 */
export function conjugateGradient(a: SparseMatrix | ArrayLike, b: ArrayLike, options?: SolverOptions): LinearSolution;
export function conjugateGradient<B = NDArray>(
  a: (x: Arrays<B>) => unknown,
  b: Listed<B>,
  options?: SolverOptions<NoInfer<B>>,
): LinearSolution<B>;
export function conjugateGradient(a: unknown, b: unknown, options: AnyOptions = {}): unknown {
  checkOptions("conjugateGradient", options, names);
  return solve("conjugateGradient", () => ({ cycle: conjugateGradients, perStep: 1 }), a, b, options);
}

/**
 * The solution of A x = b for any square A that is not singular, by the stabilised method of biconjugate gradients: two products with A for each
 * step, and the memory of a few vectors. Derivatives are as those of {@link conjugateGradient}.
 *
 * @param a a {@link SparseMatrix} or an array [n, n], or a linear function of trees like b
 * @param b the right-hand side: [n], or [n, k] for k columns; for a function a tree of any shapes. int32 and bool become float64
 * @param options x0, rtol, atol, maxIterations, preconditioner and onStep: {@link SolverOptions}
 * @returns { x, converged, status, iterations, evaluations, residual }
 * @throws as {@link conjugateGradient} does
 * @example
 * bicgstab(SparseMatrix.fromDense([[4, 1], [-1, 3]]), array([1, 2])).x.toArray(); // [0.0769231, 0.6923077]
 */
export function bicgstab(a: SparseMatrix | ArrayLike, b: ArrayLike, options?: SolverOptions): LinearSolution;
export function bicgstab<B = NDArray>(a: (x: Arrays<B>) => unknown, b: Listed<B>, options?: SolverOptions<NoInfer<B>>): LinearSolution<B>;
export function bicgstab(a: unknown, b: unknown, options: AnyOptions = {}): unknown {
  checkOptions("bicgstab", options, names);
  return solve("bicgstab", () => ({ cycle: stabilised, perStep: 2 }), a, b, options);
}

/**
 * The solution of A x = b for any square A that is not singular, by generalised minimal residuals: one product with A for each step, each of
 * which leaves as little as any method could, and the memory of `restart` vectors. Derivatives are as those of {@link conjugateGradient}.
 *
 * @param a a {@link SparseMatrix} or an array [n, n], or a linear function of trees like b
 * @param b the right-hand side: [n], or [n, k] for k columns; for a function a tree of any shapes. int32 and bool become float64
 * @param options those of {@link conjugateGradient}, and restart: {@link GmresOptions}
 * @returns { x, converged, status, iterations, evaluations, residual }
 * @throws as {@link conjugateGradient} does
 * @example
 * const { x, status } = gmres((v: NDArray) => v.mul([2, 4]), array([1, 2]));
 * x.toArray(); // [0.5, 0.5]
 * status; // "converged: the residual is within the tolerance"
 */
export function gmres(a: SparseMatrix | ArrayLike, b: ArrayLike, options?: GmresOptions): LinearSolution;
export function gmres<B = NDArray>(a: (x: Arrays<B>) => unknown, b: Listed<B>, options?: GmresOptions<NoInfer<B>>): LinearSolution<B>;
export function gmres(a: unknown, b: unknown, options: AnyOptions = {}): unknown {
  checkOptions("gmres", options, [...names, "restart"]);
  const restart = checkCount("gmres", "restart", options.restart, 30, 1);
  return solve("gmres", (n) => ({ cycle: minimalResiduals(Math.max(1, Math.min(restart, n))), perStep: 1 }), a, b, options);
}
