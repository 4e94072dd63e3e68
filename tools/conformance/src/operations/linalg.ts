import { arange, diag, eye, type linalg, type NDArray } from "@ad/core";
import { exactly, of, real, whole } from "../inputs.js";
import { type Call, family } from "./operation.js";

type Linalg = typeof linalg;

/** The functions of linalg: one that has no row below does not compile. */
export type LinalgName = Exclude<keyof Linalg, "LinAlgError">;

const any = real(-1, 1);
const int = whole(-4, 4);

const calls =
  <N extends LinalgName>(_name: N) =>
  (...args: Parameters<typeof family<Linalg[N]>>): Call<Linalg[N]>[] =>
    family<Linalg[N]>(...args);

/** 1, 2, … on the diagonal, of alternating signs: what is near to it has distinct eigenvalues and singular values, whatever the layout repeats. */
function ramp(x: NDArray): NDArray {
  const [m, n] = x.shape.slice(-2);
  const where = { dtype: x.dtype, device: x.device };
  const k = arange(1, Math.min(m, n) + 1, 1, where);
  const square = diag(k.mul(k.mod(2).mul(2).sub(1)));
  return eye(m, square.shape[0], where)
    .matmul(square)
    .matmul(eye(square.shape[0], n, where));
}

/** A matrix far from singular. */
const regular = (x: NDArray): NDArray => x.mul(0.2).add(ramp(x));

/** A symmetric positive definite matrix with distinct eigenvalues. */
const definite = (x: NDArray): NDArray => x.mul(0.2).matmul(x.swapaxes(-1, -2)).add(ramp(x).abs());

const symmetric = (x: NDArray): NDArray => regular(x).add(regular(x).swapaxes(-1, -2));

const squares = [
  [of(any, 3, 3)],
  [of(any, 2, 2, 2)],
  [of(any, 1, 1)],
  [of(any, 2, 1, 2, 2)],
  [of(any, 0, 0)],
  [of(any, 2, 0, 0)],
  [of(any, 0, 2, 2)],
];
const rectangles = [...squares, [of(any, 3, 2)], [of(any, 2, 3)], [of(any, 2, 3, 1)], [of(any, 2, 1, 3)], [of(any, 0, 2)], [of(any, 3, 0)]];

const systems = [
  [of(any, 3, 3), of(any, 3)],
  [of(any, 3, 3), of(any, 3, 2)],
  [of(any, 2, 2, 2), of(any, 2)],
  [of(any, 2, 2, 2), of(any, 2, 3)],
  [of(any, 2, 2), of(any, 3, 2, 1)],
  [of(any, 2, 1, 2, 2), of(any, 3, 2, 2)],
  [of(any, 1, 1), of(any, 1)],
  [of(any, 0, 0), of(any, 0)],
  [of(any, 0, 0), of(any, 0, 2)],
  [of(any, 2, 2), of(any, 2, 0)],
  [of(any, 0, 2, 2), of(any, 2)],
];

export const linalgCalls: { readonly [N in LinalgName]: readonly Call<Linalg[N]>[] } = {
  cholesky: [
    ...calls("cholesky")((cholesky, x) => cholesky(definite(x)), ...squares, [of(int, 2, 2)]),
    // The symmetric part is what is factored.
    ...calls("cholesky")((cholesky, x) => cholesky(regular(x).abs().add(ramp(x).abs().mul(2))), [of(any, 3, 3)]),
  ],
  solve: calls("solve")((solve, a, b) => solve(regular(a), b), ...systems, [of(int, 2, 2), of(int, 2)]),
  solveTriangular: [
    ...calls("solveTriangular")((solve, a, b) => solve(regular(a), b), ...systems),
    ...calls("solveTriangular")(
      (solve, a, b) => solve(regular(a), b, { lower: true }),
      [of(any, 3, 3), of(any, 3, 2)],
      [of(any, 2, 2, 2), of(any, 2)],
    ),
  ],
  inv: calls("inv")((inv, x) => inv(regular(x)), ...squares, [of(int, 2, 2)]),
  det: [
    ...calls("det")((det, x) => det(x), ...squares, [of(any, 5, 5)], [of(int, 3, 3)]),
    ...calls("det")(
      (det, x) => det(x),
      [of(exactly([1, 2, 2, 4]), 2, 2)],
      [of(exactly([0]), 1, 1)],
      [of(exactly([0]), 3, 3)],
      [of(exactly([1, 2, 3, 2, 4, 6, 1, 1, 1]), 3, 3)],
      [of(exactly([1, 0, 0, 0, 1, 0, 0, 0, 0, 1, 2, 3, 2, 4, 6, 3, 6, 9]), 2, 3, 3)],
    ),
  ],
  slogdet: calls("slogdet")((slogdet, x) => Object.values(slogdet(regular(x))), ...squares, [of(int, 2, 2)]),
  lu: calls("lu")((lu, x) => Object.values(lu(regular(x))), ...rectangles),
  qr: calls("qr")((qr, x) => Object.values(qr(regular(x))), ...rectangles),
  svd: [
    ...calls("svd")((svd, x) => Object.values(svd(regular(x))), ...rectangles),
    ...calls("svd")((svd, x) => svd(x.astype("float64")).s.square().sum(-1), [of(int, 2, 3)]),
  ],
  eigh: [
    ...calls("eigh")((eigh, x) => Object.values(eigh(symmetric(x))), ...squares, [of(any, 5, 5)]),
    // The symmetric part is what is decomposed.
    ...calls("eigh")((eigh, x) => eigh(regular(x)).values, [of(any, 3, 3)]),
  ],
  lstsq: [
    ...calls("lstsq")((lstsq, a, b) => lstsq(regular(a), b), ...systems),
    ...calls("lstsq")(
      (lstsq, a, b) => lstsq(regular(a), b),
      [of(any, 3, 2), of(any, 3)],
      [of(any, 2, 3), of(any, 2, 2)],
      [of(any, 2, 3, 2), of(any, 3)],
    ),
  ],
  pinv: calls("pinv")((pinv, x) => pinv(regular(x)), ...rectangles),
  norm: [
    ...calls("norm")((norm, x) => norm(regular(x)), [of(any, 2, 3)], [of(any, 0, 2)]),
    ...([2, -2, "nuc", "fro", 1, -1, Infinity, -Infinity] as const).flatMap((ord) =>
      calls("norm")((norm, x) => norm(regular(x), [-2, -1], { ord }), [of(any, 2, 3)], [of(any, 2, 3, 2)]),
    ),
    ...calls("norm")((norm, x) => norm(regular(x).moveaxis(-1, 0), [2, 0], { ord: "nuc", keepdims: true }), [of(any, 3, 2, 2)]),
    ...calls("norm")((norm, x) => norm(x.add(2), -1, { ord: 3 }), [of(any, 2, 3)], [of(any, 3)]),
  ],
  matrixPower: [0, 1, 2, 5, -1, -3].flatMap((n) =>
    calls("matrixPower")(
      (power, x) => power(regular(x).div(2), n),
      [of(any, 3, 3)],
      ...(n === 5 ? [[of(any, 2, 2, 2)], [of(any, 0, 0)], [of(int, 2, 2)]] : []),
    ),
  ),
  expm: calls("expm")((expm, x) => expm(x), ...squares, [of(real(-5, 5), 3, 3)], [of(exactly([0]), 2, 2)], [of(whole(-1, 1), 2, 2)]),
};

export const linalgNames = Object.keys(linalgCalls) as LinalgName[];
