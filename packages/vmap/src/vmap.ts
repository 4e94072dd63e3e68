import { type Arrays, AxisError, type Inputs, type NDArray, ShapeError, TransformError, TreeError } from "@ad/core";
import { checkAxis, checkFunction, checkOptions, type Flat, flatten, showShape, unflatten, within } from "@ad/core/internals";
import { type AxisTree, expand } from "./axes.js";
import { Batched, BatchTrace } from "./batch.js";

export interface VmapOptions {
  /** The mapped axis of the arguments: one entry for all, or a list with one per argument, each a number, null (not mapped) or a tree of these. Default 0. */
  readonly inAxes?: AxisTree;
  /** Where the batch axis stands in the results: one entry for all, or a tree of the results' form. Null only where a result does not depend on the batch. Default 0. */
  readonly outAxes?: AxisTree;
}

interface Argument {
  readonly flat: Flat;
  readonly axes: readonly (number | null)[];
}

/** The arguments taken apart, and the length of the axis they are mapped over. */
function prepare(args: readonly unknown[], inAxes: AxisTree): { mapped: Argument[]; size: number } {
  if (Array.isArray(inAxes) && inAxes.length !== args.length)
    throw new TreeError(`vmap: inAxes has ${inAxes.length} entries for ${args.length} arguments; give one for each.`);
  let size = -1;
  let first = "";
  const mapped = args.map((arg, k) => {
    const entry = Array.isArray(inAxes) ? inAxes[k] : inAxes;
    const flat = entry === null ? { leaves: [], structure: null, paths: [] } : flatten(arg, "vmap", `argument ${k}`);
    const axes = entry === null ? [] : expand(entry, flat.structure, "vmap", `inAxes[${k}]`);
    const checked = axes.map((axis, i) => {
      if (axis === null) return null;
      const where = `argument ${k} at ${flat.paths[i]}`;
      const x = flat.leaves[i];
      if (x.ndim === 0)
        throw new AxisError(`vmap: ${where} is a single ${x.dtype} value and has no axis to map over; say null for it in inAxes.`);
      const at = checkAxis(`vmap: ${where}`, axis, x.ndim);
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
    return { flat, axes: checked };
  });
  if (size < 0) throw new AxisError("vmap: no argument is mapped; let inAxes name an axis of one at least.");
  return { mapped, size };
}

/** Moves an axis, and leaves the array as it is where that changes nothing. */
const move = (x: NDArray, from: number, to: number): NDArray => (from === to ? x : x.moveaxis(from, to));

/** Puts the batch axis of a result where it is wanted. */
function place(x: NDArray, axis: number | null, trace: BatchTrace, path: string): NDArray {
  const checked = (ndim: number): number => checkAxis(`vmap: outAxes of the result at ${path}`, axis, ndim);
  if (!trace.isMapped(x)) return axis === null ? x : x.broadcastTo([trace.lanes, ...x.shape]).moveaxis(0, checked(x.ndim + 1));
  if (axis === null)
    throw new TransformError(`vmap: the result at ${path} differs along the batch, but outAxes says null for it; give it an axis.`);
  return move(x.value, 0, checked(x.value.ndim));
}

/**
 * Vectorises a function: f is written for one example, the result works on a batch of them. f is called once, every operation
 * is done once for the whole batch, and no operation falls back to a loop.
 *
 * @param f a function of arrays or trees of arrays
 * @param options inAxes and outAxes
 * @returns a function whose mapped arguments have one axis more, and whose results have the batch axis where outAxes says;
 * a result that does not depend on the batch is repeated along it
 * @throws AxisError where an axis is not there, ShapeError where mapped axes differ in length, TreeError where axes do not fit the arguments
 * @example
 * const rows = vmap((x) => x.sum());
 * rows(array([[1, 2], [3, 4]])).toArray(); // [3, 7]
 * vmap((x, y) => x.dot(y), { inAxes: [0, null] })(array([[1, 2], [3, 4]]), array([1, 10])).toArray(); // [21, 43]
 */
export function vmap<A extends readonly unknown[] = NDArray[], R = NDArray>(
  f: (...args: A) => R,
  options?: VmapOptions,
): (...args: Inputs<A>) => Arrays<R>;
export function vmap(f: (...args: never) => unknown, options?: VmapOptions): (...args: readonly unknown[]) => unknown {
  checkFunction("vmap", f);
  checkOptions("vmap", options, ["inAxes", "outAxes"]);
  const { inAxes = 0, outAxes = 0 } = options ?? {};
  return (...args) => {
    const { mapped, size } = prepare(args, inAxes);
    const trace = new BatchTrace("vmap", size);
    const traced = args.map((arg, k) => {
      const { flat, axes } = mapped[k];
      if (axes.length === 0) return arg;
      return unflatten(
        flat.structure,
        flat.leaves.map((x, i) => (axes[i] === null ? x : new Batched(trace, move(x, axes[i], 0)))),
      );
    });
    const { leaves, structure, paths } = within(trace, () => flatten(f(...(traced as never)), "vmap", "the function's result"));
    const axes = expand(outAxes, structure, "vmap", "outAxes");
    return unflatten(
      structure,
      leaves.map((x, i) => place(x, axes[i], trace, paths[i])),
    );
  };
}
