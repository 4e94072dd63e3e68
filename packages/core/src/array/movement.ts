import { Aval, type Shape, sameShape, sizeOf } from "../engine/aval.js";
import { AxisError, checkOptions, describe, ShapeError, showList, showShape } from "../engine/errors.js";
import type { Operation, Parts } from "../engine/operation.js";
import { none } from "../engine/primitive.js";
import { bind, call } from "../engine/trace.js";
import { type ArrayBase, elements } from "./base.js";
import type { NDArray } from "./ndarray.js";
import { asNDArray, bare, broadcastShapes, checkAxes, checkAxis, checkShape, distinctAxes, eachAxis, stretch, whole } from "./operands.js";
import { type Axes, ReductionArray } from "./reduction.js";
import { below, ones } from "./views.js";

/** Widths of padding: one number for all sides, [before, after] or [[before, after]] for all axes, or a pair for each axis. */
export type Widths = number | readonly [number, number] | readonly (readonly [number, number])[];

/** Elements start + step·i along one axis. */
export function sliceAxis(x: ArrayBase, axis: number, start: number, size: number, step = 1): NDArray {
  const { shape } = x;
  return bind("slice", [x], {
    starts: shape.map((_, i) => (i === axis ? start : 0)),
    steps: step === 1 ? ones(shape.length) : shape.map((_, i) => (i === axis ? step : 1)),
    sizes: shape.map((n, i) => (i === axis ? size : n)),
  });
}

const reshapeTo = (x: ArrayBase, shape: Shape): NDArray => bind("reshape", [x], { shape });

/** The parts of these sizes along an axis. Their transpose joins them once, where one slice after the other would each fill a whole array. */
function parting(axis: number, sizes: readonly number[]): Operation {
  const joined = (cotangents: Parts, x: NDArray): NDArray => {
    const zero = (size: number): NDArray =>
      x.filled(
        0,
        new Aval(
          x.shape.map((n, i) => (i === axis ? size : n)),
          x.dtype,
        ),
      );
    return bind(
      "concatenate",
      sizes.map((size, i) => cotangents[i] ?? zero(size)),
      { axis },
    );
  };
  const own: Operation = {
    name: "unstack",
    forward([x]) {
      let end = 0;
      return sizes.map((size) => sliceAxis(x, axis, (end += size) - size, size));
    },
    jvp: ([x], [t]) => [call(own, [x]), t ? call(own, [t]) : []],
    transposes: { 0: (cotangents, [x]) => joined(cotangents, x) },
    vmap: ([x]) => call(parting(axis + 1, sizes), [x]),
    record(tape, inputs) {
      const { below } = inputs[0] as NDArray & { below: NDArray };
      return tape.append(inputs, call(own, [below]), (cotangents) => [joined(cotangents, below)]);
    },
  };
  return own;
}

export const parts = (x: ArrayBase, axis: number, sizes: readonly number[]): readonly NDArray[] =>
  sizes.length === 0 ? [] : call(parting(axis, sizes), [x as NDArray]);

/** The slices along an axis, without it. */
export const unstacked = (x: ArrayBase, axis: number): NDArray[] =>
  parts(x, axis, new Array<number>(x.shape[axis]).fill(1)).map((part) =>
    reshapeTo(
      part,
      x.shape.filter((_, i) => i !== axis),
    ),
  );

/** Arrays of rank 0 that a test's comparison has asked about: it would iterate next. */
const compared = new WeakSet<ArrayBase>();

function iterate(this: ArrayBase): IterableIterator<NDArray> {
  if (this.ndim === 0)
    throw new AxisError("iteration: an array of shape [] has no axis to iterate over; it is one value, which x.item() reads.");
  const rows = unstacked(this, 0);
  if (this.ndim === 1) for (const row of rows) elements.add(row);
  return rows.values();
}

/** The shape that a user wrote for the elements of x, where one -1 stands for the length that is left. */
function inferred(x: ArrayBase, given: readonly number[]): Shape {
  const shape = given.map(bare);
  const known = checkShape(
    "reshape",
    shape.map((n) => (n === -1 ? 1 : n)),
  );
  const rest = shape.indexOf(-1) === shape.lastIndexOf(-1) ? x.size / sizeOf(known) : Number.NaN;
  const full = known.map((n, i) => (shape[i] === -1 ? rest : n));
  if (sizeOf(full) !== x.size || !full.every(Number.isInteger))
    throw new ShapeError(
      `reshape: an array of shape ${showShape(x.shape)} has ${x.size} elements, which do not fill the shape ${showShape(shape)}; one -1 stands for the rest.`,
    );
  return full;
}

/** The band of a matrix on or below (above) the k-th diagonal; zeros elsewhere. */
function band(op: string, x: ArrayBase, k: number, side: "lessEqual" | "greaterEqual"): NDArray {
  if (x.ndim < 2) throw new ShapeError(`${op}: an array of shape ${showShape(x.shape)} is no matrix; two axes at least are needed.`);
  whole(op, "k", k);
  const [rows, columns] = x.shape.slice(-2);
  const diagonals = new Int32Array(rows * columns).map((_, at) => (at % columns) - Math.floor(at / columns));
  const kept = x.lift(diagonals, op).reshape(rows, columns)[side](k);
  return bind("select", [stretch(kept, x.shape), x, x.filled(0, x.aval)], none);
}

function rollAxis(x: NDArray, shift: number, axis: number): NDArray {
  const n = x.shape[axis];
  const by = n === 0 ? 0 : ((shift % n) + n) % n;
  if (by === 0) return x;
  return bind("concatenate", [sliceAxis(x, axis, n - by, by), sliceAxis(x, axis, 0, n - by)], { axis });
}

/** A view: the diagonal of an [n, m] matrix is every (m + 1)-th of its elements in row-major order. */
function diagonal(op: string, x: ArrayBase, given: number, axis1: number, axis2: number): NDArray {
  const { ndim } = x;
  if (ndim < 2) throw new ShapeError(`${op}: an array of shape ${showShape(x.shape)} is no matrix; two axes at least are needed.`);
  const offset = whole(op, "offset", given);
  const [rows, columns] = [checkAxis(op, axis1, ndim), checkAxis(op, axis2, ndim)];
  if (rows === columns) throw new AxisError(`${op}: axes ${axis1} and ${axis2} are the same; give two.`);
  const matrix = (x as NDArray).moveaxis([rows, columns], [ndim - 2, ndim - 1]);
  const [n, m] = matrix.shape.slice(-2);
  const length = Math.max(0, offset >= 0 ? Math.min(n, m - offset) : Math.min(n + offset, m));
  const flat = matrix.reshape([...matrix.shape.slice(0, -2), n * m]);
  return sliceAxis(flat, ndim - 2, offset >= 0 ? offset : -offset * m, length, m + 1);
}

/** Under the name of what asks for it. */
export function broadcastTo(op: string, x: ArrayBase, shape: unknown): NDArray {
  const to = checkShape(op, shape);
  if (x.ndim > to.length || !sameShape(broadcastShapes(op, x.shape, to), to))
    throw new ShapeError(
      `${op}: an array of shape ${showShape(x.shape)} cannot be stretched to ${showShape(to)}; only axes of length 1 stretch.`,
    );
  return stretch(x, to);
}

/** Operations that move elements about. A method does what the function of its name does. */
export abstract class MovementArray extends ReductionArray {
  /**
   * The slices along the first axis, for `[...x]`, `for (const row of x)` and `const [a, b] = x`; of a vector arrays of shape [].
   *
   * @throws AxisError where the shape is []
   * @example
   * const [a, b] = array([3, 4]);
   * a.mul(b).item(); // 12
   */
  get [Symbol.iterator](): () => IterableIterator<NDArray> {
    // never: the type says that every array can be iterated; only a comparison of scalars gets undefined.
    return this.ndim === 0 && compared.delete(this) ? (undefined as never) : iterate;
  }
  /** @internal vitest and Jest ask for it before they compare what has an iterator by iterating, and all else by its fields. */
  get asymmetricMatch(): undefined {
    this.normalise();
    if (this.ndim === 0) compared.add(this);
    return undefined;
  }
  reshape(...shape: readonly number[] | readonly [readonly number[]]): NDArray {
    const to = inferred(this, (Array.isArray(shape[0]) ? shape[0] : shape) as readonly number[]);
    return reshapeTo(this, to);
  }
  ravel(): NDArray {
    return reshapeTo(this, [this.size]);
  }
  transpose(...axes: readonly number[] | readonly [readonly number[] | null | undefined]): NDArray {
    const given = (Array.isArray(axes[0]) ? axes[0] : axes.filter((a) => a !== null && a !== undefined)) as readonly number[];
    const { ndim } = this;
    if (given.length === 0 && given !== axes[0]) return bind("transpose", [this], { perm: this.shape.map((_, i) => ndim - 1 - i) });
    const perm = distinctAxes("transpose", given, ndim);
    if (perm.length !== ndim)
      throw new AxisError(
        `transpose: axes ${showShape(given)} are no permutation of the ${ndim} axes of an array of shape ${showShape(this.shape)}; name each once.`,
      );
    return bind("transpose", [this], { perm });
  }
  /**
   * The array with its axes reversed; a view.
   *
   * @example
   * array([[1, 2], [3, 4]]).T.toArray(); // [[1, 3], [2, 4]]
   */
  get T(): NDArray {
    return this.transpose();
  }
  swapaxes(a: number, b: number): NDArray {
    const [i, j] = [checkAxis("swapaxes", a, this.ndim), checkAxis("swapaxes", b, this.ndim)];
    return bind("transpose", [this], { perm: this.shape.map((_, k) => (k === i ? j : k === j ? i : k)) });
  }
  moveaxis(source: number | readonly number[], destination: number | readonly number[]): NDArray {
    const [from, to] = [distinctAxes("moveaxis", source, this.ndim), distinctAxes("moveaxis", destination, this.ndim)];
    if (from.length !== to.length)
      throw new AxisError(`moveaxis: ${from.length} source axes against ${to.length} destinations; give as many of both.`);
    const rest = below(this.ndim).filter((i) => !from.includes(i));
    const perm = this.shape.map((_, i) => (to.includes(i) ? from[to.indexOf(i)] : (rest.shift() as number)));
    return bind("transpose", [this], { perm });
  }
  expandDims(axis: number | readonly number[]): NDArray {
    const added = Array.isArray(axis) ? axis : [axis];
    const ndim = this.ndim + added.length;
    const axes = checkAxes("expandDims", added, ndim);
    const rest = this.shape.slice();
    return reshapeTo(
      this,
      below(ndim).map((i) => (axes.includes(i) ? 1 : (rest.shift() as number))),
    );
  }
  squeeze(axis?: Axes): NDArray {
    const axes =
      axis === undefined || axis === null ? below(this.ndim).filter((i) => this.shape[i] === 1) : checkAxes("squeeze", axis, this.ndim);
    const long = axes.find((i) => this.shape[i] !== 1);
    if (long !== undefined)
      throw new ShapeError(
        `squeeze: axis ${long} of an array of shape ${showShape(this.shape)} has length ${this.shape[long]}, not 1; name axes of length 1.`,
      );
    return reshapeTo(
      this,
      this.shape.filter((_, i) => !axes.includes(i)),
    );
  }
  broadcastTo(shape: readonly number[]): NDArray {
    return broadcastTo("broadcastTo", this, shape);
  }
  split(sections: number | readonly number[], axis = 0): NDArray[] {
    const at = checkAxis("split", axis, this.ndim);
    const n = this.shape[at];
    const clamp = (i: number): number => Math.min(Math.max(whole("split", "a position", i) < 0 ? i + n : i, 0), n);
    const evenly = (count: number): number[] => {
      if (whole("split", "sections", count) <= 0 || n % count !== 0 || count > 2 ** 20)
        throw new ShapeError(`split: an axis of ${n} does not divide into ${count} equal sections; give a divisor or a list of positions.`);
      return Array.from({ length: count - 1 }, (_, i) => ((i + 1) * n) / count);
    };
    const starts = [0, ...(Array.isArray(sections) ? Array.from(sections, clamp) : evenly(sections as number))];
    return starts.map((start, i) => sliceAxis(this, at, start, Math.max(0, (starts[i + 1] ?? n) - start)));
  }
  tile(reps: number | readonly number[]): NDArray {
    const list = checkShape("tile", reps, "repetitions");
    const rank = Math.max(list.length, this.ndim);
    const counts = [...new Array<number>(rank - list.length).fill(1), ...list];
    const shape = [...new Array<number>(rank - this.ndim).fill(1), ...this.shape];
    const paired = reshapeTo(
      this,
      shape.flatMap((n) => [1, n]),
    );
    const stretched = stretch(
      paired,
      shape.flatMap((n, i) => [counts[i], n]),
    );
    return reshapeTo(
      stretched,
      shape.map((n, i) => n * counts[i]),
    );
  }
  repeat(repeats: number | readonly number[], axis?: number | null): NDArray {
    if (axis === undefined || axis === null) return this.ravel().repeat(repeats, 0);
    const at = checkAxis("repeat", axis, this.ndim);
    const n = this.shape[at];
    const counts = checkShape("repeat", repeats, "counts");
    const isOne = counts.length === 1;
    if (!isOne && counts.length !== n)
      throw new ShapeError(`repeat: ${counts.length} counts are given for an axis of ${n}; give one, or one for each.`);
    const [total] = checkShape("repeat", [isOne ? n * counts[0] : counts.reduce((sum, count) => sum + count, 0)]);
    if (isOne) {
      const [before, after] = [this.shape.slice(0, at), this.shape.slice(at + 1)];
      return reshapeTo(stretch(reshapeTo(this, [...before, n, 1, ...after]), [...before, n, counts[0], ...after]), [
        ...before,
        total,
        ...after,
      ]);
    }
    const indices = new Int32Array(total);
    let end = 0;
    counts.forEach((count, i) => indices.fill(i, end, (end += count)));
    return bind("take", [this, this.lift(indices, "repeat")], { axis: at });
  }
  flip(axis?: Axes): NDArray {
    const axes = checkAxes("flip", axis, this.ndim);
    const { shape } = this;
    return bind("slice", [this], {
      starts: shape.map((n, i) => (axes.includes(i) ? n - 1 : 0)),
      steps: shape.map((_, i) => (axes.includes(i) ? -1 : 1)),
      sizes: shape,
    });
  }
  roll(shift: number | readonly number[], axis?: Axes): NDArray {
    if (axis === undefined || axis === null) return rollAxis(this.ravel(), whole("roll", "shift", shift), 0).reshape(this.shape);
    const axes = eachAxis("roll", axis, this.ndim);
    const shifts = Array.isArray(shift) ? shift : axes.map(() => shift);
    if (shifts.length !== axes.length)
      throw new AxisError(`roll: ${shifts.length} shifts are given for axes [${axes.join(", ")}]; give one for each.`);
    return axes.reduce<NDArray>((x, at, i) => rollAxis(x, whole("roll", "shift", shifts[i]), at), asNDArray(this));
  }
  pad(widths: Widths, options: { readonly value?: number } = {}): NDArray {
    checkOptions("pad", options, ["value"]);
    const { value = 0 } = options;
    const { shape, ndim } = this;
    const all = bare(widths);
    const one = typeof all === "number" ? [all, all] : typeof bare(all?.[0]) === "number" ? all : all?.length === 1 && all[0];
    const given = (one ? shape.map(() => one) : all) as readonly (readonly [number, number])[];
    if (!Array.isArray(given) || given.length !== ndim || ![...given].every((pair) => pair?.length === 2))
      throw new ShapeError(
        `pad: the widths are ${showList(all)}; give one width, a pair [before, after], or a pair for each of the ${ndim} axes.`,
      );
    const pairs = given.map((pair) => checkShape("pad", pair, "widths"));
    if (typeof value !== "number" && this.lift(value, "pad").ndim !== 0)
      throw new ShapeError(`pad: the value is ${describe(value)}; give a single number.`);
    const params = {
      shape: checkShape(
        "pad",
        shape.map((n, i) => n + pairs[i][0] + pairs[i][1]),
      ),
      starts: pairs.map(([before]) => before),
      steps: shape.map(() => 1),
    };
    const placed = bind("place", [this], params);
    if (value === 0) return placed;
    const inside = bind("place", [this.filled(1, this.aval.with("bool"))], params);
    return inside.where(placed, value);
  }
  tril(k = 0): NDArray {
    return band("tril", this, k, "lessEqual");
  }
  triu(k = 0): NDArray {
    return band("triu", this, k, "greaterEqual");
  }
  diagonal(offset = 0, axis1 = 0, axis2 = 1): NDArray {
    return diagonal("diagonal", this, offset, axis1, axis2);
  }
  trace(offset = 0, axis1 = 0, axis2 = 1): NDArray {
    return diagonal("trace", this, offset, axis1, axis2).sum(-1);
  }
  /** The diagonal matrix of a vector, and the diagonal of a matrix. */
  diag(offset = 0): NDArray {
    if (this.ndim === 2) return diagonal("diag", this, offset, 0, 1);
    if (this.ndim !== 1)
      throw new ShapeError(`diag: an array of shape ${showShape(this.shape)} is neither a vector nor a matrix; use diagonal.`);
    const k = whole("diag", "k", offset);
    const n = this.size + Math.abs(k);
    const shape = checkShape("diag", [n, n]);
    const placed = bind("place", [this], { shape: [n * n], starts: [k >= 0 ? k : -k * n], steps: [n + 1] });
    return reshapeTo(placed, shape);
  }
}
