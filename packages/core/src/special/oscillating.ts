import type { ArrayLike } from "../array/base.js";
import type { NDArray } from "../array/ndarray.js";
import { horner } from "../primitives/special.js";
import { type Elementwise, elementwiseOperation } from "./operation.js";

/**
 * Of the orders 0 and 1, by tools/expectations/special-functions.py: below 4 J / xⁿ and Y without its logarithm and its pole, in x² / 8 − 1,
 * from there J and Y in x / 2 − 3, and from 8 on what is left beside the oscillation (DLMF 10.17.3, 10.17.4) in 128 / x² − 1.
 */
const tables = [
  {
    nearJ: [
      1.52998e-14, -1.0874323e-12, 6.47443024e-11, -3.17743877e-9, 1.257728062936e-7, -3.910341979153e-6, 9.22817399022653e-5,
      -0.0015789541366878427, 0.01835270061006565, -0.1310320635136455, 0.4795280821510107, -0.565959973761085, -0.1965480952704682,
    ],
    nearY: [
      -3.12385e-14, 2.1611228e-12, -1.248063544e-10, 5.9154362763e-9, -2.248562516948e-7, 6.662166471561e-6, -0.0001482141999120151,
      0.0023517049617821045, -0.024660115465906546, 0.1503964899400079, -0.40369710826422894, 0.050927688205595026, 0.5583839189939036,
    ],
    middleJ: [
      6.50079e-14, -3.023769e-13, -6.7313082e-12, 2.93751038e-11, 5.388385564e-10, -2.1946918656e-9, -3.39011567993e-8, 1.281644777335e-7,
      1.622333864334e-6, -5.6544430926913e-6, -5.64359374742305e-5, 0.0001797436634415658, 0.0013381590029480999, -0.0038448604140199276,
      -0.01958212063120604, 0.04964322384153925, 0.14842251719789112, -0.3149399864011574, -0.3935184672111824, 0.5533677162551313,
      0.15064525725099692,
    ],
    middleY: [
      5.541485e-13, -1.6828659e-12, 1.939562e-12, -6.3741912e-12, 2.80177146e-11, -8.65205166e-11, 3.313890067e-10, -1.1138546726e-9,
      -1.699967876e-9, 8.7168354559e-9, 2.706843722618e-7, -9.713872867363e-7, -9.7124451772397e-6, 3.24371864563146e-5,
      0.000292657353918111, -0.0008876249906932159, -0.0054529465504833214, 0.014757342390104566, 0.05980681768440174, -0.1404687182238466,
      -0.284426659633445, 0.5180525865296922, 0.3500206886007965, -0.28819468398157916,
    ],
    P: [
      3.339e-14, -1.0252e-13, 2.4532e-13, -1.01575e-12, 4.787e-12, -2.491147e-11, 1.5500566e-10, -1.21210982e-9, 1.280376144e-8,
      -2.0527448261e-7, 6.13741608011e-6, -0.00053636731921297, 0.9994572757882519,
    ],
    Q: [
      -5.0717e-15, 1.27313e-14, -1.6422e-14, 5.75633e-14, -2.342049e-13, 8.689732e-13, -3.5884015e-12, 1.70293721e-11, -9.47041312e-11,
      6.432789503e-10, -5.6687160467e-9, 7.10621485219e-8, -1.4771388326501e-6, 6.83314909934408e-5, -0.015555113879513518,
    ],
  },
  {
    nearJ: [
      5.9502e-16, -4.590115e-14, 2.98880264e-12, -1.6186075181e-10, 7.14923890591e-9, -2.5154561259097e-7, 6.84309846273677e-6,
      -0.00013842260985339657, 0.001973692670859966, -0.01835270061006565, 0.0982740476352341, -0.23976404107550536, 0.14148999344027124,
    ],
    nearY: [
      -1.22994e-15, 9.248677e-14, -5.8519455e-12, 3.0677596963e-10, -1.30516426116e-8, 4.39445728973e-7, -1.133734942162853e-5,
      0.00021465631043476673, -0.002806317034910075, 0.023066339787999855, -0.10077639147123527, 0.15166794583548893, 0.0824863499533448,
    ],
    middleJ: [
      -6.485871e-13, 2.865544e-12, 6.05750591e-11, -2.496584754e-10, -4.3106957682e-9, 1.64601362153e-8, 2.373080845389e-7,
      -8.330690552396e-7, -9.7340031780478e-6, 3.10994369822869e-5, 0.0002821796873682353, -0.0008088464854782017, -0.005352636011791774,
      0.013457011449068157, 0.05874636189361806, -0.12410805960384799, -0.29684503439578225, 0.47240997960173603, 0.3935184672111824,
      -0.27668385812756563,
    ],
    middleY: [
      -7.7736771e-13, 2.25990177e-12, -1.90284294e-12, 6.08206467e-12, -3.158864681e-11, 9.340312243e-11, -2.5001361565e-10,
      7.3843014964e-10, -2.83151884834e-9, 8.94505370602e-9, 1.275858644461e-8, -6.103675721292e-8, -1.75945194290806e-6,
      5.8283305486757e-6, 5.341844939756284e-5, -0.00016218593385953166, -0.0013169580927841595, 0.0035504999629947637, 0.01908531292670647,
      -0.044272027170330956, -0.1495170442110051, 0.2809374364476938, 0.4266399894501675, -0.5180525865296922, -0.17501034430039825,
    ],
    P: [
      -3.546e-14, 1.0924e-13, -2.6336e-13, 1.09548e-12, -5.19116e-12, 2.723451e-11, -1.7131075e-10, 1.36029693e-9, -1.470851299e-8,
      2.4536766334e-7, -7.95969469844e-6, 0.00089880494167052, 1.0009070262780821,
    ],
    Q: [
      5.3445e-15, -1.3449e-14, 1.74955e-14, -6.14468e-14, 2.503409e-13, -9.33138e-13, 3.8754562e-12, -1.85207362e-11, 1.039509668e-10,
      -7.151113611e-10, 6.4201324963e-9, -8.29196070131e-8, 1.8212018512314e-6, -9.62145882205463e-5, 0.04677687402744898,
    ],
  },
] as const;

type Order = 0 | 1;

/** The functions of a large x, times √(π x): the parts in phase with cos x + sin x and with sin x − cos x, which both cosines of a shifted angle are made of. */
function far(n: Order, x: number): readonly [j: number, y: number] {
  if (x === Infinity) return [0, 0];
  const { P, Q } = tables[n];
  const t = 128 / x / x - 1;
  const [p, q] = [horner(P, t), (8 / x) * horner(Q, t)];
  const [c, s] = [Math.cos(x), Math.sin(x)];
  const root = 1 / Math.sqrt(Math.PI * x);
  const [sum, difference] = [c + s, s - c];
  return n === 0
    ? [root * (p * sum - q * difference), root * (p * difference + q * sum)]
    : [root * (p * difference + q * sum), root * (q * difference - p * sum)];
}

function j(n: Order, x: number): number {
  const a = Math.abs(x);
  const { nearJ, middleJ } = tables[n];
  if (a < 4) return (n ? x : 1) * horner(nearJ, (a * a) / 8 - 1);
  const value = a < 8 ? horner(middleJ, a / 2 - 3) : far(n, a)[0];
  return n && x < 0 ? -value : value;
}

function y(n: Order, x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : NaN;
  const { nearY, middleY } = tables[n];
  if (x >= 8) return far(n, x)[1];
  if (x >= 4) return horner(middleY, x / 2 - 3);
  const rest = horner(nearY, (x * x) / 8 - 1);
  const log = (2 / Math.PI) * Math.log(x) * j(n, x);
  return n ? log + x * rest - 2 / Math.PI / x : log + rest;
}

/**
 * Jₙ(x) / xⁿ, which is even and has no singularity: by its series (DLMF 10.2.2) where x is small beside n, else by the recurrence from the
 * orders 0 and 1 on, DLMF 10.6.1.
 */
function reduced(n: number, x: number): number {
  const a = Math.abs(x);
  if (a < n + 1) {
    let scale = 1;
    for (let k = 1; k <= n; k++) scale /= 2 * k;
    let [sum, term] = [1, 1];
    for (let k = 1; Math.abs(term) > 1e-18; k++) sum += term *= (-0.25 * a * a) / (k * (k + n));
    return scale * sum;
  }
  let [before, now] = [j(0, a), j(1, a)];
  for (let k = 1; k < n; k++) [before, now] = [now, ((2 * k) / a) * now - before];
  return now / a ** n;
}

/** The derivative of Jₙ(x) / xⁿ is −x times the next one of them: DLMF 10.6.6. */
const ratio = (n: number): Elementwise =>
  elementwiseOperation(
    "besselJ",
    (x) => reduced(n, x),
    (x) =>
      ratio(n + 1)(x)
        .mul(x)
        .neg(),
  );

const firstKind0 = elementwiseOperation(
  "besselJ0",
  (x) => j(0, x),
  (x) => firstKind1(x).neg(),
);
const firstKind1 = elementwiseOperation(
  "besselJ1",
  (x) => j(1, x),
  (x) => ratio(1)(x).sub(x.square().mul(ratio(2)(x))),
);
const secondKind0 = elementwiseOperation(
  "besselY0",
  (x) => y(0, x),
  (x) => secondKind1(x).neg(),
);
const secondKind1 = elementwiseOperation(
  "besselY1",
  (x) => y(1, x),
  // Y₁ / x is far larger than Y₀ at 0, where both are infinite.
  (x, out) => secondKind0(x.equal(0).where(1, x)).sub(out.div(x)),
);

/**
 * The Bessel function of the first kind and order 0 (DLMF 10.2.2). Accurate to within 4 units in the last place, near its zeros of the size
 * of the oscillation, √(2 / π x).
 *
 * @param x any shape; any dtype; int32 and bool become float64
 * @throws DTypeError where x is no {@link ArrayLike}
 * @example
 * besselJ0(array([0, 1, 10])).toArray(); // [1, 0.765198, -0.245936]
 */
export const besselJ0 = (x: ArrayLike): NDArray => firstKind0(x);

/**
 * The Bessel function of the first kind and order 1 (DLMF 10.2.2), the negative derivative of {@link besselJ0}. Accurate as that.
 *
 * @param x any shape; any dtype; int32 and bool become float64
 * @throws DTypeError where x is no {@link ArrayLike}
 * @example
 * besselJ1(array([0, 1, 10])).toArray(); // [0, 0.440051, 0.043473]
 * grad((x) => besselJ1(x))(0).item(); // 0.5
 */
export const besselJ1 = (x: ArrayLike): NDArray => firstKind1(x);

/**
 * The Bessel function of the second kind and order 0 (DLMF 10.2.3); −Infinity at 0, NaN where x is negative. Accurate to within 4 units in
 * the last place, near its zeros of the size of the oscillation, √(2 / π x).
 *
 * @param x any shape; any dtype; int32 and bool become float64
 * @throws DTypeError where x is no {@link ArrayLike}
 * @example
 * besselY0(array([0, 1, 10])).toArray(); // [-Infinity, 0.088257, 0.055671]
 */
export const besselY0 = (x: ArrayLike): NDArray => secondKind0(x);

/**
 * The Bessel function of the second kind and order 1 (DLMF 10.2.3), the negative derivative of {@link besselY0}; −Infinity at 0, NaN where x
 * is negative. Accurate as that.
 *
 * @param x any shape; any dtype; int32 and bool become float64
 * @throws DTypeError where x is no {@link ArrayLike}
 * @example
 * besselY1(array([1, 10])).toArray(); // [-0.781213, 0.249015]
 * grad((x) => besselY1(x))(0).item(); // Infinity
 */
export const besselY1 = (x: ArrayLike): NDArray => secondKind1(x);
