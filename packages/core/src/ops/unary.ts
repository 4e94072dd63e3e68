import type { ArrayLike } from "../array/base.js";
import { asArray } from "../array/convert.js";
import type { NDArray } from "../array/ndarray.js";
import type { DType } from "../engine/aval.js";
import { isContainer, type Leaf, mapArrays } from "../engine/tree.js";

/**
 * −x, element by element.
 *
 * @param x any shape; int32 or floating
 * @throws DTypeError where x is bool, or no {@link ArrayLike}
 * @example
 * neg(array([1, -2])).toArray(); // [-1, 2]
 */
export const neg = (x: ArrayLike): NDArray => asArray(x, "neg").neg();

/**
 * |x|. The derivative at 0 is 0.
 *
 * @param x any shape; any dtype; bool becomes int32
 * @throws DTypeError where x is no {@link ArrayLike}
 * @example
 * abs(array([-3, 0, 2])).toArray(); // [3, 0, 2]
 */
export const abs = (x: ArrayLike): NDArray => asArray(x, "abs").abs();

/**
 * −1, 0 or 1 by the sign of x; NaN stays NaN. The derivative is 0.
 *
 * @param x any shape; any dtype; bool becomes int32
 * @throws DTypeError where x is no {@link ArrayLike}
 * @example
 * sign(array([-3, 0, 2])).toArray(); // [-1, 0, 1]
 */
export const sign = (x: ArrayLike): NDArray => asArray(x, "sign").sign();

/**
 * x².
 *
 * @param x any shape; any dtype; bool becomes int32
 * @throws DTypeError where x is no {@link ArrayLike}
 * @example
 * square(array([1, 2, 3])).toArray(); // [1, 4, 9]
 */
export const square = (x: ArrayLike): NDArray => asArray(x, "square").square();

/**
 * √x; NaN below 0. The derivative at 0 is Infinity.
 *
 * @param x any shape; any dtype; int32 and bool become float64
 * @throws DTypeError where x is no {@link ArrayLike}
 * @example
 * sqrt(array([0, 4, 9])).toArray(); // [0, 2, 3]
 */
export const sqrt = (x: ArrayLike): NDArray => asArray(x, "sqrt").sqrt();

/**
 * 1 / √x.
 *
 * @param x any shape; any dtype; int32 and bool become float64
 * @throws DTypeError where x is no {@link ArrayLike}
 * @example
 * rsqrt(array([1, 4])).toArray(); // [1, 0.5]
 */
export const rsqrt = (x: ArrayLike): NDArray => asArray(x, "rsqrt").rsqrt();

/**
 * The real cube root.
 *
 * @param x any shape; any dtype; int32 and bool become float64
 * @throws DTypeError where x is no {@link ArrayLike}
 * @example
 * cbrt(array([-8, 27])).toArray(); // [-2, 3]
 */
export const cbrt = (x: ArrayLike): NDArray => asArray(x, "cbrt").cbrt();

/**
 * 1 / x.
 *
 * @param x any shape; any dtype; int32 and bool become float64
 * @throws DTypeError where x is no {@link ArrayLike}
 * @example
 * reciprocal(array([2, 4])).toArray(); // [0.5, 0.25]
 */
export const reciprocal = (x: ArrayLike): NDArray => asArray(x, "reciprocal").reciprocal();

/**
 * eˣ.
 *
 * @param x any shape; any dtype; int32 and bool become float64
 * @throws DTypeError where x is no {@link ArrayLike}
 * @example
 * exp(array([0, 1])).toArray(); // [1, 2.71828]
 */
export const exp = (x: ArrayLike): NDArray => asArray(x, "exp").exp();

/**
 * 2ˣ.
 *
 * @param x any shape; any dtype; int32 and bool become float64
 * @throws DTypeError where x is no {@link ArrayLike}
 * @example
 * exp2(array([0, 3, 0.5])).toArray(); // [1, 8, 1.41421]
 */
export const exp2 = (x: ArrayLike): NDArray => asArray(x, "exp2").exp2();

/**
 * eˣ − 1, accurate near 0.
 *
 * @param x any shape; any dtype; int32 and bool become float64
 * @throws DTypeError where x is no {@link ArrayLike}
 * @example
 * expm1(array([0, 1e-10])).toArray(); // [0, 1e-10]
 */
export const expm1 = (x: ArrayLike): NDArray => asArray(x, "expm1").expm1();

/**
 * The natural logarithm; −Infinity at 0, NaN below.
 *
 * @param x any shape; any dtype; int32 and bool become float64
 * @throws DTypeError where x is no {@link ArrayLike}
 * @example
 * log(array([1, 2])).toArray(); // [0, 0.693147]
 */
export const log = (x: ArrayLike): NDArray => asArray(x, "log").log();

/**
 * The logarithm to base 2.
 *
 * @param x any shape; any dtype; int32 and bool become float64
 * @throws DTypeError where x is no {@link ArrayLike}
 * @example
 * log2(array([1, 8])).toArray(); // [0, 3]
 */
export const log2 = (x: ArrayLike): NDArray => asArray(x, "log2").log2();

/**
 * The logarithm to base 10.
 *
 * @param x any shape; any dtype; int32 and bool become float64
 * @throws DTypeError where x is no {@link ArrayLike}
 * @example
 * log10(array([1, 1000])).toArray(); // [0, 3]
 */
export const log10 = (x: ArrayLike): NDArray => asArray(x, "log10").log10();

/**
 * log(1 + x), accurate near 0.
 *
 * @param x any shape; any dtype; int32 and bool become float64
 * @throws DTypeError where x is no {@link ArrayLike}
 * @example
 * log1p(array([0, 1e-10])).toArray(); // [0, 1e-10]
 */
export const log1p = (x: ArrayLike): NDArray => asArray(x, "log1p").log1p();

/**
 * The sine of an angle in radians.
 *
 * @param x any shape; any dtype; int32 and bool become float64
 * @throws DTypeError where x is no {@link ArrayLike}
 * @example
 * sin(array([0, 1])).toArray(); // [0, 0.841471]
 */
export const sin = (x: ArrayLike): NDArray => asArray(x, "sin").sin();

/**
 * The cosine of an angle in radians.
 *
 * @param x any shape; any dtype; int32 and bool become float64
 * @throws DTypeError where x is no {@link ArrayLike}
 * @example
 * cos(array([0, 1])).toArray(); // [1, 0.540302]
 */
export const cos = (x: ArrayLike): NDArray => asArray(x, "cos").cos();

/**
 * The tangent of an angle in radians.
 *
 * @param x any shape; any dtype; int32 and bool become float64
 * @throws DTypeError where x is no {@link ArrayLike}
 * @example
 * tan(array([0, 1])).toArray(); // [0, 1.55741]
 */
export const tan = (x: ArrayLike): NDArray => asArray(x, "tan").tan();

/**
 * The angle in [−π/2, π/2], in radians, whose sine is x; NaN outside of [−1, 1].
 *
 * @param x any shape; any dtype; int32 and bool become float64
 * @throws DTypeError where x is no {@link ArrayLike}
 * @example
 * asin(array([0, 1])).toArray(); // [0, 1.5708]
 */
export const asin = (x: ArrayLike): NDArray => asArray(x, "asin").asin();

/**
 * The angle in [0, π], in radians, whose cosine is x; NaN outside of [−1, 1].
 *
 * @param x any shape; any dtype; int32 and bool become float64
 * @throws DTypeError where x is no {@link ArrayLike}
 * @example
 * acos(array([1, 0])).toArray(); // [0, 1.5708]
 */
export const acos = (x: ArrayLike): NDArray => asArray(x, "acos").acos();

/**
 * The angle in (−π/2, π/2), in radians, whose tangent is x.
 *
 * @param x any shape; any dtype; int32 and bool become float64
 * @throws DTypeError where x is no {@link ArrayLike}
 * @example
 * atan(array([0, 1])).toArray(); // [0, 0.785398]
 */
export const atan = (x: ArrayLike): NDArray => asArray(x, "atan").atan();

/**
 * The hyperbolic sine.
 *
 * @param x any shape; any dtype; int32 and bool become float64
 * @throws DTypeError where x is no {@link ArrayLike}
 * @example
 * sinh(array([0, 1])).toArray(); // [0, 1.1752]
 */
export const sinh = (x: ArrayLike): NDArray => asArray(x, "sinh").sinh();

/**
 * The hyperbolic cosine.
 *
 * @param x any shape; any dtype; int32 and bool become float64
 * @throws DTypeError where x is no {@link ArrayLike}
 * @example
 * cosh(array([0, 1])).toArray(); // [1, 1.54308]
 */
export const cosh = (x: ArrayLike): NDArray => asArray(x, "cosh").cosh();

/**
 * The hyperbolic tangent. Its derivatives are made of its value, which is all that reverse mode keeps: their errors count against 1. Of the
 * slope at |x| = 8 nine digits are left, at 19 none, as in JAX and PyTorch; `sigmoid(x.mul(2)).mul(2).sub(1)` has derivatives with all digits.
 *
 * @param x any shape; any dtype; int32 and bool become float64
 * @throws DTypeError where x is no {@link ArrayLike}
 * @example
 * tanh(array([0, 1])).toArray(); // [0, 0.761594]
 */
export const tanh = (x: ArrayLike): NDArray => asArray(x, "tanh").tanh();

/**
 * The inverse hyperbolic sine.
 *
 * @param x any shape; any dtype; int32 and bool become float64
 * @throws DTypeError where x is no {@link ArrayLike}
 * @example
 * asinh(array([0, 1])).toArray(); // [0, 0.881374]
 */
export const asinh = (x: ArrayLike): NDArray => asArray(x, "asinh").asinh();

/**
 * The inverse hyperbolic cosine; NaN below 1.
 *
 * @param x any shape; any dtype; int32 and bool become float64
 * @throws DTypeError where x is no {@link ArrayLike}
 * @example
 * acosh(array([1, 2])).toArray(); // [0, 1.31696]
 */
export const acosh = (x: ArrayLike): NDArray => asArray(x, "acosh").acosh();

/**
 * The inverse hyperbolic tangent; ±Infinity at ±1, NaN beyond.
 *
 * @param x any shape; any dtype; int32 and bool become float64
 * @throws DTypeError where x is no {@link ArrayLike}
 * @example
 * atanh(array([0, 0.5])).toArray(); // [0, 0.549306]
 */
export const atanh = (x: ArrayLike): NDArray => asArray(x, "atanh").atanh();

/**
 * The logistic function 1 / (1 + e⁻ˣ).
 *
 * @param x any shape; any dtype; int32 and bool become float64
 * @throws DTypeError where x is no {@link ArrayLike}
 * @example
 * sigmoid(array([0, 2])).toArray(); // [0.5, 0.880797]
 */
export const sigmoid = (x: ArrayLike): NDArray => asArray(x, "sigmoid").sigmoid();

/**
 * log(1 + eˣ), without overflow.
 *
 * @param x any shape; any dtype; int32 and bool become float64
 * @throws DTypeError where x is no {@link ArrayLike}
 * @example
 * softplus(array([0, 100])).toArray(); // [0.693147, 100]
 */
export const softplus = (x: ArrayLike): NDArray => asArray(x, "softplus").softplus();

/**
 * max(x, 0). The derivative at 0 is 0.
 *
 * @param x any shape; any dtype; bool becomes int32
 * @throws DTypeError where x is no {@link ArrayLike}
 * @example
 * relu(array([-1, 2])).toArray(); // [0, 2]
 */
export const relu = (x: ArrayLike): NDArray => asArray(x, "relu").relu();

/**
 * x · sigmoid(x), also called swish.
 *
 * @param x any shape; any dtype; int32 and bool become float64
 * @throws DTypeError where x is no {@link ArrayLike}
 * @example
 * silu(array([0, 1])).toArray(); // [0, 0.731059]
 */
export const silu = (x: ArrayLike): NDArray => asArray(x, "silu").silu();

/**
 * The Gaussian error linear unit x · Φ(x), with Φ the standard normal distribution (Hendrycks and Gimpel, arXiv 1606.08415).
 *
 * @param x any shape; any dtype; int32 and bool become float64
 * @param options approximate: the tanh form of the paper instead; default false
 * @throws TreeError for an unknown option, DTypeError where x is no {@link ArrayLike}
 * @example
 * gelu(array([0, 1])).toArray(); // [0, 0.841345]
 */
export const gelu = (x: ArrayLike, options?: { readonly approximate?: boolean }): NDArray => asArray(x, "gelu").gelu(options);

/**
 * The error function 2/√π ∫₀ˣ e^(−t²) dt (DLMF 7.2.1).
 *
 * @param x any shape; any dtype; int32 and bool become float64
 * @throws DTypeError where x is no {@link ArrayLike}
 * @example
 * erf(array([0, 1])).toArray(); // [0, 0.842701]
 */
export const erf = (x: ArrayLike): NDArray => asArray(x, "erf").erf();

/**
 * 1 − erf(x), accurate where erf is near 1 (DLMF 7.2.2).
 *
 * @param x any shape; any dtype; int32 and bool become float64
 * @throws DTypeError where x is no {@link ArrayLike}
 * @example
 * erfc(array([0, 3])).toArray(); // [1, 2.20905e-05]
 */
export const erfc = (x: ArrayLike): NDArray => asArray(x, "erfc").erfc();

/**
 * log|Γ(x)| (DLMF 5.2.1); Infinity at the poles 0, −1, −2, …. Accurate to within 4 units in the last place where x is positive. Where it is
 * negative there are zeros; it is a difference there, accurate to within 5 units in the last place of 1 or of its larger part.
 *
 * @param x any shape; any dtype; int32 and bool become float64
 * @throws DTypeError where x is no {@link ArrayLike}
 * @example
 * lgamma(array([1, 5])).toArray(); // [0, 3.17805]
 */
export const lgamma = (x: ArrayLike): NDArray => asArray(x, "lgamma").lgamma();

/**
 * ψ(x), the derivative of lgamma (DLMF 5.2.2); NaN at its poles.
 *
 * @param x any shape; any dtype; int32 and bool become float64
 * @throws DTypeError where x is no {@link ArrayLike}
 * @example
 * digamma(array([1, 5])).toArray(); // [-0.577216, 1.506118]
 */
export const digamma = (x: ArrayLike): NDArray => asArray(x, "digamma").digamma();

/**
 * The greatest whole number that is not above x. The derivative is 0.
 *
 * @param x any shape; any dtype; bool becomes int32
 * @throws DTypeError where x is no {@link ArrayLike}
 * @example
 * floor(array([-1.5, 1.5])).toArray(); // [-2, 1]
 */
export const floor = (x: ArrayLike): NDArray => asArray(x, "floor").floor();

/**
 * The least whole number that is not below x. The derivative is 0.
 *
 * @param x any shape; any dtype; bool becomes int32
 * @throws DTypeError where x is no {@link ArrayLike}
 * @example
 * ceil(array([-1.5, 1.5])).toArray(); // [-1, 2]
 */
export const ceil = (x: ArrayLike): NDArray => asArray(x, "ceil").ceil();

/**
 * The nearest whole number; halves go to the even one, as in NumPy. The derivative is 0.
 *
 * @param x any shape; any dtype; bool becomes int32
 * @throws DTypeError where x is no {@link ArrayLike}
 * @example
 * round(array([0.5, 1.5, 2.4])).toArray(); // [0, 2, 2]
 */
export const round = (x: ArrayLike): NDArray => asArray(x, "round").round();

/**
 * x without its fraction. The derivative is 0.
 *
 * @param x any shape; any dtype; bool becomes int32
 * @throws DTypeError where x is no {@link ArrayLike}
 * @example
 * trunc(array([-1.5, 1.5])).toArray(); // [-1, 1]
 */
export const trunc = (x: ArrayLike): NDArray => asArray(x, "trunc").trunc();

/**
 * Tests elementwise whether x is NaN. Gives bool.
 *
 * @param x any shape; any dtype
 * @throws DTypeError where x is no {@link ArrayLike}
 * @example
 * isNaN(array([1.0, NaN])).toArray(); // [false, true]
 */
export const isNaN = (x: ArrayLike): NDArray => asArray(x, "isNaN").isNaN();

/**
 * Tests elementwise whether x is neither infinite nor NaN. Gives bool.
 *
 * @param x any shape; any dtype
 * @throws DTypeError where x is no {@link ArrayLike}
 * @example
 * isFinite(array([1.0, Infinity])).toArray(); // [true, false]
 */
export const isFinite = (x: ArrayLike): NDArray => asArray(x, "isFinite").isFinite();

/**
 * Tests elementwise whether x is zero. Gives bool.
 *
 * @param x any shape; any dtype
 * @throws DTypeError where x is no {@link ArrayLike}
 * @example
 * logicalNot(array([0, 2])).toArray(); // [true, false]
 */
export const logicalNot = (x: ArrayLike): NDArray => asArray(x, "logicalNot").logicalNot();

/**
 * x as another dtype: to int32 towards zero, to bool by "not zero". The derivative passes between floating dtypes.
 *
 * @param x any shape; any dtype
 * @param dtype the dtype of the result
 * @throws DTypeError where there is no such dtype, or x is no {@link ArrayLike}
 * @example
 * astype(array([1.7, -1.7]), "int32").toArray(); // [1, -1]
 */
export const astype = (x: ArrayLike, dtype: DType): NDArray => asArray(x, "astype").astype(dtype);

/**
 * x as a constant, for every transformation around it, nested ones too; of a tree each array, while all else stays as it is.
 *
 * @param x an array of any shape and dtype, or a tree with such arrays in it: a list of numbers is an array, one that holds arrays is a tree
 * @throws DTypeError where x is neither an {@link ArrayLike} nor a tree
 * @example
 * grad((x) => x.mul(stopGradient(x)))(3).item(); // 3
 * grad((x) => stopGradient({ x, n: 2 }).x.mul(x))(3).item(); // 3
 */
export function stopGradient(x: Leaf | readonly number[] | readonly (readonly number[])[]): NDArray;
export function stopGradient<T>(x: T): T;
export function stopGradient(x: unknown): unknown {
  let isTree = x === null || (isContainer(x) && !Array.isArray(x));
  const constants = mapArrays(x, (own) => {
    isTree = true;
    return own.stopGradient();
  });
  return isTree ? constants : asArray(x, "stopGradient").stopGradient();
}
