import type { NDArray } from "../array/ndarray.js";
import { AbstractTrace } from "../engine/abstract.js";
import { isFloat, sameShape } from "../engine/aval.js";
import { describe, ShapeError, showShape, TransformError, TreeError } from "../engine/errors.js";
import { observed } from "../engine/intercept.js";
import { type AnyFunction, invoke } from "../engine/invoke.js";
import type { ArrayList, Operation, Parts } from "../engine/operation.js";
import { isStaging } from "../engine/stager.js";
import { call, entering, inBatch } from "../engine/trace.js";
import { newest, Tracer } from "../engine/tracer.js";
import {
  arraysAlone,
  arraysOf,
  besideArrays,
  type Flat,
  flatten,
  sameStructure,
  showStructure,
  unflatten,
  withArrays,
} from "../engine/tree.js";
import { recordPullback } from "../reverse/pullback.js";
import { flattenLike } from "../reverse/record.js";
import { Closure } from "./captured.js";
import { lookingOut, Met, withClosure } from "./closure.js";

/** The user's function and rules, each of the shape of what the transformation returns. */
export interface UserRules {
  readonly forward: AnyFunction;
  readonly jvp?: AnyFunction | undefined;
  readonly vjp?: AnyFunction | undefined;
  readonly vmap?: AnyFunction | undefined;
}

const result = "the function's result";

const zero = (x: NDArray): NDArray => x.filled(0, x.aval);

/** Tangents or cotangents; zeros are made as arrays, because the user's rule reads them. */
const filled = (like: ArrayList, parts: Parts): ArrayList => like.map((x, i) => parts[i] ?? zero(x));

/** [a, b], as a rule has to return it. */
function twoOf(op: string, rule: string, value: unknown, wanted: string): readonly [unknown, unknown] {
  if (!Array.isArray(value) || value.length !== 2)
    throw new TreeError(`${op}: the ${rule} rule returned ${describe(value, false)}; return ${wanted}.`);
  return [value[0], value[1]];
}

/** Says of the inputs which are meant. */
type Chosen = (i: number) => boolean;

const none: Chosen = () => false;

const missed = (op: string, which: string): TransformError =>
  new TransformError(
    `${op}: the function or a rule of it uses an array that ${which} and that is no argument of it; its rules would miss that one. Pass it as an argument.`,
  );

/** An array and what stands below it, one level after the other. */
function* layers(x: NDArray | undefined): Generator<Tracer> {
  for (let at = x; at instanceof Tracer; at = at.below) yield at;
}

/**
 * Runs a function that may use no array of before that is differentiated, but its inputs: its rules would miss what it closes over. A lane of
 * a batch is a constant to them, unless the function stands for all lanes itself.
 */
function closed<T>(op: string, inputs: Parts, run: () => T, isBatch = false): T {
  const start = newest();
  const known = new Set(inputs.flatMap((x) => [...layers(x)]));
  const check = (x: NDArray): void => {
    for (const layer of layers(x)) {
      if (known.has(layer)) return;
      if (layer.serial <= start && (isBatch || layer.owner.lanes === undefined)) throw missed(op, `${layer.owner.kind} traces`);
    }
  };
  return lookingOut(() =>
    observed(
      (_, given, go) => {
        given.forEach(check);
        return go(given);
      },
      false,
      run,
    ),
  );
}

/** Functions and rules that are run on shapes now. A rule may call the function that it is a rule of, and is looked at once then. */
const lookedAt = new Set<AnyFunction>();

/** Calls a user's operation on trees: its rules become rules on leaves, and are checked where they return. */
export function apply(op: string, rules: UserRules, args: readonly unknown[]): unknown {
  const { forward, jvp, vjp, vmap } = rules;
  const all = arraysOf(args, op);
  let form: Flat["structure"] = null;

  const like = (arrays: ArrayList): readonly unknown[] => withArrays(args, arrays);
  const outOf = (value: unknown): Flat => {
    const flat = flatten(value, op, result);
    // An input that is returned unchanged counts as used.
    for (const x of flat.leaves) entering(op, x);
    form = flat.structure;
    return flat;
  };

  /** The arguments of a batch; what is the same in all lanes is repeated, and a number stays one. */
  const batched = (given: ArrayList, size: number, isMapped: Chosen = none): readonly unknown[] =>
    like(given.map((x, i) => (isMapped(i) || x.aval.weak ? x : x.broadcastTo([size, ...x.shape]))));

  // While a function is staged, what the rules close over is an input as well: they run later, elsewhere.
  const closure = isStaging() ? new Closure() : undefined;
  closure?.constant(() => {
    const look = (f: AnyFunction | undefined, run: (f: AnyFunction, x: ArrayList) => unknown): void => {
      if (f === undefined || lookedAt.has(f)) return;
      lookedAt.add(f);
      try {
        onShapes(op, all, (x) => run(f, x));
      } finally {
        lookedAt.delete(f);
      }
    };
    look(forward, (f, x) => outOf(invoke(f, like(x))));
    look(vjp, (f, x) => {
      const [out, pull] = twoOf(op, "vjp", invoke(f, like(x)), "");
      const { structure, leaves } = outOf(out);
      return invoke(pull as AnyFunction, [unflatten(structure, leaves)]);
    });
    look(jvp, (f, x) => invoke(f, [like(x), like(x)]));
    look(vmap, (f, x) => invoke(f, batched(x, 1)));
  });
  const captured = closure?.values ?? [];

  /** The arguments' arrays and what was captured, without what a dispatch adds. */
  const own = (inputs: ArrayList): ArrayList => inputs.slice(0, all.length + captured.length);

  /** Runs a function or a rule with the inputs in the place of what it closes over, of which none may be differentiated. */
  const bound = <T>(inputs: ArrayList, run: () => T, isActive: Chosen = none): T => {
    if (closure === undefined || captured.length === 0) return run();
    if (captured.some((_, i) => isActive(all.length + i))) throw missed(op, "is differentiated");
    return closure.replaced(inputs.slice(all.length), run);
  };

  /** Runs the part of a rule that uses its result. If it throws and the result differs from the function's, the error says so. */
  const checked = <T>(rule: string, out: Flat, inputs: ArrayList, run: () => T): T => {
    try {
      return run();
    } catch (error) {
      const wanted = onShapes(op, inputs, (own) => flatten(invoke(forward, like(own)), op, result));
      if (wanted) sameResult(op, rule, out, wanted);
      throw error;
    }
  };

  const operation: Operation = {
    name: op,
    ...((jvp || vjp) && { record: recordPullback }),
    closing: withClosure,
    forward: (inputs) => bound(inputs, () => closed(op, own(inputs), () => outOf(invoke(forward, like(inputs))).leaves)),
    jvp:
      jvp &&
      ((inputs, tangents) =>
        bound(
          inputs,
          () =>
            closed(op, [...own(inputs), ...tangents], () => {
              const pair = [like(inputs), withArrays(args, filled(inputs, tangents))];
              const [out, pushed] = twoOf(op, "jvp", invoke(jvp, pair), "[out, tangentOut]");
              const flat = outOf(out);
              return [
                flat.leaves,
                checked("jvp", flat, inputs, () => flattenLike(pushed, flat, op, "the tangent that the jvp rule returned")),
              ];
            }),
          (i) => tangents[i] !== undefined,
        )),
    vjp:
      vjp &&
      ((inputs, active) =>
        bound(
          inputs,
          () =>
            closed(op, own(inputs), () => {
              const [out, pull] = twoOf(op, "vjp", invoke(vjp, like(inputs)), "[out, pullback]");
              if (typeof pull !== "function")
                throw new TreeError(`${op}: the vjp rule returned ${describe(pull, false)} as its pullback; return [out, pullback].`);
              const flat = outOf(out);
              // Arrays that only the pullback closes over have to be found now, while their lanes are there.
              if (inBatch()) onShapes(op, flat.leaves, (cotangents) => pull(unflatten(flat.structure, cotangents)));
              const run = (cotangents: Parts): Parts =>
                cotangentsOf(op, args, inputs, pull(unflatten(flat.structure, filled(flat.leaves, cotangents))));
              return [flat.leaves, (cotangents) => bound(inputs, () => checked("vjp", flat, inputs, () => run(cotangents)))];
            }),
          (i) => active?.[i] === true,
        )),
    // Its derivatives are those of the lanes, where there are rules for them.
    vmap:
      vmap &&
      ((inputs, mapped, size, lift) => {
        const batch = (given: ArrayList): ArrayList =>
          bound(
            given,
            () =>
              closed(
                op,
                own(given),
                () => {
                  const { leaves, paths } = outOf(
                    invoke(
                      vmap,
                      batched(given, size, (i) => mapped[i]),
                    ),
                  );
                  leaves.forEach((x, i) => {
                    if (x.shape[0] !== size)
                      throw new TreeError(
                        `${op}: the vmap rule returned ${describe(x, false)} at ${paths[i]}; the first axis is the batch, of ${size}.`,
                      );
                  });
                  return leaves;
                },
                true,
              ),
            (i) => mapped[i],
          );
        return jvp || vjp ? call({ ...lift(), forward: batch }, inputs) : batch(inputs);
      }),
  };
  const outs = all.length === 0 ? outOf(invoke(forward, args)).leaves : call(operation, [...all, ...captured]);
  return unflatten(form, outs);
}

/** The results of a function on shapes alone, but for what is constant; undefined where it needs numbers. */
function onShapes<T>(op: string, like: ArrayList, run: (inputs: ArrayList) => T): T | undefined {
  const shapes = new AbstractTrace(op);
  try {
    return run(like.map((x) => (x.owner.level > 0 ? shapes.of(x) : x)));
  } catch (error) {
    if (error instanceof Met) throw error;
    return undefined;
  }
}

/** Throws where a rule's result is another than the function's. */
function sameResult(op: string, rule: string, own: Flat, wanted: Flat): void {
  const differ = (by: string, mine: string, other: string): string =>
    `${op}: the ${rule} rule returned ${by} ${mine} as its result, but the function returns ${other}; return the same result.`;
  if (!sameStructure(own.structure, wanted.structure))
    throw new TreeError(differ("the form", showStructure(own.structure), showStructure(wanted.structure)));
  own.leaves.forEach((x, i) => {
    const { shape } = wanted.leaves[i];
    if (!sameShape(x.shape, shape)) throw new ShapeError(differ("shape", `${showShape(x.shape)} at ${own.paths[i]}`, showShape(shape)));
  });
}

/** The cotangents that a pullback returned, one entry per argument; null stands for zeros, and an argument that is not an array has none. */
function cotangentsOf(op: string, args: readonly unknown[], inputs: ArrayList, value: unknown): Parts {
  if (!Array.isArray(value) || value.length !== args.length)
    throw new TreeError(
      `${op}: the pullback returned ${describe(value, false)}; return a list with one entry per argument, ${args.length} in all.`,
    );
  let start = 0;
  return args.flatMap((arg, i) => {
    const like = flatten(arraysAlone(arg, inputs.slice(start)), op);
    const { leaves, structure } = like;
    start += leaves.length;
    const part = value[i];
    if (part === null || part === undefined || !leaves.some((x) => isFloat(x.dtype))) return leaves.map(() => undefined);
    return flattenLike(besideArrays(part, structure), like, op, `the cotangent of argument ${i}`);
  });
}
