import type { NDArray } from "../array/ndarray.js";
import { cast, weakened } from "../array/operands.js";
import { isFloat, sameShape } from "../engine/aval.js";
import { type Arena, beneath, type Device } from "../engine/device.js";
import { AxisError, DTypeError, describe, ShapeError, showShape, TreeError } from "../engine/errors.js";
import { type AnyFunction, invoke } from "../engine/invoke.js";
import { moves, type Trace, within } from "../engine/trace.js";
import { chained, type Flat, flatten, mapArrays, sameStructure, showStructure, unflatten } from "../engine/tree.js";
import { wholePullback } from "./backward.js";
import type { Node } from "./node.js";
import { Tape } from "./tape.js";

/** A function after its one run on a tape. */
export interface Recording {
  /** The result's values and form. */
  readonly out: Flat;
  readonly aux: unknown;
  /** From one cotangent per result leaf (undefined is zero) to one per input leaf. */
  readonly pull: (cotangents: readonly (NDArray | undefined)[]) => NDArray[];
  /** The number of elements of all results on the tape. */
  readonly elements: number;
  /** The arena that was given, if it is of use. */
  readonly arena: Arena | undefined;
}

/** Primals, tangents and the like: a tuple with one entry per argument. */
export function checkTuple(op: string, what: string, value: unknown): readonly unknown[] {
  if (!Array.isArray(value))
    throw new TreeError(`${op}: ${what} are ${describe(value)}; give a tuple with one entry per argument, as in [x].`);
  return [...value];
}

/** Takes apart an argument to be differentiated: every leaf must be floating, and a number is a fraction. */
export function flattenFloating(value: unknown, op: string, what: string): Flat {
  const flat = flatten(value, op, what, true);
  flat.leaves.forEach((x, i) => {
    if (!isFloat(x.dtype))
      throw new DTypeError(
        `${op}: ${what} is ${x.dtype} at ${flat.paths[i]}; only floating arrays have derivatives. Use x.astype("float64"), or let the function close over it.`,
      );
    if (x.aval.weak) flat.leaves[i] = weakened(x, 1);
  });
  return flat;
}

/** Splits `[out, aux]`. */
export function splitAux(op: string, result: unknown, hasAux: boolean): [unknown, unknown] {
  if (!hasAux) return [result, undefined];
  if (!Array.isArray(result) || result.length !== 2)
    throw new TreeError(`${op}: with hasAux the function returns [out, aux], but ${describe(result, false)} came.`);
  return [result[0], result[1]];
}

type Inputs = readonly { position: number; flat: Flat }[];

/** An arena of the device that all inputs are on. There is none if they belong to a trace that may keep what it sees. */
export function arenaOf(inputs: readonly NDArray[], isLazy?: boolean): Arena | undefined {
  const all = chained(inputs.map(beneath));
  const owner: Partial<Device> | undefined = all[0]?.owner;
  return all.every((x) => x.owner === owner) ? owner?.newArena?.(isLazy, all[0] !== inputs[0]) : undefined;
}

type Leaf = (x: NDArray) => NDArray;

/** Calls f, and takes its result apart, and off aux. */
export function run(op: string, f: AnyFunction, args: readonly unknown[], hasAux: boolean): [out: Flat, aux: unknown] {
  const [value, aux] = splitAux(op, invoke(f, args), hasAux);
  return [flatten(value, op, "the function's result"), aux];
}

/**
 * The same inside a trace, with the leaves of its arguments as the trace has them. Where operations moved their point, the values come from
 * another run, outside, with the leaves as they are.
 */
export function runIn(
  trace: Trace,
  f: AnyFunction,
  hasAux: boolean,
  leaf: Leaf,
  args: (leaf: Leaf) => readonly unknown[],
): [own: Flat, out: Flat, aux: unknown] {
  const before = moves;
  const own = within(trace, () => run(trace.kind, f, args(leaf), hasAux));
  return [
    own[0],
    ...(before < moves
      ? run(
          trace.kind,
          f,
          args((x) => x),
          hasAux,
        )
      : own),
  ];
}

/** Calls f with some arguments put on a tape. If the pullback will be run just once, at once, the tape may have an arena for the storage of its values. */
export function record(op: string, f: AnyFunction, args: readonly unknown[], inputs: Inputs, hasAux: boolean, once = false): Recording {
  const leaves = chained(inputs.map(({ flat }) => flat.leaves));
  const tape = new Tape(op, once ? arenaOf(leaves) : undefined);
  const nodes: Node[] = [];
  const leaf = (x: NDArray): NDArray => nodes[nodes.push(tape.input(x)) - 1];
  const [own, out, aux] = runIn(tape, f, hasAux, leaf, (each) => {
    const given = args.slice();
    for (const { position, flat } of inputs) given[position] = unflatten(flat.structure, flat.leaves.map(each));
    return given;
  });
  const down = (x: NDArray): NDArray => tape.lower(x);
  const kept = tape.arena?.isUsed ? tape.arena : undefined;
  return {
    out: { ...out, leaves: out.leaves.map(down) },
    aux: mapArrays(aux, down),
    elements: tape.elements,
    arena: kept,
    pull: wholePullback(tape, nodes, own.leaves, kept),
  };
}

/** A cotangent or tangent, checked against the tree that it belongs to, with its dtypes. */
export function flattenLike(value: unknown, like: Flat, op: string, what: string): NDArray[] {
  const given = flatten(value, op, what);
  if (!sameStructure(given.structure, like.structure))
    throw new TreeError(`${op}: ${what} has the form ${showStructure(given.structure)}, but ${showStructure(like.structure)} is wanted.`);
  return given.leaves.map((x, i) => {
    const { shape, dtype, aval } = like.leaves[i];
    if (!sameShape(x.shape, shape))
      throw new ShapeError(`${op}: ${what} has shape ${showShape(x.shape)} at ${given.paths[i]}, but ${showShape(shape)} is wanted.`);
    return weakened(cast(like.leaves[i].lift(x, op, false), dtype), aval.weak && 1);
  });
}

/** The chosen arguments, from 0 on: a position or a list of positions; negative ones count from the end. */
export function checkArgnums(op: string, argnums: number | readonly number[], count: number): readonly number[] {
  const given = (Array.isArray(argnums) ? [...argnums] : [argnums]) as readonly number[];
  const list = given.map((n) => {
    if (!Number.isInteger(n) || n < -count || n >= count)
      throw new AxisError(
        `${op}: argnums names argument ${describe(n)}, but the function was called with ${count}; count from 0. Negative numbers count from the end.`,
      );
    return n < 0 ? n + count : n;
  });
  if (new Set(list).size !== list.length) throw new AxisError(`${op}: argnums [${given}] names an argument twice; name each once.`);
  return list;
}
