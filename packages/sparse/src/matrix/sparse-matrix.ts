import { type ArrayLike, concatenate, DTypeError, type NDArray, ones, ShapeError, TreeError } from "@ad/core";
import { broadcastShapes, describe, showShape } from "@ad/core/internals/checks";
import { Aval, asArray, type Container, call, container, type Form, isFloat, sameShape } from "@ad/core/internals/trace";
import { type Pattern, samePattern } from "../pattern.js";
import { checkIndices, checkMatrixShape, checkPlaces, Entries, entriesOf, type Indices, orderOf } from "./entries.js";
import { picture } from "./print.js";

/** A matrix by rows: row i has the entries from pointers[i] up to pointers[i + 1], indices are their columns. By columns it is the other way round. */
export interface Compressed {
  /** The number of rows and of columns. */
  readonly shape: readonly [rows: number, columns: number];
  /** The place of the first entry of each line, and the number of all entries, int32 [lines + 1]. */
  readonly pointers: Int32Array;
  /** The column of each entry, or its row where the matrix is by columns, int32 [entries]. */
  readonly indices: Int32Array;
  /** The entries, [entries], of the matrix' dtype: float64 or float32. */
  readonly values: Float64Array | Float32Array;
}

/** The same as another program may give it. */
export interface CompressedLike {
  /** The number of rows and of columns. */
  readonly shape: readonly [rows: number, columns: number];
  /** The place of the first entry of each row, and the number of all entries, whole numbers [rows + 1]. */
  readonly pointers: Indices;
  /** The column of each entry, whole numbers [entries]. */
  readonly indices: Indices;
  /** The entries, [..., entries]. */
  readonly values: ArrayLike;
}

const forms = new WeakMap<Entries, Form>();

const floats = (x: NDArray): NDArray => (isFloat(x.dtype) ? x : x.astype("float64"));

/** Indices on the device of an array. */
const on = (x: NDArray, indices: Int32Array): NDArray => x.device.put(asArray(indices, "SparseMatrix"));

/** Two floating arrays of one dtype. */
function alike(x: NDArray, y: NDArray): [NDArray, NDArray] {
  if (x.dtype === y.dtype) return [x, y];
  const dtype = isFloat(y.dtype) && !y.aval.weak && y.dtype !== x.dtype ? "float64" : x.dtype;
  return [x.astype(dtype), y.astype(dtype)];
}

/**
 * A matrix of which a few entries are stored: entry i is `values[i]` at row `rows[i]` and column `columns[i]`, sorted by rows, then by columns.
 * All other places are zero. The pattern is fixed; `values` is an array as any other, so that every transformation sees it: a matrix
 * may be an argument or a result of `grad`, `jvp`, `vmap` and `jit`, where it counts as the container of its values.
 *
 * Values are of float64 or float32, and may have leading axes: [..., entries] is a batch of matrices of one pattern, as vmap gives it.
 *
 * @example
 * const a = SparseMatrix.fromCoordinates([2, 3], [0, 0, 1], [0, 2, 1], [1, 2, 3]);
 * a.toDense().toArray(); // [[1, 0, 2], [0, 3, 0]]
 * a.matmul([1, 1, 1]).toArray(); // [3, 3]
 */
export class SparseMatrix implements Container, Pattern {
  /** @internal */
  readonly #entries: Entries;

  /** The entries, [..., how many]; floating. */
  readonly values: NDArray;

  /** @internal A matrix of a pattern that is known; `values` is any value while transformations take trees apart. */
  constructor(entries: Entries, values: NDArray) {
    this.#entries = entries;
    this.values = values;
  }

  /** The number of rows and of columns. */
  get shape(): readonly [rows: number, columns: number] {
    return this.#entries.shape;
  }

  /** The row of each entry. */
  get rows(): Int32Array {
    return this.#entries.rows;
  }

  /** The column of each entry. */
  get columns(): Int32Array {
    return this.#entries.columns;
  }

  /** Returns how many entries are stored. */
  get count(): number {
    return this.#entries.count;
  }

  /** @internal */
  get entries(): Entries {
    return this.#entries;
  }

  /** @internal To transformations it is a container of its values. */
  get [container](): Form {
    const entries = this.#entries;
    let form = forms.get(entries);
    if (form === undefined) {
      form = {
        name: `SparseMatrix of shape ${showShape(entries.shape)} with ${entries.count} entries`,
        keys: ["values"],
        build: ({ values }) => new SparseMatrix(entries, values),
      };
      forms.set(entries, form);
    }
    return form;
  }

  /**
   * A matrix by its entries, sorted by rows, then by columns, each place once.
   *
   * @param shape [rows, columns]
   * @param rows the row of each entry: an Int32Array or a list of whole numbers; matrices that are made with the same array share their pattern
   * @param columns the column of each entry
   * @param values [..., entries], any array-like; int32 and bool become float64
   * @throws ShapeError where an index is outside of the shape, the entries are not sorted, a place is there twice, or there are not as many rows,
   * columns and values; TreeError where indices are no whole numbers, DTypeError where values are no {@link ArrayLike}
   * @example
   * SparseMatrix.fromCoordinates([2, 2], [0, 1], [1, 0], [5, 6]).toDense().toArray(); // [[0, 5], [6, 0]]
   */
  static fromCoordinates(shape: readonly [number, number], rows: Indices, columns: Indices, values: ArrayLike): SparseMatrix {
    const op = "SparseMatrix.fromCoordinates";
    const entries = entriesOf(op, shape, rows, columns);
    return new SparseMatrix(entries, valuesOf(op, values, entries.count));
  }

  /**
   * A matrix by entries in any order; those of one place are added.
   *
   * @param shape [rows, columns]
   * @param rows the row of each entry: an Int32Array or a list of whole numbers
   * @param columns the column of each entry
   * @param values [..., entries], any array-like; int32 and bool become float64
   * @throws as {@link SparseMatrix.fromCoordinates} does, but for the order
   * @example
   * SparseMatrix.fromTriplets([2, 2], [1, 0, 1], [0, 1, 0], [1, 2, 3]).toDense().toArray(); // [[0, 2], [4, 0]]
   */
  static fromTriplets(shape: readonly [number, number], rows: Indices, columns: Indices, values: ArrayLike): SparseMatrix {
    return SparseMatrix.#sorted("SparseMatrix.fromTriplets", shape, rows, columns, values);
  }

  /**
   * A matrix by rows, as {@link SparseMatrix.toCSR} and other programs give it. One by columns is the transposed matrix by rows:
   * `SparseMatrix.fromCSR({ ...given, shape: [columns, rows] }).T`.
   *
   * @param given shape: [rows, columns]; pointers: the place of each row's first entry, and the number of all entries; indices: the columns of
   * the entries, in any order within a row, those of one place are added; values: [..., entries], any array-like; int32 and bool become float64
   * @throws ShapeError where the pointers do not go from 0 to the number of entries, and as {@link SparseMatrix.fromTriplets} does
   * @example
   * SparseMatrix.fromCSR({ shape: [2, 2], pointers: [0, 1, 3], indices: [0, 0, 1], values: [1, 2, 3] }).toDense().toArray(); // [[1, 0], [2, 3]]
   */
  static fromCSR(given: CompressedLike): SparseMatrix {
    const op = "SparseMatrix.fromCSR";
    const { shape, pointers, indices, values } = given ?? {};
    const [m] = checkMatrixShape(op, shape);
    const starts = checkIndices(op, "pointers", pointers);
    const columns = checkIndices(op, "indices", indices);
    if (starts.length !== m + 1 || starts[0] !== 0 || starts[m] !== columns.length || starts.some((start, i) => start < starts[i - 1]))
      throw new ShapeError(
        `${op}: the pointers are no places of rows; give ${m + 1} of them, from 0 to ${columns.length}, none below the one before it.`,
      );
    const rows = new Int32Array(columns.length);
    for (let i = 0; i < m; i++) rows.fill(i, starts[i], starts[i + 1]);
    return SparseMatrix.#sorted(op, shape, rows, columns, values);
  }

  static #sorted(op: string, shape: readonly [number, number], rows: Indices, columns: Indices, values: ArrayLike): SparseMatrix {
    const places = checkPlaces(op, shape, rows, columns);
    const count = places.rows.length;
    const given = valuesOf(op, values, count);
    const order = orderOf(places);
    const target = new Int32Array(count);
    const firsts: number[] = [];
    order.forEach((e, i) => {
      const before = order[i - 1];
      if (i === 0 || places.rows[e] !== places.rows[before] || places.columns[e] !== places.columns[before]) firsts.push(e);
      target[e] = firsts.length - 1;
    });
    const entries = new Entries(
      places.shape,
      Int32Array.from(firsts, (e) => places.rows[e]),
      Int32Array.from(firsts, (e) => places.columns[e]),
    );
    if (firsts.length === count) return new SparseMatrix(entries, given.take(on(given, order), -1));
    const none = given.filled(0, new Aval([...given.shape.slice(0, -1), firsts.length], given.dtype));
    return new SparseMatrix(entries, none.scatterAdd(on(given, target), given, -1));
  }

  /**
   * The entries of a dense matrix that are not zero, or those of a pattern that is given.
   *
   * @param x [m, n]; int32 and bool become float64. Without a pattern its numbers are looked at, so they have to be known; with one it may be
   * traced, and [..., m, n]
   * @param pattern which entries are stored; what is outside of it is dropped
   * @throws ShapeError where x is no matrix, or the pattern has another shape; TransformError where numbers are needed that are not known;
   * DTypeError where x is no {@link ArrayLike}, TreeError where the pattern is none
   * @example
   * SparseMatrix.fromDense([[1, 0], [0, 2]]).count; // 2
   */
  static fromDense(x: ArrayLike, pattern?: Pattern): SparseMatrix {
    const op = "SparseMatrix.fromDense";
    const dense = floats(asArray(x, op));
    const [m, n] = dense.shape.slice(-2);
    if (dense.ndim < 2 || (pattern === undefined && dense.ndim > 2))
      throw new ShapeError(`${op}: an array of shape ${showShape(dense.shape)} is no matrix; give [m, n], or [..., m, n] with a pattern.`);
    const entries = pattern === undefined ? nonZeros(m, n, dense.data()) : patternOf(op, pattern);
    if (!sameShape(entries.shape, [m, n]))
      throw new ShapeError(
        `${op}: the pattern has shape ${showShape(entries.shape)}, the array ${showShape(dense.shape)}; both must agree.`,
      );
    const at = entries.rows.map((row, e) => row * n + entries.columns[e]);
    return new SparseMatrix(entries, dense.reshape([...dense.shape.slice(0, -2), m * n]).take(on(dense, at), -1));
  }

  /**
   * The identity matrix [n, n]; `scale` and `scaleRows` make any diagonal matrix of it.
   *
   * @param n the number of rows, and of columns
   * @param dtype of the entries; beside a matrix of float32 one of float64 makes float64 of the sum
   * @throws ShapeError where n is no whole number, DTypeError where the dtype is none
   * @example
   * SparseMatrix.eye(2).add(SparseMatrix.fromDense([[0, 1], [0, 0]])).toDense().toArray(); // [[1, 1], [0, 1]]
   */
  static eye(n: number, dtype: "float64" | "float32" = "float64"): SparseMatrix {
    checkMatrixShape("SparseMatrix.eye", [n, n]);
    if (!isFloat(dtype)) throw new DTypeError(`SparseMatrix.eye: dtype is ${describe(dtype)}; give "float64" or "float32".`);
    const indices = Int32Array.from({ length: n }, (_, i) => i);
    return new SparseMatrix(new Entries([n, n], indices, indices), ones([n], dtype));
  }

  /**
   * The product with vectors or columns.
   *
   * @param x [n] or [..., n, k]; dtypes are promoted
   * @returns [..., m] or [..., m, k]
   * @throws ShapeError where x has not as many rows as the matrix has columns, TreeError where x is a sparse matrix, DTypeError where x is no
   * {@link ArrayLike}
   * @example
   * const a = SparseMatrix.fromDense([[1, 2], [0, 3]]);
   * a.matmul([1, 10]).toArray(); // [21, 30]
   * a.matmul([[1, 0], [0, 1]]).toArray(); // [[1, 2], [0, 3]]
   */
  matmul(x: ArrayLike): NDArray {
    return this.#times("SparseMatrix.matmul", x, false);
  }

  /**
   * The product with vectors or rows from the left: x · A.
   *
   * @param x [m] or [..., k, m]; dtypes are promoted
   * @returns [..., n] or [..., k, n]
   * @throws ShapeError where x has not as many columns as the matrix has rows, TreeError where x is a sparse matrix, DTypeError where x is no
   * {@link ArrayLike}
   * @example
   * SparseMatrix.fromDense([[1, 2], [0, 3]]).rmatmul([1, 10]).toArray(); // [1, 32]
   */
  rmatmul(x: ArrayLike): NDArray {
    return this.#times("SparseMatrix.rmatmul", x, true);
  }

  #times(op: string, given: ArrayLike, isLeft: boolean): NDArray {
    if ((given as unknown) instanceof SparseMatrix)
      throw new TreeError(
        `${op}: the other operand is a sparse matrix; give an array, as its toDense() is, or take one product after the other.`,
      );
    const [values, x] = alike(this.values, asArray(given, op));
    const n = this.shape[isLeft ? 0 : 1];
    const isVector = x.ndim === 1;
    if (x.ndim === 0 || x.shape[x.ndim - (isVector || isLeft ? 1 : 2)] !== n)
      throw new ShapeError(
        `${op}: a matrix of shape ${showShape(this.shape)} meets an array of shape ${showShape(x.shape)}; give [${n}] or ${isLeft ? `[..., k, ${n}]` : `[..., ${n}, k]`}.`,
      );
    const columns = isVector ? x.expandDims(1) : isLeft ? x.swapaxes(-1, -2) : x;
    const { product, transposed } = this.#entries.products;
    const [out] = call(isLeft ? transposed : product, together(op, values, columns));
    return isVector ? out.squeeze(-1) : isLeft ? out.swapaxes(-1, -2) : out;
  }

  /**
   * The transposed matrix.
   *
   * @example
   * SparseMatrix.fromDense([[1, 2], [0, 3]]).T.toDense().toArray(); // [[1, 0], [2, 3]]
   */
  get T(): SparseMatrix {
    return new SparseMatrix(this.#entries.transposed, this.values.take(on(this.values, this.#entries.order), -1));
  }

  /**
   * The entries on the diagonal, [..., min(m, n)], with zeros where none is stored.
   *
   * @example
   * SparseMatrix.fromDense([[1, 2], [0, 0]]).diagonal().toArray(); // [1, 0]
   */
  diagonal(): NDArray {
    const { diagonal, count } = this.#entries;
    return taken(
      this.values,
      diagonal.map((e) => (e < 0 ? count : e)),
      count,
    );
  }

  /**
   * All places, as an array [..., m, n].
   *
   * @throws ShapeError where it is more than an array can hold
   * @example
   * SparseMatrix.eye(2).toDense().toArray(); // [[1, 0], [0, 1]]
   */
  toDense(): NDArray {
    const { rows, columns, shape, values } = this;
    const [m, n] = shape;
    const lead = values.shape.slice(0, -1);
    const at = rows.map((row, e) => row * n + columns[e]);
    const none = values.filled(0, new Aval([...lead, m * n], values.dtype));
    return none.scatterAdd(on(values, at), values, -1).reshape([...lead, m, n]);
  }

  /**
   * Every entry multiplied by one number.
   *
   * @param s a number or an array of shape [], or one number for each matrix of a batch
   * @throws ShapeError where s has other axes than the batch, DTypeError where s is no {@link ArrayLike}
   * @example
   * SparseMatrix.eye(2).scale(3).diagonal().toArray(); // [3, 3]
   */
  scale(s: ArrayLike): SparseMatrix {
    if (typeof s === "number") return this.#with(this.values.mul(s));
    const factor = asArray(s, "SparseMatrix.scale");
    const lead = this.values.shape.slice(0, -1);
    if (factor.ndim > 0 && !sameShape(factor.shape, lead))
      throw new ShapeError(
        `SparseMatrix.scale: the factor has shape ${showShape(factor.shape)}; give one number${lead.length > 0 ? `, or ${showShape(lead)} of them` : ""}, or use scaleRows or scaleColumns.`,
      );
    return this.#with(this.values.mul(factor.ndim > 0 ? factor.expandDims(-1) : factor));
  }

  /**
   * Row i multiplied by the number d[i]: diag(d) · A.
   *
   * @param d [..., m]
   * @throws ShapeError where there is not one number for each row, DTypeError where d is no {@link ArrayLike}
   * @example
   * SparseMatrix.fromDense([[1, 2], [0, 3]]).scaleRows([1, 10]).toDense().toArray(); // [[1, 2], [0, 30]]
   */
  scaleRows(d: ArrayLike): SparseMatrix {
    return this.#scaled("SparseMatrix.scaleRows", d, this.rows, this.shape[0]);
  }

  /**
   * Column j multiplied by the number d[j]: A · diag(d).
   *
   * @param d [..., n]
   * @throws ShapeError where there is not one number for each column, DTypeError where d is no {@link ArrayLike}
   * @example
   * SparseMatrix.fromDense([[1, 2], [0, 3]]).scaleColumns([1, 10]).toDense().toArray(); // [[1, 20], [0, 30]]
   */
  scaleColumns(d: ArrayLike): SparseMatrix {
    return this.#scaled("SparseMatrix.scaleColumns", d, this.columns, this.shape[1]);
  }

  #scaled(op: string, given: ArrayLike, at: Int32Array, n: number): SparseMatrix {
    const d = asArray(given, op);
    if (d.ndim === 0 || d.shape[d.ndim - 1] !== n)
      throw new ShapeError(`${op}: the factors have shape ${showShape(d.shape)}, but ${n} are wanted; give [..., ${n}].`);
    return this.#with(this.values.mul(d.take(on(d, at), -1)));
  }

  /**
   * The sum of two matrices of one shape: it stores the entries that one of them stores.
   *
   * @param other a sparse matrix of the same shape
   * @throws ShapeError where the shapes differ, TreeError where the other one is no sparse matrix
   * @example
   * SparseMatrix.fromDense([[1, 0], [0, 1]]).add(SparseMatrix.fromDense([[0, 2], [0, 2]])).toDense().toArray(); // [[1, 2], [0, 3]]
   */
  add(other: SparseMatrix): SparseMatrix {
    return this.#joined("SparseMatrix.add", other, (a, b) => a.add(b));
  }

  /**
   * The difference of two matrices of one shape.
   *
   * @param other a sparse matrix of the same shape, which is subtracted
   * @throws as {@link SparseMatrix.add} does
   * @example
   * SparseMatrix.eye(2).sub(SparseMatrix.eye(2).scale(3)).diagonal().toArray(); // [-2, -2]
   */
  sub(other: SparseMatrix): SparseMatrix {
    return this.#joined("SparseMatrix.sub", other, (a, b) => a.sub(b));
  }

  /**
   * Every entry with the other sign.
   *
   * @example
   * SparseMatrix.eye(2).neg().diagonal().toArray(); // [-1, -1]
   */
  neg(): SparseMatrix {
    return this.#with(this.values.neg());
  }

  #joined(op: string, other: SparseMatrix, f: (a: NDArray, b: NDArray) => NDArray): SparseMatrix {
    if (!((other as unknown) instanceof SparseMatrix))
      throw new TreeError(`${op}: the other operand is ${describe(other)}; give a SparseMatrix, as SparseMatrix.fromDense makes it.`);
    if (!sameShape(this.shape, other.shape))
      throw new ShapeError(`${op}: matrices of shapes ${showShape(this.shape)} and ${showShape(other.shape)} meet; both must agree.`);
    if (samePattern(this, other)) return this.#with(f(this.values, other.values));
    const { entries, first, second } = this.#entries.union(other.#entries);
    return new SparseMatrix(entries, f(taken(this.values, first, this.count), taken(other.values, second, other.count)));
  }

  #with(values: NDArray): SparseMatrix {
    return new SparseMatrix(this.#entries, values);
  }

  /**
   * The matrix by rows, in plain typed arrays of its own, for other programs. Its values are read.
   *
   * @throws ShapeError where it is a batch of matrices, TransformError where the values are traced
   * @example
   * Array.from(SparseMatrix.fromDense([[1, 0], [2, 3]]).toCSR().pointers); // [0, 1, 3]
   */
  toCSR(): Compressed {
    const { shape, columns, values } = this;
    if (values.ndim !== 1)
      throw new ShapeError(
        `SparseMatrix.toCSR: it is a batch of matrices, with values of shape ${showShape(values.shape)}; take one matrix after the other, as vmap does.`,
      );
    const data = values.data() as Float64Array | Float32Array;
    return { shape, pointers: this.#entries.starts.slice(), indices: columns.slice(), values: data };
  }

  /**
   * The matrix by columns, in plain typed arrays of its own, for other programs. Its values are read.
   *
   * @throws ShapeError where it is a batch of matrices, TransformError where the values are traced
   * @example
   * Array.from(SparseMatrix.fromDense([[1, 0], [2, 3]]).toCSC().indices); // [0, 1, 1]
   */
  toCSC(): Compressed {
    return { ...this.T.toCSR(), shape: this.shape };
  }

  /**
   * Its shape and a picture of its pattern, with a dot where there are entries.
   *
   * @example
   * SparseMatrix.eye(4).toString(); // "SparseMatrix 4 × 4, 4 entries, float64\n⠑⢄"
   */
  toString(): string {
    const { shape, values, count } = this;
    const lead = values.shape.slice(0, -1);
    return `SparseMatrix ${shape.join(" × ")}, ${count} entries, ${values.dtype}${lead.length > 0 ? `, a batch of ${showShape(lead)}` : ""}\n${picture(this)}`;
  }

  /** Returns what JSON saves: its shape, and lists of which {@link SparseMatrix.fromCoordinates} makes it again. */
  toJSON(): unknown {
    const { shape, rows, columns, values } = this;
    return { shape, rows: Array.from(rows), columns: Array.from(columns), values };
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

function valuesOf(op: string, given: ArrayLike, count: number): NDArray {
  const values = floats(asArray(given, op));
  if (values.ndim === 0 || values.shape[values.ndim - 1] !== count)
    throw new ShapeError(`${op}: the values have shape ${showShape(values.shape)} for ${count} entries; give [..., ${count}].`);
  return values;
}

/** Some of the entries, and 0 for the index `count`. */
function taken(values: NDArray, at: Int32Array, count: number): NDArray {
  const zero = values.filled(0, new Aval([...values.shape.slice(0, -1), 1], values.dtype));
  return (at.includes(count) ? concatenate([values, zero], -1) : values).take(on(values, at), -1);
}

/** Both operands of a product with one batch, or with none where one has none. */
function together(op: string, values: NDArray, x: NDArray): [NDArray, NDArray] {
  const [own, other] = [values.shape.slice(0, -1), x.shape.slice(0, -2)];
  if (own.length === 0 || other.length === 0 || sameShape(own, other)) return [values, x];
  const batch = broadcastShapes(op, own, other);
  return [values.broadcastTo([...batch, ...values.shape.slice(-1)]), x.broadcastTo([...batch, ...x.shape.slice(-2)])];
}

function nonZeros(m: number, n: number, data: { readonly [i: number]: number }): Entries {
  const [rows, columns]: [number[], number[]] = [[], []];
  for (let i = 0; i < m; i++)
    for (let j = 0; j < n; j++)
      if (data[i * n + j] !== 0) {
        rows.push(i);
        columns.push(j);
      }
  return new Entries([m, n], Int32Array.from(rows), Int32Array.from(columns));
}

function patternOf(op: string, pattern: unknown): Entries {
  if (pattern instanceof SparseMatrix) return pattern.entries;
  const { shape, rows, columns } = (pattern ?? {}) as Partial<Pattern>;
  if (rows === undefined || columns === undefined)
    throw new TreeError(`${op}: the pattern is ${describe(pattern)}; give { shape, rows, columns }.`);
  return entriesOf(op, shape, rows, columns);
}
