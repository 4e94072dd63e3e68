import type { Arrays, Aux, DType, InputsAt, Listed, Mapped, NDArray, NoAux, Picked, Scalar } from "@ad/core";
import { TransformError } from "@ad/core";
import { cpu } from "@ad/core/internals/backend";
import { type AnyFunction, checkFunction, checkOptions, checkTransformOptions, describe } from "@ad/core/internals/checks";
import { evaluate, flatten, isStaging, run, unflatten } from "@ad/core/internals/trace";
import type { JacobianOf } from "@ad/functional";
import { checkEntries } from "./check.js";
import type { Coloring, ColoringLike } from "./coloring/index.js";
import { type Chosen, checkOutputs, type FlatFunction, flatFunction, layout } from "./flat.js";
import { SparseMatrix } from "./matrix/sparse-matrix.js";
import { type Pattern, type PatternLike, samePattern } from "./pattern.js";
import { type Block, type Plan, planOf, type Strategy } from "./plan.js";
import { checkRows, type Products, pickedProductsOf, productsOf, type Run } from "./products.js";
import { Kept } from "./program.js";
import { sameSignature, signatureOf } from "./signature.js";
import { type At, checkAt, type Found, hessianPattern, jacobianPattern } from "./sparsity/index.js";

/** Options of {@link sparseHessian}, and of {@link sparseJacobian} besides `strategy`. */
export interface SparseOptions<N> {
  /** The pattern, where it is known; by default it is found, once for arguments of the same shapes. */
  readonly pattern?: PatternLike;
  /** The colouring of that pattern; by default one is made with the pattern. */
  readonly coloring?: ColoringLike;
  /** One matrix over all elements of the results and of the arguments, in place of a tree of blocks. */
  readonly flat?: boolean;
  /** "point": the pattern at the arguments' values, found anew for each call. By default one that holds everywhere. */
  readonly at?: "point";
  /** The most products that are computed at once; by default all of them. */
  readonly chunkSize?: number;
  /** The most bytes that the products' intermediate results may take; it picks the number of products that are computed at once. */
  readonly memoryBudget?: number;
  /** The arguments that are differentiated: a position (default 0; negative ones count from the end) or a list of positions, which gives a tuple in place of each matrix. */
  readonly argnums?: N;
  /** Hold the entries to one more product with the Jacobian, and throw where the pattern has missed one. Where values are not known yet, as in jit, nothing is checked. */
  readonly check?: boolean;
}

/** Options of {@link sparseJacobian} and {@link valueAndSparseJacobian}. */
export interface SparseJacobianOptions<N> extends SparseOptions<N> {
  /** "forward" colours columns, "reverse" rows; "auto" (default) takes what needs least, both where a few rows and columns are dense. */
  readonly strategy?: Strategy;
}

interface AnyOptions extends SparseOptions<number | readonly number[]> {
  readonly strategy?: Strategy;
  readonly hasAux?: boolean;
}

const common = ["pattern", "coloring", "flat", "at", "chunkSize", "memoryBudget", "argnums", "hasAux", "check"] as const;

function checkNumbers(op: string, options: AnyOptions): void {
  for (const name of ["chunkSize", "memoryBudget"] as const) {
    const value: unknown = options[name];
    if (value !== undefined && !(Number.isInteger(value) && (value as number) > 0))
      throw new TransformError(
        `${op}: ${name} is ${describe(value)}; give a positive whole number${name === "chunkSize" ? "" : " of bytes"}.`,
      );
  }
}

function checkStrategy(op: string, strategy: unknown): Strategy {
  if (strategy === "auto" || strategy === "forward" || strategy === "reverse") return strategy;
  throw new TransformError(`${op}: strategy is ${describe(strategy)}; use "auto", "forward" or "reverse".`);
}

/** The source of a matrix of derivatives: the function whose columns it has, and its pattern. */
interface Source {
  readonly run: (g: FlatFunction) => Run;
  readonly pattern: (g: FlatFunction, at: At) => Found;
  /** Arrays of the sizes of its blocks of rows, where f has these results. */
  readonly rows: (g: FlatFunction, out: Sized) => Sized;
}

const first: Source = {
  run:
    ({ op, f, fill, hasAux }) =>
    (...leaves) => {
      const [out, aux] = run(op, f, fill(leaves), hasAux);
      checkOutputs(op, out.leaves);
      return [out.leaves, { structure: out.structure, aux }];
    },
  pattern: jacobianPattern,
  rows: (_, out) => out,
};

const second: Source = {
  run:
    ({ op, f, fill, hasAux, positions }) =>
    (...leaves) => {
      const [, gradient, aux] = evaluate(op, f, { argnums: positions, hasAux }, fill(leaves));
      return [flatten(gradient, op).leaves, { structure: null, aux }];
    },
  pattern: hessianPattern,
  rows: ({ leaves }) => leaves,
};

/** The blocks of the matrix, or the one block that it is. */
type Blocks = readonly (readonly Block[])[];

/** The results of one evaluation. */
interface Evaluated extends Products {
  readonly g: FlatFunction;
  readonly blocks: Blocks;
}

type Sized = readonly { readonly size: number }[];

/** The facts that are remembered for arguments of the same shapes. */
interface Remembered {
  plan: Plan;
  readonly kept?: Kept;
}

/** The number of patterns that a function remembers. */
const remembered = 8;

/** Evaluates all products, with what was found for arguments of the same shapes. */
function evaluator(op: string, f: AnyFunction, options: AnyOptions, source: Source, strategy: Parameters<typeof planOf>[3], value = false) {
  checkFunction(op, f);
  checkNumbers(op, options);
  const at = checkAt(op, options.at);
  const known: (Remembered & { readonly signature: readonly unknown[] })[] = [];
  let bytes: number | undefined;
  const find = (g: FlatFunction): Pattern => {
    const found = source.pattern(g, at);
    bytes = found.bytes;
    return found.pattern;
  };
  const make = (g: FlatFunction, pattern = () => find(g)): Plan => planOf(op, options, layout(g.leaves).total, strategy, pattern);
  /** Finds the pattern anew, of a function that closes over others. */
  const renew = (g: FlatFunction, own: Remembered): void => {
    if (options.pattern !== undefined) return;
    const pattern = find(g);
    if (!samePattern(pattern, own.plan.pattern)) own.plan = make(g, () => pattern);
  };
  const planFor = (g: FlatFunction): Remembered => {
    if (at !== undefined && options.pattern === undefined) return { plan: make(g) };
    const signature = signatureOf(g);
    const found = known.find((each) => sameSignature(each.signature, signature));
    if (found) return found;
    const made = { signature, plan: make(g), kept: new Kept() };
    known.unshift(made);
    known.length = Math.min(known.length, remembered);
    return made;
  };
  return (args: readonly unknown[]): Evaluated => {
    const g = flatFunction(op, f, args, options);
    const own = planFor(g);
    const { kept } = own;
    const { chunkSize = Infinity, memoryBudget = Infinity } = options;
    if (memoryBudget < Infinity && bytes === undefined) find(g);
    const chunk = Math.min(chunkSize, Math.max(1, Math.floor(memoryBudget / (bytes || 1))));
    const isHere = g.leaves.length > 0 && g.leaves.every(({ device }) => device === cpu);
    const isPicked = isStaging() && isHere;
    const sizes = (list: Sized): number[] => (options.flat ? [layout(list).total] : list.map(({ size }) => size));
    const blocksOf = (rows: Sized): Blocks => own.plan.blocks(sizes(rows), sizes(g.leaves));
    if (kept && isHere && !isStaging() && !options.check && chunk >= own.plan.count) {
      const call = kept.call(g);
      if (call) {
        if (call.isOther) renew(g, own);
        const rows = source.rows(g, call.out);
        checkRows(op, own.plan, rows);
        const blocks = blocksOf(rows);
        const froms = blocks.flatMap((row) => row.map(({ from }) => from));
        return { ...kept.products(g, call, source.run, own.plan, { froms, value }), g, blocks };
      }
    }
    const run = source.run(g);
    const products = (isPicked ? pickedProductsOf : productsOf)(op, run, g.leaves, own.plan, chunk);
    if (options.check) checkEntries(op, run, g.leaves, own.plan, products);
    return { ...products, g, blocks: blocksOf(products.out) };
  };
}

/** The matrix, or the matrices of its blocks: for each leaf of the results one per leaf of the arguments, whose dtype it has. */
function matrices({ blocks, g, entries }: Evaluated, flat = false): SparseMatrix | SparseMatrix[][] {
  const matrix = ({ entries: places, from }: Block, dtype: DType): SparseMatrix => new SparseMatrix(places, entries(from).astype(dtype));
  const dtypes = g.leaves.map(({ dtype }) => dtype);
  if (flat) return matrix(blocks[0][0], dtypes.find((dtype) => dtype === "float64") ?? dtypes[0] ?? "float64");
  return blocks.map((row) => row.map((block, i) => matrix(block, dtypes[i])));
}

/** The value, the matrix in the form that is asked for, and aux. */
function jacobians(op: string, f: AnyFunction, options: AnyOptions, hasValue = false) {
  checkTransformOptions(op, options, ["strategy", ...common]);
  const evaluated = evaluator(op, f, options, first, checkStrategy(op, options.strategy ?? "auto"), hasValue);
  return (args: readonly unknown[]): { value: unknown; jacobian: unknown; aux: unknown } => {
    const all = evaluated(args);
    const { structure, aux } = all.beside;
    const own = matrices(all, options.flat);
    return {
      value: unflatten(structure, all.out),
      jacobian: Array.isArray(own) ? unflatten(structure, own.map(all.g.shape)) : own,
      aux,
    };
  };
}

/** For each leaf of the result R the argument's tree, with a matrix at each leaf. */
type JacobianMatrices<R, A extends readonly unknown[], N extends number | readonly number[]> = JacobianOf<
  R,
  Mapped<Picked<A, N>, SparseMatrix>
>;

/** The option of a transformation that gives one matrix over all leaves. */
export interface FlatOption {
  /** The rows are all elements of the results, the columns all elements of the arguments. */
  readonly flat: true;
}
/** The option of a transformation that gives a tree of matrices. */
export interface BlocksOption {
  /** Absent, or false. */
  readonly flat?: false;
}

type AnyTransformed = (...args: readonly unknown[]) => unknown;

/**
 * The Jacobian of f as a sparse matrix, from a few products: one for each colour of its columns or rows. Pattern and colouring are found
 * once for arguments of the same shapes (and the same values of what is not floating), and kept, until f closes over another index, mask or
 * branch; where f looks at numbers itself, what it closes over counts as constant in them. Derivatives, vmap and jit go through the entries.
 *
 * @param f a function from arrays (or trees of arrays), floating where argnums chooses them, to floating arrays (or trees)
 * @param options pattern, coloring: what is known, and what {@link prepare} gives; strategy: "forward", "reverse" or "auto" (default); flat: one
 * matrix over all leaves; at: "point"; chunkSize or memoryBudget: how large a pass may be; argnums; hasAux; check. All combinations give the
 * same values
 * @returns a function of the same arguments that gives the tree of the result's form, with the argument's tree at each leaf, and there a
 * {@link SparseMatrix} of shape [size of the result's leaf, size of the argument's leaf], both row-major, of the argument's dtype; with flat, one
 * matrix, of the widest dtype of all leaves of the argument
 * @throws DTypeError where arguments or results are not floating, AxisError for argnums that are not there, TreeError where an argument or
 * f's result is no tree of arrays or an option is unknown, ShapeError where a pattern or a colouring has another shape, TransformError where f
 * is no function or gives a Promise, for an unknown option's value, where a colouring collides, and with check where the pattern misses an entry
 * @example
 * const differences = (x: NDArray) => x.slice([1, null]).sub(x.slice([0, -1])).square();
 * const J = sparseJacobian(differences)(array([1, 2, 4]));
 * J.values.toArray(); // [-2, 2, -4, 4]
 * J.toDense().toArray(); // [[-2, 2, 0], [0, -4, 4]]
 */
export function sparseJacobian<A extends readonly unknown[] = NDArray[], R = NDArray, const N extends number | readonly number[] = 0>(
  f: (...args: A) => Listed<R>,
  options: SparseJacobianOptions<N> & FlatOption & NoAux,
): (...args: InputsAt<A, N>) => SparseMatrix;
export function sparseJacobian<
  A extends readonly unknown[] = NDArray[],
  R = NDArray,
  X = unknown,
  const N extends number | readonly number[] = 0,
>(
  f: (...args: A) => readonly [R, X],
  options: SparseJacobianOptions<N> & FlatOption & Aux,
): (...args: InputsAt<A, N>) => [jacobian: SparseMatrix, aux: X];
export function sparseJacobian<A extends readonly unknown[] = NDArray[], R = NDArray, const N extends number | readonly number[] = 0>(
  f: (...args: A) => Listed<R>,
  options?: SparseJacobianOptions<N> & BlocksOption & NoAux,
): (...args: InputsAt<A, N>) => JacobianMatrices<R, A, N>;
export function sparseJacobian<
  A extends readonly unknown[] = NDArray[],
  R = NDArray,
  X = unknown,
  const N extends number | readonly number[] = 0,
>(
  f: (...args: A) => readonly [R, X],
  options: SparseJacobianOptions<N> & BlocksOption & Aux,
): (...args: InputsAt<A, N>) => [jacobian: JacobianMatrices<R, A, N>, aux: X];
export function sparseJacobian(f: AnyFunction, options: AnyOptions = {}): AnyTransformed {
  const evaluated = jacobians("sparseJacobian", f, options);
  return (...args) => {
    const { jacobian, aux } = evaluated(args);
    return options.hasAux ? [jacobian, aux] : jacobian;
  };
}

/**
 * The value and the {@link sparseJacobian} of f, from the same runs.
 *
 * @param f a function from arrays (or trees of arrays), floating where argnums chooses them, to floating arrays (or trees)
 * @param options as {@link sparseJacobian}'s
 * @returns a function of the same arguments that gives `[value, jacobian]`, or `[[value, aux], jacobian]` with hasAux; the matrices have shape
 * [size of the result's leaf, size of the argument's leaf]
 * @throws as {@link sparseJacobian} does
 * @example
 * const [value, J] = valueAndSparseJacobian((x) => x.square())(array([1, 2]));
 * value.toArray(); // [1, 4]
 * J.values.toArray(); // [2, 4]
 */
export function valueAndSparseJacobian<
  A extends readonly unknown[] = NDArray[],
  R = NDArray,
  const N extends number | readonly number[] = 0,
>(
  f: (...args: A) => Listed<R>,
  options: SparseJacobianOptions<N> & FlatOption & NoAux,
): (...args: InputsAt<A, N>) => [value: Arrays<R>, jacobian: SparseMatrix];
export function valueAndSparseJacobian<
  A extends readonly unknown[] = NDArray[],
  R = NDArray,
  X = unknown,
  const N extends number | readonly number[] = 0,
>(
  f: (...args: A) => readonly [R, X],
  options: SparseJacobianOptions<N> & FlatOption & Aux,
): (...args: InputsAt<A, N>) => [result: [value: Arrays<R>, aux: X], jacobian: SparseMatrix];
export function valueAndSparseJacobian<
  A extends readonly unknown[] = NDArray[],
  R = NDArray,
  const N extends number | readonly number[] = 0,
>(
  f: (...args: A) => Listed<R>,
  options?: SparseJacobianOptions<N> & BlocksOption & NoAux,
): (...args: InputsAt<A, N>) => [value: Arrays<R>, jacobian: JacobianMatrices<R, A, N>];
export function valueAndSparseJacobian<
  A extends readonly unknown[] = NDArray[],
  R = NDArray,
  X = unknown,
  const N extends number | readonly number[] = 0,
>(
  f: (...args: A) => readonly [R, X],
  options: SparseJacobianOptions<N> & BlocksOption & Aux,
): (...args: InputsAt<A, N>) => [result: [value: Arrays<R>, aux: X], jacobian: JacobianMatrices<R, A, N>];
export function valueAndSparseJacobian(f: AnyFunction, options: AnyOptions = {}): AnyTransformed {
  const evaluated = jacobians("valueAndSparseJacobian", f, options, true);
  return (...args) => {
    const { value, jacobian, aux } = evaluated(args);
    return [options.hasAux ? [value, aux] : value, jacobian];
  };
}

/** The argument's tree, with the argument's tree of matrices at each leaf. */
type HessianMatrices<A extends readonly unknown[], N extends number | readonly number[]> = Mapped<
  Picked<A, N>,
  Mapped<Picked<A, N>, SparseMatrix>
>;

/**
 * The Hessian of a scalar function as a sparse matrix, from a few products by forward over reverse mode: one for each colour of a star
 * colouring, which uses that it is symmetric.
 *
 * @param f a function from arrays (or trees of arrays), floating where argnums chooses them, to a floating scalar
 * @param options as {@link sparseJacobian}'s, but strategy
 * @returns a function of the same arguments that gives the argument's tree, with the argument's tree at each leaf, and there a
 * {@link SparseMatrix} of shape [size of a leaf, size of a leaf]; with flat, one matrix
 * @throws as {@link sparseJacobian} does; ShapeError where f returns no scalar
 * @example
 * const chain = (x: NDArray) => x.slice([1, null]).sub(x.slice([0, -1]).square()).square().sum();
 * sparseHessian(chain)(array([1, 2, 3])).toDense().toArray(); // [[4, -4, 0], [-4, 38, -8], [0, -8, 2]]
 */
export function sparseHessian<A extends readonly unknown[] = NDArray[], const N extends number | readonly number[] = 0>(
  f: (...args: A) => Listed<Scalar>,
  options: SparseOptions<N> & FlatOption & NoAux,
): (...args: InputsAt<A, N>) => SparseMatrix;
export function sparseHessian<A extends readonly unknown[] = NDArray[], X = unknown, const N extends number | readonly number[] = 0>(
  f: (...args: A) => readonly [Scalar, X],
  options: SparseOptions<N> & FlatOption & Aux,
): (...args: InputsAt<A, N>) => [hessian: SparseMatrix, aux: X];
export function sparseHessian<A extends readonly unknown[] = NDArray[], const N extends number | readonly number[] = 0>(
  f: (...args: A) => Listed<Scalar>,
  options?: SparseOptions<N> & BlocksOption & NoAux,
): (...args: InputsAt<A, N>) => HessianMatrices<A, N>;
export function sparseHessian<A extends readonly unknown[] = NDArray[], X = unknown, const N extends number | readonly number[] = 0>(
  f: (...args: A) => readonly [Scalar, X],
  options: SparseOptions<N> & BlocksOption & Aux,
): (...args: InputsAt<A, N>) => [hessian: HessianMatrices<A, N>, aux: X];
export function sparseHessian(f: AnyFunction, options: AnyOptions = {}): AnyTransformed {
  checkTransformOptions("sparseHessian", options, common);
  const evaluated = evaluator("sparseHessian", f, options, second, "symmetric");
  return (...args) => {
    const all = evaluated(args);
    const own = matrices(all, options.flat);
    const hessian = Array.isArray(own) ? all.g.shape(own.map(all.g.shape)) : own;
    return options.hasAux ? [hessian, all.beside.aux] : hessian;
  };
}

/** The result of {@link prepare}: options for the transformation that it was found for. `JSON.stringify` saves it. */
export interface Prepared {
  /** The pattern of the matrix, of shape [results, inputs], or [inputs, inputs] for a Hessian. */
  readonly pattern: Pattern;
  /** The colouring of the pattern: symmetric for a Hessian, else by the strategy. */
  readonly coloring: Coloring;
}

/** Options of {@link prepare}. */
export interface PrepareOptions extends Chosen {
  /** The matrix; the default is "jacobian". */
  readonly of?: "jacobian" | "hessian";
  /** "point": the pattern at the values of `like`. */
  readonly at?: "point";
  /** The strategy for a Jacobian, as for {@link sparseJacobian}. */
  readonly strategy?: Strategy;
}

/**
 * Returns what {@link sparseJacobian} and {@link sparseHessian} find before they compute, as an object that JSON can save and that they take as options:
 * `sparseJacobian(f, prepare(f, like))`. The pattern is not looked for again then, whatever the arguments are.
 *
 * @param f as for {@link sparseJacobian}, or for {@link sparseHessian} with `of: "hessian"`
 * @param like an argument of f, of the shapes and dtypes that it will have; a list of them where f has several
 * @param options of, at, strategy, argnums, hasAux
 * @returns `{ pattern, coloring }`, the pattern of shape [results, inputs]
 * @throws as {@link sparsity} and {@link coloring} do
 * @example
 * const differences = (x: NDArray) => x.slice([1, null]).sub(x.slice([0, -1])).square();
 * const saved = JSON.stringify(prepare(differences, zeros([3])));
 * sparseJacobian(differences, JSON.parse(saved))(array([1, 2, 4])).values.toArray(); // [-2, 2, -4, 4]
 */
export function prepare<A extends readonly unknown[] = NDArray[]>(
  f: (...args: A) => unknown,
  like: unknown,
  options: PrepareOptions = {},
): Prepared {
  const op = "prepare";
  checkFunction(op, f);
  checkOptions(op, options, ["of", "at", "strategy", "argnums", "hasAux"]);
  const { of = "jacobian", strategy = "auto" } = options;
  if (of !== "jacobian" && of !== "hessian") throw new TransformError(`${op}: of is ${describe(of)}; use "jacobian" or "hessian".`);
  const source = of === "jacobian" ? first : second;
  const g = flatFunction(op, f, Array.isArray(like) ? like : [like], options);
  const by = of === "hessian" ? "symmetric" : checkStrategy(op, strategy);
  const { pattern, coloring } = planOf(op, {}, layout(g.leaves).total, by, () => source.pattern(g, checkAt(op, options.at)).pattern);
  return { pattern, coloring };
}
