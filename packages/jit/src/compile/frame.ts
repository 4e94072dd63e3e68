import type { DType, NDArray } from "@ad/core";
import { isFloat } from "@ad/core/internals/trace";
import { folding, joined, type Strides } from "./axes.js";
import type { ElementStep, Loop, Place } from "./steps.js";

/** Elements of a value that are in the module's memory at a time: all values of a loop stay in the second-level cache. */
export const perTile = 1 << 10;

/** The comparisons of the vector kernels, in their order. */
export const comparisons: readonly string[] = ["less", "lessEqual", "equal", "notEqual"];

/** Shorter lines are left to loops, and so are fewer elements. */
const minLine = 8;
const minElements = 1 << 7;

/** The strides of an operand along the lines of a tile, and along the axes around. */
export interface Operand {
  readonly outer: Strides;
  /**
   * `line`: all elements in order; `row`: one line again and again; `column`: one value for each line, `step` apart; `one`: one value.
   */
  readonly kind: "line" | "row" | "column" | "one";
  readonly step: number;
}

/** The loops around tiles, and the tiles: `lines` of elements, one behind the other. */
export interface Frame {
  readonly outer: readonly number[];
  readonly lines: number;
  readonly length: number;
  /** Of what the loop reads that it does not compute, and of sums' results. */
  readonly operands: ReadonlyMap<Place, Operand>;
  readonly totals: readonly Operand[];
}

/** Returns how tiles run over a loop's values, if all that they read lies so that whole lines can be copied. Results lie in order. */
export function frameOf({ shape, elements, folds }: Omit<Loop, "kind">, placeOf: (x: NDArray) => Place): Frame | undefined {
  const own = new Set(elements.map(({ out }) => out));
  const read = new Set(elements.flatMap(({ inputs }) => inputs.filter((x) => !own.has(x))));
  const places = [...read].map(placeOf);
  const along = folds.map(({ axes, out }) => folding(shape, axes, out.aval.stride));
  const { sizes, strides } = joined(shape, [...places.map(({ stride }) => stride), ...along]);
  const length = sizes.at(-1) ?? 1;
  const hasLines = sizes.length > 1 && 2 * length <= perTile;
  const lines = hasLines ? (sizes.at(-2) as number) : 1;
  if (lines * length < minElements || (hasLines && length < minLine)) return undefined;
  const depth = sizes.length - (hasLines ? 2 : 1);
  const all = strides.map((stride): Operand | undefined => {
    const outer = stride.slice(0, depth);
    const [step, along] = hasLines ? stride.slice(depth) : [length, stride[depth]];
    if (along === 0) return { outer, kind: step === 0 || !hasLines ? "one" : "column", step };
    if (along !== 1 || (step !== length && step !== 0)) return undefined;
    return { outer, kind: step === 0 ? "row" : "line", step };
  });
  // Truth values have no kernel that stretches them, and sums none that adds whole tiles to others.
  const isRight = (x: Operand | undefined, i: number): x is Operand =>
    x !== undefined && (i < places.length ? isFloat(places[i].aval.dtype) || x.kind === "line" || x.kind === "one" : x.kind !== "line");
  if (!all.every(isRight)) return undefined;
  return {
    outer: sizes.slice(0, depth),
    lines,
    length,
    operands: new Map(places.map((place, i) => [place, all[i]])),
    totals: all.slice(places.length),
  };
}

/** The dtype that an operation computes in. */
export const dtypeOf = ({ name, inputs }: Pick<ElementStep, "name" | "inputs">): DType => inputs[name === "select" ? 1 : 0].dtype;
