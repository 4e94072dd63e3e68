import { type Arrays, AxisError, type Leaf, type Listed, type NDArray, type Passed, ShapeError, TransformError, TreeError } from "@ad/core";
import { checkAxis, checkFunction, checkTransformOptions, describe, invoke, showShape } from "@ad/core/internals/checks";
import {
  Assembly,
  arenaOf,
  arraysOf,
  chained,
  type Flat,
  flatten,
  type Structure,
  sameStructure,
  sliceAxis,
  unflatten,
  unseen,
  withArrays,
} from "@ad/core/internals/trace";
import { type AxisTree, expand, mappedParts, withUnmapped } from "./axes.js";
import { Batched, BatchTrace } from "./batch.js";
import { repeated } from "./rules.js";

/** Options of {@link vmap}. */
export interface VmapOptions {
  /** The mapped axis of the arguments: one entry for all, or a list with one per argument, each a number, null (not mapped) or a tree of these. Default 0. */
  readonly inAxes?: AxisTree;
  /** The place of the batch axis in the results: one entry for all, or a tree of the results' form. Null only where a result does not depend on the batch. Default 0. */
  readonly outAxes?: AxisTree;
  /**
   * The number of lanes that are done at once: the batch is cut into parts of this size, f is called once for each of them, and their results are
   * put together. The same values, with less memory. By default all lanes are done at once.
   */
  readonly chunkSize?: number;
  /** A name for the batch, by which {@link psum} and its like find it from inside of f. Not together with chunkSize. */
  readonly axisName?: string;
}

function checkVmapOptions(options: VmapOptions | undefined): void {
  checkTransformOptions("vmap", options, ["inAxes", "outAxes", "chunkSize", "axisName"], ", with axes as options: vmap(f, { inAxes: 0 })");
  const { chunkSize, axisName }: { chunkSize?: unknown; axisName?: unknown } = options ?? {};
  if (chunkSize !== undefined && !(Number.isInteger(chunkSize) && (chunkSize as number) > 0))
    throw new TransformError(`vmap: chunkSize is ${describe(chunkSize)}; give a positive whole number.`);
  if (axisName !== undefined && typeof axisName !== "string")
    throw new TransformError(`vmap: axisName is ${describe(axisName)}; give a string.`);
  if (chunkSize !== undefined && axisName !== undefined)
    throw new TransformError("vmap: axisName and chunkSize exclude each other: lanes of different chunks do not meet.");
}

interface Argument {
  readonly arg: unknown;
  readonly entry: unknown;
  /** Its axis that is mapped. */
  readonly flat: Flat;
  readonly axes: readonly number[];
}

/** The arguments taken apart, and the length of the axis they are mapped over. */
function prepare(args: readonly unknown[], inAxes: AxisTree): { mapped: Argument[]; size: number } {
  if (Array.isArray(inAxes) && inAxes.length !== args.length)
    throw new TreeError(`vmap: inAxes has ${inAxes.length} entries for ${args.length} arguments; give one for each.`);
  let size = -1;
  let first = "";
  const mapped = args.map((arg, k) => {
    const entry = Array.isArray(inAxes) ? inAxes[k] : inAxes;
    const flat = flatten(mappedParts(entry, arg), "vmap", `argument ${k}`);
    const axes = expand(entry, flat.structure, "vmap", `inAxes[${k}]`);
    const checked = axes.map((axis, i) => {
      const where = `argument ${k} at ${flat.paths[i]}`;
      const x = flat.leaves[i];
      if (x.ndim === 0)
        throw new AxisError(`vmap: ${where} is a single ${x.dtype} value and has no axis to map over; say null for it in inAxes.`);
      // A value without an axis is no leaf here.
      const at = checkAxis(`vmap: ${where}`, axis as number, x.ndim);
      const n = x.shape[at];
      if (size >= 0 && n !== size)
        throw new ShapeError(
          `vmap: ${where}, of shape ${showShape(x.shape)}, has ${n} elements along axis ${at}, but ${first} has ${size}; mapped axes must agree.`,
        );
      if (size < 0) {
        size = n;
        first = where;
      }
      return at;
    });
    return { arg, entry, flat, axes: checked };
  });
  if (size < 0) throw new AxisError("vmap: no argument is mapped; let inAxes name an axis of one at least.");
  return { mapped, size };
}

/** Moves an axis, and leaves the array as it is where that changes nothing. */
const move = (x: NDArray, from: number, to: number): NDArray => (from === to ? x : x.moveaxis(from, to));

/** Puts the batch axis of a result where it is wanted. */
function place(x: NDArray, axis: number | null, trace: BatchTrace): NDArray {
  return axis === null ? x : move(trace.owns(x) ? x.value : repeated(x, trace.lanes), 0, axis);
}

/** The results of some lanes, with the axis that each has for them. */
interface Results {
  readonly leaves: readonly NDArray[];
  readonly axes: readonly (number | null)[];
  readonly structure: Structure;
}

/** Calls f once, for as many lanes as the trace has. */
function evaluate(f: (...args: never) => unknown, args: readonly unknown[], outAxes: AxisTree, trace: BatchTrace): Results {
  const { leaves, structure, paths } = trace.run(() => flatten(invoke(f, args), "vmap", "the function's result"));
  const axes = expand(outAxes, structure, "vmap", "outAxes").map((axis, i) => {
    if (axis !== null) return checkAxis(`vmap: outAxes of the result at ${paths[i]}`, axis, leaves[i].ndim + 1);
    if (!trace.owns(leaves[i])) return null;
    throw new TransformError(`vmap: the result at ${paths[i]} differs along the batch, but outAxes says null for it; give it an axis.`);
  });
  const placed = leaves.map((x, i) => place(x, axes[i], trace));
  for (const x of placed) trace.arena?.keep(x);
  trace.arena?.end();
  return { leaves: placed, axes, structure };
}

/** The results of all lanes, from those of one part after the other. */
function inChunks(size: number, chunkSize: number, run: (start: number, count: number) => Results): Results {
  const first = run(0, Math.min(chunkSize, size));
  if (chunkSize >= size) return first;
  const wholes = first.leaves.map((x, i) => {
    const axis = first.axes[i];
    return axis === null
      ? undefined
      : new Assembly(
          x.shape.map((n, at) => (at === axis ? size : n)),
          x.dtype,
          axis,
        );
  });
  const add = ({ leaves }: Results): void => leaves.forEach((x, i) => wholes[i]?.add(x));
  add(first);
  for (let start = chunkSize; start < size; start += chunkSize) {
    const next = run(start, Math.min(chunkSize, size - start));
    if (!sameStructure(next.structure, first.structure))
      throw new TreeError("vmap: the function's results differ in form from one chunk to the next; return the same each time.");
    add(next);
  }
  return { ...first, leaves: first.leaves.map((x, i) => wholes[i]?.result() ?? x) };
}

/**
 * Vectorises a function: f is written for one example, the result works on a batch of them. f is called once, every operation
 * is done once for the whole batch, and no operation falls back to a loop.
 *
 * @param f a function of arrays or trees of arrays, of any dtypes; what inAxes does not map may be any value, and is passed as it is
 * @param options inAxes, outAxes, chunkSize and axisName
 * @returns a function whose mapped arguments have one axis more, and whose results have the batch axis where outAxes says;
 * a result that does not depend on the batch is repeated along it
 * @throws AxisError where an axis is not there, ShapeError where mapped axes differ in length, TreeError where axes do not fit the
 * arguments, an argument or f's result is no tree of arrays, or an option is unknown; TransformError where an option has no meaning, or f
 * is no function or gives a Promise
 * @example
 * const rows = vmap((x) => x.sum());
 * rows(array([[1, 2], [3, 4]])).toArray(); // [3, 7]
 * vmap((x, y) => x.dot(y), { inAxes: [0, null] })(array([[1, 2], [3, 4]]), array([1, 10])).toArray(); // [21, 43]
 */
export function vmap<A extends readonly unknown[] = NDArray[], R = NDArray>(
  f: (...args: A) => Listed<R>,
  options?: VmapOptions,
): (...args: Passed<A, Exclude<Leaf, number | boolean>>) => Arrays<R>;
export function vmap(
  f: (...args: never) => unknown,
  options?: VmapOptions & { readonly [unseen]?: boolean },
): (...args: readonly unknown[]) => unknown {
  checkFunction("vmap", f);
  checkVmapOptions(options);
  const { inAxes = 0, outAxes = 0, chunkSize = Infinity, axisName } = options ?? {};
  return (...args) => {
    const { mapped, size } = prepare(withArrays(args, arraysOf(args, "vmap", false), false), inAxes);
    const all = chained(mapped.map(({ flat }) => flat.leaves));
    const device = all[0]?.device;
    const { leaves, structure } = inChunks(size, chunkSize, (start, count) => {
      const trace = new BatchTrace("vmap", count, axisName, device, options?.[unseen] ? arenaOf(all, false) : undefined);
      const enter = (x: NDArray, axis: number): NDArray =>
        new Batched(trace, move(count === size ? x : sliceAxis(x, axis, start, count), axis, 0));
      const traced = mapped.map(({ arg, entry, flat: { structure, leaves }, axes }) => {
        const lanes = leaves.map((x, i) => enter(x, axes[i]));
        return withUnmapped(entry, unflatten(structure, lanes), arg);
      });
      return evaluate(f, traced, outAxes, trace);
    });
    return unflatten(structure, leaves);
  };
}
