import type { ArrayLike } from "../array/base.js";
import { asArray } from "../array/convert.js";
import { unstacked } from "../array/movement.js";
import type { NDArray } from "../array/ndarray.js";
import { checkpoint } from "../custom/checkpoint.js";
import { AbstractTrace } from "../engine/abstract.js";
import { Aval } from "../engine/aval.js";
import { AxisError, checkOptions, describe, ShapeError, showShape, TreeError } from "../engine/errors.js";
import { type AnyFunction, checkFunction, invoke } from "../engine/invoke.js";
import type { ArrayList } from "../engine/operation.js";
import { peek } from "../engine/peek.js";
import { type Stager, stager } from "../engine/stager.js";
import { type Arrays, type Flat, flatten, type Listed, unflatten } from "../engine/tree.js";
import { stack } from "../ops/movement.js";
import { whole } from "./cond.js";
import { inLanes, isKnown, maskOf, truthOf } from "./lanes.js";
import { beside, merge } from "./merge.js";

const tree = ({ structure, leaves }: Flat): unknown => unflatten(structure, leaves);

/** One step of a loop: the next state, of the form, shapes and dtypes of this one. */
function step(op: string, body: AnyFunction, state: Flat): Flat {
  return beside(op, "the state before and after the body", state, flatten(invoke(body, [tree(state)]), op, "the body's result"));
}

// The empty list among the types of a state has the compiler take a state that is written out as a list for a tuple.

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
  init: Listed<S>,
): Arrays<S>;
export function whileLoop(test: (state: never) => unknown, body: (state: never) => unknown, init: unknown): unknown {
  checkFunction("whileLoop", test);
  checkFunction("whileLoop", body);
  const first = flatten(init, "whileLoop", "the state");
  if (stager !== undefined) {
    const leaves = stager.whileLoop(
      "whileLoop",
      (own) => truthOf("whileLoop", "the test's result", invoke(test, [tree({ ...first, leaves: own.slice() })])),
      (own) => step("whileLoop", body, { ...first, leaves: own.slice() }).leaves,
      first.leaves,
    );
    return tree({ ...first, leaves: leaves.slice() });
  }
  return tree(
    loop(
      "whileLoop",
      (state) => invoke(test, [tree(state)]),
      (state) => step("whileLoop", body, state),
      first,
    ),
  );
}

/** Options of {@link scan} and {@link foriLoop}. */
export interface LoopOptions {
  /**
   * The states that reverse mode keeps; what lies between them is computed again, by {@link checkpoint}. true: each step's state and nothing
   * else. "sqrt": of n steps √n states, and what √n steps compute. "log": log₂ n states, and each step is computed up to log₂ n times more.
   * Without it all that the steps compute is kept.
   */
  readonly checkpoint?: boolean | "sqrt" | "log";
}

/** Options of {@link scan}. */
export interface ScanOptions extends LoopOptions {
  /** Go from the last row to the first. What the step of row i collects is row i of the result in either direction. False by default. */
  readonly reverse?: boolean;
}

type Kept = LoopOptions["checkpoint"];

function checkKept(op: string, options: LoopOptions | undefined, more: readonly string[] = []): Kept {
  checkOptions(op, options, ["checkpoint", ...more]);
  const { checkpoint: kept = false } = options ?? {};
  if (typeof kept !== "boolean" && kept !== "sqrt" && kept !== "log")
    throw new TreeError(`${op}: checkpoint is ${describe(kept)}; use true, "sqrt" or "log".`);
  return kept;
}

/** Some steps of a loop on its leaves. */
type Steps = (leaves: ArrayList, from: number, to: number) => ArrayList;

/** All n steps, of which the states that `kept` says are kept for a pullback. `saved` makes a checkpoint of steps. */
function spaced(kept: Kept, n: number, steps: Steps, saved: (steps: Steps) => Steps, first: ArrayList): ArrayList {
  if (kept === "log") {
    const halves: Steps = (leaves, from, to) => {
      if (to - from < 2) return steps(leaves, from, to);
      const middle = (from + to) >> 1;
      return halves(saved(halves)(leaves, from, middle), middle, to);
    };
    return halves(first, 0, n);
  }
  const size = kept === "sqrt" ? Math.ceil(Math.sqrt(n)) : 1;
  let leaves = first;
  for (let from = 0; from < n; from += size) leaves = saved(steps)(leaves, from, Math.min(n, from + size));
  return leaves;
}

/** Turns a state as long as the test holds, in the lanes in which it does; so often at most. */
function loop(op: string, test: (state: Flat) => unknown, turn: (state: Flat) => Flat, first: Flat, maxSteps = Infinity): Flat {
  for (let [state, turns] = [first, 0]; ; turns++) {
    const before = state;
    if (turns >= maxSteps) return before;
    const mask = maskOf(op, "the test's result", test(before), true);
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
 * @param options `checkpoint` says which states reverse mode keeps: {@link LoopOptions}
 * @throws DTypeError where a bound is not whole, TreeError where there is no such option; as {@link whileLoop} does
 * @example
 * foriLoop(1, 6, (i, product) => product.mul(i), 1).item(); // 120
 * const power = (x: NDArray) => foriLoop(0, 9, (_, y) => y.mul(x), 1, { checkpoint: "log" });
 * grad(power)(array(2)).item(); // 2304
 */
export function foriLoop<S>(
  lo: ArrayLike,
  hi: ArrayLike,
  body: (i: NDArray, state: Arrays<NoInfer<S>>) => unknown,
  init: Listed<S>,
  options?: LoopOptions,
): Arrays<S>;
export function foriLoop(
  lo: ArrayLike,
  hi: ArrayLike,
  body: (i: NDArray, state: never) => unknown,
  init: unknown,
  options?: LoopOptions,
): unknown {
  checkFunction("foriLoop", body);
  const kept = checkKept("foriLoop", options);
  const end = whole("foriLoop", hi);
  const own = flatten(init, "foriLoop", "the state");
  if (stager !== undefined)
    return tree({ ...own, leaves: stagedFor(stager, whole("foriLoop", lo), end, body, own, kept !== false).slice() });
  // The index leads the user's leaves.
  const all = flatten([whole("foriLoop", lo), ...own.leaves], "foriLoop", "the state");
  const turns = (first: ArrayList, maxSteps: number): ArrayList =>
    loop(
      "foriLoop",
      ({ leaves: [i] }) => i.less(end),
      ({ leaves: [i, ...rest] }) => ({
        ...all,
        leaves: [i.add(1), ...step("foriLoop", (state: never) => body(i, state), { ...own, leaves: rest }).leaves],
      }),
      { ...all, leaves: first.slice() },
      maxSteps,
    ).leaves;
  // This is the most of all lanes.
  const counts = kept ? peek(end.sub(all.leaves[0]))?.values.data() : undefined;
  const n = counts && Array.from(counts).reduce((most, count) => Math.max(most, count), 0);
  const leaves =
    n === undefined
      ? turns(all.leaves, Infinity)
      : spaced(
          kept,
          n,
          (given, from, to) => turns(given, to - from),
          (steps) => (given, from, to) => checkpoint((own: ArrayList) => steps(own, from, to))(given),
          all.leaves,
        );
  return tree({ ...own, leaves: leaves.slice(1) });
}

/** A scan along the indices where the bounds are known, and otherwise a loop that counts. */
function stagedFor(
  by: Stager,
  start: NDArray,
  end: NDArray,
  body: (i: NDArray, state: never) => unknown,
  own: Flat,
  recomputes: boolean,
): ArrayList {
  const next = (i: NDArray, leaves: ArrayList): ArrayList =>
    step("foriLoop", (state: never) => body(i, state), { ...own, leaves: leaves.slice() }).leaves;
  if (start.owner.level === 0 && end.owner.level === 0 && isKnown(start) && isKnown(end)) {
    const [lo, hi] = [start.item() as number, end.item() as number];
    const n = Math.max(0, hi - lo);
    const indices = asArray(
      new Int32Array(n).map((_, i) => lo + i),
      "foriLoop",
    );
    return by.scan("foriLoop", (leaves, [i]) => [next(i, leaves), []], own.leaves, [indices], n, recomputes)[0];
  }
  const counting = by.whileLoop(
    "foriLoop",
    ([i]) => i.less(end),
    ([i, ...rest]) => [i.add(1), ...next(i, rest)],
    [start, ...own.leaves],
  );
  return counting.slice(1);
}

/**
 * A loop that carries a state along the first axis of xs and collects a result from each step. Reverse mode keeps what each step
 * computed, unless `checkpoint` says otherwise. Where that axis has length 0, no step is taken: f is run on shapes alone.
 *
 * @param f from the state and one row of xs to [the next state, of the same form, shapes and dtypes, and what to collect (a tree; [] or null for nothing)]
 * @param init the first state: an array, a number or a tree of these; a number takes the dtype of what it meets
 * @param xs an array or a tree of arrays with one length of the first axis, of any dtypes
 * @param options `reverse` goes from the last row to the first, `checkpoint` says which states reverse mode keeps: {@link ScanOptions}
 * @returns `[state, ys]`, the last state and the collected results, stacked along a new first axis
 * @throws TreeError, ShapeError or DTypeError where f's result does not match, AxisError or ShapeError where the first axes of xs are missing or
 * differ, TreeError where init or xs is no tree of arrays, or there is no such option, TransformError where f is no function
 * @example
 * const [total, sums] = scan((sum, x) => [sum.add(x), sum.add(x)], 0, array([1, 2, 3]));
 * total.item(); // 6
 * sums.toArray(); // [1, 3, 6]
 * const last = (xs: NDArray) => scan((s, x) => [s.mul(x).sin(), null], 1, xs, { checkpoint: true })[0];
 * grad(last)(array([1, 2])).toArray(); // [-0.1209312, -0.0941696]
 * // The discounted rewards from each time on, of which the last one is known first:
 * const returns = (rewards: NDArray) => scan((g, r) => [g.mul(0.5).add(r), g.mul(0.5).add(r)], 0, rewards, { reverse: true })[1];
 * returns(array([1, 1, 4])).toArray(); // [2.5, 3, 4]
 */
export function scan<S, X, Y = NDArray>(
  f: (state: Arrays<NoInfer<S>>, x: Arrays<NoInfer<X>>) => readonly [state: unknown, y: Listed<Y>],
  init: Listed<S>,
  xs: X,
  options?: ScanOptions,
): [state: Arrays<S>, ys: Y extends null | undefined ? Y : Arrays<Y>];
export function scan(f: (state: never, x: never) => unknown, init: unknown, xs: unknown, options?: ScanOptions): unknown {
  checkFunction("scan", f);
  const kept = checkKept("scan", options, ["reverse"]);
  const { reverse = false } = options ?? {};
  if (typeof reverse !== "boolean") throw new TreeError(`scan: reverse is ${describe(reverse)}; use true or false.`);
  const rows = flatten(xs, "scan", "xs");
  const count = lengthOf(rows);
  const directed = (flat: Flat): Flat => (reverse ? { ...flat, leaves: flat.leaves.map((x) => x.flip(0)) } : flat);
  const [last, ys] = forward(f, flatten(init, "scan", "the state"), directed(rows), count, kept);
  return [tree(last), tree(directed(ys))];
}

/** The last state and what the steps collect, from the first of the rows to the last. */
function forward(f: AnyFunction, init: Flat, rows: Flat, count: number, kept: Kept): [state: Flat, ys: Flat] {
  let state = init;
  let like = undefined as Flat | undefined;

  const turn = (row: ArrayList): Flat => {
    let y: unknown;
    state = step(
      "scan",
      (own) => {
        const result = invoke(f, [own, unflatten(rows.structure, row)]);
        if (!Array.isArray(result) || result.length !== 2)
          throw new TreeError(
            `scan: the function returned ${describe(result, false)}; return [state, y], with null for y where nothing is to be collected.`,
          );
        y = result[1] ?? null;
        return result[0];
      },
      state,
    );
    const own = flatten(y, "scan", "what is collected");
    // The first of each leaf's values that is no number says which dtype the others have.
    like = like ? beside("scan", "the collected results of two steps", own, like) : own;
    return own;
  };

  if (stager !== undefined && count > 0) {
    const before = state;
    const [last, collected] = stager.scan(
      "scan",
      (own, row) => {
        state = { ...before, leaves: own.slice() };
        like = undefined;
        const { leaves } = turn(row);
        return [state.leaves, leaves];
      },
      before.leaves,
      rows.leaves,
      count,
      kept !== false,
    );
    return [
      { ...before, leaves: last.slice() },
      { ...(like as Flat), leaves: collected.slice() },
    ];
  }
  if (count === 0) {
    // No step is taken; shapes alone tell what would have been collected, and which dtype a number would have got.
    const shapes = new AbstractTrace("scan", true);
    const before = state;
    const row = rows.leaves.map((x) => shapes.of(x, new Aval(x.shape.slice(1), x.dtype)));
    state = { ...state, leaves: state.leaves.map((x) => shapes.of(x)) };
    if (before.leaves.some(({ aval }) => aval.weak)) turn(row);
    const own = turn(row);
    return [
      beside("scan", "the state before and after the body", state, before),
      { ...own, leaves: own.leaves.map((x) => x.filled(0, new Aval([0, ...x.shape], x.dtype))) },
    ];
  }
  const columns: ArrayList[] = rows.leaves.map((x) => unstacked(x, 0));
  let [lines, start, collected]: [readonly ArrayList[], number, ArrayList[]] = [
    Array.from({ length: count }, (_, i) => columns.map((column) => column[i])),
    0,
    [],
  ];
  const steps: Steps = (leaves, from, to) => {
    state = { ...state, leaves: leaves.slice() };
    for (let i = from; i < to; i++) collected.push(turn(lines[i - start]).leaves);
    return state.leaves;
  };
  const saved =
    (inner: Steps): Steps =>
    (leaves, from, to) => {
      const segment = checkpoint((own: ArrayList, given: readonly ArrayList[]) => {
        const outside = [lines, start, collected] as const;
        [lines, start, collected] = [given, from, []];
        try {
          return [inner(own, from, to), collected] as const;
        } finally {
          [lines, start, collected] = outside;
        }
      });
      const [next, ys] = segment(leaves, lines.slice(from - start, to - start));
      for (const y of ys) collected.push(y);
      return next;
    };
  const last = kept ? spaced(kept, count, steps, saved, state.leaves) : steps(state.leaves, 0, count);
  const own = like as Flat;
  return [
    { ...state, leaves: last.slice() },
    { ...own, leaves: own.leaves.map((_, k) => stack(collected.map((ys) => ys[k]))) },
  ];
}

function lengthOf({ leaves, paths }: Flat): number {
  if (leaves.length === 0) throw new TreeError("scan: xs has no arrays; use foriLoop for a number of steps.");
  const [n] = leaves[0].shape;
  leaves.forEach((x, i) => {
    if (x.ndim === 0)
      throw new AxisError(
        `scan: xs has a single value at ${paths[i]}, and no axis to go along; give numbers as array([1, 2]), or use foriLoop for a number of steps.`,
      );
    if (x.shape[0] !== n)
      throw new ShapeError(
        `scan: xs has shape ${showShape(x.shape)} at ${paths[i]}, but ${n} steps at ${paths[0]}; the first axes must agree.`,
      );
  });
  return n;
}
