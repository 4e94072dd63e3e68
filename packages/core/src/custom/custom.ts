import type { NDArray } from "../array/ndarray.js";
import { calledLater, checkNoMore, checkOptions, describe, TransformError } from "../engine/errors.js";
import { type AnyFunction, checkFunction } from "../engine/invoke.js";
import type { Arrays, Input, Listed, Passed } from "../engine/tree.js";
import { apply, type UserRules } from "./apply.js";

/** One entry per argument; null stands for zeros. */
export type Cotangents<A extends readonly unknown[]> = { readonly [K in keyof A]: Input<A[K]> | null };

/**
 * From the arguments to the result and its pullback.
 *
 * @param args those of the function
 */
export type VjpRule<A extends readonly unknown[], R> = (
  ...args: A
) => readonly [out: Listed<R>, pullback: (cotangent: Arrays<R>) => Cotangents<A>];

/**
 * From the arguments and their tangents to the result and its tangent.
 *
 * @param primals the arguments, a tuple
 * @param tangents one for each argument, a tuple
 */
export type JvpRule<A extends readonly unknown[], R> = (primals: A, tangents: A) => readonly [out: Listed<R>, tangentOut: Listed<Input<R>>];

/**
 * f with a reverse rule of its own. Everything else is derived from it: forward mode by transposing the pullback, vmap by mapping the
 * rule, second derivatives by differentiating the rule.
 *
 * @param f a function of any values: arrays and arrays in trees, of any shapes and dtypes, are differentiated, a number is a weak scalar, all
 * else is passed as it is; all arrays that it uses and a transformation differentiates are its arguments
 * @param rule from the arguments to [out, pullback], as vjp gives them; the pullback is linear and returns one entry per argument, null for
 * zeros and for what is no array
 * @throws TreeError, ShapeError or TransformError where a rule returns something of another form, uses by closure an array that is
 * differentiated, or is no function; TreeError where a result is no tree of arrays, or where something follows the rule
 * @example
 * // Gradients that are clipped on their way back.
 * const clipped = customVjp((x) => x, (x) => [x, (ct) => [ct.clip(-1, 1)]]);
 * grad((x) => clipped(x).mul(10).sum())(array([1, 2])).toArray(); // [1, 1]
 */
export function customVjp<A extends readonly unknown[] = NDArray[], R = NDArray>(
  f: (...args: A) => Listed<R>,
  rule: VjpRule<NoInfer<A>, NoInfer<R>>,
): (...args: Passed<A>) => Arrays<R>;
export function customVjp(f: AnyFunction, rule: AnyFunction, ...more: readonly unknown[]): (...args: readonly unknown[]) => unknown {
  checkRule("customVjp", rule, more);
  return custom("customVjp", { forward: f, vjp: rule });
}

/**
 * f with a forward rule of its own. Everything else is derived from it: reverse mode by transposing the rule, vmap by mapping it, second
 * derivatives by differentiating it.
 *
 * @param f a function as {@link customVjp} takes it, of arrays of any shapes and dtypes and of other values
 * @param rule from (primals, tangents), a tuple each, to [out, tangentOut], linear in the tangents; a number has the tangent 0, and what is
 * neither an array nor a number stands in both tuples
 * @throws as {@link customVjp} does
 * @example
 * const f = customJvp((x) => x.exp().log1p(), ([x], [t]) => [x.softplus(), t.mul(x.sigmoid())]);
 * grad((x) => f(x).sum())(array([0, 1000])).toArray(); // [0.5, 1]
 */
export function customJvp<A extends readonly unknown[] = NDArray[], R = NDArray>(
  f: (...args: A) => Listed<R>,
  rule: JvpRule<NoInfer<A>, NoInfer<R>>,
): (...args: Passed<A>) => Arrays<R>;
export function customJvp(f: AnyFunction, rule: AnyFunction, ...more: readonly unknown[]): (...args: readonly unknown[]) => unknown {
  checkRule("customJvp", rule, more);
  return custom("customJvp", { forward: f, jvp: rule });
}

/** A function and the rules that are known of it. */
export interface CustomOp<A extends readonly unknown[], R> {
  /** The function itself. Where it is made of this library's operations, no rule is needed; a rule replaces their derivatives. */
  readonly forward: (...args: A) => Listed<R>;
  /** (primals, tangents) => [out, tangentOut], linear in the tangents. */
  readonly jvp?: JvpRule<NoInfer<A>, NoInfer<R>>;
  /** (...args) => [out, pullback]. */
  readonly vjp?: VjpRule<NoInfer<A>, NoInfer<R>>;
  /** The function for a batch: every array of the arguments and of the result has a leading batch axis. */
  readonly vmap?: (...args: NoInfer<A>) => NoInfer<R>;
}

/**
 * An operation with any of its rules. Rules that are missing are derived: reverse mode from the jvp rule by transposition, forward mode from the
 * vjp rule, vmap by mapping the rules that are there, and all of them from `forward` itself where it is made of operations.
 *
 * @param rules forward, a function as {@link customVjp} takes it, of arrays of any shapes and dtypes and of other values, and any of jvp, vjp
 * and vmap
 * @throws as {@link customVjp} does, TransformError where forward is missing, TreeError for an unknown rule
 * @example
 * const cube = customOp({ forward: (x) => x.pow(3), jvp: ([x], [t]) => [x.pow(3), t.mul(x.square()).mul(3)] });
 * grad((x) => cube(x).sum())(array([1, 2])).toArray(); // [3, 12]
 */
export function customOp<A extends readonly unknown[] = NDArray[], R = NDArray>(rules: CustomOp<A, R>): (...args: Passed<A>) => Arrays<R>;
export function customOp(rules: UserRules, ...more: readonly unknown[]): (...args: readonly unknown[]) => unknown {
  checkOptions("customOp", rules, ["forward", "jvp", "vjp", "vmap"]);
  checkNoMore("customOp", "rules", more);
  return custom("customOp", rules ?? {});
}

/** Checks that the rule is a function. It is the last argument. */
function checkRule(op: string, rule: unknown, more: readonly unknown[]): void {
  if (typeof rule !== "function")
    throw new TransformError(
      `${op}: ${describe(rule)} is no function; give the rule, a function of arrays. ${calledLater(op, "f, rule")}.`,
    );
  checkNoMore(op, "f, rule", more);
}

function custom(op: string, rules: UserRules): (...args: readonly unknown[]) => unknown {
  if (!rules.forward) throw new TransformError(`${op}: forward is missing; give a function of arrays.`);
  for (const rule of Object.values(rules)) if (rule !== undefined) checkFunction(op, rule);
  return (...args) => apply(op, rules, args);
}
