import type { NDArray, Shape } from "@ad/core";
import { Concrete, compact } from "@ad/core/internals/backend";
import { type ArrayList, Aval, call, type Operation, sizeOf } from "@ad/core/internals/trace";
import { scalars, trustStep } from "./kernel.js";

/** The plan of a step, before it is taken. */
export type Plan = { readonly [S in (typeof scalars)[number]]: NDArray } & {
  readonly step: NDArray;
  /** The scale of each unknown. */
  readonly scales: NDArray;
};

/** The operation for lanes of this shape. It is used where nothing is differentiated, and has no derivative. */
function planning(isDogleg: boolean, lanes: Shape): Operation {
  const name = "leastSquares' step";
  const shape = ([{ shape, dtype }]: readonly Aval[]): Aval[] => [
    new Aval([...lanes, 2 * shape[shape.length - 2] + scalars.length], dtype),
  ];
  return {
    name,
    shape,
    borrows: true,
    forward(inputs) {
      const [n, m] = inputs[0].shape.slice(-2);
      const [aval] = shape(inputs.map((x) => x.aval));
      const out = new Float64Array(aval.size);
      const count = sizeOf(lanes);
      const all = inputs.map((x) => compact(x.to("cpu") as Concrete) as Float64Array);
      for (let i = 0; i < count; i++) {
        const part = (x: Float64Array): Float64Array =>
          count === 1 ? x : x.subarray((i * x.length) / count, ((i + 1) * x.length) / count);
        trustStep(isDogleg, all.map(part), m, n, part(out));
      }
      return [new Concrete(aval, aval.dtype === "float32" ? new Float32Array(out) : out)];
    },
    vmap: (inputs, mapped, size) =>
      call(
        planning(isDogleg, [size, ...lanes]),
        inputs.map((x, i) => (mapped[i] ? x : x.broadcastTo([size, ...x.shape]))),
      ),
  };
}

const operations = { lm: /* @__PURE__ */ planning(false, []), dogleg: /* @__PURE__ */ planning(true, []) };

/** The quantities that a step is computed of: r [m], the columns of J, [n, m], and their products JᵀJ and Jᵀr. */
export interface Model {
  readonly r: NDArray;
  readonly columns: NDArray;
  readonly gram: NDArray;
  readonly gradient: NDArray;
}

/** The step at a point x [n]: with the scales before, and the radius, infinite at the start. */
export function planned(
  method: "lm" | "dogleg",
  { r, columns, gram, gradient }: Model,
  scales: NDArray,
  x: NDArray,
  radius: NDArray,
): Plan {
  const n = x.size;
  const inputs: ArrayList = [columns, gram, gradient, r, scales, x, radius];
  const [all] = call(operations[method], inputs);
  const own = Object.fromEntries(scalars.map((name, i) => [name, all.slice(2 * n + i)]));
  // Each name of the list is there.
  return { step: all.slice([0, n]), scales: all.slice([n, 2 * n]), ...(own as { [S in (typeof scalars)[number]]: NDArray }) };
}
