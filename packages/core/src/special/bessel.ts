import type { ArrayLike } from "../array/base.js";
import type { NDArray } from "../array/ndarray.js";
import { horner } from "../primitives/special.js";
import { type Elementwise, elementwiseOperation } from "./operation.js";

/** √x e⁻ˣ I(x) in 2 / x − 1 / 8, where x ≥ 9, of the orders 0 and 1: by tools/expectations/special-functions.py. */
const asymptotic = [
  [
    -2189767370, -695902970, 79850176, 46234107, 82390.38, -1505139.833, -84203.8826, 31914.0411, 3868.955415, -370.6450076, -113.88577113,
    -7.23671589, 1.010253865, 0.3614798746, 0.08247868268, 0.023258073337, 0.009743881793, 0.00607783955898, 0.005705233303577,
    0.0087178287611056, 0.02688441586934256, 0.4021765094450081,
  ],
  [
    2278952790, 713788225, -86293500, -47731458.1, 126599.17, 1568268.943, 80935.7242, -33766.42303, -3913.936596, 408.8568801,
    119.23251352, 7.226082855, -1.1273518716, -0.3921159498, -0.09045501887, -0.026217846968, -0.0114158923187, -0.0075157918415,
    -0.007699736169394, -0.0140310888853885, -0.07799661754588555, 0.38939845902587233,
  ],
] as const;

/**
 * Iₙ(x) (n! 2ⁿ) / xⁿ, where 0 ≤ x < 9, by its power series in x² / 4: DLMF 10.25.2. The rounding of that square counts by the
 * derivative.
 */
function near(n: number, x: number): number {
  const t = (x * x) / 4;
  const h = Math.fround(x);
  let [sum, slope] = [1, 0];
  for (let k = Math.ceil(8 + 2 * x); k; k--) {
    slope = (sum + t * slope) / (k * (k + n));
    sum = 1 + (t / (k * (k + n))) * sum;
  }
  return sum + slope * ((h * h) / 4 - t + ((x - h) * (x + h)) / 4);
}

/** Iₙ(x), where n is 0 or 1 and x ≥ 9. From 709.8 to where it overflows, eˣ already does. */
function large(n: 0 | 1, x: number): number {
  if (x > 714) return Infinity;
  const rest = horner(asymptotic[n], 2 / x - 0.125) / Math.sqrt(x);
  return x < 700 ? Math.exp(x) * rest : Math.exp(x / 2) * rest * Math.exp(x / 2);
}

function order0(x: number): number {
  const a = Math.abs(x);
  return a < 9 ? near(0, a) : large(0, a);
}

function order1(x: number): number {
  const a = Math.abs(x);
  return a < 9 ? (x / 2) * near(1, a) : Math.sign(x) * large(1, a);
}

/**
 * Iₙ(x) / xⁿ, which is even and has no singularity: I₀ times the ratios qₖ = Iₖ₊₁ / (x Iₖ) = 1 / (2 (k + 1) + x² qₖ₊₁), DLMF 10.33.1,
 * begun where nothing is left of what they begin with.
 */
function reduced(n: number, x: number): number {
  let product = order0(x);
  if (product === Infinity) return product;
  let q = 0;
  for (let k = Math.ceil(n + 16 + 7 * Math.sqrt(Math.abs(x))); k--; ) {
    q = 1 / (2 * (k + 1) + x * x * q);
    if (k < n) product *= q;
  }
  return product;
}

/** The derivative of Iₙ(x) / xⁿ is x times the next one of them: DLMF 10.29.4. */
const ratio = (n: number): Elementwise =>
  elementwiseOperation(
    "besselI",
    (x) => reduced(n, x),
    (x) => x.mul(ratio(n + 1)(x)),
  );

const zeroth = elementwiseOperation("besselI0", order0, (x) => first(x));
const first = elementwiseOperation("besselI1", order1, (x) => ratio(1)(x).add(x.square().mul(ratio(2)(x))));

/**
 * The modified Bessel function of the first kind and order 0 (DLMF 10.25.2); Infinity beyond ±713.98. Accurate to within 4 units in the last place.
 *
 * @param x any shape; any dtype; int32 and bool become float64
 * @throws DTypeError where x is no {@link ArrayLike}
 * @example
 * besselI0(array([0, 1, -1])).toArray(); // [1, 1.266066, 1.266066]
 */
export const besselI0 = (x: ArrayLike): NDArray => zeroth(x);

/**
 * The modified Bessel function of the first kind and order 1, the derivative of {@link besselI0} (DLMF 10.25.2); ±Infinity beyond ±713.98.
 * Accurate to within 4 units in the last place.
 *
 * @param x any shape; any dtype; int32 and bool become float64
 * @throws DTypeError where x is no {@link ArrayLike}
 * @example
 * besselI1(array([0, 1, -1])).toArray(); // [0, 0.565159, -0.565159]
 * grad((x) => besselI1(x))(0).item(); // 0.5
 */
export const besselI1 = (x: ArrayLike): NDArray => first(x);
