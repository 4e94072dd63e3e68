import type { DType, NDArray, Shape } from "@ad/core";
import { allocate, Concrete, compact } from "@ad/core/internals/backend";
import { Aval, call, type Operation, recordPullback, sizeOf } from "@ad/core/internals/trace";

export type Numbers = Float64Array | Float32Array;

/** The rules of such an operation, beside its kernel. */
export type Rules = Pick<Operation, "jvp" | "transposes" | "composed">;

/** A shape without its last axes: the batch. */
export const lead = (shape: Shape, rank: number): Shape => shape.slice(0, shape.length - rank);

/** The batch of all operands: some may have none, and the others have the same. */
const batchOf = (shapes: readonly Shape[], ranks: readonly number[]): Shape =>
  shapes.map((shape, i) => lead(shape, ranks[i])).find((batch) => batch.length > 0) ?? [];

/** A cotangent of an operand that meets every lane of the others is the sum over these, where it has no batch itself. */
export const fit = (ct: NDArray, like: NDArray): NDArray =>
  ct.ndim > like.ndim ? ct.sum(Array.from({ length: ct.ndim - like.ndim }, (_, axis) => axis)) : ct;

/**
 * An operation with one result and a kernel for one lane, whose operands may have any leading axes: lanes of vmap are one axis more.
 *
 * @param ranks how many of the last axes of each operand are no batch
 * @param shape the last axes of the result, from those of the operands
 * @param kernel writes to zeros of float64, or to the result where that is float64; the operands may not be written to
 * @param rules its derivatives
 */
export function laneOperation(
  name: string,
  ranks: readonly number[],
  shape: (shapes: readonly Shape[]) => Shape,
  kernel: (inputs: readonly Numbers[], out: Numbers, shapes: readonly Shape[]) => void,
  rules: Rules,
): Operation {
  const own = (shapes: readonly Shape[]): readonly Shape[] => shapes.map((each, i) => each.slice(each.length - ranks[i]));
  const avalOf = (inputs: readonly { readonly shape: Shape; readonly dtype: DType }[]): Aval => {
    const shapes = inputs.map((x) => x.shape);
    return new Aval([...batchOf(shapes, ranks), ...shape(own(shapes))], inputs[0].dtype);
  };
  const operation: Operation = {
    name,
    record: recordPullback,
    ...rules,
    shape: (inputs) => [avalOf(inputs)],
    forward(inputs) {
      const aval = avalOf(inputs);
      const storage = allocate(aval.dtype, aval.size) as Numbers;
      // Sums of many terms are taken in float64.
      const out = storage instanceof Float32Array ? new Float64Array(storage.length) : storage;
      const shapes = inputs.map((x) => x.shape);
      const lasts = own(shapes);
      const lanes = sizeOf(batchOf(shapes, ranks));
      const data = inputs.map((x) => compact(x as Concrete) as Numbers);
      const part = (all: Numbers, lane: number, size: number): Numbers =>
        all.length === size ? all : all.subarray(lane * size, (lane + 1) * size);
      for (let i = 0; i < lanes; i++)
        kernel(
          data.map((all, k) => part(all, i, sizeOf(lasts[k]))),
          part(out, i, out.length / lanes),
          lasts,
        );
      if (out !== storage) storage.set(out);
      return [new Concrete(aval, storage)];
    },
    vmap(inputs, mapped, size) {
      const inner = inputs.map((x, i) => lead(x.shape, ranks[i]).slice(mapped[i] ? 1 : 0));
      const batch = inner.find((axes) => axes.length > 0) ?? [];
      return call(
        operation,
        inputs.map((x, i) => {
          // An operand without lanes meets each lane of the others.
          if (!mapped[i] && inner[i].length === 0) return x;
          const rest = x.shape.slice(x.ndim - ranks[i]);
          const full = mapped[i] && inner[i].length < batch.length ? x.reshape([size, ...batch.map(() => 1), ...rest]) : x;
          return full.broadcastTo([size, ...batch, ...rest]);
        }),
      );
    },
  };
  return operation;
}
