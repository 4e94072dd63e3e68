export type Numbers = Float64Array | Float32Array;

/** Real and imaginary parts, one beside the other. */
export interface Parts {
  readonly re: Float64Array;
  readonly im: Float64Array;
}

/** Zeros. */
export const complex = (n: number): Parts => ({ re: new Float64Array(n), im: new Float64Array(n) });

/** Complex numbers in lines: element k of line i stands at `at` + i · line + k · step. */
export interface Lines<T extends Numbers = Numbers> {
  readonly re: T;
  readonly im: T;
  readonly at: number;
  readonly line: number;
  readonly step: number;
}

/** Whole numbers are said to be such: as quotients they would be kept as floating ones, and loops over them be slow. */
export const linesOf = (re: Numbers, im: Numbers, at: number, line: number, step: number): Lines => ({
  re,
  im,
  at: at | 0,
  line: line | 0,
  step: step | 0,
});
