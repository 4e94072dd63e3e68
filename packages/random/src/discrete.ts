import { type ArrayLike, argmax, type DType, type NDArray, type Shape, ShapeError, stopGradient } from "@ad/core";
import { special } from "@ad/core/internals/backend";
import { checkAxis, checkOptions, describe } from "@ad/core/internals/checks";
import { asArray, cast } from "@ad/core/internals/trace";
import { floatOf, type Given, keyOf, type Must, prepare, probability, refuse, shapeOf, still } from "./checks.js";
import { gumbel, units } from "./continuous.js";
import { type DrawnType, draw, type Kernel } from "./draw.js";
import { fill } from "./kernel.js";
import { bits32, child, type Float, unit, type Words } from "./threefry.js";

/**
 * Whole numbers from min up to max − 1, all equally probable but for a part in 2³². No derivative. Inside of jit, which cannot refuse it, a max that is not
 * above min gives min, as in JAX.
 *
 * @param key [2], int32
 * @param shape of the result; by default that of min and max together
 * @param min the least number, at least −2³¹
 * @param max the first number that is too large, above min and at most 2³¹
 * @returns int32
 * @throws DTypeError or ShapeError where the key is none, min or max is no whole number of 32 bits, or max is not above min; ShapeError as {@link uniform} does
 * @example
 * randint(key(0), [5], 0, 10).toArray(); // [9, 0, 2, 3, 1]
 */
export function randint(key: ArrayLike, shape: Shape | number | undefined, min: ArrayLike, max: ArrayLike): NDArray {
  const whole: Must = ["that are whole, of 32 bits", (n) => Number.isInteger(n) && Math.abs(n) <= 2 ** 31];
  const { x, own, given } = prepare(
    "randint",
    key,
    shape,
    [
      ["min", min, whole],
      ["max", max, whole],
    ],
    undefined,
  );
  const [low, high] = given;
  refuse("randint: max is not above min; give the larger one second.", low.greaterEqual(high));
  return draw({ name: "randint", shape: own, dtype: "int32", kernel: integers }, x, ...still(given, own));
}

/** The remainder of an unsigned word. The span is one too, since the engine is fast with such alone: 0 stands for 2³². */
const remainder = (word: number, span: number): number => (span === 0 ? word : word % span) >>> 0;

/** The remainder of 64 bits by the span, in words of 32. */
const integers: Kernel = (key, out, [low, high]) => {
  const [upper, lower] = [0, 1].map((i) => fill(child(key, i), new Int32Array(out.length), bits32));
  for (let i = 0; i < out.length; i++) {
    const span = Math.max(1, high[i] - low[i]) >>> 0;
    const half = remainder(65536, span);
    const times = remainder(Math.imul(half, half) >>> 0, span);
    const sum = Math.imul(remainder(upper[i] >>> 0, span), times) + remainder(lower[i] >>> 0, span);
    out[i] = low[i] + remainder(sum >>> 0, span);
  }
};

/**
 * True with a probability. No derivative. Inside of jit a p that is NaN gives false.
 *
 * @param key [2], int32
 * @param shape of the result; by default that of p
 * @param p the probability, 0.5 by default; of float32 draws numbers of float32
 * @returns bool
 * @throws DTypeError or ShapeError where the key is none or p is none, ShapeError as {@link uniform} does
 * @example
 * bernoulli(key(0), [4], 0.3).toArray(); // [false, true, false, false]
 */
export function bernoulli(key: ArrayLike, shape?: Shape | number, p: ArrayLike = 0.5): NDArray {
  const all = asArray(p, "bernoulli");
  const {
    x,
    own,
    dtype,
    given: [chance],
  } = prepare("bernoulli", key, shape, [["p", all, probability]], { dtype: floatOf(all) });
  return units("bernoulli", x, own, dtype).less(chance);
}

/** The dtype of what is a whole number. */
export interface CountOptions {
  /** "int32" (the default), "float32" or "float64". */
  readonly dtype?: DType;
}

const allowed = ["int32", "float32", "float64"] as const;

/** The count where a parameter is none, which only a program can be given: it is refused elsewhere. */
const none = (dtype: DrawnType): number => (dtype === "int32" ? -1 : NaN);

/**
 * 1 or −1, equally probable.
 *
 * @param key [2], int32
 * @param shape of the result
 * @param options dtype, int32 by default
 * @throws as {@link bits} does; DTypeError for another dtype, TreeError for an unknown option
 * @example
 * rademacher(key(0), [4]).toArray(); // [1, 1, -1, -1]
 */
export function rademacher(key: ArrayLike, shape: Shape | number = [], options: CountOptions = {}): NDArray {
  const { x, own, dtype } = prepare<DrawnType>("rademacher", key, shape, [], options, { allowed });
  return units("rademacher", x, own, "float64").less(0.5).astype(dtype).mul(2).sub(1);
}

/**
 * The index of one of several outcomes, whose probabilities are softmax(logits, axis). No derivative. Logits that are NaN, Infinity, or all −Infinity cannot be
 * refused inside of jit; there the index is −1.
 *
 * @param key [2], int32
 * @param shape of the result: that of the logits without the axis, which is the default, or with axes before it for more draws
 * @param logits logarithms of probabilities, up to a summand; −Infinity is never drawn
 * @param options axis = −1, along which the outcomes are
 * @returns int32
 * @throws DTypeError or ShapeError where the key is none, DTypeError where logits are NaN, Infinity, or all −Infinity, AxisError where there is no such axis, ShapeError and TreeError as {@link uniform} does
 * @example
 * categorical(key(0), [6], [0, 1, 2]).toArray(); // [2, 2, 2, 1, 1, 2]
 */
export function categorical(
  key: ArrayLike,
  shape: Shape | number | undefined,
  logits: ArrayLike,
  options: { readonly axis?: number } = {},
): NDArray {
  checkOptions("categorical", options, ["axis"]);
  const given = asArray(logits, "categorical");
  const dtype = floatOf(given);
  const x = stopGradient(cast(given, dtype));
  const axis = checkAxis("categorical", options.axis ?? -1, x.ndim);
  if (x.shape[axis] === 0) throw new ShapeError(`categorical: ${describe(x)} has no outcomes along axis ${axis}; give one or more.`);
  const isWrong = x.max(axis).isFinite().logicalNot();
  const isKnown = refuse(
    "categorical: the largest of some logits is NaN or infinite; give finite ones, and -Infinity for what is never drawn.",
    isWrong,
  );
  const batch = x.shape.filter((_, i) => i !== axis);
  const own = [...shapeOf("categorical", shape, batch)];
  const before = own.length - batch.length;
  own.splice(before + axis, 0, x.shape[axis]);
  const drawn = argmax(gumbel(keyOf("categorical", key), own, { dtype }).add(x), before + axis);
  return isKnown ? drawn : isWrong.where(-1, drawn);
}

/** The keys that follow each other where a loop splits its key, each made when it is first asked for. */
function chain(key: Words, next: number): (step: number) => Words {
  const keys = [key];
  return (step) => {
    while (keys.length <= step) keys.push(child(keys[keys.length - 1], next));
    return keys[step];
  };
}

/** Poisson numbers of small rates: how many uniform numbers have a product above exp(−rate) (Knuth, "The art of computer programming", 3.4.1). */
function productBelow(keys: (step: number) => Words, i: number, rate: number): number {
  let sum = 0;
  let k = 0;
  for (; sum > -rate; k++) sum = Math.fround(sum + Math.log(unit(child(keys(k), 1), i, "float32")));
  return k - 1;
}

/**
 * Hörmann's transformed rejection, for counts of a mean of 10 or more: "The transformed rejection method for generating Poisson random variables"
 * (1993) and "The generation of binomial random variates" (1993).
 *
 * @param logs the logarithm of a count's probability; NaN or −Infinity for what is none
 */
function rejected(
  keys: (step: number) => Words,
  i: number,
  dtype: Float,
  [a, b, centre, quick, scale]: readonly number[],
  logs: (k: number) => number,
): number {
  for (let step = 0; ; step++) {
    const u = unit(child(keys(step), 1), i, dtype) - 0.5;
    const v = unit(child(keys(step), 2), i, dtype);
    const rest = 0.5 - Math.abs(u);
    const k = Math.floor(((2 * a) / rest + b) * u + centre);
    if ((rest >= 0.07 && v <= quick) || Math.log((v * scale) / (a / (rest * rest) + b)) <= logs(k)) return k;
  }
}

function large(keys: (step: number) => Words, i: number, rate: number): number {
  const b = 0.931 + 2.53 * Math.sqrt(rate);
  const form = [0.02483 * b - 0.059, b, rate + 0.43, 0.9277 - 3.6224 / (b - 2), 1.1239 + 1.1328 / (b - 3.4)];
  return rejected(keys, i, "float32", form, (k) => k * Math.log(rate) - rate - special.lgamma(k + 1));
}

/**
 * Numbers of Poisson's distribution: how many events there are where `rate` are expected. No derivative. A rate that is none cannot be refused
 * inside of jit; there its count is −1, of a floating dtype NaN.
 *
 * @param key [2], int32
 * @param shape of the result; by default that of the rate
 * @param rate the mean, at most 2³⁰
 * @param options dtype, int32 by default
 * @throws DTypeError or ShapeError where the key is none, a rate is negative or too large, or another dtype is asked for; ShapeError and TreeError as
 * {@link uniform} does
 * @example
 * poisson(key(0), [5], 3).toArray(); // [0, 0, 4, 4, 1]
 */
export function poisson(key: ArrayLike, shape: Shape | number | undefined, rate: ArrayLike, options: CountOptions = {}): NDArray {
  const mean: Given = ["rate", rate, ["from 0 to 2 ** 30", (n) => n >= 0 && n <= 2 ** 30]];
  const { x, own, dtype, given } = prepare<DrawnType>("poisson", key, shape, [mean], options, { allowed, as: "float32" });
  return draw(
    {
      name: "poisson",
      shape: own,
      dtype,
      kernel(key, out, [rates]) {
        const keys = chain(key, 0);
        for (let i = 0; i < out.length; i++) {
          const rate = rates[i];
          out[i] = rate > 0 && rate <= 2 ** 30 ? (rate < 10 ? productBelow : large)(keys, i, rate) : rate === 0 ? 0 : none(dtype);
        }
      },
    },
    x,
    ...still(given, own),
  );
}

/** Counts the successes in n trials, by the numbers of failures between them, which it adds up. */
function gaps(keys: (step: number) => Words, i: number, n: number, p: number, dtype: Float): number {
  const rest = Math.log1p(-p);
  let sum = 0;
  let k = 0;
  for (; sum <= n; k++) sum += Math.ceil(Math.log(unit(child(keys(k), 0), i, dtype)) / rest);
  return k - 1;
}

/** Counts them where p is at most 0.5 and n p above 10. Probabilities are those beside the most probable count's. */
function many(keys: (step: number) => Words, i: number, n: number, p: number, dtype: Float): number {
  const deviation = Math.sqrt(n * p * (1 - p));
  const b = 1.15 + 2.53 * deviation;
  const form = [0.0248 * b - 0.0873 + 0.01 * p, b, n * p + 0.5, 0.92 - 4.2 / b, (2.83 + 5.1 / b) * deviation];
  const logs = (k: number): number => k * Math.log(p / (1 - p)) - special.lgamma(k + 1) - special.lgamma(n - k + 1);
  const most = logs(Math.floor((n + 1) * p));
  return rejected(keys, i, dtype, form, (k) => logs(k) - most);
}

function successes(first: (step: number) => Words, last: (step: number) => Words, i: number, n: number, p: number, dtype: Float): number {
  const q = p < 0.5 ? p : 1 - p;
  const k = q === 0 ? 0 : n * q <= 10 ? gaps(last, i, n, q, dtype) : many(first, i, n, q, dtype);
  return p < 0.5 ? k : n - k;
}

/**
 * Numbers of the binomial distribution: the successes in n trials that each succeed with probability p. No derivative. Inside of jit, an n or p
 * that is none gives −1, or NaN, as with {@link poisson}.
 *
 * @param key [2], int32
 * @param shape of the result; by default that of n and p together
 * @param n how many trials, whole numbers of at most 2³⁰
 * @param p the probability; of float32 draws numbers of float32
 * @param options dtype, int32 by default
 * @throws DTypeError or ShapeError where the key is none, n or p is none, or another dtype is asked for; ShapeError and TreeError as
 * {@link uniform} does
 * @example
 * binomial(key(0), [5], 10, 0.3).toArray(); // [4, 1, 3, 4, 3]
 */
export function binomial(
  key: ArrayLike,
  shape: Shape | number | undefined,
  n: ArrayLike,
  p: ArrayLike,
  options: CountOptions = {},
): NDArray {
  const as = floatOf(asArray(p, "binomial"));
  const trials: Given = ["n", n, ["that are whole, from 0 to 2 ** 30", (k) => Number.isInteger(k) && k >= 0 && k <= 2 ** 30]];
  const { x, own, dtype, given } = prepare<DrawnType>("binomial", key, shape, [trials, ["p", p, probability]], options, { allowed, as });
  return draw(
    {
      name: "binomial",
      shape: own,
      dtype,
      kernel(key, out, [ns, ps]) {
        const [first, last] = [chain(key, 0), chain(key, 1)];
        for (let i = 0; i < out.length; i++)
          out[i] = ns[i] >= 0 && ns[i] <= 2 ** 30 && ps[i] >= 0 && ps[i] <= 1 ? successes(first, last, i, ns[i], ps[i], as) : none(dtype);
      },
    },
    x,
    ...still(given, own),
  );
}
