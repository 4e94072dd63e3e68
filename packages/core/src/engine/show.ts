import type { NDArray } from "../array/ndarray.js";
import { showShape } from "./errors.js";
import { type Graph, nameOf, paramsOf } from "./graph.js";
import type { ArrayList } from "./operation.js";

/** `{ axes: [0], shape: [2, 3] }`, as the printed program shows parameters. */
const showParams = (params: unknown): string => {
  const entries = Object.entries(params ?? {}).map(([key, value]) => `${key}: ${JSON.stringify(value)?.replaceAll(",", ", ")}`);
  return entries.length > 0 ? ` { ${entries.join(", ")} }` : "";
};

/** A name for each number: a, b, … z, a1, b1, … */
const letter = (n: number): string => String.fromCharCode(97 + (n % 26)) + (n < 26 ? "" : Math.floor(n / 26));

/** The names of values in a printed program, in the order in which they are defined. */
export class Names {
  readonly #names = new Map<NDArray, string>();

  /** `c: float64[3]`. */
  define(x: NDArray): string {
    if (!this.#names.has(x)) this.#names.set(x, letter(this.#names.size));
    return `${this.#names.get(x)}: ${x.dtype}${showShape(x.shape)}`;
  }

  /** The name of a variable; a constant is shown by its number, or by its dtype and shape; a zero that was never made as 0. */
  of(x: NDArray | undefined): string {
    if (x === undefined) return "0";
    return this.#names.get(x) ?? (x.owner.level === 0 && isOneNumber(x) ? `${x.to("cpu").data()[0]}` : `${x.dtype}${showShape(x.shape)}`);
  }
}

/** Returns whether a constant is a number, or one that was stretched. */
const isOneNumber = (x: NDArray & { readonly stride?: readonly number[] }): boolean =>
  x.device.name === "cpu" && x.size > 0 && (x.size === 1 || x.stride?.every((step) => step === 0) === true);

/** A line for each equation: `c: float64[3] = mul a b`. The programs that an operation holds follow it, further in. */
export function showGraph({ inputs, equations, outputs }: Graph, names = new Names(), margin = ""): string {
  const define = (values: ArrayList): string => values.map((x) => names.define(x)).join(", ");
  const head = `(${define(inputs)}) =>`;
  const lines = equations.flatMap((equation) => {
    const { operation, inputs, outs } = equation;
    const left = outs.length > 0 ? `${define(outs)} = ` : "";
    const programs = (typeof operation !== "string" && operation.programs) || [];
    return [
      `${margin}  ${left}${[nameOf(equation) + showParams(paramsOf(equation)), ...inputs.map((x) => names.of(x))].join(" ")}`,
      ...programs.map((program) => `${margin}    ${showGraph(program, names, `${margin}    `)}`),
    ];
  });
  return [head, ...lines, `${margin}  return ${outputs.map((x) => names.of(x)).join(", ")}`].join("\n");
}
