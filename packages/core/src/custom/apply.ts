import type { NDArray } from "../array/ndarray.js";
import { newest, Tracer } from "../array/tracer.js";
import { isFloat } from "../aval.js";
import { DTypeError, describe, TransformError, TreeError } from "../errors.js";
import { observed } from "../observe.js";
import type { Arrays, Operation, Parts } from "../operation.js";
import { pulled } from "../reverse/pulled.js";
import { flattenLike } from "../reverse/record.js";
import { call, entering } from "../trace.js";
import { type Flat, flatten, unflatten } from "../tree.js";

export type AnyFunction = (...args: never) => unknown;

/** The user's function and rules, each of the shape of what the transformation returns. */
export interface UserRules {
  readonly forward: AnyFunction;
  readonly jvp?: AnyFunction | undefined;
  readonly vjp?: AnyFunction | undefined;
  readonly vmap?: AnyFunction | undefined;
}

const result = "the function's result";

const tree = (flat: Flat, leaves: Arrays): unknown => unflatten(flat.structure, leaves);

const zero = (x: NDArray): NDArray => x.filled(0, x.aval);

/** Tangents or cotangents as a tree: what is zero is made, for the user's rule to see. */
const filled = (flat: Flat, parts: Parts): unknown =>
  tree(
    flat,
    flat.leaves.map((x, i) => parts[i] ?? zero(x)),
  );

/** [a, b], as a rule has to return it. */
function twoOf(op: string, rule: string, value: unknown, wanted: string): readonly [unknown, unknown] {
  if (!Array.isArray(value) || value.length !== 2)
    throw new TreeError(`${op}: the ${rule} rule returned ${describe(value)}; return ${wanted}.`);
  return value as unknown as readonly [unknown, unknown];
}

/** Runs a function that may use no traced array of before but its inputs: its rules would miss what it closes over. */
function closed<T>(op: string, inputs: Parts, run: () => T): T {
  const start = newest();
  const check = (x: NDArray): void => {
    if (x instanceof Tracer && x.serial <= start && !inputs.includes(x))
      throw new TransformError(
        `${op}: the function or a rule of it uses an array that ${x.owner.kind} traces and that is no argument of it; its rules would miss that one. Pass it as an argument.`,
      );
  };
  return observed(
    (_, given, go) => {
      given.forEach(check);
      return go(given);
    },
    false,
    run,
  );
}

/** Calls a user's operation on trees: its rules become rules on leaves, and are checked where they return. */
export function apply(op: string, rules: UserRules, args: readonly unknown[]): unknown {
  const { forward, jvp, vjp, vmap } = rules;
  const flats = args.map((arg, i) => flatten(arg, op, `argument ${i}`));
  const all = flats.flatMap(({ leaves }) => leaves);
  let form: Flat["structure"] = null;

  /** One tree per argument. */
  const split = <T>(leaves: readonly T[], build: (flat: Flat, own: readonly T[]) => unknown): never => {
    let start = 0;
    return flats.map((flat) => build(flat, leaves.slice(start, (start += flat.leaves.length)))) as never;
  };
  const trees = (leaves: Arrays): never => split(leaves, tree);
  const outOf = (value: unknown): Flat => {
    const flat = flatten(value, op, result);
    // What is returned as it is counts as used.
    for (const x of flat.leaves) entering(op, x);
    form = flat.structure;
    return flat;
  };

  const operation: Operation = {
    name: op,
    ...((jvp || vjp) && { record: pulled }),
    forward: (inputs) => closed(op, inputs, () => outOf(forward(...trees(inputs))).leaves),
    jvp:
      jvp &&
      ((inputs, tangents) =>
        closed(op, [...inputs, ...tangents], () => {
          const zeros = inputs.map((x, i) => tangents[i] ?? zero(x));
          const [out, pushed] = twoOf(op, "jvp", jvp(...([trees(inputs), trees(zeros)] as never)), "[out, tangentOut]");
          const flat = outOf(out);
          return [flat.leaves, flattenLike(pushed, flat, op, "the tangent that the jvp rule returned")];
        })),
    vjp:
      vjp &&
      ((inputs) =>
        closed(op, inputs, () => {
          const [out, pull] = twoOf(op, "vjp", vjp(...trees(inputs)), "[out, pullback]");
          if (typeof pull !== "function")
            throw new TreeError(`${op}: the vjp rule returned ${describe(pull)} as its pullback; return [out, pullback].`);
          const flat = outOf(out);
          return [flat.leaves, (cotangents) => cotangentsOf(op, flats, inputs, pull(filled(flat, cotangents)))];
        })),
    // Its derivatives are those of the lanes, where there are rules for them.
    vmap:
      vmap &&
      ((inputs, mapped, size, lift) => {
        const batch = (given: Arrays): Arrays =>
          closed(op, given, () => {
            const lanes = given.map((x, i) => (mapped[i] ? x : x.broadcastTo([size, ...x.shape])));
            const { leaves, paths } = outOf(vmap(...trees(lanes)));
            leaves.forEach((x, i) => {
              if (x.shape[0] !== size)
                throw new TreeError(
                  `${op}: the vmap rule returned ${describe(x)} at ${paths[i]}; the first axis is the batch, of ${size}.`,
                );
            });
            return leaves;
          });
        return jvp || vjp ? call({ ...lift(), forward: batch }, inputs) : batch(inputs);
      }),
  };
  if (all.length === 0) return forward(...(args as never));
  const outs = call(operation, all);
  return unflatten(form, outs);
}

/** What a pullback returned, one entry per argument; null stands for zeros. */
function cotangentsOf(op: string, flats: readonly Flat[], inputs: Arrays, value: unknown): Parts {
  if (!Array.isArray(value) || value.length !== flats.length)
    throw new TreeError(
      `${op}: the pullback returned ${describe(value)}; return a list with one entry per argument, ${flats.length} in all.`,
    );
  let start = 0;
  return flats.flatMap((flat, i) => {
    const leaves = inputs.slice(start, (start += flat.leaves.length));
    const part = value[i];
    if (part === null || part === undefined || !leaves.some((x) => isFloat(x.dtype))) return leaves.map(() => undefined);
    if (leaves.some((x) => !isFloat(x.dtype)) && flat.structure === null) throw new DTypeError(`${op}: argument ${i} has no derivative.`);
    return flattenLike(part, { ...flat, leaves }, op, `the cotangent of argument ${i}`);
  });
}
