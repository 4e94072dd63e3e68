import { sliceAxis } from "../array/movement.js";
import type { NDArray } from "../array/ndarray.js";
import { cast, isModerate } from "../array/operands.js";
import type { Params } from "../engine/primitive.js";
import { bind } from "../engine/trace.js";

/** Each element replaced by one before (after) it along an axis, the next one by default; the end is filled with a value. */
export function shifted(x: NDArray, axis: number, towardsEnd: boolean, value: number, by = 1): NDArray {
  const n = x.shape[axis];
  if (n === 0) return x;
  const kept = sliceAxis(x, axis, towardsEnd ? 0 : by, n - by);
  const end = sliceAxis(x.filled(value, x.aval), axis, 0, by);
  return bind("concatenate", towardsEnd ? [end, kept] : [kept, end], { axis });
}

/**
 * h[i] = a[i]·h[i-1] + b[i] backwards: the cotangent r of b runs r[i] = ct[i] + a[i+1]·r[i+1], that of a is r[i]·h[i-1].
 * cumprod is p[i] = x[i]·p[i-1]; its r is the same recurrence, and exact where an x is 0.
 */
export const backwards = (ct: NDArray, a: NDArray, { axis, reverse }: Params<"linearScan">): NDArray =>
  bind("linearScan", [shifted(a, axis, reverse, 0), ct], { axis, reverse: !reverse });

/** x · 2^exponent, in two steps: the power alone may be out of range. */
export function timesPower(x: NDArray, exponent: NDArray): NDArray {
  const maxExponent = x.dtype === "float64" ? 2040 : 248;
  const k = exponent.clip(-maxExponent, maxExponent);
  const half = k.mul(0.5).floor();
  return x.mul(half.exp2()).mul(k.sub(half).exp2());
}

/** Running products of factors; what goes to the factors, and what comes of the products, is to be scaled. */
interface Running {
  readonly factors: NDArray;
  readonly products: NDArray;
  readonly inward: (t: NDArray) => NDArray;
  readonly outward: (t: NDArray) => NDArray;
  /** Factors that turn a value scaled for one position into the value scaled for the position before. */
  readonly steps: NDArray;
}

/**
 * The running products of x, for a linear function of them all. Where one is not known to be of moderate size, powers of two, which cost no
 * digits, are taken from the factors, so that what is left multiplies to numbers near 1 however far x goes from there. float32 becomes
 * float64, where the device has it.
 *
 * @param ct the cotangent of the products, for what is pulled back; then each position has a scale of its own, that of the products from there on
 * @param final only the last product counts
 */
export function balanced(given: NDArray, products: NDArray, params: Params<"cumprod">, ct?: NDArray, final = false): Running {
  const same = (t: NDArray): NDArray => t;
  if (given.size === 0 || isModerate(products, given.dtype === "float64" ? 1e150 : 1e18))
    return { factors: given, steps: given, products, inward: same, outward: same };
  const x = given.device.dtypes.includes("float64") ? cast(given, "float64") : given;
  const { axis, reverse } = params;
  const [most, reach] = x.dtype === "float64" ? [1020, 900] : [124, 100];
  const size = x.stopGradient().abs().log2();
  const sums = bind("cumsum", [size.isFinite().where(size, 0)], params).round();
  const before = (y: NDArray): NDArray => shifted(y, axis, !reverse, 0);
  const own = sums.sub(before(sums));
  const factors = timesPower(x, own.neg());
  const keep = { keepdims: true };
  const n = x.shape[axis];
  let [origin, steps] = [sums, factors];
  if (final) {
    // The value is as near to 1 as can be, so that derivatives of this find room too.
    const last = sliceAxis(sums, axis, n - 1, 1);
    origin = last.sub(last.mul(0.5).floor().minimum(reach));
  } else {
    // A product counts where something comes of it; where that is not known, an infinite one does not: what comes of it is infinite.
    let top = (ct?.bottom() ? ct.notEqual(0) : products.isFinite()).where(sums, 0);
    if (ct) for (let by = 1; by < n; by *= 2) top = top.maximum(shifted(top, axis, reverse, -1e4, by));
    else top = top.max(axis, keep);
    origin = sums.min(axis, keep).add(most).minimum(0).maximum(top.sub(reach));
    if (ct) steps = timesPower(factors, origin.sub(before(origin)));
  }
  return {
    factors,
    steps,
    products: bind("cumprod", [factors], params),
    inward: (t) => timesPower(cast(t, x.dtype), origin.sub(own)),
    outward: (t) => timesPower(cast(t, x.dtype), sums.sub(origin)),
  };
}

/** The cotangent of the factors of running products. */
export function pulledCumprod(ct: NDArray, x: NDArray, out: NDArray, params: Params<"cumprod">, final?: boolean): NDArray {
  const { steps, products, inward, outward } = balanced(x, out, params, ct, final);
  return cast(inward(backwards(outward(ct), steps, params).mul(shifted(products, params.axis, !params.reverse, 1))), x.dtype);
}
