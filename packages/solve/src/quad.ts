import { type ArrayLike, arange, array, type DType, DTypeError, type NDArray, stack, TransformError, whileLoop, zerosLike } from "@ad/core";
import { checkFunction, checkOptions, checkShape, describe } from "@ad/core/internals/checks";
import {
  type ArrayList,
  asArray,
  Closure,
  call,
  type LinearMap,
  type Operation,
  peek,
  pullbackAt,
  pushOf,
  recordPullback,
  written,
} from "@ad/core/internals/trace";
import { vmap } from "@ad/vmap";
import * as codes from "./codes.js";
import { constant } from "./constant.js";
import { epsilonOf, largest } from "./problem.js";
import { plain, type Report, report } from "./result.js";
import { numberOf, wholeOf } from "./scalars.js";

/** Options of {@link quad}. */
export interface QuadOptions {
  /** The error that is allowed: 1e-10, or 1e-5 in float32. */
  readonly atol?: number;
  /** The error that is allowed, as a part of the value: 1e-10, or 1e-5 in float32. The larger of both counts. */
  readonly rtol?: number;
  /** Into how many intervals the range is divided at the most: 50. */
  readonly limit?: number;
}

/** The result of {@link quad}. */
export interface QuadResult extends Report {
  /** The integral, of the shape of f's result. */
  readonly value: NDArray;
  /** An estimate of its error, of shape []; the true error is most often far below. It has no derivative. */
  readonly error: NDArray;
}

/** The nodes of Gauss and Kronrod from 1 down to 0, their weights, and, for every second node, the weights of Gauss (Piessens and others, QUADPACK, 1983). */
const rule = [
  [0.9956571630258081, 0.011694638867371874, 0],
  [0.9739065285171717, 0.032558162307964725, 0.06667134430868814],
  [0.9301574913557082, 0.054755896574351995, 0],
  [0.8650633666889845, 0.07503967481091996, 0.1494513491505806],
  [0.7808177265864169, 0.0931254545836976, 0],
  [0.6794095682990244, 0.10938715880229764, 0.21908636251598204],
  [0.5627571346686047, 0.12349197626206584, 0],
  [0.4333953941292472, 0.13470921731147334, 0.26926671930999635],
  [0.2943928627014602, 0.14277593857706009, 0],
  [0.14887433898163122, 0.14773910490133849, 0.29552422471475287],
  [0, 0.1494455540029169, 0],
] as const;
/** Both signs of each, but for 0. A literal, so that a bundle without `quad` has none of this. */
const count = 21;
const both = (k: 0 | 1 | 2, dtype: DType): NDArray => {
  const half = rule.slice(0, -1).map((row) => row[k]);
  return array([...half.map((x) => (k === 0 ? -x : x)), rule[10][k], ...half.reverse()], { dtype });
};

/** An end of the range: −1 or 1 where it is infinite. */
interface End {
  readonly at: NDArray;
  readonly infinite: -1 | 0 | 1;
}

/** Returns an end. Whether it is infinite has to be known: the range is then another one. Where there are no numbers it counts as finite. */
function endOf(name: string, value: ArrayLike): End {
  const x = asArray(value, "quad");
  if (x.ndim !== 0 || x.dtype === "bool")
    throw new DTypeError(
      `quad: ${name} is ${describe(value)}; give a number or an array of shape [], and map over more of them with vmap.`,
    );
  const numbers = Array.from(peek(x)?.values.data() ?? [], (each) => (Math.abs(each) === Infinity ? Math.sign(each) : 0));
  if (new Set(numbers).size > 1)
    throw new TransformError(`quad: ${name} is infinite in some lanes of vmap and not in others; separate them.`);
  return { at: x, infinite: (numbers[0] ?? 0) as End["infinite"] };
}

/**
 * The integral of f from a to b, by the rule of Gauss and Kronrod with 21 nodes in each interval: the one with the largest error is halved until all
 * errors together are within the tolerance. f is called for all nodes at once, by vmap: it is written for one x, as an elementwise function is.
 *
 * The arrays that f closes over and both ends may be differentiated, up to 32 times; a derivative by an end is f's value there. Derivatives take the intervals that the value took. It works inside of vmap, where each lane has
 * intervals of its own, inside of jit, and inside of itself, for integrals over several variables.
 *
 * @param f a function of one x, of shape [] and floating dtype, that gives an array of any shape
 * @param a the end to begin with: a number or an array of shape []; −Infinity and Infinity where its number is known
 * @param b the other end; it may lie below a
 * @param options atol, rtol, limit: {@link QuadOptions}
 * @returns `{ value, error, converged, status, iterations, evaluations }`: {@link QuadResult}. In float32 where both ends are float32; evaluations
 * counts the nodes
 * @throws TransformError where f is no function, or an end is infinite in some lanes alone, DTypeError where an end or an option is no number,
 * ShapeError where an end is no sound array or limit is more than an array can hold, TreeError for an unknown option
 * @example
 * quad((x) => x.square().neg().exp(), -Infinity, Infinity).value.square().item(); // 3.1415927
 * grad((b: NDArray) => quad((x) => x.cos(), 0, b).value)(array(1)).item(); // 0.5403023
 */
export function quad(f: (x: NDArray) => ArrayLike, a: ArrayLike, b: ArrayLike, options?: QuadOptions): QuadResult {
  checkFunction("quad", f);
  checkOptions("quad", options, ["atol", "rtol", "limit"]);
  const [from, to] = [endOf("a", a), endOf("b", b)];
  const dtype = from.at.add(to.at).dtype === "float32" ? "float32" : "float64";
  const least = dtype === "float32" ? 1e-5 : 1e-10;
  const atol = numberOf("quad", "atol", options?.atol ?? least, 0);
  const rtol = numberOf("quad", "rtol", options?.rtol ?? least, 0);
  const limit = wholeOf("quad", "limit", options?.limit ?? 50, 1);
  checkShape("quad", [limit]);
  const [nodes, weights, gauss] = ([0, 1, 2] as const).map((k) => both(k, dtype));
  const one = (x: NDArray): NDArray => asArray(f(x), "quad").astype(dtype);
  const each = vmap(one);
  const range = rangeOf(from, to, dtype);

  /** f at the nodes of intervals, times what dx is of dt: [intervals, nodes, elements]; and the shape of f's result. */
  const at = (lo: NDArray, hi: NDArray): readonly [y: NDArray, half: NDArray, shape: readonly number[]] => {
    const half = hi.sub(lo).div(2);
    const [x, dx] = range(nodes.mul(half.expandDims(1)).add(lo.add(hi).div(2).expandDims(1)).ravel());
    const y = each(x);
    const [n] = lo.shape;
    return [
      y
        .reshape(n * count, -1)
        .mul(dx.expandDims(1))
        .reshape(n, count, -1),
      half,
      y.shape.slice(1),
    ];
  };

  /** The integrals over intervals, [intervals, elements], and estimates of their errors. */
  const estimated = (lo: NDArray, hi: NDArray): readonly [value: NDArray, error: NDArray] => {
    const [y, halves] = at(lo, hi);
    const half = halves.expandDims(1);
    const sum = weights.matmul(y);
    const spread = weights.matmul(y.sub(sum.div(2).expandDims(1)).abs()).mul(half.abs());
    const size = weights.matmul(y.abs()).mul(half.abs());
    const apart = sum.sub(gauss.matmul(y)).mul(half).abs();
    const scaled = apart.mul(200).div(spread.equal(0).where(1, spread)).pow(1.5).minimum(1).mul(spread);
    const error = spread
      .equal(0)
      .where(apart, scaled)
      .maximum(size.mul(50 * epsilonOf(size)));
    return [sum.mul(half), error.size === 0 ? error.sum(1) : error.max(1)];
  };

  const slots = arange(limit);
  const found = constant(() => {
    const [value, error] = estimated(array([0], { dtype }), array([1], { dtype }));
    const inFirst = slots.equal(0);
    const state = {
      lo: slots.mul(0).astype(dtype),
      hi: inFirst.astype(dtype),
      value: inFirst.expandDims(1).where(value, 0),
      error: inFirst.where(error, 0),
      count: array(1, { dtype: "int32" }),
    };
    const allowed = (value: NDArray): NDArray => largest(value.sum(0)).mul(rtol).maximum(atol);
    const last = whileLoop(
      ({ value, error, count }) => error.sum().greater(allowed(value)).logicalAnd(count.less(limit)),
      ({ lo, hi, value, error, count }) => {
        const worst = error.argmax();
        const [left, right] = [lo.take(worst), hi.take(worst)];
        const middle = left.add(right).div(2);
        const [own, errors] = estimated(stack([left, middle]), stack([middle, right]));
        const [isFirst, isSecond] = [slots.equal(worst), slots.equal(count)];
        const put = (x: NDArray, first: NDArray, second: NDArray): NDArray =>
          (x.ndim === 2 ? isFirst.expandDims(1) : isFirst).where(
            first,
            (x.ndim === 2 ? isSecond.expandDims(1) : isSecond).where(second, x),
          );
        return {
          lo: put(lo, left, middle),
          hi: put(hi, middle, right),
          value: put(value, own.slice(0), own.slice(1)),
          error: put(error, errors.slice(0), errors.slice(1)),
          count: count.add(1),
        };
      },
      state,
    );
    const total = last.error.sum();
    const code = total
      .lessEqual(allowed(last.value))
      .where(codes.error[0], total.isFinite().where(codes.limit[0], codes.notFinite[0]))
      .astype("int32");
    return { lo: last.lo, hi: last.hi, count: last.count, error: total, code };
  });

  // The sum over the intervals that were found, with f as it is; intervals that were not needed repeat the first one, and weigh nothing.
  const used = plain<number>(found.count);
  const known = typeof used === "number" ? used : limit;
  const on = slots.slice([0, known]).less(found.count);
  const of = (x: NDArray): NDArray => on.where(x.slice([0, known]), x.slice(0));
  const [y, half, shape] = at(of(found.lo), of(found.hi));
  const inside = weights
    .matmul(y)
    .mul(on.where(half, 0).expandDims(1))
    .sum(0)
    .reshape([...shape]);
  /** The mean of f between an end's number and the end, by the same nodes: it has the derivatives of the mean up to the order of the rule, the 31st. */
  const mean = (end: NDArray): NDArray => {
    const still = end.stopGradient();
    const y = each(end.sub(still).mul(nodes.add(1).div(2)).add(still));
    return weights.div(2).matmul(y.reshape(count, -1)).reshape(y.shape.slice(1));
  };
  // An end that no transformation knows needs no derivative.
  const ends = [from, to].map(({ at, infinite }, i) =>
    infinite !== 0 || !isKnown(at) ? undefined : beyond(at.astype(dtype), mean).mul(2 * i - 1),
  );
  return {
    value: ends.reduce<NDArray>((sum, part) => (part ? sum.add(part) : sum), inside),
    error: found.error,
    ...report([codes.error, codes.limit, codes.notFinite], {
      code: found.code,
      iterations: found.count.sub(1),
      evaluations: found.count.mul(2).sub(1).mul(count),
    }),
  };
}

/**
 * Maps t in [0, 1] to x and dx/dt, with constant ends, so that what is not smooth at an end is smoother in t (Shampine, "Vectorized adaptive
 * quadrature in MATLAB", 2008).
 */
function rangeOf(from: End, to: End, dtype: DType): (t: NDArray) => readonly [x: NDArray, dx: NDArray] {
  const [a, b] = [from, to].map(({ at }) => at.astype(dtype).stopGradient());
  if (from.infinite === 0 && to.infinite === 0)
    return (t) => [t.square().mul(t.mul(-2).add(3)).mul(b.sub(a)).add(a), t.mul(t.neg().add(1)).mul(6).mul(b.sub(a))];
  if (from.infinite !== 0 && to.infinite !== 0) {
    const sign = (to.infinite - from.infinite) / 2;
    return (t) => {
      const s = t.mul(2).sub(1);
      const rest = s.square().neg().add(1);
      return [
        s.div(rest),
        s
          .square()
          .add(1)
          .div(rest.square())
          .mul(2 * sign),
      ];
    };
  }
  const sign = to.infinite - from.infinite;
  const [start, way] = to.infinite !== 0 ? [a, to.infinite] : [b, from.infinite];
  return (t) => {
    const rest = t.neg().add(1);
    return [t.div(rest).square().mul(way).add(start), t.div(rest.pow(3)).mul(2 * sign)];
  };
}

const sumOf = (x: NDArray | undefined, y: NDArray | undefined): NDArray | undefined => (x && y ? x.add(y) : (x ?? y));

/** Whether a transformation may ask for a derivative by x. */
const isKnown = (x: NDArray): boolean => x.bottom() !== x;

/**
 * (end − its number) · mean, where the end is the first input and the mean is made of all of them: 0, whatever the mean is, but with derivatives. It is an operation
 * of its own since the mean and its derivatives may be infinite. Rules run the mean where the product is asked for: later, variables that it closes over may be
 * others.
 */
function anchored(mean: LinearMap, zero: (inputs: ArrayList) => NDArray): Operation {
  const own: Operation = {
    name: "quad",
    record: recordPullback,
    forward: (inputs) => [zero(inputs)],
    jvp(inputs, tangents, push) {
      const [[y], [along]] = pushOf("quad", push)(mean, inputs, tangents);
      return [call(own, inputs), [sumOf(tangents[0] && y.mul(tangents[0]), times(inputs[0], along))]];
    },
    vjp(inputs, active = inputs.map(() => true)) {
      const [[y], back] = pullbackAt("quad", mean, inputs, active);
      return [
        call(own, inputs),
        ([ct]) => {
          const [byEnd, ...more] = isKnown(inputs[0]) ? back([ct]).map((each) => times(inputs[0], each)) : [];
          return [active[0] && ct ? sumOf(y.mul(ct).sum(), byEnd) : undefined, ...more];
        },
      ];
    },
  };
  return own;
}

/** (end − its number) · x: nothing where no transformation knows the end. */
const times = (end: NDArray, x: NDArray | undefined): NDArray | undefined =>
  x && isKnown(end)
    ? call(
        anchored(
          ([, x]) => [x],
          ([, x]) => zerosLike(x),
        ),
        [end, x],
      )[0]
    : undefined;

/**
 * The integral from an end's number to the end itself, from the mean of f between both: 0, but with derivatives, f at the end by the end, and the same
 * integrals of f's derivatives by all that it closes over.
 */
function beyond(end: NDArray, mean: (end: NDArray) => NDArray): NDArray {
  const closure = new Closure();
  const zero = zerosLike(closure.constant(() => mean(end)));
  const inputs = [end, ...closure.values];
  const all = written("quad", ([end, ...own]) => closure.replaced(own, () => [mean(end)]), inputs);
  return call(
    anchored(all, () => zero),
    inputs,
  )[0];
}
