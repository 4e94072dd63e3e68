import { type Device, type NDArray, stack } from "@ad/core";
import { cpu } from "@ad/core/internals/backend";
import { isFloat } from "@ad/core/internals/trace";
import { example, type Input } from "./inputs.js";
import { type LayoutName, layouts } from "./layouts.js";

/** A function with seeded examples of its operands, all of one shape and layout: what an identity is checked for. */
export interface Case {
  readonly label: string;
  readonly f: (...operands: NDArray[]) => readonly NDArray[];
  readonly example: (k: number) => NDArray[];
  /** Operand i of several examples as one array, with the batch axis where it is asked for, in the case's layout. */
  readonly batch: (ks: readonly number[], i: number, axis: number) => NDArray;
  /** No kink lies near the examples, so that central differences tell the derivative. */
  readonly smooth: boolean;
  /** The derivative is zero by definition, whatever differences say. */
  readonly constant: boolean;
  /** Floating results are float64, whatever the operands are. */
  readonly wide: boolean;
  readonly layout: LayoutName;
  readonly precision: Precision;
}

export interface Precision {
  readonly dtype: "float64" | "float32";
  /** Two ways of computing the same, which differ by rounding. */
  readonly same: number;
  /** Against central differences; in float32 against the derivative in float64. */
  readonly derivative: number;
}

/**
 * In float64 the differences' own error is about 1e-12 for functions of unit scale (see differences.ts); what is left to 1e-7 is for
 * large higher derivatives. A wrong rule is off by the order of 1.
 */
export const float64: Precision = { dtype: "float64", same: 1e-11, derivative: 1e-7 };
/** Unit roundoff 6e-8, and up to some hundred operations in a composition of derivatives. */
export const float32: Precision = { dtype: "float32", same: 2e-5, derivative: 2e-4 };

export interface CaseOptions {
  readonly layout: LayoutName;
  readonly precision: Precision;
  readonly smooth: boolean;
  readonly constant: boolean;
  readonly wide: boolean;
  /** The device of the operands; the CPU by default. */
  readonly device?: Device;
}

/** The case of a function and its operands in one layout, or undefined where the layout changes none of them. */
export function makeCase(label: string, f: Case["f"], inputs: readonly Input[], options: CaseOptions): Case | undefined {
  const { layout, precision, device = cpu } = options;
  const arrange = (x: NDArray, where: Device, batch = -1): NDArray => layouts[layout](x, where, batch);
  const plain = (k: number, i: number): NDArray => {
    const x = example(inputs[i], `${label} ${i}`, k);
    return isFloat(x.dtype) && precision.dtype !== "float64" ? x.astype(precision.dtype) : x;
  };
  const known: NDArray[][] = [];
  const all = (k: number): NDArray[] => (known[k] ??= inputs.map((_, i) => arrange(plain(k, i), cpu))).slice();
  if (layout !== "dense" && all(0).every((x, i) => !changes(x, plain(0, i)))) return undefined;
  return {
    label: `${label}, ${layout} ${precision.dtype}`,
    f,
    example: device === cpu ? all : (k) => inputs.map((_, i) => arrange(plain(k, i), device)),
    batch: (ks, i, axis) =>
      arrange(
        stack(
          ks.map((k) => all(k)[i]),
          axis,
        ),
        device,
        axis < 0 ? axis + inputs[i].shape.length + 1 : axis,
      ),
    ...options,
  };
}

/** The case of the same numbers in float64. */
export function widened(c: Case): Case {
  const wide = (x: NDArray): NDArray => (isFloat(x.dtype) ? x.astype("float64") : x);
  return {
    ...c,
    precision: float64,
    example: (k) => c.example(k).map(wide),
    batch: (ks, i, axis) => wide(c.batch(ks, i, axis)),
  };
}

/** Returns whether two arrays lie differently in their storage. */
function changes(x: NDArray, y: NDArray): boolean {
  const [a, b] = [x.ndarray(), y.ndarray()];
  return a.offset !== b.offset || a.stride.some((n, i) => n !== b.stride[i] && a.shape[i] > 1);
}
