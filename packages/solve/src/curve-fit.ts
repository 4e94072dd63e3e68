import {
  type ArrayLike,
  type Arrays,
  erfInv,
  eye,
  type Leaf,
  type Listed,
  linalg,
  type NDArray,
  ShapeError,
  TreeError,
  treeLeaves,
} from "@ad/core";
import { type AnyFunction, checkFunction, checkOptions, describe, invoke, showShape } from "@ad/core/internals/checks";
import { asArray, type Flat, flatten, isArray, sameShape } from "@ad/core/internals/trace";
import { valueAndJacobian } from "@ad/functional";
import { weighted } from "./least-squares/loss.js";
import { studentQuantile } from "./least-squares/student.js";
import { fit, type LeastSquaresOptions, leastSquaresOptions, settingsOf } from "./least-squares.js";
import { joined } from "./linear.js";
import { checkChoice } from "./loop.js";
import { epsilonOf, type Problem, problem, treeLike } from "./problem.js";
import { plain, type Report } from "./result.js";
import { provided } from "./scalars.js";

/** Options of {@link curveFit}: those of {@link leastSquares}, and what is known of the errors of y. */
export interface CurveFitOptions<P = unknown> extends LeastSquaresOptions<P> {
  /** The standard deviations of y: a number, an array that broadcasts to y, or the covariance matrix [m, m] of a vector y. Default 1. */
  readonly sigma?: ArrayLike;
  /** Whether sigma is known as it stands. Otherwise (default) it says how the errors compare, and their size is taken from the residuals. */
  readonly absoluteSigma?: boolean;
}

/** The result of {@link curveFit}. All but the report has derivatives. */
export interface CurveFit<P> extends Report {
  /** The parameters, of the form of p0. Their derivatives are implicit. */
  readonly params: Arrays<P>;
  /** Their covariance [n, n], with the leaves one after the other; NaN where the data do not determine them, or, without absoluteSigma, their errors. */
  readonly covariance: NDArray;
  /** The square roots of its diagonal, of the form of p0. */
  readonly standardErrors: Arrays<P>;
  /** y − model(x, params), of the shape of y. */
  readonly residuals: NDArray;
  /** Half the sum of the squares of the residuals over sigma, or of their losses, of shape []. */
  readonly cost: NDArray;
  /** The number of elements of y minus that of parameters. */
  readonly degreesOfFreedom: number;
  /** Whether sigma was known as it stands. */
  readonly absoluteSigma: boolean;
}

/** Array data as an array, and any other value as it is: what x is is the model's business. */
const given = (op: string, x: unknown): unknown => {
  // A list may stand in itself.
  const isNumbers = (value: unknown, depth = 0): boolean =>
    typeof value === "number" || (Array.isArray(value) && depth < 64 && value.every((each) => isNumbers(each, depth + 1)));
  return isArray(x) || isNumbers(x) ? asArray(x, op) : x;
};

/** Returns what divides residuals by sigma. */
function whitening(op: string, sigma: ArrayLike | undefined, y: NDArray): (r: NDArray) => NDArray {
  if (sigma === undefined) return (r) => r;
  const s = asArray(sigma, op);
  const isMatrix = y.ndim === 1 && sameShape(s.shape, [y.size, y.size]);
  const wrong = (Kind: new (message: string) => Error, what: string): Error =>
    new Kind(`${op}: sigma ${what}; give the standard deviations of y, of shape ${showShape(y.shape)}, or its covariance matrix.`);
  if (!isMatrix && !(s.ndim <= y.ndim && s.shape.every((n, i) => n === 1 || n === y.shape.at(i - s.ndim))))
    throw wrong(ShapeError, `has shape ${showShape(s.shape)}`);
  const root = isMatrix ? linalg.cholesky(s, { onFailure: "nan" }) : s.greater(0).where(s, Number.NaN);
  const own = provided(root.isNaN().logicalNot(), root, () =>
    isMatrix ? wrong(linalg.LinAlgError, "is not positive definite") : wrong(TreeError, "is not above 0 everywhere"),
  );
  return (r) => (isMatrix ? linalg.solveTriangular(own, r, { lower: true, onFailure: "nan" }) : r.div(own));
}

/** The model's values, which are to be one array, of the shape of y where there is one. */
function valuesOf(op: string, model: AnyFunction, x: unknown, params: unknown, y?: NDArray): NDArray {
  const result = invoke(model, [x, params]);
  const { leaves, structure }: Flat = flatten(result, op, "the model's result");
  if (structure !== null || (y && !sameShape(leaves[0].shape, y.shape)))
    throw new (structure === null ? ShapeError : TreeError)(
      `${op}: the model returned ${describe(result, false)}; return one array, of the shape of y${y ? `, ${showShape(y.shape)}` : ""}.`,
    );
  return leaves[0];
}

/** (JᵀJ)⁻¹ by the triangle of J, whose columns are scaled before. NaN where J has not the full rank. */
function inverseOfGram(jacobian: NDArray): NDArray {
  const [m, n] = jacobian.shape;
  const one = eye(n, n, { dtype: jacobian.dtype });
  if (m < n) return one.mul(Number.NaN);
  const size = jacobian.square().sum(0).sqrt();
  const scales = size.equal(0).where(1, size).stopGradient();
  const { r } = linalg.qr(jacobian.div(scales));
  const inverse = linalg.solveTriangular(r, one, { onFailure: "nan" }).div(scales.expandDims(1));
  // A column that the ones before it make up but for rounding leaves no more than that on the diagonal.
  const isFull = r
    .diagonal()
    .abs()
    .greater(m * epsilonOf(r))
    .all();
  return isFull.where(inverse.matmul(inverse.T), Number.NaN);
}

/**
 * Fits the parameters of a model to data: those for which the sum of ((y − model(x, p)) / sigma)² is least, with their covariance and standard errors.
 * The result has derivatives with respect to the data, sigma, and whatever the model closes over, of both modes and any order, in lanes of vmap and
 * inside of jit.
 *
 * @param model from x and the parameters to an array of y's shape
 * @param x what the model gets as it is: an array, of any shape, or any other value
 * @param y the data: an array of any shape, floating or made so
 * @param p0 where the search starts: a floating array, a number or a tree of these
 * @param options sigma, absoluteSigma, and those of {@link leastSquares}: method, bounds, loss, lossScale, xtol, ftol, gtol, maxIterations, onStep
 * @returns `{ params, covariance, standardErrors, residuals, cost, degreesOfFreedom, converged, status, iterations, evaluations }`:
 * {@link CurveFit}. {@link confidenceBand} makes a band around the curve of it
 * @throws ShapeError where the model gives another shape than y's or sigma does not fit, DTypeError where p0 or the model's result is not
 * floating or y is no {@link ArrayLike}, TreeError where p0 is no tree of arrays, an option is unknown or wrong or sigma is not above 0, TransformError where
 * the model is no function, LinAlgError where sigma is a matrix that is not positive definite. In a program
 * of jit a wrong sigma gives a fit that has failed, with NaN for the covariance
 * @example
 * const x = array([0, 1, 2, 3, 4]);
 * const line = (x: NDArray, { slope, height }: { slope: NDArray; height: NDArray }) => slope.mul(x).add(height);
 * const { params, standardErrors, converged } = curveFit(line, x, [1, 3, 5, 7, 10], { slope: 1, height: 0 });
 * params.slope.item(); // 2.2
 * standardErrors.slope.item(); // 0.115470054
 * converged; // true
 * const slope = (y: NDArray) => curveFit(line, x, y, { slope: 1, height: 0 }).params.slope;
 * grad(slope)(array([1, 3, 5, 7, 10])).toArray(); // [-0.2, -0.1, 0, 0.1, 0.2]
 */
export function curveFit<X, P = NDArray>(
  model: (x: X extends readonly unknown[] | Leaf ? NDArray : X, params: Arrays<NoInfer<P>>) => NDArray,
  x: X,
  y: ArrayLike,
  p0: Listed<P>,
  options?: CurveFitOptions<NoInfer<P>>,
): CurveFit<P>;
export function curveFit(model: AnyFunction, x: unknown, y: ArrayLike, p0: unknown, options: CurveFitOptions = {}): CurveFit<unknown> {
  const op = "curveFit";
  checkFunction(op, model);
  checkOptions(op, options, ["sigma", "absoluteSigma", ...leastSquaresOptions]);
  const { sigma, absoluteSigma = false } = options;
  checkChoice(op, "absoluteSigma", absoluteSigma, [true, false]);
  const [at, data] = [given(op, x), asArray(y, op)];
  if (data.size === 0) throw new ShapeError(`${op}: y has shape ${showShape(data.shape)}; give some values.`);
  const white = whitening(op, sigma, data);
  const differences = (params: unknown): NDArray => valuesOf(op, model, at, params, data).sub(data);
  const own: Problem = problem(op, (params: unknown) => white(differences(params)), p0, "p0");
  const settings = settingsOf(op, options, own);
  const { x: flat, r, jacobian, cost, report } = fit(op, own, settings);
  const degreesOfFreedom = data.size - flat.size;
  const [, columns] = weighted(settings.loss, settings.lossScale, r, jacobian.T);
  const unit = inverseOfGram(columns.T);
  const covariance = absoluteSigma ? unit : unit.mul(cost.mul(2 / degreesOfFreedom));
  const params = own.tree(flat) as Arrays<unknown>;
  return {
    params,
    covariance,
    standardErrors: own.tree(covariance.diagonal().sqrt()) as Arrays<unknown>,
    residuals: differences(params).neg(),
    cost,
    degreesOfFreedom,
    absoluteSigma,
    ...report,
  };
}

/** Options of {@link confidenceBand}. */
export interface ConfidenceBandOptions {
  /** The probability that the true curve lies inside: 0.95. */
  readonly level?: number;
}

type Fit = Pick<CurveFit<unknown>, "params" | "covariance" | "degreesOfFreedom" | "absoluteSigma">;

/** The result of a fit, once it is one. A transformation has made arrays of its number and its boolean. */
function fitOf(op: string, result: unknown): Fit {
  if (typeof result !== "object" || result === null)
    throw new TreeError(`${op}: result is ${describe(result)}; give what curveFit returned.`);
  const { params, covariance, degreesOfFreedom, absoluteSigma } = result as { readonly [K in keyof Fit]?: ArrayLike };
  const known = (name: keyof Fit, value: ArrayLike | undefined, type: "number" | "boolean"): unknown => {
    const x = isArray(value) ? asArray(value, op) : value;
    const own = isArray(x) && (x as NDArray).ndim === 0 ? plain(x as NDArray) : x;
    if (typeof own !== type || (type === "number" && !Number.isInteger(own)))
      throw new TreeError(`${op}: result.${name} is ${describe(own)}; give what curveFit returned.`);
    return own;
  };
  return {
    params: params as Arrays<unknown>,
    covariance: asArray(covariance as ArrayLike, op),
    degreesOfFreedom: known("degreesOfFreedom", degreesOfFreedom, "number") as number,
    absoluteSigma: known("absoluteSigma", absoluteSigma, "boolean") as boolean,
  };
}

/** A curve between two others. All have derivatives. */
export interface ConfidenceBand {
  /** The curve at the points, of the shape of the model's result. */
  readonly y: NDArray;
  /** The lower edge, of the same shape. */
  readonly lower: NDArray;
  /** The upper edge, of the same shape. */
  readonly upper: NDArray;
}

/**
 * The curve of a fit, and the band in which the true one lies at each point with some probability, as far as the model is linear within the errors of
 * its parameters: y ± t·√(g·C·gᵀ), with the covariance C, the slopes g of the model in its parameters and Student's t.
 *
 * @param model the one that was fitted
 * @param x where the band is wanted: what the model takes
 * @param result what {@link curveFit} gave for it
 * @param options level: 0.95 by default
 * @returns `{ y, lower, upper }`, arrays of the shape of the model's result and the dtype of the parameters
 * @throws TreeError for a level that is not between 0 and 1 or an unknown option, or where result is not that of a fit, ShapeError where its covariance
 * does not fit its parameters, TransformError where the model is no function, DTypeError where its result is not floating
 * @example
 * const line = (x: NDArray, p: NDArray) => p.slice(0).mul(x).add(p.slice(1));
 * const result = curveFit(line, [0, 1, 2, 3, 4], [1, 3, 5, 7, 10], array([1, 0]));
 * const { y, lower, upper } = confidenceBand(line, [2], result);
 * y.toArray(); // [5.2]
 * [lower.toArray(), upper.toArray()]; // [[4.680308695], [5.719691305]]
 */
export function confidenceBand<X, P>(
  model: (x: X extends readonly unknown[] | Leaf ? NDArray : X, params: P) => NDArray,
  x: X,
  result: { readonly params: P; readonly covariance: NDArray; readonly degreesOfFreedom: number; readonly absoluteSigma: boolean },
  options?: ConfidenceBandOptions,
): ConfidenceBand;
export function confidenceBand(model: AnyFunction, x: unknown, result: Fit, options: ConfidenceBandOptions = {}): ConfidenceBand {
  const op = "confidenceBand";
  checkFunction(op, model);
  checkOptions(op, options, ["level"]);
  const { level = 0.95 } = options;
  if (!(typeof level === "number" && level > 0 && level < 1))
    throw new TreeError(`${op}: level is ${describe(level)}; give a number between 0 and 1.`);
  const { params, covariance, degreesOfFreedom, absoluteSigma } = fitOf(op, result);
  const at = given(op, x);
  const own = problem(op, (p: unknown) => valuesOf(op, model, at, p), params, "result.params");
  const n = own.start.size;
  if (!sameShape(covariance.shape, [n, n]))
    throw new ShapeError(
      `${op}: result.covariance has shape ${showShape(covariance.shape)} for ${n} parameters; give what curveFit returned.`,
    );
  // The parameters are where the slopes are taken, derivatives and all.
  const [y, slopes] = valueAndJacobian(own.f, { strategy: "forward" })(joined(treeLeaves(params)));
  const quantile = absoluteSigma ? Math.SQRT2 * erfInv(level).item<number>() : studentQuantile((1 + level) / 2, degreesOfFreedom);
  const half = slopes.matmul(covariance).mul(slopes).sum(1).sqrt().mul(quantile);
  const shaped = (v: NDArray): NDArray => treeLike(own.form(), v) as NDArray;
  return { y: shaped(y), lower: shaped(y.sub(half)), upper: shaped(y.add(half)) };
}
