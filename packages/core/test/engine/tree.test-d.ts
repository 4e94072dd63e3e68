import { expectTypeOf } from "vitest";
import type { Container, container, Form } from "../../src/engine/tree.js";
import type { ArrayLike, Arrays, Input, Leaf, NDArray } from "../../src/index.js";

expectTypeOf<Arrays<NDArray>>().toEqualTypeOf<NDArray>();
expectTypeOf<Arrays<number | [NDArray]>>().toEqualTypeOf<NDArray | [NDArray]>();
expectTypeOf<Arrays<{ readonly w: NDArray; b: readonly number[] }>>().toEqualTypeOf<{ readonly w: NDArray; b: NDArray[] }>();
expectTypeOf<Input<{ w: NDArray; b: [NDArray] }>>().toEqualTypeOf<{ readonly w: Leaf; readonly b: readonly [Leaf] }>();
expectTypeOf<Input<NDArray | number[]>>().toEqualTypeOf<Leaf | readonly number[]>();

// The arguments of operations, of which a list is no part here.
expectTypeOf<Arrays<ArrayLike>>().toEqualTypeOf<NDArray>();
expectTypeOf<Arrays<ArrayLike | undefined>>().toEqualTypeOf<NDArray>();
expectTypeOf<Input<ArrayLike>>().toEqualTypeOf<Leaf>();
expectTypeOf<Arrays<[ArrayLike, { x: ArrayLike }]>>().toEqualTypeOf<[NDArray, { x: NDArray }]>();

// Types that say nothing.
expectTypeOf<Arrays<unknown>>().toEqualTypeOf<unknown>();
expectTypeOf<Input<unknown>>().toEqualTypeOf<unknown>();
expectTypeOf<Arrays<{ x: unknown }>>().toEqualTypeOf<{ x: unknown }>();
// biome-ignore lint/suspicious/noExplicitAny: users write it
expectTypeOf<Arrays<any>>().toBeAny();
// biome-ignore lint/suspicious/noExplicitAny: users write it
expectTypeOf<Input<any>>().toBeAny();

// An instance of a class that is a container stays one.
declare class Length implements Container {
  readonly value: NDArray;
  readonly [container]: Form;
  add(other: Length): Length;
}
expectTypeOf<Arrays<{ a: Length; b: number[] }>>().toEqualTypeOf<{ a: Length; b: NDArray[] }>();
expectTypeOf<Input<[Length, NDArray]>>().toEqualTypeOf<readonly [Length, Leaf]>();
