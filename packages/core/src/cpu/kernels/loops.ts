import type { Strided } from "../../array/views.js";
import type { Data, Shape } from "../../engine/aval.js";

export interface Stored extends Strided {
  readonly storage: Data;
}

/** Lines of `length` elements, `step` apart: the first at `a`, m × n of them, `down` and `across` apart. Their results lie side by side. */
export interface Lines {
  readonly m: number;
  readonly down: number;
  readonly n: number;
  readonly across: number;
  readonly length: number;
  readonly step: number;
}

/** Axes without those of one element, and joined where all operands can step through two in one stride; none where there is no element. */
export function joined(shape: Shape, operands: readonly Strided[]): { readonly sizes: number[]; readonly strides: number[][] } | undefined {
  const sizes: number[] = [];
  const strides: number[][] = [];
  for (let axis = 0; axis < shape.length; axis++) {
    const n = shape[axis];
    if (n === 0) return undefined;
    if (n === 1) continue;
    const last = strides[strides.length - 1];
    let joins = last !== undefined;
    for (let k = 0; joins && k < operands.length; k++) joins = last[k] === operands[k].stride[axis] * n;
    if (joins) {
      sizes[sizes.length - 1] *= n;
      for (let k = 0; k < operands.length; k++) last[k] = operands[k].stride[axis];
    } else {
      sizes.push(n);
      strides.push(operands.map((x) => x.stride[axis]));
    }
  }
  return { sizes, strides };
}

const offsets = (operands: readonly Strided[]): number[] => operands.map((x) => x.offset);

/**
 * Walks operands of one shape together: axes that all of them can step through in one stride are joined, the last
 * joined axis is the run, and `run(n, positions, steps)` is called for each combination of the others.
 */
export function walk(
  shape: Shape,
  operands: readonly Strided[],
  run: (n: number, at: readonly number[], step: readonly number[]) => void,
): void {
  const axes = joined(shape, operands);
  if (axes === undefined) return;
  const { sizes, strides } = axes;
  const at = offsets(operands);
  const last = sizes.length - 1;
  if (last < 0) run(1, at, at);
  else turn(sizes, strides, last, at, () => run(sizes[last], at, strides[last]));
}

/** Goes through all combinations of positions along the first axes, as an odometer does. */
function turn(sizes: Shape, strides: readonly (readonly number[])[], depth: number, at: number[], run: () => void): void {
  const index = new Array<number>(depth).fill(0);
  for (;;) {
    run();
    let axis = depth - 1;
    for (; axis >= 0; axis--) {
      const stride = strides[axis];
      if (++index[axis] < sizes[axis]) {
        for (let k = 0; k < at.length; k++) at[k] += stride[k];
        break;
      }
      index[axis] = 0;
      for (let k = 0; k < at.length; k++) at[k] -= stride[k] * (sizes[axis] - 1);
    }
    if (axis < 0) return;
  }
}

/** The elements as one line, if one step leads through all of them in row-major order. */
export function lineOf(shape: Shape, stride: readonly number[]): { readonly n: number; readonly step: number } | undefined {
  let [n, step] = [1, 0];
  for (let i = shape.length - 1; i >= 0; i--) {
    if (shape[i] === 0) return { n: 0, step: 0 };
    if (shape[i] === 1) continue;
    if (n === 1) step = stride[i];
    else if (stride[i] !== step * n) n = Number.NaN;
    n *= shape[i];
  }
  return Number.isNaN(n) ? undefined : { n, step };
}

/** Calls `lane(positions)` for each line along an axis; `step[k]` along it is `operands[k].stride[axis]`. */
export function lanes(shape: Shape, axis: number, operands: readonly Strided[], lane: (at: readonly number[]) => void): void {
  const without = (values: readonly number[]): number[] => values.filter((_, i) => i !== axis);
  const position = operands.map(() => 0);
  walk(
    without(shape),
    operands.map((x) => ({ stride: without(x.stride), offset: x.offset })),
    (n, at, step) => {
      for (let i = 0; i < n; i++) {
        for (let k = 0; k < position.length; k++) position[k] = at[k] + i * step[k];
        lane(position);
      }
    },
  );
}

/** The places of the first and the last element in storage, counted from the one at the offset. */
export function reach(shape: Shape, stride: readonly number[]): readonly [low: number, high: number] {
  let [low, high] = [0, 0];
  for (let axis = 0; axis < shape.length; axis++) {
    const way = (shape[axis] - 1) * stride[axis];
    if (way < 0) low += way;
    else high += way;
  }
  return [low, high];
}

/**
 * Walks operands of one shape two joined axes at a time, the last ones: `run(sizes, the operands' strides along each, positions)`. Where there
 * are fewer axes, the others have one element. False where there is no element.
 */
export function planes(
  shape: Shape,
  operands: readonly Strided[],
  run: (sizes: Shape, strides: readonly (readonly number[])[], at: readonly number[]) => void,
): boolean {
  const axes = joined(shape, operands);
  if (axes === undefined) return false;
  const { sizes, strides } = axes;
  while (sizes.length < 2) {
    sizes.unshift(1);
    strides.unshift(operands.map(() => 0));
  }
  const depth = sizes.length - 2;
  const [size, stride, at] = [sizes.slice(depth), strides.slice(depth), offsets(operands)];
  turn(sizes, strides, depth, at, () => run(size, stride, at));
  return true;
}

/** The most elements of a short line, and the most lines that are walked by their columns. */
const maxShort = 8;
const maxRows = 256;

/** Copies elements from one layout to another; storing converts to the type of `out`. */
export function copyLines(shape: Shape, x: Stored, out: Data, to: Strided): void {
  const { storage: data } = x;
  planes(shape, [to, x], ([m, n], [[down, across], [so, si]], [o, i]) => {
    // Of many short lines the columns are walked, as far as what they share stays in the nearest cache.
    if (n <= maxShort && m > n)
      for (let k = 0; k < m; k += maxRows, o += maxRows * down, i += maxRows * across)
        for (let j = 0; j < n; j++) move(Math.min(maxRows, m - k), data, i + j * si, across, out, o + j * so, down);
    else
      for (let k = 0; k < m; k++, o += down, i += across) {
        if (n > 32 && so === 1 && si === 1) out.set(data.subarray(i, i + n), o);
        else if (n > 32 && so === 1 && si === 0) out.fill(data[i], o, o + n);
        else move(n, data, i, si, out, o, so);
      }
  });
}

function move(n: number, x: Data, a: number, sa: number, out: Data, o: number, so: number): void {
  for (let i = 0; i < n; i++, a += sa, o += so) out[o] = x[a];
}
