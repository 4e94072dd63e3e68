import type { Aval, Data } from "../../engine/aval.js";
import type { Kernel } from "../../engine/kernels.js";
import type { CpuView, Matrix } from "../operands.js";
import { allocate, room } from "../storage.js";
import { multiplyEach } from "../wasm/gemm.js";
import { gemm, isVectorised } from "./gemm.js";
import { walk } from "./loops.js";

/** The last two axes of a view. */
const matrix = ({ storage, stride }: CpuView): Matrix => ({
  storage,
  row: stride[stride.length - 2],
  column: stride[stride.length - 1],
});

/** Writes the product to `out` from o on. */
export function multiplyTo(out: Data, o: number, x: CpuView, y: CpuView, aval: Aval): void {
  const rank = aval.ndim;
  const [m, n] = [aval.shape[rank - 2], aval.shape[rank - 1]];
  const k = x.aval.shape[rank - 1];
  const [a, b] = [matrix(x), matrix(y)];
  if (rank === 2) gemm(m, n, k, a, x.offset, b, y.offset, out, o);
  else
    walk(aval.shape.slice(0, -2), [{ stride: aval.stride, offset: o }, x, y], (count, [o, s, t], [so, sa, sb]) => {
      if (Math.min(m, n) > 1 && isVectorised(m, n, k, out) && multiplyEach(count, m, n, k, a, s, sa, b, t, sb, out, o)) return;
      for (let i = 0; i < count; i++) gemm(m, n, k, a, s + i * sa, b, t + i * sb, out, o + i * so);
    });
}

export const products: { readonly matmul: Kernel<"matmul", Data> } = {
  matmul([x, y], _, aval) {
    const out = (x.aval.shape[aval.ndim - 1] > 0 ? room : allocate)(aval.dtype, aval.size);
    multiplyTo(out, 0, x, y, aval);
    return out;
  },
};
