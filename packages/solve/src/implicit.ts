import { type Arrays, type Listed, type NDArray, type Passed, ShapeError, TransformError, TreeError } from "@ad/core";
import { type AnyFunction, checkFunction, checkOptions, describe, flattenFloating, invoke, showShape } from "@ad/core/internals/checks";
import {
  type ArrayList,
  arraysOf,
  type Flat,
  flatten,
  implicitRoot,
  type LinearSolve,
  linearSolve,
  mapArrays,
  type Solver,
  sameShape,
  unflatten,
  withArrays,
} from "@ad/core/internals/trace";
import { denseSolve } from "./linear.js";

/**
 * A linear function of trees of one form.
 *
 * @param v a tree of the unknowns' form
 */
export type LinearFunction<X> = (v: Arrays<X>) => Arrays<X>;

/**
 * Maps a linear function g and a right-hand side y to the x with g(x) = y.
 *
 * @param g a linear function of trees of y's form
 * @param y a tree of the unknowns' form
 */
export type TreeSolver<X> = (g: LinearFunction<X>, y: Arrays<X>) => unknown;

type AnyTreeSolver = (g: (v: unknown) => unknown, y: unknown) => unknown;

/** A solver of trees as one of leaves. */
function onLeaves(op: string, solve: AnyTreeSolver, { structure, leaves }: Flat): Solver {
  return (map, b) => {
    const g = (v: unknown): unknown => unflatten(structure, map(flatten(v, op, "the vector").leaves));
    const x = flatten(solve(g, unflatten(structure, b)), op, "the linear solver's result").leaves;
    checkLike(op, "the linear solver's result", x, leaves);
    return x;
  };
}

function checkLike(op: string, what: string, x: ArrayList, like: ArrayList): void {
  if (x.length !== like.length || x.some((each, i) => !sameShape(each.shape, like[i].shape)))
    throw new ShapeError(`${op}: ${what} has shapes ${shapes(x)}, but ${shapes(like)} are wanted.`);
}

const shapes = (list: ArrayList): string => list.map((x) => showShape(x.shape)).join(", ");

/** As many equations as unknowns. */
export function checkSquare(op: string, r: ArrayList, x: ArrayList): void {
  const count = (list: ArrayList): number => list.reduce((sum, { size }) => sum + size, 0);
  if (count(r) !== count(x))
    throw new ShapeError(
      `${op}: the function gives ${count(r)} numbers (shapes ${shapes(r)}) for ${count(x)} unknowns (shapes ${shapes(x)}); give as many equations as unknowns.`,
    );
}

/** An array for which no transformation knows a derivative: outside of vmap and jit its numbers can be read. */
const constant = <T>(value: T): T => mapArrays(value, (x) => x.stopGradient());

/** The root that `find` gives as a tree, with implicit derivatives. */
function withDerivatives(
  op: string,
  find: () => unknown,
  residual: (x: unknown) => unknown,
  tangentSolve: AnyTreeSolver | undefined,
  hasAux = false,
): unknown {
  const form: { flat?: Flat } = {};
  const treeOf = (leaves: ArrayList): unknown => unflatten((form.flat as Flat).structure, leaves);
  const solver: LinearSolve = (map, b, like) => {
    if (tangentSolve === undefined) return denseSolve(map, b, like);
    const own = onLeaves(op, tangentSolve, form.flat as Flat);
    return linearSolve(op, map, b, own, own);
  };
  const [leaves, aux] = implicitRoot(
    op,
    () => {
      const result = find();
      if (hasAux && !(Array.isArray(result) && result.length === 2))
        throw new TreeError(`${op}: with hasAux solve returns [x, aux], but ${describe(result, false)} came.`);
      const [x, beside] = hasAux ? (result as [unknown, unknown]) : [result, undefined];
      form.flat = flattenFloating(x, op, "the solution");
      return [form.flat.leaves, beside];
    },
    (own) => {
      const r = flatten(residual(treeOf(own)), op, "the residual").leaves;
      checkSquare(op, r, own);
      return r;
    },
    solver,
  );
  return hasAux ? [treeOf(leaves), aux] : treeOf(leaves);
}

/** Options of {@link implicit}. */
export interface ImplicitOptions<X> {
  /**
   * Solves g(v) = y for a linear function g, as the derivatives of the solution ask for: trees of the solution's form. It is asked with the
   * derivative of the residual by x in forward mode and with its transpose in reverse mode, and is never differentiated itself. The
   * residual's form is then that of x. What it gives is taken as it is, and a derivative has no report: give NaN where it did not converge.
   * Without it the matrix of g is built and factorised; where that is singular, the derivative is NaN.
   */
  readonly linearSolve?: TreeSolver<X>;
}

/**
 * A solver as a function with derivatives: by the implicit function theorem, those of the x for which residual(x, ...parameters) is 0. It
 * takes one linear solve for each direction, however the solver works and however many steps it takes; nothing of it is recorded. There are derivatives of
 * both modes and of any order with respect to the parameters and to whatever the residual closes over, in lanes of vmap and inside of jit.
 *
 * @param solve from the parameters to the solution, a floating array or a tree of these, of any shapes. It is given arrays without derivatives:
 * outside of vmap and jit it may read their numbers, and any solver will do
 * @param residual from the solution and the same parameters to as many numbers as the solution has, in any form
 * @param options `linearSolve` for solutions that are too large for a dense matrix: {@link ImplicitOptions}
 * @returns a function of the parameters: arrays, numbers and trees of these are differentiated, all else is passed as it is
 * @throws TransformError where solve or residual is no function, TreeError where a result is no tree of arrays or there is no such option,
 * DTypeError where the solution is not floating, ShapeError where the residual has not as many numbers as the solution
 * @example
 * const cubeRoot = implicit((a) => array(Math.cbrt(a.item())), (x, a) => x.pow(3).sub(a));
 * cubeRoot(8).item(); // 2
 * grad(cubeRoot)(8).item(); // 0.083333333
 */
export function implicit<A extends readonly unknown[] = NDArray[], X = NDArray>(
  solve: (...parameters: A) => X,
  residual: (x: NoInfer<Arrays<X>>, ...parameters: NoInfer<A>) => unknown,
  options?: ImplicitOptions<NoInfer<X>>,
): (...parameters: Passed<A>) => Arrays<X>;
export function implicit(
  solve: AnyFunction,
  residual: AnyFunction,
  options?: ImplicitOptions<unknown>,
): (...parameters: readonly unknown[]) => unknown {
  checkFunction("implicit", solve);
  checkFunction("implicit", residual);
  checkOptions("implicit", options, ["linearSolve"]);
  const { linearSolve: tangentSolve } = options ?? {};
  if (tangentSolve !== undefined) checkFunction("implicit", tangentSolve);
  return (...parameters) => {
    const given = withArrays(parameters, arraysOf(parameters, "implicit"));
    return withDerivatives(
      "implicit",
      () => invoke(solve, constant(given)),
      (x) => invoke(residual, [x, ...given]),
      tangentSolve as AnyTreeSolver | undefined,
    );
  };
}

/** Options of {@link customRoot} and {@link customLinearSolve}. */
export interface AuxOptions {
  /** solve returns [x, aux], and aux, any value, comes back beside the solution, without derivatives. */
  readonly hasAux?: boolean;
}

/**
 * The root of f that a solver of your own finds, with the derivatives of the solution: by the implicit function theorem, with respect to all
 * that f closes over, of both modes and any order, in lanes of vmap and inside of jit. The solver is not differentiated. (JAX: custom_root.)
 *
 * @param f from the unknowns to as many numbers, 0 at the root
 * @param x0 where the solver starts: a floating array, a number or a tree of these; the root does not depend on it
 * @param solve from f and x0 to the root, a tree of x0's form, or with hasAux to [root, aux]
 * @param tangentSolve from a linear function g and y to the v with g(v) = y, for the derivatives: trees of x0's form, which f's result has
 * then too, and NaN where it does not converge. Without it the matrix of g is built and factorised; where that is singular, the derivative is NaN
 * @param options hasAux: solve returns [root, aux]
 * @returns the root, or with hasAux [root, aux]
 * @throws TransformError where f or a solver is no function, TreeError where x0 or a result is no tree of arrays or there is no such
 * option, DTypeError where the root is not floating, ShapeError where f gives not as many numbers as there are unknowns
 * @example
 * const newton = (f: (x: NDArray) => NDArray, x0: NDArray) => foriLoop(0, 20, (_, x) => x.sub(f(x).div(derivative(f)(x))), x0);
 * const squareRoot = (a: NDArray) => customRoot((x) => x.square().sub(a), 1, newton);
 * squareRoot(array(4)).item(); // 2
 * grad(squareRoot)(4).item(); // 0.25
 */
export function customRoot<X = NDArray>(
  f: (x: Arrays<X>) => unknown,
  x0: Listed<X>,
  solve: (f: (x: Arrays<X>) => NoInfer<Arrays<X>>, x0: Arrays<X>) => unknown,
  tangentSolve?: TreeSolver<X>,
  options?: { readonly hasAux?: false },
): Arrays<X>;
export function customRoot<X = NDArray, B = unknown>(
  f: (x: Arrays<X>) => unknown,
  x0: Listed<X>,
  solve: (f: (x: Arrays<X>) => NoInfer<Arrays<X>>, x0: Arrays<X>) => readonly [x: unknown, aux: B],
  tangentSolve: TreeSolver<X> | undefined,
  options: { readonly hasAux: true },
): [x: Arrays<X>, aux: B];
export function customRoot(f: AnyFunction, x0: unknown, solve: AnyFunction, tangentSolve?: AnyFunction, options?: AuxOptions): unknown {
  checkFunction("customRoot", f);
  checkFunction("customRoot", solve);
  if (tangentSolve !== undefined) checkFunction("customRoot", tangentSolve);
  checkOptions("customRoot", options, ["hasAux"]);
  const { leaves, structure } = flattenFloating(x0, "customRoot", "x0");
  const start = unflatten(structure, constant(leaves));
  return withDerivatives(
    "customRoot",
    () => invoke(solve, [f, start]),
    (x) => invoke(f, [x]),
    tangentSolve as AnyTreeSolver | undefined,
    options?.hasAux,
  );
}

/** Options of {@link customLinearSolve}. */
export interface LinearSolveOptions extends AuxOptions {
  /** The function is its own transpose, as a symmetric matrix is, and `solve` serves for both. */
  readonly symmetric?: boolean;
}

/**
 * The solution of linear equations matvec(x) = b by a solver of your own, with the derivatives of the solution with respect to b and all
 * that matvec closes over, of both modes and any order, in lanes of vmap and inside of jit. The solver is not differentiated; it is called
 * once for each direction. What it gives for a derivative is taken as it is: give NaN where it did not converge. (JAX: custom_linear_solve.)
 *
 * @param matvec a linear function from a tree of b's form, shapes and dtypes to one
 * @param b the right-hand side: a floating array, a number or a tree of these, of any shapes
 * @param solve from a linear function and a right-hand side to the solution, or with hasAux to [x, aux]
 * @param transposeSolve the same for the transposed function, which reverse mode asks for
 * @param options symmetric: solve serves for the transposed function too; hasAux
 * @returns the solution, or with hasAux [solution, aux]
 * @throws TransformError where an argument is no function, or where reverse mode has no transposeSolve; TreeError where b or a result is no
 * tree of arrays or there is no such option, DTypeError where b is not floating, ShapeError where a result has other shapes than b
 * @example
 * const diagonal = array([2, 4]);
 * const divide = (matvec: (v: NDArray) => NDArray, b: NDArray) => b.div(matvec(ones([2])));
 * const x = (b: NDArray) => customLinearSolve((v) => v.mul(diagonal), b, divide, divide);
 * x(array([2, 2])).toArray(); // [1, 0.5]
 * grad((b: NDArray) => x(b).sum())(array([2, 2])).toArray(); // [0.5, 0.25]
 */
export function customLinearSolve<B = NDArray>(
  matvec: (v: Arrays<B>) => unknown,
  b: Listed<B>,
  solve: TreeSolver<B>,
  transposeSolve?: TreeSolver<B>,
  options?: LinearSolveOptions & { readonly hasAux?: false },
): Arrays<B>;
export function customLinearSolve<B = NDArray, X = unknown>(
  matvec: (v: Arrays<B>) => unknown,
  b: Listed<B>,
  solve: (g: LinearFunction<B>, y: Arrays<B>) => readonly [x: unknown, aux: X],
  transposeSolve: ((g: LinearFunction<B>, y: Arrays<B>) => readonly [x: unknown, aux: X]) | undefined,
  options: LinearSolveOptions & { readonly hasAux: true },
): [x: Arrays<B>, aux: X];
export function customLinearSolve(
  matvec: AnyFunction,
  b: unknown,
  solve: AnyFunction,
  transposeSolve?: AnyFunction,
  options?: LinearSolveOptions,
): unknown {
  const op = "customLinearSolve";
  checkFunction(op, matvec);
  checkFunction(op, solve);
  if (transposeSolve !== undefined) checkFunction(op, transposeSolve);
  checkOptions(op, options, ["symmetric", "hasAux"]);
  const { symmetric = false, hasAux = false } = options ?? {};
  const flat = flattenFloating(b, op, "b");
  const backwards = transposeSolve ?? (symmetric ? solve : undefined);
  const aux: { value?: unknown } = {};
  const solver = (own: AnyFunction | undefined): Solver =>
    onLeaves(
      op,
      (g, y) => {
        if (own === undefined)
          throw new TransformError(
            `${op}: reverse mode needs a solver for the transposed function; give transposeSolve, or symmetric: true.`,
          );
        const result = invoke(own, [g, y]);
        if (!hasAux) return result;
        if (!(Array.isArray(result) && result.length === 2))
          throw new TreeError(`${op}: with hasAux solve returns [x, aux], but ${describe(result, false)} came.`);
        if (!("value" in aux)) aux.value = constant(result[1]);
        return result[0];
      },
      flat,
    );
  const map = (v: ArrayList): ArrayList => {
    const out = flatten(invoke(matvec, [unflatten(flat.structure, v)]), op, "matvec's result").leaves;
    checkLike(op, "matvec's result", out, v);
    return out;
  };
  const x = unflatten(flat.structure, linearSolve(op, map, flat.leaves, solver(solve), solver(backwards)));
  return hasAux ? [x, aux.value] : x;
}
