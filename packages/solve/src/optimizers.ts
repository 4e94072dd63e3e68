import {
  type Arrays,
  type NDArray,
  norm,
  pow,
  type Scalar,
  ShapeError,
  stack,
  sub,
  TreeError,
  treeLeaves,
  treeMap,
  zeros,
  zerosLike,
} from "@ad/core";
import { checkOptions, describe, showShape } from "@ad/core/internals/checks";
import { cast, flatten, sameShape, sameStructure, showStructure } from "@ad/core/internals/trace";
import { checkChoice } from "./loop.js";
import { scalarOf } from "./scalars.js";
import type { Schedule } from "./schedules.js";

/**
 * A first-order optimiser, or a part of one that is put into a {@link chain}: two pure functions over trees. Its state is a tree of arrays,
 * so that both work inside of every transformation, and a compiled step is compiled once.
 */
export interface Optimizer {
  /** The state before the first step, for parameters like these. */
  readonly init: (params: unknown) => unknown;
  /** Maps the gradients, the state and the parameters to what is added to the parameters, and the next state. */
  readonly update: <T>(gradients: T, state: unknown, params?: unknown) => [updates: Arrays<T>, state: unknown];
}

/** A learning rate: a number, an array of shape [], or a function from the count of steps. */
export type LearningRate = Scalar | Schedule;

/** A part of an optimiser: from a tree and the state to another tree and the next state. A part without state has null. */
type Update = (tree: unknown, state: never, params: unknown) => readonly [tree: unknown, state: unknown];

/** Refuses a tree of another form, or of other shapes, than the gradients. */
function checkAlike(op: string, what: string, tree: unknown, gradients: unknown): void {
  const [own, like] = [flatten(tree, op, what), flatten(gradients, op, "gradients")];
  const differ = (of: string, a: string, b: string): string =>
    `${op}: ${what} has the ${of} ${a}, but gradients ${b}; give gradients of the ${of} that init was given.`;
  if (!sameStructure(own.structure, like.structure))
    throw new TreeError(differ("form", showStructure(own.structure), showStructure(like.structure)));
  own.leaves.forEach(({ shape }, i) => {
    if (!sameShape(shape, like.leaves[i].shape))
      throw new ShapeError(differ("shape", showShape(shape), `${showShape(like.leaves[i].shape)} at ${like.paths[i]}`));
  });
}

/** A part whose state has `trees` of the form of the gradients. */
const make = (
  op: string,
  init: (params: unknown) => unknown,
  update: Update,
  trees: (state: never) => readonly unknown[] = () => [],
): Optimizer => ({
  init,
  update(gradients, state, params) {
    if (typeof state !== "object" || state === null)
      throw new TreeError(`${op}: update got ${describe(state)} as the state; give what init or the last update returned.`);
    // never: which state it is, the part alone knows.
    for (const tree of trees(state as never)) checkAlike(op, "the state", tree, gradients);
    return update(gradients, state as never, params) as [never, unknown];
  },
});

const stateless = (update: (tree: unknown, params: unknown) => unknown): Optimizer => ({
  init: () => null,
  update: (tree, state, params) => [update(tree, params) as never, state],
});

const like = (params: unknown, value: Scalar = 0): unknown => treeMap((p) => zerosLike(p).add(value), params);

/** b · m + (1 − b) · x, leaf by leaf. */
const blended = (b: NDArray, m: unknown, tree: unknown, of: (x: NDArray) => NDArray = (x) => x): unknown =>
  treeMap((own, x) => own.mul(b).add(of(x).mul(sub(1, b))), m, tree);

/** Returns what is left of a mean that began with 0, without that: m / (1 − bⁿ), leaf by leaf. */
const unbiased = (b: NDArray, m: unknown, count: NDArray): unknown => {
  const part = sub(1, pow(b.astype("float64"), count.astype("float64")));
  return treeMap((own) => own.div(cast(part, own.dtype)), m);
};

const whole = (state: unknown): readonly unknown[] => [state];

const moments = ({ mu, nu }: { readonly mu: unknown; readonly nu: unknown }): readonly unknown[] => (mu === null ? [nu] : [mu, nu]);

const first = (): NDArray => zeros([], "int32");

/** A chain of parts by the name of an optimiser. */
const inTurn = (op: string, ...parts: readonly Optimizer[]): Optimizer =>
  make(
    op,
    (params) => parts.map((part) => part.init(params)),
    (tree, states: readonly unknown[], params) => {
      if (states.length !== parts.length)
        throw new TreeError(
          `${op}: update got ${describe(states)} as the state of ${parts.length} parts; give what init or the last update returned.`,
        );
      let own = tree;
      const next = parts.map((part, i) => {
        const [out, state] = part.update(own, states[i], params);
        own = out;
        return state;
      });
      return [own, next];
    },
  );

/**
 * Optimisers and parts of optimisers, one after the other: each gets what the one before it gave.
 *
 * @param parts optimisers, or what {@link clipByGlobalNorm} and its like return
 * @returns an {@link Optimizer} whose state is the list of theirs; trees of floating arrays of any shapes
 * @throws TreeError where a part is no optimiser
 * @example
 * const optimizer = chain(clipByGlobalNorm(1), sgd(0.5));
 * const [updates] = optimizer.update(array([3, 4]), optimizer.init(array([0, 0])));
 * updates.toArray(); // [-0.3, -0.4]
 */
export function chain(...parts: readonly Optimizer[]): Optimizer {
  for (const part of parts)
    if (typeof part?.init !== "function" || typeof part.update !== "function")
      throw new TreeError(`chain: ${describe(part)} is no optimiser; give sgd(…), adam(…), clipByGlobalNorm(…) and their like.`);
  return inTurn("chain", ...parts);
}

/**
 * Gradients of all leaves together, made shorter where their norm is above a limit.
 *
 * @param maxNorm the limit: a number, or an array of shape []
 * @returns a part of a {@link chain}, for trees of floating arrays of any shapes
 * @throws DTypeError where maxNorm is no number, ShapeError where it is an array that is no scalar
 * @example
 * clipByGlobalNorm(1).update({ w: array([3]), b: array(4) }, null)[0].w.toArray(); // [0.6]
 */
export function clipByGlobalNorm(maxNorm: Scalar): Optimizer {
  const limit = scalarOf("clipByGlobalNorm", "maxNorm", maxNorm);
  return stateless((tree) => {
    const leaves = treeLeaves(tree);
    if (leaves.length === 0) return tree;
    const factor = limit.div(norm(stack(leaves.map((x) => norm(x.ravel())))).maximum(limit));
    return treeMap((x) => x.mul(cast(factor, x.dtype)), tree);
  });
}

/**
 * Adds a part of the parameters to the gradients: weight decay.
 *
 * @param weightDecay the part: a number, or an array of shape []
 * @returns a part of a {@link chain}, for trees of floating arrays of any shapes; its update needs the parameters
 * @throws DTypeError where weightDecay is no number, ShapeError where it is an array that is no scalar
 * @example
 * addDecayedWeights(0.1).update(array([1]), null, array([20]))[0].toArray(); // [3]
 */
export function addDecayedWeights(weightDecay: Scalar): Optimizer {
  return decayed("addDecayedWeights", weightDecay);
}

function decayed(op: string, weightDecay: Scalar): Optimizer {
  const part = scalarOf(op, "weightDecay", weightDecay);
  return stateless((tree, params) => {
    if (params === undefined)
      throw new TreeError(`${op}: update got no parameters, which weight decay needs; give update(gradients, state, params).`);
    checkAlike(op, "params", params, tree);
    return treeMap((x, p) => x.add(p.mul(part)), tree, params);
  });
}

/**
 * Multiplies by −learningRate: the last part of an optimiser.
 *
 * @param learningRate a number, an array of shape [], or a schedule: a function from the count of steps, which is 0 in the first
 * @returns a part of a {@link chain}, for trees of floating arrays of any shapes
 * @throws DTypeError where learningRate is neither a number nor a function, ShapeError where it is an array that is no scalar
 * @example
 * scaleByLearningRate(0.1).update(array([10]), null)[0].toArray(); // [-1]
 */
export function scaleByLearningRate(learningRate: LearningRate): Optimizer {
  return scaled("scaleByLearningRate", learningRate);
}

function scaled(op: string, learningRate: LearningRate): Optimizer {
  const by = (tree: unknown, rate: NDArray): unknown => treeMap((x) => x.mul(cast(rate, x.dtype)).neg(), tree);
  if (typeof learningRate === "function")
    return make(op, first, (tree, count: NDArray) => [by(tree, scalarOf(op, "the schedule's result", learningRate(count))), count.add(1)]);
  const rate = scalarOf(op, "learningRate", learningRate);
  return stateless((tree) => by(tree, rate));
}

/**
 * Momentum: the sum of all gradients so far, each step's with a factor of decay less. (Optax: trace.)
 *
 * @param decay a number, or an array of shape []
 * @param options nesterov: whether the gradient is looked at one step ahead
 * @returns a part of a {@link chain}, for trees of floating arrays of any shapes
 * @throws DTypeError where decay is no number, ShapeError where it is an array that is no scalar, TreeError for an unknown or a wrong option
 * @example
 * momentum(0.9).update(array([1]), array([10]))[0].toArray(); // [10]
 */
export function momentum(decay: Scalar, options?: { readonly nesterov?: boolean }): Optimizer {
  checkOptions("momentum", options, ["nesterov"]);
  return traced("momentum", decay, options?.nesterov);
}

function traced(op: string, decay: Scalar, nesterov: unknown): Optimizer {
  const b = scalarOf(op, op === "momentum" ? "decay" : "momentum", decay);
  const ahead = flag(op, "nesterov", nesterov);
  return make(
    op,
    like,
    (tree, sums: unknown) => {
      const add = (more: unknown): unknown => treeMap((x, sum) => x.add(sum.mul(b)), tree, more);
      const next = add(sums);
      return [ahead ? add(next) : next, next];
    },
    whole,
  );
}

const flag = (op: string, name: string, value: unknown = false): boolean => checkChoice<unknown>(op, name, value, [true, false]) as boolean;

/** Options of {@link sgd}. */
export interface SgdOptions {
  /** The part of the last step's sum of gradients that is kept; without it there is no momentum. */
  readonly momentum?: Scalar;
  /** Whether the gradient is looked at one step ahead (Nesterov). */
  readonly nesterov?: boolean;
}

/**
 * Gradient descent, with momentum where it is asked for.
 *
 * @param learningRate a number, an array of shape [], or a schedule
 * @param options momentum, nesterov: {@link SgdOptions}
 * @returns an {@link Optimizer}, for trees of floating arrays of any shapes; Optax's numbers
 * @throws DTypeError where a number is none, ShapeError where it is an array that is no scalar, TreeError for an unknown or a wrong option
 * @example
 * const optimizer = sgd(0.1);
 * const params = { w: array([1, 2]) };
 * const [updates, state] = optimizer.update({ w: array([10, -10]) }, optimizer.init(params), params);
 * applyUpdates(params, updates).w.toArray(); // [0, 3]
 */
export function sgd(learningRate: LearningRate, options?: SgdOptions): Optimizer {
  checkOptions("sgd", options, ["momentum", "nesterov"]);
  const { momentum, nesterov } = options ?? {};
  const rate = scaled("sgd", learningRate);
  flag("sgd", "nesterov", nesterov);
  return momentum === undefined ? rate : inTurn("sgd", traced("sgd", momentum, nesterov), rate);
}

/** Options of {@link adam}. */
export interface AdamOptions {
  /** The part of the mean of the gradients that is kept in a step: 0.9. */
  readonly b1?: Scalar;
  /** The part of the mean of their squares that is kept in a step: 0.999. */
  readonly b2?: Scalar;
  /** The number that is added to the root of the mean square: 1e-8. */
  readonly eps?: Scalar;
  /** The number that is added inside of the root: 0. Derivatives through steps need it above 0 where gradients are 0. */
  readonly epsRoot?: Scalar;
  /** Whether the gradient is looked at one step ahead (Nadam). */
  readonly nesterov?: boolean;
}

const ofAdam = ["b1", "b2", "eps", "epsRoot", "nesterov"];

/** Means of gradients and of their squares, and the count of steps. */
interface Moments {
  readonly count: NDArray;
  readonly mu: unknown;
  readonly nu: unknown;
}

/**
 * Gradients over the root of the mean of their squares: {@link adam} without its learning rate.
 *
 * @param options b1, b2, eps, epsRoot, nesterov: {@link AdamOptions}
 * @returns a part of a {@link chain}, for trees of floating arrays of any shapes
 * @throws DTypeError where a number is none, ShapeError where it is an array that is no scalar, TreeError for an unknown or a wrong option
 * @example
 * const part = scaleByAdam();
 * part.update(array([5, -0.1]), part.init(array([0, 0])))[0].toArray(); // [1, -0.9999999]
 */
export function scaleByAdam(options?: AdamOptions): Optimizer {
  checkOptions("scaleByAdam", options, ofAdam);
  return byAdam("scaleByAdam", options);
}

function byAdam(op: string, { b1 = 0.9, b2 = 0.999, eps = 1e-8, epsRoot = 0, nesterov }: AdamOptions = {}): Optimizer {
  const [b, c, e, r] = [scalarOf(op, "b1", b1), scalarOf(op, "b2", b2), scalarOf(op, "eps", eps), scalarOf(op, "epsRoot", epsRoot)];
  const ahead = flag(op, "nesterov", nesterov);
  return make(
    op,
    (params): Moments => ({ count: first(), mu: like(params), nu: like(params) }),
    (tree, state: Moments) => {
      const mu = blended(b, state.mu, tree);
      const nu = blended(c, state.nu, tree, (x) => x.square());
      const count = state.count.add(1);
      const mean = ahead ? blended(b, unbiased(b, mu, count.add(1)), unbiased(b, tree, count)) : unbiased(b, mu, count);
      const out = treeMap((m, v) => m.div(v.add(r).sqrt().add(e)), mean, unbiased(c, nu, count));
      return [out, { count, mu, nu }];
    },
    moments,
  );
}

/**
 * Adam (Kingma and Ba, "Adam: a method for stochastic optimization", 2015); with nesterov Nadam.
 *
 * @param learningRate a number, an array of shape [], or a schedule
 * @param options b1, b2, eps, epsRoot, nesterov: {@link AdamOptions}
 * @returns an {@link Optimizer}, for trees of floating arrays of any shapes; Optax's numbers
 * @throws DTypeError where a number is none, ShapeError where it is an array that is no scalar, TreeError for an unknown or a wrong option
 * @example
 * const optimizer = adam(0.1);
 * const loss = (x: NDArray) => x.sub(3).square().sum();
 * let [x, state] = [array([0, 10]), optimizer.init(array([0, 10]))];
 * for (let i = 0; i < 500; i++) {
 *   const [updates, next] = optimizer.update(grad(loss)(x), state, x);
 *   [x, state] = [applyUpdates(x, updates), next];
 * }
 * x.sub(3).abs().less(1e-3).toArray(); // [true, true]
 */
export function adam(learningRate: LearningRate, options?: AdamOptions): Optimizer {
  checkOptions("adam", options, ofAdam);
  return inTurn("adam", byAdam("adam", options), scaled("adam", learningRate));
}

/** Options of {@link adamw}. */
export interface AdamWOptions extends AdamOptions {
  /** The part of the parameters that is taken away, before the learning rate: 1e-4. */
  readonly weightDecay?: Scalar;
}

/**
 * Adam with weight decay beside it (Loshchilov and Hutter, "Decoupled weight decay regularization", 2019).
 *
 * @param learningRate a number, an array of shape [], or a schedule
 * @param options weightDecay and the options of adam: {@link AdamWOptions}
 * @returns an {@link Optimizer}, for trees of floating arrays of any shapes; its update needs the parameters; Optax's numbers
 * @throws DTypeError where a number is none, ShapeError where it is an array that is no scalar, TreeError for an unknown or a wrong option
 * @example
 * const optimizer = adamw(0.1, { weightDecay: 0.5 });
 * const params = array([2]);
 * optimizer.update(array([0]), optimizer.init(params), params)[0].toArray(); // [-0.1]
 */
export function adamw(learningRate: LearningRate, options?: AdamWOptions): Optimizer {
  checkOptions("adamw", options, [...ofAdam, "weightDecay"]);
  return inTurn("adamw", byAdam("adamw", options), decayed("adamw", options?.weightDecay ?? 1e-4), scaled("adamw", learningRate));
}

/** Options of {@link rmsprop}. */
export interface RmspropOptions {
  /** The part of the mean of the squares that is kept in a step: 0.9. */
  readonly decay?: Scalar;
  /** The number that is added to the mean square: 1e-8. */
  readonly eps?: Scalar;
  /** The mean square at first: 0. */
  readonly initialScale?: Scalar;
  /** Whether eps is added inside of the root (true), or to the root. */
  readonly epsInSqrt?: boolean;
  /** Whether the mean of the gradients is taken off, so that their variance is left. */
  readonly centered?: boolean;
  /** Momentum of the steps; without it there is none. */
  readonly momentum?: Scalar;
  /** Whether the step is looked at one step ahead (Nesterov). */
  readonly nesterov?: boolean;
}

/**
 * Gradients over the root of the mean of their squares (Tieleman and Hinton, 2012).
 *
 * @param learningRate a number, an array of shape [], or a schedule
 * @param options decay, eps, initialScale, epsInSqrt, centered, momentum, nesterov: {@link RmspropOptions}
 * @returns an {@link Optimizer}, for trees of floating arrays of any shapes; Optax's numbers
 * @throws DTypeError where a number is none, ShapeError where it is an array that is no scalar, TreeError for an unknown or a wrong option
 * @example
 * const optimizer = rmsprop(0.1, { decay: 0.75 });
 * optimizer.update(array([3]), optimizer.init(array([0])))[0].toArray(); // [-0.2]
 */
export function rmsprop(learningRate: LearningRate, options?: RmspropOptions): Optimizer {
  const op = "rmsprop";
  checkOptions(op, options, ["decay", "eps", "initialScale", "epsInSqrt", "centered", "momentum", "nesterov"]);
  const { decay = 0.9, eps = 1e-8, initialScale = 0, epsInSqrt = true, centered, momentum, nesterov } = options ?? {};
  const [b, e, start] = [scalarOf(op, "decay", decay), scalarOf(op, "eps", eps), scalarOf(op, "initialScale", initialScale)];
  const [inside, variance] = [flag(op, "epsInSqrt", epsInSqrt), flag(op, "centered", centered)];
  flag(op, "nesterov", nesterov);
  const over = (x: NDArray, square: NDArray): NDArray => (inside ? x.mul(square.add(e).rsqrt()) : x.div(square.sqrt().add(e)));
  const byRms = make(
    op,
    (params) => ({ nu: like(params, start), mu: variance ? like(params) : null }),
    (tree, state: { readonly nu: unknown; readonly mu: unknown }) => {
      const nu = blended(b, state.nu, tree, (x) => x.square());
      const mu = variance ? blended(b, state.mu, tree) : null;
      const spread = variance ? treeMap((square, mean) => square.sub(mean.square()), nu, mu) : nu;
      return [treeMap(over, tree, spread), { nu, mu }];
    },
    moments,
  );
  const parts = [byRms, scaled(op, learningRate)];
  return inTurn(op, ...parts, ...(momentum === undefined ? [] : [traced(op, momentum, nesterov)]));
}

/** Options of {@link lion}. */
export interface LionOptions {
  /** The weight of the mean beside the gradient in a step: 0.9. */
  readonly b1?: Scalar;
  /** The part of the mean that is kept in a step: 0.99. */
  readonly b2?: Scalar;
  /** The part of the parameters that is taken away, before the learning rate: 1e-3. */
  readonly weightDecay?: Scalar;
}

/**
 * Steps of one length along the sign of a mean of the gradients (Chen and others, "Symbolic discovery of optimization algorithms", 2023).
 *
 * @param learningRate a number, an array of shape [], or a schedule
 * @param options b1, b2, weightDecay: {@link LionOptions}
 * @returns an {@link Optimizer}, for trees of floating arrays of any shapes; its update needs the parameters; Optax's numbers
 * @throws DTypeError where a number is none, ShapeError where it is an array that is no scalar, TreeError for an unknown option
 * @example
 * const optimizer = lion(0.1, { weightDecay: 0 });
 * optimizer.update(array([3, -4]), optimizer.init(array([0, 0])), array([0, 0]))[0].toArray(); // [-0.1, 0.1]
 */
export function lion(learningRate: LearningRate, options?: LionOptions): Optimizer {
  checkOptions("lion", options, ["b1", "b2", "weightDecay"]);
  const { b1 = 0.9, b2 = 0.99, weightDecay = 1e-3 } = options ?? {};
  const [b, c] = [scalarOf("lion", "b1", b1), scalarOf("lion", "b2", b2)];
  const bySign = make("lion", like, (tree, mu: unknown) => [treeMap((x) => x.sign(), blended(b, mu, tree)), blended(c, mu, tree)], whole);
  return inTurn("lion", bySign, decayed("lion", weightDecay), scaled("lion", learningRate));
}
