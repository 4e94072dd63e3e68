import type { NDArray } from "@ad/core";
import { type ArrayList, bind, type Params, type PrimitiveName, primitives, rebind, sameShape } from "@ad/core/internals/trace";
import { asShape, numberOf } from "./constants.js";
import type { Found, Rule, Site } from "./rewrite.js";

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

/** Elementwise work where all operands are numbers, or stretched along the axes along which the largest of them is. */
export function unstretched(
  inputs: ArrayList,
  foundOf: (x: NDArray) => Found<"broadcast"> | undefined,
  run: (own: ArrayList) => NDArray,
): NDArray | undefined {
  const found = inputs.map(foundOf);
  const size = (each: Found<"broadcast"> | undefined): number => each?.inputs[0].size ?? -1;
  const largest = found.reduce((a, b) => (size(b) > size(a) ? b : a), undefined as Found<"broadcast"> | undefined);
  const [whole] = inputs;
  if (!largest || size(largest) >= whole.size) return undefined;
  const { shape } = largest.inputs[0];
  const { dims } = largest.params;
  const own: NDArray[] = [];
  for (let i = 0; i < inputs.length; i++) {
    const each = found[i];
    const x = each ? withinAxes(each, shape, dims) : numberOf(inputs[i]) === undefined ? undefined : asShape(inputs[i], shape);
    if (!x) return undefined;
    own.push(x);
  }
  return bind("broadcast", [run(own)], { shape: whole.shape, dims });
}

/** A value that is stretched to a shape of these axes; undefined where it has others. */
function withinAxes({ inputs: [x], params }: Found<"broadcast">, shape: readonly number[], dims: readonly number[]): NDArray | undefined {
  const at = params.dims.map((axis) => dims.indexOf(axis));
  if (!at.every((k, i) => k >= 0 && (x.shape[i] === 1 || x.shape[i] === shape[k]))) return undefined;
  return sameShape(x.shape, shape) ? x : bind("broadcast", [x], { shape, dims: at });
}

/** Axes of one element come and go. */
function reshaped({ inputs: [x], params }: Found<"broadcast">, shape: readonly number[]): NDArray | undefined {
  const long = (of: readonly number[]): number[] => of.flatMap((n, axis) => (n === 1 ? [] : [axis]));
  const before = long(params.shape);
  const after = long(shape);
  const isSame = sameShape(
    before.map((axis) => params.shape[axis]),
    after.map((axis) => shape[axis]),
  );
  if (!isSame) return undefined;
  const kept = params.dims.filter((axis) => params.shape[axis] !== 1);
  const thin = x.shape.filter((_, i) => params.shape[params.dims[i]] !== 1);
  return bind("broadcast", [sameShape(thin, x.shape) ? x : x.reshape(thin)], {
    shape,
    dims: kept.map((axis) => after[before.indexOf(axis)]),
  });
}

/** A reduction over axes that were not stretched. */
function reduced(name: "sum", { inputs, params: { shape, dims } }: Found<"broadcast">, axes: readonly number[]): NDArray | undefined {
  const [x]: ArrayList = inputs;
  const own = axes.map((axis) => dims.indexOf(axis));
  if (axes.length === 0 || !own.every((k, i) => k >= 0 && x.shape[k] === shape[axes[i]])) return undefined;
  const place = (axis: number): number => axis - axes.filter((each) => each < axis).length;
  return bind("broadcast", [bind(name, [x], { axes: own })], {
    shape: shape.filter((_, axis) => !axes.includes(axis)),
    dims: dims.filter((axis) => !axes.includes(axis)).map(place),
  });
}
