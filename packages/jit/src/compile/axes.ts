/** Strides of one loop nest's axes, for one operand. */
export type Strides = readonly number[];

/** Axes of one element vanish, and axes that all operands go along evenly become one. */
export function joined(shape: readonly number[], all: readonly Strides[]): { sizes: number[]; strides: number[][] } {
  const sizes: number[] = [];
  const strides: number[][] = all.map(() => []);
  shape.forEach((n, axis) => {
    if (n === 1) return;
    const last = sizes.length - 1;
    const isEven = last >= 0 && all.every((stride, k) => strides[k][last] === stride[axis] * n);
    if (isEven) {
      sizes[last] *= n;
      all.forEach((stride, k) => {
        strides[k][last] = stride[axis];
      });
      return;
    }
    sizes.push(n);
    all.forEach((stride, k) => strides[k].push(stride[axis]));
  });
  return { sizes, strides };
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
