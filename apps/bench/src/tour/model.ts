import { concatenate, type NDArray, zeros } from "@ad/core";
import type { Iris } from "./data.js";
import { normals } from "./random.js";

/** A classifier of one hidden layer: 4 → 32 → 3. */
export interface Params {
  w1: NDArray;
  b1: NDArray;
  w2: NDArray;
  b2: NDArray;
}

export const layers = [4, 32, 3] as const;
export const names = ["w1", "b1", "w2", "b2"] as const satisfies readonly (keyof Params)[];

export function initialise(seed: number): Params {
  const normal = normals(seed);
  const [inputs, hidden, outputs] = layers;
  return {
    w1: normal([inputs, hidden]).div(Math.sqrt(inputs)),
    b1: zeros([hidden]),
    w2: normal([hidden, outputs]).div(Math.sqrt(hidden)),
    b2: zeros([outputs]),
  };
}

/** [..., 4] to [..., 3]: one flower or many. */
export const logits = ({ w1, b1, w2, b2 }: Params, x: NDArray): NDArray => x.matmul(w1).add(b1).tanh().matmul(w2).add(b2);

export const probabilities = (params: Params, x: NDArray): NDArray => logits(params, x).softmax();

/** Each flower's cross entropy. */
export const losses = (params: Params, { features, targets }: Pick<Iris, "features" | "targets">): NDArray =>
  logits(params, features).logSoftmax().mul(targets).sum(-1).neg();

export const loss = (params: Params, data: Pick<Iris, "features" | "targets">): NDArray => losses(params, data).mean();

export function accuracy(params: Params, { features, labels }: Pick<Iris, "features" | "labels">): number {
  return logits(params, features).argmax(-1).equal(labels).mean().item() as number;
}

/** A tree with one part per parameter: its arrays' last axes, which are the parameter's, as one axis of 259. */
export const pack = (tree: Params, leading: readonly number[] = []): NDArray =>
  concatenate(
    names.map((name) => tree[name].reshape([...leading, -1])),
    leading.length,
  );

/** [259] to the tree of the shapes of `like`. */
export function unpack(vector: NDArray, like: Params): Params {
  let start = 0;
  const take = ({ size, shape }: NDArray): NDArray => vector.slice([start, (start += size)]).reshape(shape);
  return { w1: take(like.w1), b1: take(like.b1), w2: take(like.w2), b2: take(like.b2) };
}
