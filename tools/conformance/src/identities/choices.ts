import { type NDArray, vjp } from "@ad/core";
import { pushforward } from "@ad/forward";
import type { Case } from "../case.js";
import { Mismatch } from "../compare.js";
import { compact } from "../inputs.js";
import { isSmooth, smoothPart } from "../smooth.js";
import type { Identity } from "./identity.js";

/**
 * Operations whose derivative is a product with a number that is 0 at some of their samples: the derivative of x² is 2x, and at 0 an
 * infinite cotangent makes NaN of it. The factorisations of linear algebra multiply whole matrices, and
 * so do Fourier transforms.
 */
export const products: ReadonlySet<string> = new Set([
  ...["square", "cos", "cosh", "oneMinusSquare", "sigmoidSlope", "besselI0", "xlogy", "xlog1py"],
  ...["mul", "div", "pow", "atan2", "hypot", "prod", "cumprod", "linearScan", "variance", "conv", "foriLoop", "ravelTree"],
  ...["exp", "log", "sqrt", "angle"].map((name) => `complex.${name}`),
  ...["fft", "ifft", "rfft", "irfft", "fft2", "ifft2", "fftn", "ifftn", "rfftn", "irfftn", "dct", "idct"],
  ...["sinc", "gradient", "corrcoef", "vander", "dotProductAttention"],
  ...["cholesky", "det", "expm", "lu", "qr", "svd", "eigh"].map((name) => `linalg.${name}`),
]);

/** Zeros of the shapes and dtypes of some arrays, but for one element of one of them. */
const one = (like: readonly NDArray[], leaf: number, at: number, value: number): NDArray[] =>
  like.map((x, k) => {
    const values = new Float64Array(x.size);
    if (k === leaf) values[at] = value;
    return compact(values, x.shape, x.dtype).to(x.device);
  });

/** The first element, one in the middle, and the last one. */
const some = (n: number): readonly number[] => [...new Set([0, n >> 1, n - 1])].filter((i) => i >= 0 && i < n);

/** Throws where a linear map makes something of an infinite element of which, were it finite, it makes nothing. */
function agreeNothing(map: (v: NDArray[]) => readonly NDArray[], like: readonly NDArray[], what: string): void {
  like.forEach((x, leaf) => {
    for (const at of some(x.size)) {
      const infinite = map(one(like, leaf, at, Infinity)).map((out) => out.data());
      map(one(like, leaf, at, 1)).forEach((out, k) => {
        out.data().forEach((value, i) => {
          if (value === 0 && infinite[k][i] !== 0)
            throw new Mismatch(
              `${what}: element ${i} of result ${k} is ${infinite[k][i]} where element ${at} of ${leaf} is infinite, and 0 where it is finite`,
            );
        });
      });
    }
  });
}

/** Checks that an operand which a result does not depend on gets nothing of its cotangent, were that infinite; nor a result of such a tangent. */
export function checkChoices(c: Case): void {
  const { f, x, y } = smoothPart(c);
  const [, pull] = vjp(f, ...x);
  const [, push] = pushforward(f, ...x);
  agreeNothing(pull, y, "Jᵀ·g");
  agreeNothing(push, x, "J·t");
}

export const choices = {
  "nothing comes of an infinite cotangent or tangent where nothing comes of a finite one": {
    // Random programs hold products.
    applies: (c) => isSmooth(c) && c.layout === "dense" && !/^program /.test(c.label) && !products.has(c.label.split(" ")[0]),
    check: checkChoices,
  },
} satisfies Record<string, Identity>;
