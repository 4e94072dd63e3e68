import { ADError, type Inputs, type NDArray, stack, TransformError, where } from "@ad/core";
import { type AnyFunction, checkFunction, checkOptions, checkTuple, describe, showShape } from "@ad/core/internals/checks";
import { sizeOf } from "@ad/core/internals/trace";
import { directions } from "./basis.js";
import { alike, type Evaluated, evaluate, type FlatFunction, flatFunction } from "./flat.js";
import { allAtOnce } from "./options.js";
import { sweep } from "./sweep.js";

/** Options of {@link checkGrad}. */
export interface CheckOptions {
  /** Derivatives up to this order are checked; default 1. */
  readonly order?: number;
  /** Default both. From the second order on, every sequence of them is checked. */
  readonly modes?: readonly Mode[];
  /** The step of the central differences, relative to the argument where that is above 1; by default what suits the dtype. */
  readonly eps?: number;
  /** The error that a derivative may have, relative to the difference quotient; by default what suits the dtype. */
  readonly rtol?: number;
  /** The error that it may have besides, relative to f's largest result where that is above 1. */
  readonly atol?: number;
  /** The arguments to check; by default all. */
  readonly argnums?: number | readonly number[];
}

/** Step and tolerances: the step balances the quotient's truncation error, eps², against its rounding error, ulp/eps. */
const defaults = {
  float64: { eps: 6e-6, rtol: 1e-5, atol: 1e-7 },
  float32: { eps: 5e-3, rtol: 2e-2, atol: 2e-3 },
} as const;

/** The mode that a derivative is taken by. */
export type Mode = "forward" | "reverse";

/** A function to be checked, what messages call its results, and how it was derived from the user's. */
interface Checked extends FlatFunction {
  readonly outs?: readonly string[];
  readonly modes: readonly Mode[];
}

/** (f(x + h) - f(x - h)) / 2h for each element of leaf i: for each result leaf [results, elements]. */
function quotients(g: FlatFunction, before: Evaluated, i: number, eps: number): NDArray[] {
  const x = g.leaves[i];
  const columns = Array.from({ length: x.size }, (_, k) => {
    const unit = (directions(x, { start: 0, count: x.size }, { start: k, count: 1 }) as NDArray).reshape(x.shape);
    const at = (y: NDArray): NDArray => y.ravel().slice(k);
    const step = unit.mul(Math.max(1, Math.abs(at(x).item() as number)) * eps);
    const [up, down] = [x.add(step), x.sub(step)];
    const [above, below] = [up, down].map((point) => alike(g.op, before, evaluate(g, [i], [point])).leaves);
    // The step as it came out, after rounding.
    return above.map((y, o) =>
      y
        .sub(below[o])
        .ravel()
        .div(at(up).sub(at(down))),
    );
  });
  return columns.length === 0
    ? []
    : columns[0].map((_, o) =>
        stack(
          columns.map((column) => column[o]),
          1,
        ),
      );
}

/** The worst entry of a block: by what factor it is further off than allowed, and where. */
function worst(block: NDArray, quotient: NDArray, allowed: NDArray): { readonly factor: number; readonly at: number } {
  const alike = block.equal(quotient).logicalOr(block.isNaN().logicalAnd(quotient.isNaN()));
  const factor = where(alike, 0, block.sub(quotient).abs().div(allowed));
  const known = where(factor.isNaN(), Infinity, factor);
  const at = known.argmax().item() as number;
  return { factor: known.ravel().slice(at).item() as number, at };
}

/** `[1, 2]`: where the k-th element of an array stands; nothing for a scalar. */
function indexOf(k: number, { shape }: NDArray, before = ""): string {
  const index = shape.map((n, axis) => Math.floor(k / sizeOf(shape.slice(axis + 1))) % n);
  return shape.length === 0 ? "" : before + showShape(index);
}

function check(g: Checked, order: number, modes: readonly Mode[], { eps, rtol, atol }: CheckOptions): void {
  const first = evaluate(g, [], []);
  const { leaves: values, form } = first;
  const outs = g.outs ?? form.paths.map((path) => `the result at ${path}`);
  const single = (...xs: NDArray[]): boolean => xs.some((x) => x.dtype === "float32");
  const differences = g.leaves.map((x, i) => quotients(g, first, i, eps ?? defaults[single(x, ...values) ? "float32" : "float64"].eps));
  for (const mode of modes) {
    const { blocks } = sweep(g, mode, allAtOnce);
    let top = { factor: 1, message: "" };
    values.forEach((y, o) => {
      if (y.size === 0) return;
      const scale = Math.max(1, y.abs().max().item() as number);
      g.leaves.forEach((x, i) => {
        if (x.size === 0) return;
        const fits = defaults[single(x, y) ? "float32" : "float64"];
        const block = blocks[o][i].reshape(y.size, x.size);
        const quotient = differences[i][o];
        const { factor, at } = worst(
          block,
          quotient,
          quotient
            .abs()
            .mul(rtol ?? fits.rtol)
            .add((atol ?? fits.atol) * scale),
        );
        if (factor <= top.factor) return;
        const [row, column] = [Math.floor(at / x.size), at % x.size];
        const [is, wanted] = [block, quotient].map((b) => b.slice(row, column).item());
        const how = [mode, ...g.modes].join(" over ");
        top = {
          factor,
          message: `${g.op}: by ${how} mode the derivative of ${outs[o]}${indexOf(row, y, g.outs && " at ")} by ${g.names[i]}${indexOf(column, x)} is ${is}, but central differences give ${wanted}.`,
        };
      });
    });
    if (top.message !== "") throw new ADError(top.message);
    if (order > 1) {
      const derivative = (...leaves: NDArray[]): NDArray[] => sweep({ ...g, leaves }, mode, allAtOnce).blocks.flat();
      const named = outs.flatMap((out) => g.names.map((name) => `the derivative of ${out} by ${name}`));
      const next = { ...g, f: derivative as AnyFunction, fill: (given: readonly NDArray[]) => given.slice(), hasAux: false };
      check({ ...next, outs: named, modes: [mode, ...g.modes] }, order - 1, modes, { eps, rtol, atol });
    }
  }
}

/**
 * Compares the derivatives of f at a point with central differences, and throws where they differ. Also for the user's own rules, and from
 * the second order on for their derivatives.
 *
 * @param f a function from arrays (or trees) to arrays (or trees), all floating
 * @param args a tuple with one entry per argument, of any shapes; its numbers are read
 * @param options order (default 1), modes, eps, rtol, atol (by default what suits the dtype), argnums (default all)
 * @throws ADError where a derivative is off: it names the worst entry, by the paths and indices of result and argument, and both values.
 * TransformError where f is no function or an option has no meaning, TreeError for an unknown option or where args are no tuple, DTypeError
 * where arguments or results are not floating, AxisError for argnums that are not there
 * @example
 * checkGrad((x) => x.sin().mul(x), [array([1, 2])], { order: 2 });
 */
export function checkGrad<A extends readonly unknown[] = NDArray[], R = unknown>(
  f: (...args: A) => R,
  args: NoInfer<Inputs<A>>,
  options: CheckOptions = {},
): void {
  const op = "checkGrad";
  checkFunction(op, f);
  checkOptions(op, options, ["order", "modes", "eps", "rtol", "atol", "argnums"]);
  const points = checkTuple(op, "args", args);
  const { order = 1, modes = ["forward", "reverse"], argnums = points.map((_, i) => i) } = options;
  if (!(Number.isInteger(order) && order >= 1 && order <= 10))
    throw new TransformError(`${op}: order is ${describe(order)}; give a whole number from 1 to 10.`);
  if (!Array.isArray(modes) || !Array.from(modes).every((mode) => mode === "forward" || mode === "reverse"))
    throw new TransformError(
      `${op}: modes are ${Array.isArray(modes) ? showShape(modes) : describe(modes)}; give a list of "forward" and "reverse".`,
    );
  for (const name of ["eps", "rtol", "atol"] as const) {
    const value: unknown = options[name];
    if (value !== undefined && !(Number.isFinite(value) && (value as number) >= 0))
      throw new TransformError(`${op}: ${name} is ${describe(value)}; give a number that is not negative.`);
  }
  const g = flatFunction(op, f as AnyFunction, points, { argnums });
  check({ ...g, modes: [] }, order, modes, options);
}
