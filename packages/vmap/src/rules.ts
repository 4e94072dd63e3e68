import { arange, type NDArray } from "@ad/core";
import { bind, type NamesOf, none, overAxes, type Params, type PrimitiveName, rebind, stretch } from "@ad/core/internals/trace";

/** Operands of an operation inside of a batch: where `mapped`, the first axis is the batch axis of `size` elements. */
export interface Operands {
  readonly values: readonly NDArray[];
  readonly mapped: readonly boolean[];
  readonly size: number;
}

/** Products of fewer columns fill no vector of the kernel. */
const minColumns = 8;

/** One operation for the whole batch; the result's first axis is the batch axis. One operand at least is mapped. */
type Rule<P extends PrimitiveName> = (operands: Operands, params: Params<P>) => NDArray;

const next = (axis: number): number => axis + 1;

/** A value that is the same in all lanes, with a batch axis: it is stretched along it, which moves no data. */
export const repeated = (x: NDArray, size: number): NDArray => stretch(x, [size, ...x.shape]);

/** An operand with a batch axis. */
const spread = ({ values, mapped, size }: Operands, i: number): NDArray => (mapped[i] ? values[i] : repeated(values[i], size));

const all = (operands: Operands): NDArray[] => operands.values.map((_, i) => spread(operands, i));

const fold = (x: NDArray, shape: readonly number[]): NDArray => bind("reshape", [x], { shape });

/** Swaps the last two axes. */
const flipped = (x: NDArray): NDArray => x.swapaxes(-1, -2);

/** [batch, n, …] with the axis put first → [batch · n, …]: all lines of the batch as one long axis. */
function lines(x: NDArray, axis: number): NDArray {
  const moved = x.moveaxis(next(axis), 1);
  return fold(moved, [moved.shape[0] * moved.shape[1], ...moved.shape.slice(2)]);
}

/** Indices of each lane, shifted to where `lines` puts the lane's elements. */
function shifted(indices: NDArray, n: number): NDArray {
  const [size, ...rest] = indices.shape;
  const starts = indices.device.put(arange(0, size, 1, "int32").mul(n));
  return indices.add(fold(starts, [size, ...rest.map(() => 1)]));
}

/** Elementwise operations: the same operation on stretched operands. */
export const elementwise = (name: PrimitiveName, operands: Operands, params: unknown): NDArray => rebind(name, all(operands), params);

/** An operation along one axis, done along the next one. */
const along =
  (name: "argmax" | "argmin" | "argsort" | "cumsum" | "cumprod" | "linearScan" | "softmax" | "concatenate") =>
  (operands: Operands, params: { readonly axis: number }): NDArray =>
    bind(name, all(operands), { ...params, axis: next(params.axis) } as Params<"cumsum">);

/** A reduction over axes, done over the next ones. */
const over =
  (name: keyof typeof overAxes) =>
  ({ values }: Operands, { axes }: Params<"sum">): NDArray =>
    bind(name, values, { axes: axes.map(next) });

const reductions = Object.fromEntries(Object.keys(overAxes).map((name) => [name, over(name as "sum")])) as {
  readonly [P in keyof typeof overAxes]: ReturnType<typeof over>;
};

/** The batching rules of everything that is not elementwise. None of them loops. */
export const rules: { readonly [P in Exclude<PrimitiveName, NamesOf<"elementwise">>]: Rule<P> } = {
  transpose: ({ values }, { perm }) => bind("transpose", values, { perm: [0, ...perm.map(next)] }),
  broadcast: ({ values, size }, { shape, dims }) => bind("broadcast", values, { shape: [size, ...shape], dims: [0, ...dims.map(next)] }),
  reshape: ({ values, size }, { shape }) => fold(values[0], [size, ...shape]),
  slice: ({ values, size }, { starts, steps, sizes }) =>
    bind("slice", values, { starts: [0, ...starts], steps: [1, ...steps], sizes: [size, ...sizes] }),
  place: ({ values, size }, { starts, steps, shape }) =>
    bind("place", values, { starts: [0, ...starts], steps: [1, ...steps], shape: [size, ...shape] }),
  unfold: ({ values }, windowing) => bind("unfold", values, { ...windowing, axes: windowing.axes.map(next) }),
  fold: ({ values, size }, { axes, shape, ...windowing }) =>
    bind("fold", values, { ...windowing, axes: axes.map(next), shape: [size, ...shape] }),
  concatenate: along("concatenate"),
  select: (operands) => bind("select", all(operands), none),
  cast: ({ values }, params) => bind("cast", values, params),
  take(operands, { axis }) {
    const [x, indices] = operands.values;
    const [xMapped, indicesMapped] = operands.mapped;
    if (!indicesMapped) return bind("take", [x, indices], { axis: next(axis) });
    if (!xMapped) return bind("take", [x, indices], { axis }).moveaxis(axis, 0);
    const taken = bind("take", [lines(x, axis), shifted(indices, x.shape[next(axis)])], { axis: 0 });
    // [batch, …indices, …rest]: the indices' axes go where the axis was.
    const count = indices.ndim - 1;
    const from = Array.from({ length: count }, (_, i) => next(i));
    return taken.moveaxis(
      from,
      from.map((i) => i + axis),
    );
  },
  scatterAdd(operands, { axis }) {
    const [x, , updates] = [spread(operands, 0), undefined, spread(operands, 2)];
    const indices = operands.values[1];
    if (!operands.mapped[1]) return bind("scatterAdd", [x, indices, updates], { axis: next(axis) });
    const moved = x.moveaxis(next(axis), 1);
    const from = Array.from({ length: indices.ndim - 1 }, (_, i) => next(i));
    const given = updates.moveaxis(
      from.map((i) => i + axis),
      from,
    );
    const out = bind("scatterAdd", [lines(x, axis), shifted(indices, x.shape[next(axis)]), given], { axis: 0 });
    return fold(out, moved.shape).moveaxis(1, next(axis));
  },
  argsort: along("argsort"),
  lastWriter({ values: [indices], size: lanes }, { size }) {
    const per = indices.shape[1];
    const writer = fold(bind("lastWriter", [fold(shifted(indices, size), [lanes * per])], { size: lanes * size }), [lanes, size]);
    // Positions count within the lane again; -1 stays.
    return writer.greaterEqual(0).where(writer.mod(Math.max(per, 1)), writer);
  },

  ...reductions,
  argmax: along("argmax"),
  argmin: along("argmin"),
  softmax: along("softmax"),
  cumsum: along("cumsum"),
  cumprod: along("cumprod"),
  linearScan: along("linearScan"),

  /**
   * If one operand only is mapped and the other is one matrix, the whole batch is one matrix product. On the right that costs a transposed copy
   * of the operand and of the result, which pays where the kernel has too few columns for its vectors.
   */
  matmul(operands) {
    const [x, y] = operands.values;
    const [xMapped, yMapped] = operands.mapped;
    if (xMapped !== yMapped && x.ndim + y.ndim === 5 && (xMapped || y.shape[2] < minColumns)) {
      // x·yᵢ = (yᵢᵀ·xᵀ)ᵀ
      const [rows, matrix] = xMapped ? [x, y] : [flipped(y), flipped(x)];
      const [size, m, k] = rows.shape;
      const out = fold(bind("matmul", [fold(rows, [size * m, k]), matrix], none), [size, m, matrix.shape[1]]);
      return xMapped ? out : flipped(out);
    }
    return bind("matmul", all(operands), none);
  },
};
