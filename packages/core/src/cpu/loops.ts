import type { Data, Shape } from "../aval.js";
import type { Strided } from "../views.js";

interface Stored extends Strided {
  readonly storage: Data;
}

/**
 * Walks operands of one shape together: axes that all of them can step through in one stride are joined, the last
 * joined axis is the run, and `run(n, positions, steps)` is called for each combination of the others.
 */
export function walk(
  shape: Shape,
  operands: readonly Strided[],
  run: (n: number, at: readonly number[], step: readonly number[]) => void,
): void {
  const count = operands.length;
  const sizes: number[] = [];
  const strides: number[][] = [];
  for (let axis = 0; axis < shape.length; axis++) {
    const n = shape[axis];
    if (n === 0) return;
    if (n === 1) continue;
    const last = strides[strides.length - 1];
    let joins = last !== undefined;
    for (let k = 0; joins && k < count; k++) joins = last[k] === operands[k].stride[axis] * n;
    if (joins) {
      sizes[sizes.length - 1] *= n;
      for (let k = 0; k < count; k++) last[k] = operands[k].stride[axis];
    } else {
      sizes.push(n);
      strides.push(operands.map((x) => x.stride[axis]));
    }
  }
  const at = operands.map((x) => x.offset);
  const depth = sizes.length - 1;
  if (depth < 0) return run(1, at, at);
  const step = strides[depth];
  const n = sizes[depth];
  const index = new Array<number>(depth).fill(0);
  for (;;) {
    run(n, at, step);
    let axis = depth - 1;
    for (; axis >= 0; axis--) {
      const stride = strides[axis];
      if (++index[axis] < sizes[axis]) {
        for (let k = 0; k < count; k++) at[k] += stride[k];
        break;
      }
      index[axis] = 0;
      for (let k = 0; k < count; k++) at[k] -= stride[k] * (sizes[axis] - 1);
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

/** Copies elements from one layout to another; storing converts to the type of `out`. */
export function copy(shape: Shape, x: Stored, out: Data, to: Strided): void {
  const { storage: data } = x;
  const isSame = data.constructor === out.constructor;
  const run =
    isSame && out instanceof Float64Array
      ? (copyDoubles as typeof copyAny)
      : isSame && out instanceof Float32Array
        ? (copySingles as typeof copyAny)
        : copyAny;
  walk(shape, [to, x], (n, [o, i], [so, si]) => {
    if (so === 1 && si === 1 && n > 32) out.set(data.subarray(i, i + n), o);
    else if (so === 1 && si === 0 && n > 32) out.fill(data[i], o, o + n);
    else run(n, data, i, si, out, o, so);
  });
}

// The same three times over: an engine makes faster code of what sees arrays of one type only.

function copyDoubles(n: number, x: Float64Array, a: number, sa: number, out: Float64Array, o: number, so: number): void {
  for (let k = 0; k < n; k++, a += sa, o += so) out[o] = x[a];
}
function copySingles(n: number, x: Float32Array, a: number, sa: number, out: Float32Array, o: number, so: number): void {
  for (let k = 0; k < n; k++, a += sa, o += so) out[o] = x[a];
}
function copyAny(n: number, x: Data, a: number, sa: number, out: Data, o: number, so: number): void {
  for (let k = 0; k < n; k++, a += sa, o += so) out[o] = x[a];
}
