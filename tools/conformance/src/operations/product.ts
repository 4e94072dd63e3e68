import { of, real, whole } from "../inputs.js";
import { type Calls, calls } from "./operation.js";

const any = real(-2, 2);
const int = whole(-4, 4);

export const products: Calls<"matmul" | "dot" | "inner" | "outer" | "tensordot" | "kron" | "trace" | "einsum"> = {
  matmul: [
    ...calls("matmul")(
      (matmul, x, y) => matmul(x, y),
      [of(any, 2, 3), of(any, 3, 4)],
      [of(any, 3), of(any, 3)],
      [of(any, 3), of(any, 3, 2)],
      [of(any, 2, 3), of(any, 3)],
      [of(any, 2, 2, 3), of(any, 3, 2)],
      [of(any, 2, 3), of(any, 2, 3, 2)],
      [of(any, 2, 1, 2, 3), of(any, 3, 3, 2)],
      [of(any, 3), of(any, 2, 3, 2)],
      [of(any, 2, 2, 3), of(any, 3)],
      [of(any, 2, 0), of(any, 0, 2)],
      [of(any, 0, 2), of(any, 2, 3)],
      [of(int, 2, 3), of(any, 3, 2)],
      [of(int, 2, 3), of(int, 3, 2)],
    ),
    ...calls("matmul")((matmul, x) => matmul(x, x), [of(any, 3, 3)]),
    ...calls("matmul")((matmul, x) => matmul(x.T, x), [of(any, 2, 3)]),
  ],
  dot: calls("dot")(
    (dot, x, y) => dot(x, y),
    [of(any, 3), of(any, 3)],
    [of(any, 2, 3), of(any, 3)],
    [of(any, 2, 3), of(any, 3, 2)],
    [of(any, 2, 3), of(any, 2, 3, 2)],
    [of(any), of(any, 2)],
    [of(any, 0), of(any, 0)],
  ),
  inner: calls("inner")(
    (inner, x, y) => inner(x, y),
    [of(any, 3), of(any, 3)],
    [of(any, 2, 3), of(any, 4, 3)],
    [of(any), of(any, 2)],
    [of(any, 0, 2), of(any, 3, 2)],
  ),
  outer: calls("outer")(
    (outer, x, y) => outer(x, y),
    [of(any, 3), of(any, 2)],
    [of(any, 2, 2), of(any, 3)],
    [of(any), of(any)],
    [of(any, 0), of(any, 2)],
  ),
  tensordot: [
    ...calls("tensordot")((tensordot, x, y) => tensordot(x, y), [of(any, 2, 3, 2), of(any, 3, 2, 2)]),
    ...calls("tensordot")((tensordot, x, y) => tensordot(x, y, 1), [of(any, 2, 3), of(any, 3, 2)]),
    ...calls("tensordot")((tensordot, x, y) => tensordot(x, y, 0), [of(any, 2), of(any, 3)], [of(any), of(any)]),
    ...calls("tensordot")((tensordot, x, y) => tensordot(x, y, [0, -1]), [of(any, 3, 2), of(any, 2, 3)], [of(any, 0, 2), of(any, 3, 0)]),
    ...calls("tensordot")(
      (tensordot, x, y) =>
        tensordot(x, y, [
          [0, 2],
          [1, 0],
        ]),
      [of(any, 2, 3, 2), of(any, 2, 2, 3)],
    ),
  ],
  kron: calls("kron")(
    (kron, x, y) => kron(x, y),
    [of(any, 2), of(any, 3)],
    [of(any, 2, 2), of(any, 2, 3)],
    [of(any, 2), of(any, 2, 2)],
    [of(any), of(any, 0)],
  ),
  trace: [
    ...calls("trace")((trace, x) => trace(x), [of(any, 3, 3)], [of(any, 2, 3)], [of(any, 2, 2, 3)], [of(any, 0, 0)]),
    ...calls("trace")((trace, x) => trace(x, 1, 1, 2), [of(any, 2, 3, 3)]),
    ...calls("trace")((trace, x) => trace(x, -1), [of(any, 3, 3)]),
  ],
  einsum: [
    ...calls("einsum")((einsum, x, y) => einsum("ij,jk->ik", x, y), [of(any, 2, 3), of(any, 3, 2)], [of(any, 2, 0), of(any, 0, 2)]),
    ...calls("einsum")((einsum, x, y) => einsum("ij,jk", x, y), [of(any, 2, 3), of(any, 3, 2)]),
    ...calls("einsum")((einsum, x) => einsum("ii->i", x), [of(any, 3, 3)]),
    ...calls("einsum")((einsum, x) => einsum("ii", x), [of(any, 3, 3)]),
    ...calls("einsum")((einsum, x) => einsum("ijk->ki", x), [of(any, 2, 3, 2)]),
    ...calls("einsum")((einsum, x) => einsum("->", x), [of(any)]),
    ...calls("einsum")((einsum, x, y) => einsum("bij,bjk->bik", x, y), [of(any, 2, 2, 3), of(any, 2, 3, 2)]),
    ...calls("einsum")((einsum, x, y) => einsum("...ij,...jk->...ik", x, y), [of(any, 2, 2, 3), of(any, 3, 2)]),
    ...calls("einsum")((einsum, x, y) => einsum("i,j->ij", x, y), [of(any, 2), of(any, 3)]),
    ...calls("einsum")((einsum, x, y) => einsum("i,i->", x, y), [of(any, 3), of(any, 3)], [of(int, 3), of(any, 3)]),
    ...calls("einsum")((einsum, x, y, z) => einsum("ij,jk,kl->il", x, y, z), [of(any, 2, 3), of(any, 3, 2), of(any, 2, 2)]),
    ...calls("einsum")((einsum, x, y, z) => einsum("bi,bj,ij->b", x, y, z), [of(any, 3, 2), of(any, 3, 2), of(any, 2, 2)]),
  ],
};
