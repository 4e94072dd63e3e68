import { expect } from "vitest";

/** The part of an array that the checks need; the package under test is not imported, so that core's own tests can use them. */
interface Numbers {
  readonly dtype: string;
  readonly shape: readonly number[];
  data(): ArrayLike<number>;
  toArray(): unknown;
}
type Nested = number | boolean | readonly Nested[];

/** Two values of a dtype, to within some units in the last place, and `scale` is how large the values around them are. */
export function close(actual: number, expected: number, rtol: number, scale: number): boolean {
  if (Number.isNaN(expected)) return Number.isNaN(actual);
  if (!Number.isFinite(expected) || !Number.isFinite(actual)) return actual === expected;
  if (expected === 0 && actual === 0) return Object.is(expected, actual);
  return Math.abs(actual - expected) <= rtol * Math.max(Math.abs(expected), scale);
}

export const tolerance: Readonly<Record<string, number>> = { float64: 2e-14, float32: 1e-6, int32: 0, bool: 0 };

/** Returns the difference between an array and the expected one, or undefined where there is none. */
export function difference(
  actual: Numbers,
  expected: { dtype: string; shape: readonly number[]; data: ArrayLike<number> },
): string | undefined {
  if (actual.dtype !== expected.dtype) return `dtype ${actual.dtype}, expected ${expected.dtype}`;
  if (`${actual.shape}` !== `${expected.shape}`) return `shape [${actual.shape}], expected [${expected.shape}]`;
  const data = actual.data();
  if (data.length !== expected.data.length) return `${data.length} elements, expected ${expected.data.length}`;
  const rtol = tolerance[actual.dtype];
  const finite = Array.from(expected.data).filter(Number.isFinite).map(Math.abs);
  // Rounding errors of a sum are as large as its terms, which are at most a few times its results.
  const scale = rtol === 0 ? 0 : Math.max(0, ...finite) * 1e-2;
  for (let i = 0; i < data.length; i++) {
    if (close(data[i], expected.data[i], rtol, scale)) continue;
    const show = (x: number): string => (Object.is(x, -0) ? "-0" : String(x));
    return `element ${i} is ${show(data[i])}, expected ${show(expected.data[i])}`;
  }
  return undefined;
}

/** Runs what must throw, and hands the error out if it is of the class and says the text. */
export function fails(run: () => unknown, Class: new (message?: string) => Error, text: string): void {
  let error: unknown;
  try {
    run();
  } catch (caught) {
    error = caught;
  }
  expect(error).toBeInstanceOf(Class);
  expect((error as Error).message).toContain(text);
  expect((error as Error).name).toBe(Class.name);
}

/** The elements, to within rounding: a bare number is one of rank 0. */
export function expectClose(actual: Numbers, expected: Nested, digits = 12): void {
  const flat = (value: Nested): number[] => (Array.isArray(value) ? value.flatMap(flat) : [+value]);
  const shape = (value: Nested): number[] => (Array.isArray(value) ? [value.length, ...(value.length > 0 ? shape(value[0]) : [])] : []);
  expect(actual.shape).toEqual(shape(expected));
  const data = actual.data();
  const want = flat(expected);
  const scale = Math.max(1, ...want.filter(Number.isFinite).map(Math.abs));
  const wrong = want.findIndex((value, i) => !close(data[i] + 0, value + 0, 10 ** -digits, scale));
  if (wrong >= 0) expect(actual.toArray()).toEqual(expected);
}
