import type { Aval, Shape } from "../engine/aval.js";
import type { NamesOf, Params } from "../engine/primitive.js";

/** The places of an array's elements in its storage, as scijs has them: element (i, j, …) at offset + i·stride[0] + j·stride[1] + …. */
export interface Strided {
  readonly stride: readonly number[];
  readonly offset: number;
}

export interface Layout extends Strided {
  readonly aval: Aval;
}

type ViewRule<P extends NamesOf<"view">> = (x: Layout, params: Params<P>, out: Aval) => Strided | undefined;

/** The view primitives, for every backend: they move strides and leave the storage alone. `undefined`: strides cannot say it, copy. */
export const views: { readonly [P in NamesOf<"view">]: ViewRule<P> } = {
  transpose: (x, { perm }) => ({ stride: perm.map((axis) => x.stride[axis]), offset: x.offset }),

  broadcast(x, { shape, dims }) {
    const stride = shape.map(() => 0);
    for (let i = 0; i < dims.length; i++) if (x.aval.shape[i] !== 1) stride[dims[i]] = x.stride[i];
    return { stride, offset: x.offset };
  },

  reshape(x, _, out) {
    if (isRowMajor(x) || out.size === 0) return { stride: out.stride, offset: x.offset };
    const stride = regroup(x.aval.shape, x.stride, out.shape);
    return stride && { stride, offset: x.offset };
  },

  slice(x, { starts, steps, sizes }) {
    let { offset, stride } = x;
    for (let i = 0; i < starts.length; i++) if (sizes[i] > 0) offset += starts[i] * x.stride[i];
    if (steps.some((step) => step !== 1)) stride = steps.map((step, i) => step * x.stride[i]);
    return { stride, offset };
  },

  unfold: (x, windowing) => ({ stride: windowedStride(x.stride, windowing), offset: x.offset }),
};

/** The strides of an array's windows. */
export function windowedStride(stride: readonly number[], { axes, steps, dilations }: Params<"unfold">): number[] {
  const out = [...stride, ...axes.map((axis, i) => stride[axis] * dilations[i])];
  axes.forEach((axis, i) => {
    out[axis] *= steps[i];
  });
  return out;
}

/** Returns whether the elements follow each other in row-major order without gaps. */
export function isRowMajor({ aval, stride }: Layout): boolean {
  if (aval.hasStride(stride)) return true;
  const { shape } = aval;
  let step = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    if (stride[i] !== step && shape[i] !== 1) return aval.size === 0;
    step *= shape[i];
  }
  return true;
}

const lists: number[][] = [];

/** The steps of a slice that leaves out nothing between its elements: one list for each rank. */
export const ones = (rank: number): readonly number[] => (lists[rank] ??= new Array<number>(rank).fill(1));

/** The whole numbers below n. `Array.from` takes as long as an operation. */
export function below(n: number): number[] {
  const list = new Array<number>(n);
  for (let i = 0; i < n; i++) list[i] = i;
  return list;
}

/** The one step that leads through all elements in row-major order: 1 where they lie so, 0 for one value everywhere; undefined else. */
export function stepOf(x: Layout): 0 | 1 | undefined {
  if (isRowMajor(x)) return 1;
  for (const step of x.stride) if (step !== 0) return undefined;
  return 0;
}

/** The strides of a reshaped view, by matching groups of old and new axes of equal size, or undefined where a group is not evenly strided. */
function regroup(shape: Shape, stride: readonly number[], to: Shape): number[] | undefined {
  const axes = below(shape.length).filter((i) => shape[i] !== 1);
  const out = to.map(() => 0);
  let a = 0;
  for (let j = 0; j < to.length; ) {
    if (to[j] === 1) {
      j++;
      continue;
    }
    let last = axes[a++];
    let have = shape[last];
    let end = j + 1;
    let need = to[j];
    while (have !== need) {
      if (have < need) {
        const next = axes[a++];
        if (stride[last] !== stride[next] * shape[next]) return undefined;
        have *= shape[next];
        last = next;
      } else need *= to[end++];
    }
    let step = stride[last];
    for (let k = end - 1; k >= j; k--) {
      out[k] = step;
      step *= to[k];
    }
    j = end;
  }
  return out;
}

/** The length of a window from its first to its last element. */
export const extent = (size: number, dilation: number): number => (size - 1) * dilation + 1;
