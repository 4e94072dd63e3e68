import type { ArrayLike, NDArray, Shape } from "@ad/core";
import { special } from "@ad/core/internals/backend";
import { type DrawOptions, prepare, refuse } from "./checks.js";
import { limits, units } from "./continuous.js";
import { draw } from "./draw.js";

/** exp(x² / 2) times the probability of numbers above x, doubled: exp(y²) erfc(y), where x is 0 or more. */
function scaled(x: number): number {
  const y = x * Math.SQRT1_2;
  if (y < 0.5) return Math.exp(y * y) * special.erfc(y);
  if (y < 28) return special.beyond(y);
  // DLMF 7.9.4
  let fraction = y;
  for (let k = 6; k > 0; k--) fraction = y + k / (2 * fraction);
  return 1 / (fraction * Math.sqrt(Math.PI));
}

/** The logarithm of the probability of numbers above x. */
const tail = (x: number, size = scaled(Math.abs(x))): number =>
  x < 0 ? Math.log1p(-Math.exp(tail(-x, size))) : Math.log(size / 2) - (x * x) / 2;

/** The number that has this tail, of at most a half: by Newton's method from beyond, where the tail is concave. */
function above(log: number): number {
  let x = Math.sqrt(Math.max(0, -2 * (log + Math.LN2)));
  for (let step = 0; step < 5; step++) {
    const size = scaled(x);
    x += (tail(x, size) - log) * size * Math.sqrt(Math.PI / 2);
  }
  return x;
}

/** The density at b by that at a. */
const quotient = (a: NDArray, b: NDArray): NDArray => a.sub(b).mul(a.add(b)).div(2).exp();

/** Mills' ratio, the probability of numbers above x by the density there, where x is above 8. */
function ratio(x: NDArray): NDArray {
  let y = x.reciprocal();
  for (let k = 12; k > 0; k--) y = y.mul(k).add(x).reciprocal();
  return y;
}

/** log((1 − u) exp(a) + u exp(b)) */
function mixed(u: number, a: number, b: number): number {
  const most = Math.max(a, b);
  return most + Math.log((1 - u) * Math.exp(a - most) + u * Math.exp(b - most));
}

/**
 * The number at the place u between two bounds, which takes its part of both of their probabilities: of those above or of those below, whichever leaves less,
 * so that nothing cancels.
 */
function between(u: number, lower: number, upper: number): number {
  const [left, right] = [mixed(u, tail(-lower), tail(-upper)), mixed(u, tail(lower), tail(upper))];
  const x = left < right ? -above(left) : above(right);
  return Math.min(Math.max(x, lower), upper);
}

/**
 * Standard normal numbers that lie between two bounds, which may be differentiated: the number stays at its place in the distribution. The
 * bounds may be anywhere, also far out.
 *
 * @param key [2], int32
 * @param shape of the result; by default that of the bounds together
 * @param lower the lower bound; −Infinity is none
 * @param upper the upper bound, Infinity is none
 * @param options dtype: float64, the default, or float32
 * @throws as {@link uniform} does; DTypeError where lower is above upper
 * @example
 * truncatedNormal(key(0), [2], -1, 1).toArray(); // [-0.139996, -0.506315]
 * truncatedNormal(key(0), [2], 40, Infinity).toArray(); // [40.013541, 40.006089]
 */
export function truncatedNormal(
  key: ArrayLike,
  shape: Shape | number | undefined,
  lower: ArrayLike,
  upper: ArrayLike,
  options: DrawOptions = {},
): NDArray {
  const op = "truncatedNormal";
  const ends = [["lower", lower] as const, ["upper", upper] as const];
  const { x, own, dtype, given } = prepare(op, key, shape, ends, options);
  refuse(`${op}: lower is above upper; give the larger one second.`, given[0].greater(given[1]));
  // A place of 0 stands for all that are rounded to it.
  const u = units(op, x, own, dtype).maximum(limits[dtype].epsilon / 2);
  return draw(
    {
      name: op,
      shape: own,
      dtype,
      kernel(_, out, [us, lowers, uppers]) {
        for (let i = 0; i < out.length; i++) out[i] = between(us[i], lowers[i], uppers[i]);
      },
      // The probability that moves with a bound, by the density.
      slope(out, all, which) {
        // An infinite bound stands for one beyond which no probability is left.
        const far = out.stopGradient().abs().add(50).mul(2);
        const [bound, other] = [all[which], all[3 - which]].map((v) => v.isFinite().where(v, v.sign().mul(far)));
        const parts = [all[0].neg().add(1), all[0]];
        const [part, left] = [parts[which - 1], parts[2 - which]];
        // Far out the distance of the number from a bound has few digits, or none, but the tails there have all of theirs.
        const sided = [out, bound, other].map((v) => v.mul(bound.sign()));
        const isFar = sided.reduce((a, b) => a.minimum(b)).greater(8);
        const [x, t, o] = sided.map((v) => isFar.where(v, 8));
        const [own, rest] = [t, o].map((v) => quotient(t.minimum(o).stopGradient(), v));
        const whole = rest
          .mul(ratio(o))
          .mul(left)
          .add(own.mul(ratio(t)).mul(part));
        return isFar.where(own.mul(ratio(x)).div(whole), quotient(out, bound)).mul(part);
      },
    },
    x,
    u,
    ...given.map((bound) => bound.broadcastTo([...own])),
  );
}
