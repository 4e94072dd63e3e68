import type { Data } from "../aval.js";
import type { Kernel } from "../backend.js";
import { gemm } from "./gemm.js";
import { walk } from "./loops.js";
import { allocate } from "./storage.js";

export const products: { readonly matmul: Kernel<"matmul", Data> } = {
  matmul([x, y], _, aval) {
    const out = allocate(aval.dtype, aval.size);
    const rank = aval.ndim;
    const [m, n] = [aval.shape[rank - 2], aval.shape[rank - 1]];
    const k = x.aval.shape[rank - 1];
    const [xr, xc, yr, yc] = [x.stride[rank - 2], x.stride[rank - 1], y.stride[rank - 2], y.stride[rank - 1]];
    const one = (o: number, a: number, b: number): void =>
      gemm(m, n, k, x.storage as Product, a, xr, xc, y.storage as Product, b, yr, yc, out as Product, o);
    if (aval.size === 0) return out;
    if (rank === 2) one(0, x.offset, y.offset);
    else
      walk(aval.shape.slice(0, -2), [{ stride: aval.stride, offset: 0 }, x, y], (batches, [o, a, b], [so, sa, sb]) => {
        for (let i = 0; i < batches; i++, o += so, a += sa, b += sb) one(o, a, b);
      });
    return out;
  },
};

/** Doors see to it that no bool arrives. */
type Product = Exclude<Data, Uint8Array>;
