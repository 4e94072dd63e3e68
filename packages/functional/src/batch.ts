import { type Aux, type InputsAt, type Listed, type NDArray, type NoAux, type Picked, ShapeError, TransformError, where } from "@ad/core";
import { type AnyFunction, checkFunction, checkTransformOptions, describe, showShape, splitAux } from "@ad/core/internals/checks";
import { Aval, flatten, unflatten } from "@ad/core/internals/trace";
import { keepsRowsApart, withFrozenStatistics } from "./across.js";
import { dependencies } from "./dependencies.js";
import { type AnyTransformed, type FlatFunction, flatFunction } from "./flat.js";
import type { JacobianOf } from "./jacobian.js";
import { checkPasses, checkStrategy, chunking, type PassOptions, passOptions, type Strategy } from "./options.js";
import { refuseMixing } from "./probe.js";
import { type Layout, sweep } from "./sweep.js";

/** The assumption about the rows of a batch, or the way in which they are treated. */
export type Interactions = "none" | "verify" | "diagonal" | "freeze";

/** Options of {@link batchJacobian}. */
export interface BatchOptions<N> extends PassOptions {
  /** See {@link batchJacobian}; default "none". */
  readonly interactions?: Interactions;
  /** Forward mode takes a pass for each element of a row of the argument, reverse mode one for each of the result; "auto" (default) takes what is fewer. */
  readonly strategy?: Strategy;
  /** The arguments that have the rows: a position (default 0; negative ones count from the end) or a list of positions, which gives a tuple in place of each derivative. */
  readonly argnums?: N;
}
interface AnyOptions extends BatchOptions<number | readonly number[]> {
  readonly hasAux?: boolean;
}

/** An array of the shape of one row. */
const row = (x: NDArray): NDArray => x.filled(0, new Aval(x.shape.slice(1), x.dtype));

/** The axis of the rows put first, where a block [...out, ...in] has it at the argument. */
const rowsFirst = (block: NDArray, { ndim }: NDArray): NDArray => block.moveaxis(ndim, 0);

/** One direction for all rows at once, which is enough where they do not mix; its image has all rows. */
const together = (count: number): Layout => ({
  source: row,
  target: (y) => y,
  lift: (v) => v.broadcastTo([count, ...v.shape]),
  keep: (image) => image,
  finish: (block, out, by) => (by === "columns" ? block : rowsFirst(block, out)),
});

/** Each direction in one row alone; of its image that row is kept. */
const rowByRow: Layout = {
  source: (x) => x,
  target: row,
  lift: (v) => v,
  keep(image, direction) {
    const [own] = direction.filter((v) => v !== undefined);
    const [count, ...rest] = image.shape;
    const mask = own.notEqual(0).any(own.shape.map((_, axis) => axis).slice(1));
    return where(mask.reshape([count, ...rest.map(() => 1)]), image, 0).sum(0);
  },
  finish: (block, out, by) => (by === "rows" ? block : rowsFirst(block, out)),
};

/** The length of the batch, which is the first axis of every leaf. */
function countRows({ op, leaves, names }: FlatFunction): number {
  leaves.forEach(({ shape }, i) => {
    if (shape.length === 0) throw new ShapeError(`${op}: ${names[i]} is a scalar; give an array whose first axis counts the rows.`);
    if (shape[0] !== leaves[0].shape[0])
      throw new ShapeError(
        `${op}: ${names[i]} has ${shape[0]} rows, but ${names[0]} has ${leaves[0].shape[0]}; the first axis counts the rows.`,
      );
  });
  return leaves[0]?.shape[0] ?? 0;
}

/** The same function, whose results are checked for their rows. */
const withRows = (g: FlatFunction, count: number): FlatFunction => ({
  ...g,
  f: ((...args: never) => {
    const result = g.f(...args);
    const { leaves, paths } = flatten(splitAux(g.op, result, g.hasAux)[0], g.op, "the function's result");
    leaves.forEach(({ shape }, o) => {
      if (shape[0] !== count)
        throw new ShapeError(
          `${g.op}: the function's result has shape ${showShape(shape)} at ${paths[o]}, but its first axis must be that of the ${count} rows.`,
        );
    });
    return result;
  }) as AnyFunction,
});

/**
 * The Jacobian of each row of a batch, ∂y_i/∂x_i of shape [B, ...out, ...in], of a function from [B, ...in] to [B, ...out].
 *
 * A function whose rows do not mix needs as many passes for the whole batch as for one row, by columns or by rows, whichever are fewer. What
 * to do about rows that do mix (batch normalisation, attention over the batch, pairwise energies) is said by `interactions`:
 *
 * - "none" (default) assumes that they do not. If they do, the result is no error but a sum over rows: Σ_j ∂y_i/∂x_j by columns and
 *   Σ_j ∂y_j/∂x_i by rows, which for x - mean(x) is zero.
 * - "verify" throws if they do, and names two rows. First the operations of f are followed in a run of their own; where that does not prove
 *   that rows keep apart, tangents that live in a part of the rows are pushed forward, 2·⌈log₂ B⌉ of them with pseudo-random numbers. These
 *   probes overlook rows that mix only where a derivative happens to be zero at this very point. Where there are no numbers to look at (a
 *   function is run on its shapes alone), or derivatives are NaN, it throws too.
 * - "diagonal" gives ∂y_i/∂x_i exactly in any case, without the blocks of different rows. It takes passes for each row, B times as many,
 *   unless rows are proven to keep apart; chunkSize counts directions of all rows.
 * - "freeze" holds constant what mixes the rows: all reductions over the axis of the rows, a single row that is picked, and the results
 * of what {@link acrossBatch} marks. A function that jit compiled is followed through the branches that it takes and the turns of its loops, so
 * that inside of jit, where these are not known, it is refused.
 *
 * @param f a function of floating arrays (or trees) whose first axis counts the rows, to such arrays
 * @param options interactions, strategy ("auto", "forward" or "reverse"), vectorize, chunkSize, memoryBudget, argnums, hasAux
 * @returns a function of the same arguments that gives the tree of the result's form, with the argument's tree at each leaf
 * @throws ShapeError where an argument or a result lacks the axis, TransformError where rows mix, or cannot be seen to keep apart, under "verify" or where "freeze" meets rows
 * that are brought together in another way than by a reduction, and as {@link jacobian} does
 * @example
 * const centred = (x: NDArray) => x.sub(x.mean(0));
 * batchJacobian((x) => x.square())(array([[1, 2], [3, 4]])).toArray(); // [[[2, 0], [0, 4]], [[6, 0], [0, 8]]]
 * batchJacobian(centred, { interactions: "diagonal" })(array([[1], [2]])).toArray(); // [[[0.5]], [[0.5]]]
 * batchJacobian(centred, { interactions: "freeze" })(array([[1], [2]])).toArray(); // [[[1]], [[1]]]
 * batchJacobian(centred)(array([[1], [2]])).toArray(); // [[[0]], [[0]]]
 */
export function batchJacobian<A extends readonly unknown[] = NDArray[], R = NDArray, const N extends number | readonly number[] = 0>(
  f: (...args: A) => Listed<R>,
  options?: BatchOptions<N> & NoAux,
): (...args: InputsAt<A, N>) => JacobianOf<R, Picked<A, N>>;
export function batchJacobian<
  A extends readonly unknown[] = NDArray[],
  R = NDArray,
  X = unknown,
  const N extends number | readonly number[] = 0,
>(
  f: (...args: A) => readonly [R, X],
  options: BatchOptions<N> & Aux,
): (...args: InputsAt<A, N>) => [jacobian: JacobianOf<R, Picked<A, N>>, aux: X];
export function batchJacobian(f: AnyFunction, options: AnyOptions = {}): AnyTransformed {
  const op = "batchJacobian";
  checkFunction(op, f);
  checkTransformOptions(op, options, ["interactions", "strategy", ...passOptions, "argnums", "hasAux"]);
  checkPasses(op, options);
  const strategy = checkStrategy(op, options.strategy ?? "auto");
  const interactions = checkInteractions(op, options.interactions ?? "none");
  return (...args) => {
    const given = flatFunction(op, f, args, options);
    const count = countRows(given);
    const g = withRows(given, count);
    const apart = interactions === "none" || interactions === "freeze" || keepsRowsApart(g, count);
    if (interactions === "verify" && !apart) refuseMixing(g, count);
    const chunk = chunking(options, () => dependencies(g).bytes);
    const layout = interactions === "diagonal" && !apart ? rowByRow : together(count);
    const { structure, blocks, aux } = sweep(interactions === "freeze" ? withFrozenStatistics(g, count) : g, strategy, chunk, layout);
    const jacobian = unflatten(structure, blocks.map(g.shape));
    return options.hasAux ? [jacobian, aux] : jacobian;
  };
}

function checkInteractions(op: string, interactions: unknown): Interactions {
  if (interactions === "none" || interactions === "verify" || interactions === "diagonal" || interactions === "freeze") return interactions;
  throw new TransformError(`${op}: interactions is ${describe(interactions)}; use "none", "verify", "diagonal" or "freeze".`);
}
