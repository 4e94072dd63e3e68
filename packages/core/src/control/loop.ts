import type { ArrayLike } from "../array/base.js";
import { unstacked } from "../array/movement.js";
import type { NDArray } from "../array/ndarray.js";
import { AbstractTrace } from "../engine/abstract.js";
import { Aval } from "../engine/aval.js";
import { AxisError, describe, ShapeError, showShape, TreeError } from "../engine/errors.js";
import { type AnyFunction, checkFunction, invoke } from "../engine/invoke.js";
import type { Arrays as ArrayList } from "../engine/operation.js";
import { type Arrays, type Flat, flatten, unflatten } from "../engine/tree.js";
import { stack } from "../ops/movement.js";
import { whole } from "./cond.js";
import { inLanes, maskOf } from "./lanes.js";
import { checkAlike, merge } from "./merge.js";

const tree = ({ structure, leaves }: Flat): unknown => unflatten(structure, leaves);

/** One step of a loop: the next state, of the form, shapes and dtypes of this one. */
function step(op: string, body: AnyFunction, state: Flat): Flat {
  return checkAlike(op, "the state before and after the body", state, flatten(invoke(body, [tree(state)]), op, "the body's result"));
}

/**
 * Applies body to a state as long as test holds. It has derivatives of both modes: reverse mode keeps what each step computed.
 * Inside of vmap the loop runs until the last lane has finished; a lane that has finished keeps its state and contributes nothing, no NaN
 * either, to values and gradients.
 *
 * @param test from the state to one truth value
 * @param body from the state to the next one, of the same form, shapes and dtypes
 * @param init the first state: an array, a number or a tree of these, of any shapes and dtypes; a number takes the dtype of what it meets
 * @returns the first state for which test does not hold
 * @throws TreeError, ShapeError or DTypeError where body's result does not match the state, ShapeError where test gives no single value, TreeError
 * where the state is no tree of arrays, TransformError where test or body is no function, DTypeError where test's result is no
 * {@link ArrayLike}
 * @example
 * const collatz = (n: number) =>
 *   whileLoop(({ n }) => n.notEqual(1), ({ n, steps }) => ({ n: where(n.mod(2).equal(0), n.div(2), n.mul(3).add(1)), steps: steps.add(1) }), { n: array(n), steps: array(0) });
 * collatz(6).steps.item(); // 8
 */
export function whileLoop<S>(
  test: (state: Arrays<NoInfer<S>>) => NDArray | boolean,
  body: (state: Arrays<NoInfer<S>>) => unknown,
  init: S,
): Arrays<S>;
export function whileLoop(test: (state: never) => unknown, body: (state: never) => unknown, init: unknown): unknown {
  checkFunction("whileLoop", test);
  checkFunction("whileLoop", body);
  const first = flatten(init, "whileLoop", "the state");
  return tree(
    loop(
      "whileLoop",
      (state) => invoke(test, [tree(state)]),
      (state) => step("whileLoop", body, state),
      first,
    ),
  );
}

/** Turns a state as long as the test holds, in the lanes in which it does. */
function loop(op: string, test: (state: Flat) => unknown, turn: (state: Flat) => Flat, first: Flat): Flat {
  for (let state = first; ; ) {
    const before = state;
    const mask = maskOf(op, "the test's result", test(before));
    if (!mask.any) return before;
    const next = inLanes(mask, () => turn(before));
    state = mask.all ? next : merge(mask.on, next, before);
  }
}

/**
 * `body(hi - 1, … body(lo + 1, body(lo, init)))`: a loop over whole numbers. The bounds may differ between the lanes of a vmap.
 *
 * @param lo the first index: a whole number or an int32 array of shape []
 * @param hi the index to stop before
 * @param body from an index (int32, of shape []) and the state to the next state, of the same form, shapes and dtypes
 * @param init the first state: an array, a number or a tree of these; a number takes the dtype of what it meets
 * @throws DTypeError where a bound is not whole; as {@link whileLoop} does
 * @example
 * foriLoop(1, 6, (i, product) => product.mul(i), 1).item(); // 120
 */
export function foriLoop<S>(lo: ArrayLike, hi: ArrayLike, body: (i: NDArray, state: Arrays<NoInfer<S>>) => unknown, init: S): Arrays<S>;
export function foriLoop(lo: ArrayLike, hi: ArrayLike, body: (i: NDArray, state: never) => unknown, init: unknown): unknown {
  checkFunction("foriLoop", body);
  const end = whole("foriLoop", hi);
  const own = flatten(init, "foriLoop", "the state");
  // The index leads the user's leaves.
  const all = flatten([whole("foriLoop", lo), ...own.leaves], "foriLoop", "the state");
  const { leaves } = loop(
    "foriLoop",
    ({ leaves: [i] }) => i.less(end),
    ({ leaves: [i, ...rest] }) => ({
      ...all,
      leaves: [i.add(1), ...step("foriLoop", (state: never) => body(i, state), { ...own, leaves: rest }).leaves],
    }),
    all,
  );
  return tree({ ...own, leaves: leaves.slice(1) });
}

/**
 * A loop that carries a state along the first axis of xs and collects a result from each step. Reverse mode keeps what each step
 * computed; put {@link checkpoint} around f to keep the states alone.
 *
 * @param f from the state and one row of xs to [the next state, of the same form, shapes and dtypes, and what to collect (a tree; [] or null for nothing)]
 * @param init the first state: an array, a number or a tree of these; a number takes the dtype of what it meets
 * @param xs an array or a tree of arrays with one length of the first axis, of any dtypes
 * @returns `[state, ys]`, the last state and the collected results, stacked along a new first axis
 * @throws TreeError, ShapeError or DTypeError where f's result does not match, AxisError or ShapeError where the first axes of xs are missing or
 * differ, TreeError where init or xs is no tree of arrays, TransformError where f is no function
 * @example
 * const [total, sums] = scan((sum, x) => [sum.add(x), sum.add(x)], 0, array([1, 2, 3]));
 * total.item(); // 6
 * sums.toArray(); // [1, 3, 6]
 */
export function scan<S, X, Y = NDArray>(
  f: (state: Arrays<NoInfer<S>>, x: Arrays<NoInfer<X>>) => readonly [state: unknown, y: Y],
  init: S,
  xs: X,
): [state: Arrays<S>, ys: Y extends null | undefined ? Y : Arrays<Y>];
export function scan(f: (state: never, x: never) => unknown, init: unknown, xs: unknown): unknown {
  checkFunction("scan", f);
  const rows = flatten(xs, "scan", "xs");
  const count = lengthOf(rows);
  const columns: ArrayList[] = rows.leaves.map((x) => unstacked(x, 0));
  let state = flatten(init, "scan", "the state");
  let like: Flat | undefined;

  const turn = (row: ArrayList): Flat => {
    let y: unknown;
    state = step(
      "scan",
      (own) => {
        const result = invoke(f, [own, unflatten(rows.structure, row)]);
        if (!Array.isArray(result) || result.length !== 2)
          throw new TreeError(
            `scan: the function returned ${describe(result)}; return [state, y], with null for y where nothing is to be collected.`,
          );
        y = result[1] ?? null;
        return result[0];
      },
      state,
    );
    const own = flatten(y, "scan", "what is collected");
    // Of each leaf the first that is no number says which dtype the others have.
    like = like ? checkAlike("scan", "the collected results of two steps", own, like) : own;
    return own;
  };

  if (count === 0) {
    // No step is taken; shapes alone tell what would have been collected, and which dtype a number would have got.
    const shapes = new AbstractTrace("scan");
    const before = state;
    const row = rows.leaves.map((x) => shapes.of(x, new Aval(x.shape.slice(1), x.dtype)));
    if (before.leaves.some(({ aval }) => aval.weak)) turn(row);
    const { structure, leaves } = turn(row);
    return [
      tree(checkAlike("scan", "the state before and after the body", state, before)),
      unflatten(
        structure,
        leaves.map((x) => x.filled(0, new Aval([0, ...x.shape], x.dtype))),
      ),
    ];
  }
  const collected = Array.from({ length: count }, (_, i) => turn(columns.map((column) => column[i])));
  const [{ structure, leaves }] = collected;
  const ys = leaves.map((_, k) => stack(collected.map((own) => own.leaves[k])));
  return [tree(state), unflatten(structure, ys)];
}

function lengthOf({ leaves, paths }: Flat): number {
  if (leaves.length === 0) throw new TreeError("scan: xs has no arrays; use foriLoop for a number of steps.");
  const [n] = leaves[0].shape;
  leaves.forEach((x, i) => {
    if (x.ndim === 0)
      throw new AxisError(`scan: xs has a single value at ${paths[i]}, and no axis to go along; use foriLoop for a number of steps.`);
    if (x.shape[0] !== n)
      throw new ShapeError(
        `scan: xs has shape ${showShape(x.shape)} at ${paths[i]}, but ${n} steps at ${paths[0]}; the first axes must agree.`,
      );
  });
  return n;
}
