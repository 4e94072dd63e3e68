import type { NDArray } from "@ad/core";
import { type ArrayList, bind, type Params, type PrimitiveName, primitives, rebind, sameShape } from "@ad/core/internals/trace";
import type { Found, Rule } from "./site.js";

const reductions: readonly string[] = ["sum", "prod", "max", "min"];

/** Elementwise operations and reductions of a value that was stretched are computed before it is stretched. */
export const below: Rule = (site) => {
  const { name, inputs, params } = site;
  if (isElementwise(name))
    return unstretched(
      inputs,
      (x) => site.madeBy(x, "broadcast"),
      (own) => rebind(name, own, params),
    );
  const inner = site.madeBy(inputs[0], "broadcast");
  if (!inner) return undefined;
  if (name === "reshape") return reshaped(inner, (params as Params<"reshape">).shape);
  if (reductions.includes(name)) return reduced(name as "sum", inner, (params as Params<"sum">).axes);
  return undefined;
};

/** Returns whether an operation computes each element from those at the same place. */
export const isElementwise = (name: string): boolean =>
  primitives[name as PrimitiveName]?.kind === "elementwise" || name === "cast" || name === "select";

/** Elementwise work where all operands are stretched, and none along another axis than the one that is stretched least. */
export function unstretched(
  inputs: ArrayList,
  foundOf: (x: NDArray) => Found<"broadcast"> | undefined,
  run: (own: ArrayList) => NDArray,
): NDArray | undefined {
  const all = inputs.flatMap((x) => foundOf(x) ?? []);
  if (all.length < inputs.length) return undefined;
  const most = all.reduce((a, b) => (b.params.dims.length > a.params.dims.length ? b : a));
  const [{ shape }] = most.inputs;
  const { params } = most;
  const { dims } = params;
  if (!all.every((each) => each.params.dims.every((axis) => dims.includes(axis)))) return undefined;
  const own = all.map(({ inputs: [x], params }) =>
    sameShape(x.shape, shape) ? x : bind("broadcast", [x], { shape, dims: params.dims.map((axis) => dims.indexOf(axis)) }),
  );
  return bind("broadcast", [run(own)], params);
}

/** Axes of one element come and go. */
function reshaped({ inputs, params }: Found<"broadcast">, shape: readonly number[]): NDArray | undefined {
  const long = (of: readonly number[]): number[] => of.filter((n) => n !== 1);
  if (!sameShape(long(params.shape), long(shape))) return undefined;
  const after = [...shape.keys()].filter((axis) => shape[axis] !== 1);
  return bind("broadcast", inputs, { shape, dims: params.dims.map((axis) => after[long(params.shape.slice(0, axis)).length]) });
}

/** A reduction over axes that were not stretched. */
function reduced(name: "sum", { inputs, params: { shape, dims } }: Found<"broadcast">, axes: readonly number[]): NDArray | undefined {
  const own = axes.map((axis) => dims.indexOf(axis));
  if (axes.length === 0 || own.includes(-1)) return undefined;
  const rest = [...shape.keys()].filter((axis) => !axes.includes(axis));
  return bind("broadcast", [bind(name, inputs, { axes: own })], {
    shape: rest.map((axis) => shape[axis]),
    dims: dims.map((axis) => rest.indexOf(axis)).filter((axis) => axis >= 0),
  });
}
