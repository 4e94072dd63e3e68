import type * as core from "@ad/core";
import { array, type NDArray } from "@ad/core";
import { of, real, whole } from "../inputs.js";
import { control } from "./control.js";
import { convolutions } from "./convolution.js";
import { custom } from "./custom.js";
import { elementwise } from "./elementwise.js";
import { arithmetic, differences, functionals, nans, polynomials, stacking, statistics } from "./everyday.js";
import { models } from "./models.js";
import { creation, indexing, movement } from "./movement.js";
import { type Call, type Calls, family, type MethodName, type OperationName } from "./operation.js";
import { order } from "./order.js";
import { products } from "./product.js";
import { reductions } from "./reduction.js";
import { special } from "./special.js";
import { trees } from "./tree.js";

export type { Call, MethodName, OperationName } from "./operation.js";

/** Calls of those that are made of others. */
export const composed = {
  ...arithmetic,
  ...differences,
  ...statistics,
  ...nans,
  ...stacking,
  ...polynomials,
  ...functionals,
  ...models,
};

/** Calls of every public operation: an export of core that has no row here and is not named as something else does not compile. */
export const operations: Calls<OperationName> = {
  ...elementwise,
  ...reductions,
  ...movement,
  ...indexing,
  ...creation,
  ...products,
  ...convolutions,
  ...order,
  ...control,
  ...custom,
  ...special,
  ...trees,
  ...composed,
};

/** An operation by its name, for those who go through all of them. */
export type AnyCall = Call<(typeof core)[OperationName]>;

const any = real(-2, 2);
const index = whole(-3, 2);

/** Calls of every method that is no function of the same name. */
export const methods: { readonly [M in MethodName]: readonly Omit<Call<(x: NDArray) => NDArray>, "constant">[] } = {
  T: family((_: unknown, x) => x.T, [of(any, 2, 4)], [of(any)], [of(any, 0, 2)]),
  to: family((_: unknown, x) => x.to("cpu").to(x.device), [of(any, 2, 3)]),
  set: [
    ...family((_: unknown, x, v) => x.set([1], v), [of(any, 3), of(any)], [of(any, 3, 2), of(any, 2)]),
    ...family((_: unknown, x, v) => x.set([[null, null, 2], 1], v), [of(any, 4, 2), of(any, 2)], [of(any, 4, 2), of(any)]),
    ...family(
      (_: unknown, x, i, v) => x.set([i], v),
      [of(any, 3), of(index, 4), of(any, 4)],
      [of(any, 3, 2), of(index, 2), of(any, 2, 2)],
      [of(any, 3), of(index, 0), of(any)],
    ),
    ...family((_: unknown, x, i, j, v) => x.set([i, j], v), [of(any, 3, 3), of(index, 4), of(index, 4), of(any, 4)]),
    ...family((_: unknown, x) => x.set([[0, 2]], 5), [of(any, 3)], [of(whole(0, 4), 3)]),
    ...family((_: unknown, x, v) => x.set([array([true, false, true]), 1], v), [of(any, 3, 2), of(any, 2)], [of(any, 3, 2), of(any)]),
  ],
  addAt: [
    ...family((_: unknown, x, v) => x.addAt([1], v), [of(any, 3), of(any)], [of(any, 3, 2), of(any, 2)]),
    ...family((_: unknown, x, v) => x.addAt([":", [null, null, -1]], v), [of(any, 2, 3), of(any, 3)]),
    ...family(
      (_: unknown, x, i, v) => x.addAt([i], v),
      [of(any, 3), of(index, 4), of(any, 4)],
      [of(any, 3, 2), of(index, 2), of(any, 2, 2)],
      [of(any, 3), of(index, 0), of(any)],
    ),
    ...family((_: unknown, x, v) => x.addAt([":", array([true, false, true])], v), [of(any, 2, 3), of(any, 2)], [of(any, 2, 3), of(any)]),
    ...family((_: unknown, x, i, j, v) => x.addAt([i, j], v), [of(any, 3, 3), of(index, 4), of(index, 4), of(any)]),
  ],
};
