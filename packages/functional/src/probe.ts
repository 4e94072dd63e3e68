import { arange, array, type NDArray, stack, TransformError, zeros } from "@ad/core";
import { peek } from "@ad/core/internals/trace";
import { vmap } from "@ad/vmap";
import type { FlatFunction } from "./flat.js";
import { pushing } from "./sweep.js";

/** Numbers between 1/2 and 3/2 without a pattern. */
const scattered = (x: NDArray): NDArray => {
  const noise = arange(1, x.size + 1)
    .mul(12.9898)
    .sin()
    .mul(43758.5453);
  return x.device.put(noise.mod(1).add(0.5).reshape(x.shape).astype(x.dtype));
};

/**
 * Looks for rows that mix, and throws where it finds two, or cannot see. Tangents that are zero outside of a set of rows are pushed forward: the results'
 * tangents are zero outside of it too, exactly, unless rows mix. The sets are those of the rows whose number has, or has not, a bit: of
 * any two rows one set has the first without the second.
 */
export function refuseMixing(g: FlatFunction, count: number): void {
  const { push } = pushing(g);
  const weights = g.leaves.map(scattered);
  const isReached = (image: NDArray): NDArray => image.notEqual(0).logicalAnd(image.isNaN().logicalNot());
  /** The rows of the results that a set of rows of the arguments reaches. A derivative that is no number says nothing. */
  const reached = (set: NDArray, test = isReached): NDArray =>
    push(weights.map((w) => w.mul(set.reshape([count, ...w.shape.slice(1).map(() => 1)]))))
      .map(test)
      .map((differs) => differs.any(differs.shape.map((_, axis) => axis).slice(1)))
      .reduce((any, each) => any.logicalOr(each), zeros([count], "bool"));
  const has = (k: number, r: number): boolean => (Math.floor(r / 2 ** (k >> 1)) & 1) === (k & 1);
  const rows = Array.from({ length: count }, (_, r) => r);
  const { device } = g.leaves[0];
  const setOf = (members: readonly number[]): NDArray =>
    array(
      rows.map((r) => members.includes(r)),
      { device },
    );
  const indicator = (k: number): NDArray =>
    array(
      rows.map((r) => has(k, r)),
      { device },
    );
  const sets = stack(Array.from({ length: 2 * Math.ceil(Math.log2(count)) }, (_, k) => indicator(k)));
  /** The numbers behind, of all lanes of transformations around. */
  const known = (x: NDArray): NDArray | undefined =>
    peek(x)
      ?.values.reshape([-1, ...x.shape])
      .any(0);

  const beyond = (test?: typeof isReached): NDArray => vmap((set: NDArray) => reached(set, test).logicalAnd(set.logicalNot()))(sets);
  const images = beyond();
  const outside = known(images);
  if (outside === undefined)
    throw new TransformError(
      `${g.op}: interactions is "verify", but the operations of the function are no proof that rows keep apart, and there are no numbers to look at while ${images.owner.kind} knows shapes alone. Use "diagonal", which is exact in any case, or "none" where rows are known to keep apart.`,
    );
  if (!outside.any().item()) {
    const odd = known(beyond((image) => image.isNaN()));
    if (!odd?.any().item()) return;
    throw new TransformError(
      `${g.op}: interactions is "verify", but derivatives of row ${odd.argmax().item() % count} of the result are NaN at this point, which hides whether rows mix. Use "diagonal", which is exact in any case, or "none" where rows are known to keep apart.`,
    );
  }
  const at = outside.argmax().item();
  const to = at % count;
  // Halve the set until one row is left that reaches the other.
  let members = rows.filter((r) => has(Math.floor(at / count), r));
  while (members.length > 1) {
    const half = members.slice(0, members.length >> 1);
    members =
      known(reached(setOf(half)))
        ?.slice(to)
        .item<boolean>() === true
        ? half
        : members.slice(half.length);
  }
  throw new TransformError(
    `${g.op}: rows mix: row ${to} of the result depends on row ${members[0]} of the argument. Use interactions "diagonal" for the exact ∂y_i/∂x_i, or "freeze" to hold what mixes them constant.`,
  );
}
