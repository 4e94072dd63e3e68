import type { ArrayLike } from "../array/base.js";
import { asArray } from "../array/convert.js";
import type { NDArray } from "../array/ndarray.js";
import { DTypeError, TransformError } from "../engine/errors.js";
import { type AnyFunction, checkFunction, invoke } from "../engine/invoke.js";
import { stager } from "../engine/stager.js";
import {
  type Arrays,
  arraysOf,
  type Flat,
  flatten,
  type Given,
  type Input,
  type Listed,
  type Passed,
  unflatten,
  withArrays,
} from "../engine/tree.js";
import { inLanes, isKnown, type Mask, maskOf, truthOf } from "./lanes.js";
import { beside, checkAlike, merge } from "./merge.js";

const resultOf = (op: string, branch: AnyFunction, operands: readonly unknown[]): Flat =>
  flatten(invoke(branch, operands), op, "the branch's result");

/** A branch, and the name that messages give it. */
type Branch = readonly [name: string, branch: AnyFunction];

const resultsOf = ([a]: Branch, [b]: Branch): string => `the results of ${a} and ${b}`;

/** The branch at an index that has no numbers: an operation that holds all branches. */
function staged(op: string, index: NDArray, branches: readonly Branch[], operands: readonly unknown[]): unknown {
  let like = undefined as Flat | undefined;
  const arrays = arraysOf(operands, op);
  const outs = (stager as NonNullable<typeof stager>).choose(
    op,
    index,
    branches.map((branch) => (own) => {
      const out = resultOf(op, branch[1], withArrays(operands, own));
      like ??= out;
      checkAlike(op, resultsOf(branch, branches[0]), out, like);
      return out.leaves;
    }),
    arrays,
  );
  return unflatten((like as Flat).structure, outs);
}

/** Each branch for the lanes that want it; a branch that no lane wants is not run. */
function choose(op: string, masks: readonly Mask[], branches: readonly Branch[], operands: readonly unknown[]): unknown {
  let result: Flat | undefined;
  let last = branches[0];
  const arrays = arraysOf(operands, op);
  const run = (branch: AnyFunction): Flat => resultOf(op, branch, withArrays(operands, arrays));
  masks.forEach((mask, i) => {
    if (!mask.any) return;
    const branch = branches[i];
    const own = inLanes(mask, () => run(branch[1]));
    result =
      result === undefined
        ? own
        : merge(
            mask.on,
            own,
            beside(op, resultsOf(branch, last), own, result, (x, y) => mask.on.where(x, y)),
          );
    last = branch;
  });
  // A batch without lanes wants no branch, and has the shapes of any.
  const { structure, leaves } = result ?? run(last[1]);
  return unflatten(structure, leaves);
}

/**
 * `onTrue(...operands)` or `onFalse(...operands)`, by one truth value. Only the branch that is wanted is run. Inside of vmap, where lanes
 * may want different branches, each branch is run for the lanes that want it: the others contribute nothing, no NaN either, to values and gradients.
 *
 * @param pred a boolean, a number or an array of shape [] and any dtype; true where it is not zero
 * @param onTrue a function of the operands, which may close over other arrays too
 * @param onFalse a function of the same operands whose result has the same form, shapes and dtypes; a number takes the dtype of what it meets
 * @param operands any values: arrays and arrays in trees are differentiated, a number is a weak scalar, all else is passed as it is
 * @returns the branch's result, every leaf an array
 * @throws ShapeError where pred is no single value, TreeError, ShapeError or DTypeError where lanes differ and the branches' results do not
 * match, TreeError where a result is no tree of arrays, TransformError where a branch is no function or only the shape of pred is
 * known, DTypeError where pred is no {@link ArrayLike}
 * @example
 * const f = (x: NDArray) => cond(x.greater(0), (y) => y.log(), (y) => y.neg(), x);
 * f(array(1)).item(); // 0
 * grad(f)(array(-3)).item(); // -1
 */
export function cond<A extends readonly unknown[] = NDArray[], R = NDArray>(
  pred: ArrayLike,
  onTrue: (...operands: A) => Listed<R>,
  onFalse: (...operands: A) => Listed<NoInfer<Input<Arrays<R>>>>,
  ...operands: NoInfer<Passed<A>>
): Arrays<R>;
export function cond<O extends readonly unknown[], R = NDArray>(
  pred: ArrayLike,
  onTrue: (...operands: Given<NoInfer<O>>) => Listed<R>,
  onFalse: (...operands: Given<NoInfer<O>>) => Listed<NoInfer<Input<Arrays<R>>>>,
  ...operands: O
): Arrays<R>;
export function cond(pred: ArrayLike, onTrue: AnyFunction, onFalse: AnyFunction, ...operands: readonly unknown[]): unknown {
  checkFunction("cond", onTrue);
  checkFunction("cond", onFalse);
  const branches = [
    ["onFalse", onFalse],
    ["onTrue", onTrue],
  ] as const;
  if (stager !== undefined) {
    const on = truthOf("cond", "the predicate", pred);
    if (!isKnown(on)) return staged("cond", on.astype("int32"), branches, operands);
  }
  const mask = maskOf("cond", "the predicate", pred);
  if (mask.all && mask.any) return choose("cond", [mask], branches.slice(1), operands);
  return choose("cond", [maskOf("cond", "the predicate", mask.on.logicalNot()), mask], branches, operands);
}

/**
 * `branches[index](...operands)`. An index below 0 takes the first branch, one beyond the end the last. Inside of vmap each branch is run
 * for the lanes that want it, as in {@link cond}.
 *
 * @param index a whole number or an int32 array of shape []
 * @param branches functions of the same operands whose results have the same form, shapes and dtypes
 * @param operands what the branches take
 * @throws DTypeError where the index is not whole, TransformError where there is no branch; as {@link cond} does
 * @example
 * switchCase(1, [(x) => x.neg(), (x) => x.square()], array(3)).item(); // 9
 */
export function switchCase<A extends readonly unknown[] = NDArray[], R = NDArray>(
  index: ArrayLike,
  branches: readonly ((...operands: A) => Listed<R>)[],
  ...operands: NoInfer<Passed<A>>
): Arrays<R>;
export function switchCase<O extends readonly unknown[], R = NDArray>(
  index: ArrayLike,
  branches: readonly ((...operands: Given<NoInfer<O>>) => Listed<R>)[],
  ...operands: O
): Arrays<R>;
export function switchCase(index: ArrayLike, functions: readonly AnyFunction[], ...operands: readonly unknown[]): unknown {
  if (!Array.isArray(functions) || functions.length === 0)
    throw new TransformError("switchCase: there are no branches; give a list of functions.");
  for (const branch of functions) checkFunction("switchCase", branch);
  const branches = functions.map((branch, i) => [`branch ${i}`, branch] as const);
  const at = whole("switchCase", index).clip(0, branches.length - 1);
  if (stager !== undefined && !isKnown(at)) return staged("switchCase", at, branches, operands);
  const masks = branches.map((_, i) => maskOf("switchCase", "the index", at.equal(i)));
  return choose("switchCase", masks, branches, operands);
}

/** A whole number as int32, which it has to fit. */
export function whole(op: string, value: unknown): NDArray {
  const x = asArray(value, op);
  if (x.dtype === "int32" || x.aval.weak === 2) return x.astype("int32");
  throw new DTypeError(
    `${op}: ${typeof value === "number" ? value : `an array of dtype ${x.dtype}`} is no whole number of int32; use x.astype("int32").`,
  );
}
