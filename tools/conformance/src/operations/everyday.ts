import type { ArrayLike, NDArray } from "@ad/core";
import { distinct, exactly, fractions, near, of, real, signed, truth, whole } from "../inputs.js";
import { type Call, type Calls, calls, family, flagged } from "./operation.js";

/** Functions that are made of others: a sample or two each, since what they are made of has its own. */

const any = real(-2, 2);
const ties = { ties: true } as const;
const constant = { constant: true } as const;
/** NaN here and there, and no row of three without numbers. */
const holed = exactly([1.5, Number.NaN, -0.5, 0.7, 2.5, Number.NaN]);

type Binary = (x: ArrayLike, y: ArrayLike) => NDArray;
type Over = (x: ArrayLike, axis?: number | null) => NDArray;

const pairs = (from: Parameters<typeof of>[0], by: Parameters<typeof of>[0]): Call<Binary>[] =>
  family((op: Binary, x, y) => op(x, y), [of(from, 2, 3), of(by, 3)], [of(from), of(by)]);

const over = (from: Parameters<typeof of>[0]): Call<Over>[] => [
  ...family((op: Over, x) => op(x), [of(from, 2, 3)]),
  ...family((op: Over, x) => op(x, -1), [of(from, 2, 3)]),
];

export const arithmetic: Calls<
  "floorDivide" | "divmod" | "fmod" | "copysign" | "signbit" | "sinc" | "fmax" | "fmin" | "isInf" | "nanToNum" | "isClose" | "isin"
> = {
  floorDivide: flagged(constant, [
    ...pairs(near(7.5, -2.6), near(2, -1.9)),
    ...family((op: Binary, x, y) => op(x, y), [of(whole(-9, 9), 3), of(whole(1, 4), 3)]),
  ]),
  divmod: calls("divmod")((divmod, x, y) => divmod(x, y)[1], [of(near(7.5, -2.6), 3), of(near(2, -1.9), 3)]),
  fmod: [...pairs(near(7.5, -2.6), near(2, -1.9)), ...family((op: Binary, x) => op(x, 1.5), [of(exactly([0, -0.2]), 2)])],
  copysign: pairs(signed(0.5, 2), signed(0.5, 2)),
  signbit: flagged(
    constant,
    calls("signbit")((signbit, x) => signbit(x), [of(exactly([0, -0, -1, 2]), 4)], [of(any)]),
  ),
  // At 0, near it, and on both sides of where the series ends.
  sinc: calls("sinc")((sinc, x) => sinc(x), [of(any, 2, 3)], [of(exactly([0, 0.05, 0.3, 0.34, -0.9]), 5)], [of(exactly([0]))]),
  fmax: pairs(distinct(), distinct(-1, 0.15)),
  fmin: [
    ...pairs(distinct(), distinct(-1, 0.15)),
    ...family((op: Binary, x, y) => op(x, y), [of(exactly([Number.NaN, 1]), 2), of(exactly([2, Number.NaN]), 2)]),
  ],
  isInf: calls("isInf")((isInf, x) => isInf(x), [of(exactly([1, Number.POSITIVE_INFINITY, Number.NaN]), 3)]),
  nanToNum: calls("nanToNum")(
    (nanToNum, x) => nanToNum(x, { nan: 3, posinf: 4, neginf: 5 }),
    [of(exactly([1, Number.POSITIVE_INFINITY, Number.NaN, -2, Number.NEGATIVE_INFINITY]), 5)],
    [of(any, 0, 2)],
  ),
  isClose: calls("isClose")((isClose, x, y) => isClose(x, y), [of(any, 2, 3), of(any, 3)]),
  isin: calls("isin")((isin, x, y) => isin(x, y), [of(any, 2, 3), of(any, 4)], [of(whole(0, 4), 3), of(whole(0, 4), 2, 2)]),
};

export const differences: Calls<"diff" | "ediff1d" | "trapezoid" | "cumulativeTrapezoid" | "gradient" | "interp" | "unwrap" | "cross"> = {
  diff: [
    ...calls("diff")((diff, x) => diff(x), [of(any, 2, 4)], [of(truth, 4)]),
    ...calls("diff")((diff, x, y) => diff(x, 2, 0, { prepend: y, append: 0 }), [of(any, 3, 2), of(any, 1, 2)]),
  ],
  ediff1d: calls("ediff1d")((ediff1d, x, y) => ediff1d(x, { toEnd: y }), [of(any, 2, 3), of(any, 2)]),
  trapezoid: [
    ...calls("trapezoid")((trapezoid, y, x) => trapezoid(y, x), [of(any, 2, 4), of(any, 4)], [of(any, 2, 4), of(any, 2, 4)]),
    ...calls("trapezoid")((trapezoid, y, dx) => trapezoid(y, null, { dx, axis: 0 }), [of(any, 3, 2), of(any)]),
  ],
  cumulativeTrapezoid: [
    ...calls("cumulativeTrapezoid")((cumulative, y, x) => cumulative(y, x), [of(any, 2, 4), of(any, 4)], [of(any, 2, 4), of(any, 2, 4)]),
    ...calls("cumulativeTrapezoid")(
      (cumulative, y, dx, initial) => cumulative(y, null, { dx, initial, axis: 0 }),
      [of(any, 3, 2), of(any), of(any)],
    ),
  ],
  gradient: [
    ...calls("gradient")((gradient, x) => gradient(x, { edgeOrder: 2 }) as NDArray, [of(any, 5)]),
    ...calls("gradient")(
      (gradient, x, at, h) => gradient<NDArray[]>(x, { spacing: [h, at.exp().cumsum(0)] }),
      [of(any, 2, 3), of(any, 3), of(real(0.5, 1))],
    ),
    ...calls("gradient")(
      (gradient, x, at) => gradient(x, { spacing: at.exp().cumsum(0), axis: 0, edgeOrder: 2 }),
      [of(any, 4, 2), of(any, 4)],
    ),
  ],
  interp: [
    ...calls("interp")(
      (interp, x, y, f) => interp(x, y.mul(0.1).add([0, 1, 2, 3]), f),
      [of(fractions(0, 3), 3), of(real(-0.5, 0.5), 4), of(any, 4)],
      [of(near(-1, 5), 2), of(real(-0.5, 0.5), 4), of(any, 4)],
    ),
    ...calls("interp")(
      (interp, x, f, end) => interp(x, [0, 1, 2], f, { left: end, period: 3 }).add(interp(x, [0, 1, 2], f, { left: end })),
      [of(fractions(-1, 2), 3), of(any, 3), of(any)],
    ),
  ].map((call) => ({ ...call, wide: true as const })),
  unwrap: calls("unwrap")((unwrap, x) => unwrap(x), [of(near(0, 5, -4), 2, 5)], [of(near(0, 5), 4)]),
  cross: [
    ...calls("cross")((cross, x, y) => cross(x, y), [of(any, 2, 3), of(any, 3)], [of(any, 2), of(any, 2)]),
    ...calls("cross")((cross, x, y) => cross(x, y, { axis: 0 }), [of(any, 3, 2), of(any, 2, 1)]),
  ],
};

const counts = exactly([0, 2, 3, 1, 2, 5], "int32");

export const statistics: Calls<"ptp" | "countNonzero" | "average" | "cov" | "corrcoef" | "bincount" | "digitize" | "histogram"> = {
  ptp: flagged(ties, over(distinct())),
  countNonzero: over(exactly([0, 1, -2, 0])),
  average: [
    ...calls("average")((average, x) => average(x, 0), [of(any, 2, 3)]),
    ...calls("average")((average, x, w) => average(x, -1, { weights: w }), [of(any, 2, 3), of(real(0.5, 2), 3)]),
  ],
  cov: [
    ...calls("cov")((cov, x, y) => cov(x, y), [of(any, 2, 4), of(any, 4)]),
    ...calls("cov")(
      (cov, x, w) => cov(x, null, { rowvar: false, aweights: w, fweights: [1, 2, 1, 3] }),
      [of(any, 4, 2), of(real(0.5, 2), 4)],
    ),
  ],
  corrcoef: flagged(
    { ties: true, wide: true },
    calls("corrcoef")((corrcoef, x, y) => corrcoef(x.mul([1, 2, -1, 3]), y.mul([2, 1, 3, -1])), [of(distinct(), 4), of(distinct(), 4)]),
  ),
  bincount: calls("bincount")((bincount, x, w) => bincount(x, { weights: w, length: 4 }), [of(counts, 6), of(any, 6)]),
  digitize: flagged(
    constant,
    calls("digitize")(
      (digitize, x, bins) => digitize(x, bins),
      [of(near(0.5, 2.5), 2, 3), of(exactly([0, 1, 2]), 3)],
      [of(any, 3), of(exactly([2, 1]), 2)],
    ),
  ),
  histogram: [
    ...flagged(
      ties,
      calls("histogram")((histogram, x, w) => histogram(x, 3, { weights: w, density: true }), [of(distinct(), 6), of(real(0.5, 2), 6)]),
    ),
    ...calls("histogram")((histogram, x) => histogram(x, 2, { range: [-1, 1] })[0], [of(near(-0.5, 0.5, 3), 2, 2)]),
  ],
};

export const nans: Calls<"nansum" | "nanprod" | "nanmean" | "nanmax" | "nanmin" | "nanvar" | "nanstd"> = {
  nansum: over(holed),
  nanprod: over(holed),
  nanmean: over(holed),
  nanmax: flagged(ties, over(holed)),
  nanmin: flagged(ties, over(holed)),
  nanvar: over(holed),
  nanstd: flagged(
    ties,
    calls("nanstd")((nanstd, x) => nanstd(x), [of(holed, 2, 3)]),
  ),
};

type Sections = (x: ArrayLike, sections: number) => NDArray[];

export const stacking: Calls<
  | "arraySplit"
  | "hsplit"
  | "vsplit"
  | "dsplit"
  | "atleast1d"
  | "atleast2d"
  | "atleast3d"
  | "hstack"
  | "vstack"
  | "dstack"
  | "rot90"
  | "diagflat"
  | "topK"
  | "partition"
> = {
  arraySplit: calls("arraySplit")((arraySplit, x) => arraySplit(x, 2), [of(any, 3, 2)]),
  hsplit: family((op: Sections, x) => op(x, 2), [of(any, 2, 4)], [of(any, 4)]),
  vsplit: family((op: Sections, x) => op(x, 2), [of(any, 2, 3)]),
  dsplit: family((op: Sections, x) => op(x, 2), [of(any, 1, 2, 2)]),
  atleast1d: calls("atleast1d")((atleast1d, x) => atleast1d(x), [of(any)], [of(any, 2)]),
  atleast2d: calls("atleast2d")((atleast2d, x) => atleast2d(x), [of(any)], [of(any, 2)]),
  atleast3d: calls("atleast3d")((atleast3d, x) => atleast3d(x), [of(any, 2)], [of(any, 2, 3)]),
  hstack: calls("hstack")((hstack, x, y) => hstack([x, y]), [of(any, 2, 3), of(any, 2, 1)], [of(any, 2), of(any)]),
  vstack: calls("vstack")((vstack, x, y) => vstack([x, y]), [of(any, 2, 3), of(any, 3)]),
  dstack: calls("dstack")((dstack, x, y) => dstack([x, y]), [of(any, 2, 3), of(any, 2, 3)]),
  rot90: calls("rot90")((rot90, x) => [rot90(x), rot90(x, 2), rot90(x, -1, [1, 0])], [of(any, 2, 3)]),
  diagflat: calls("diagflat")((diagflat, x) => diagflat(x, -1), [of(any, 2, 2)]),
  topK: flagged(
    ties,
    calls("topK")((topK, x) => Object.values(topK(x, 2)), [of(distinct(), 2, 4)], [of(whole(0, 3), 5)]),
  ),
  partition: flagged(
    ties,
    calls("partition")((partition, x) => partition(x, 1, 0), [of(distinct(), 3, 2)]),
  ),
};

export const polynomials: Calls<"convolve" | "correlate" | "vander" | "polyval" | "polyadd" | "polymul" | "polyfit"> = {
  convolve: [
    ...calls("convolve")((convolve, x, y) => convolve(x, y), [of(any, 3), of(any, 4)]),
    ...calls("convolve")((convolve, x, y) => convolve(x, y, "same"), [of(any, 4), of(any, 2)]),
  ],
  correlate: calls("correlate")((correlate, x, y) => correlate(x, y, "same"), [of(any, 4), of(any, 3)], [of(any, 2), of(any, 3)]),
  vander: calls("vander")((vander, x) => vander(x, 3), [of(exactly([0, 1.5, -0.7]), 3)]),
  polyval: calls("polyval")((polyval, p, x) => polyval(p, x), [of(any, 3), of(any, 2, 2)], [of(any, 1), of(any)]),
  polyadd: calls("polyadd")((polyadd, p, q) => polyadd(p, q), [of(any, 3), of(any, 2)]),
  polymul: calls("polymul")((polymul, p, q) => polymul(p, q), [of(any, 2), of(any, 3)]),
  polyfit: calls("polyfit")(
    (polyfit, x, y, w) => polyfit(x.add([-2, -1, 0, 1]), y, 1, { weights: w }),
    [of(real(0, 0.5), 4), of(any, 4), of(real(0.5, 2), 4)],
  ).map((call) => ({ ...call, wide: true as const })),
};

export const functionals: Calls<"select" | "piecewise" | "applyAlongAxis" | "fromFunction" | "meshgrid" | "kaiser"> = {
  select: calls("select")(
    (select, x, y) => select([x.greater(1), x.greater(-1)], [x.square(), y], 5),
    [of(near(1.5, 0, -1.5), 2, 3), of(any, 3)],
  ),
  piecewise: calls("piecewise")(
    (piecewise, x, y) => piecewise(x, [x.less(-1), x.greater(0)], [y, (z) => z.log()]),
    [of(near(1.5, -0.5, -1.5), 2, 3), of(any, 3)],
  ),
  applyAlongAxis: calls("applyAlongAxis")(
    (apply, x, y) => apply((line) => line.outer(y).add(line.sum()), 1, x),
    [of(any, 2, 2, 2), of(any, 3)],
    [of(any, 0, 2), of(any, 2)],
  ),
  fromFunction: calls("fromFunction")(
    (fromFunction, x) => fromFunction((i, j) => i.add(x).mul(2).add(j.sub(x.sin())), [2, 3], { dtype: x.dtype, device: x.device }),
    [of(any)],
  ),
  meshgrid: calls("meshgrid")((meshgrid, x, y) => meshgrid(x, y), [of(any, 2), of(any, 3)], [of(any, 0), of(any)]),
  kaiser: calls("kaiser")((kaiser, beta) => kaiser(4, beta), [of(real(1, 5))]).map((call) => ({ ...call, wide: true as const })),
};
