import type { NDArray } from "@ad/core";
import { type ArrayList, call, isFloat, recordPullback } from "@ad/core/internals/trace";
import type { BatchTrace, Collective } from "../batch.js";

export type CollectiveOf = (batch: BatchTrace) => Collective;

/**
 * Applies a collective. A value that is traced below the batch is the same in all lanes, also for the derivatives taken there. A value that is traced above
 * it each lane has for itself, whether or not its numbers differ.
 */
export function collect(kind: CollectiveOf, batch: BatchTrace, x: NDArray): NDArray {
  const operation = kind(batch);
  return (x.owner.level >= batch.level ? call(operation, [x]) : operation.forward([x]))[0];
}

/** A linear collective: its forward derivative is itself. */
const linear = (
  name: string,
  join: (lanes: NDArray) => NDArray,
  same: (x: NDArray, size: number) => NDArray,
  transpose: (cotangent: NDArray, batch: BatchTrace) => NDArray,
  place = (x: NDArray): NDArray => x,
): CollectiveOf => {
  const kind: CollectiveOf = (across) => ({
    name,
    across,
    join,
    record: recordPullback,
    forward: ([x]) => [same(x, across.lanes)],
    jvp: ([x], [t]) => [[collect(kind, across, x)], [t && collect(kind, across, t)]],
    transposes: { 0: ([ct]) => transpose(ct as NDArray, across) },
    vmap: ([x]) => [place(collect(kind, across, x))],
  });
  return kind;
};

/** Each lane's result counts what every lane gave, so its cotangent goes to every lane: the transpose is the same sum. */
export const total: CollectiveOf = linear(
  "psum",
  (lanes) => lanes.sum(0),
  (x, size) => (x.dtype === "bool" ? x.astype("int32") : x).mul(size),
  (ct, batch) => collect(total, batch, ct),
);

export const average: CollectiveOf = linear(
  "pmean",
  (lanes) => lanes.mean(0),
  (x) => (isFloat(x.dtype) ? x : x.astype("float64")),
  (ct, batch) => collect(average, batch, ct),
);

/** Back to a lane comes its own row of what all lanes have for it. */
export const gathered: CollectiveOf = linear(
  "allGather",
  (lanes) => lanes,
  (x, size) => x.broadcastTo([size, ...x.shape]),
  (ct, batch) => collect(total, batch, ct).take(batch.index as NDArray),
  (x) => x.moveaxis(1, 0),
);

/** The greatest or least; tied lanes share the derivative equally. Without lanes the zeros are never seen. */
const extreme = (name: string, reduce: (lanes: NDArray) => NDArray): CollectiveOf => {
  const kind: CollectiveOf = (across) => {
    const rule = (inputs: ArrayList): NDArray => collect(kind, across, inputs[0]);
    return {
      name,
      across,
      record: recordPullback,
      join: (lanes) => (across.lanes === 0 ? lanes.sum(0).astype(lanes.dtype) : reduce(lanes)),
      forward: (inputs) => inputs,
      jvp: ([x], [t]) => {
        const out = rule([x]);
        if (t === undefined) return [[out], [t]];
        const tied = x.equal(out);
        return [[out], [collect(total, across, tied.where(t, 0)).div(collect(total, across, tied.astype(x.dtype)))]];
      },
      vmap: (inputs) => [rule(inputs)],
    };
  };
  return kind;
};

export const greatest = extreme("pmax", (lanes) => lanes.max(0));
export const least = extreme("pmin", (lanes) => lanes.min(0));
