import { joinedAxes } from "@ad/core/internals/backend";

/** Strides of one loop nest's axes, for one operand. */
export type Strides = readonly number[];

/** Axes of one element vanish, and axes that all operands go along evenly become one. */
export function joined(shape: readonly number[], all: readonly Strides[]): { sizes: readonly number[]; strides: number[][] } {
  const axes = joinedAxes(
    shape,
    all.map((stride) => ({ stride, offset: 0 })),
  );
  // Where there is no element, it is one axis that has none; with a stride of 0 one would be read before the loop.
  if (axes === undefined) return { sizes: [0], strides: all.map(() => [1]) };
  const { sizes, strides } = axes;
  return { sizes, strides: all.map((_, k) => strides.map((each) => each[k])) };
}

/** Strides of a reduction's result along the axes of its operand: zero along those that are reduced. */
export function folding(shape: readonly number[], axes: readonly number[], stride: Strides): number[] {
  let next = 0;
  return shape.map((_, axis) => (axes.includes(axis) ? 0 : stride[next++]));
}

/** Strides along the axes of a gather: those of an array whose one axis is replaced by the axes of indices, and those of the indices. */
export function gathering(stride: Strides, axis: number, indices: Strides): readonly [Strides, Strides] {
  const around = (own: Strides, inner: Strides): Strides => [...own.slice(0, axis), ...inner, ...own.slice(axis + 1)];
  const none = (all: Strides): Strides => all.map(() => 0);
  return [around(stride, none(indices)), around(none(stride), indices)];
}
