import fc from "fast-check";
import { type Case, type CaseOptions, makeCase, type Precision } from "../case.js";
import { identities } from "../identities/index.js";
import { of, real } from "../inputs.js";
import { type LayoutName, layouts } from "../layouts.js";
import { listing, type Program, type Step, toFunction } from "./program.js";

/** A program, and where it is evaluated. */
export interface Trial extends Program {
  readonly shapes: readonly (readonly number[])[];
  readonly seed: number;
  readonly layout: LayoutName;
}

const small = fc.nat(11);
const plain: fc.Arbitrary<Step> = fc.record({ op: fc.nat(999), a: small, b: small, p: small, q: small, body: fc.constant(undefined) });

/** The most transformations inside of each other in a step. */
const stepsOf = (depth: number): fc.Arbitrary<Step[]> => {
  if (depth === 0) return fc.array(plain, { minLength: 1, maxLength: 3 });
  const inner: fc.Arbitrary<Step> = fc.record({ op: fc.nat(999), a: small, b: small, p: small, q: small, body: stepsOf(depth - 1) });
  const step = fc.oneof({ arbitrary: plain, weight: 4 }, { arbitrary: inner, weight: 2 });
  return fc.array(step, { minLength: 1, maxLength: depth === 2 ? 7 : 3 });
};

const shape = fc.constantFrom<readonly number[]>([], [3], [2, 3], [4], [2, 2], [3, 1, 2], [1, 3], [0, 2]);

export const trial: fc.Arbitrary<Trial> = fc.record({
  steps: stepsOf(2),
  kinks: fc.boolean(),
  shapes: fc.array(shape, { minLength: 1, maxLength: 2 }),
  seed: fc.nat(0xffff),
  layout: fc.constantFrom(...(Object.keys(layouts) as LayoutName[])),
});

const largeShape = fc.constantFrom<readonly number[]>([1300], [30, 40], [40, 30], [3, 400], [400, 3], [3, 20, 21], [1, 1200]);

/** Programs of arrays that are large enough for kernels, tiles and fusion, of operations alone. */
export const largeTrial: fc.Arbitrary<Trial> = fc.record({
  steps: fc.array(plain, { minLength: 2, maxLength: 7 }),
  kinks: fc.constant(false),
  most: fc.constant(2600),
  shapes: fc.array(largeShape, { minLength: 1, maxLength: 2 }),
  seed: fc.nat(0xffff),
  layout: fc.constantFrom(...(Object.keys(layouts) as LayoutName[])),
});

/**
 * Programs have up to some twenty operations and derivatives of up to fourth order in them, so rounding and the differences' truncation
 * weigh more than in a single operation. A wrong rule shows in the first digits.
 */
const precision: Precision = { dtype: "float64", same: 1e-8, derivative: 1e-5 };

export const caseOf = (t: Trial, own: Partial<CaseOptions> = {}): Case => {
  const inputs = t.shapes.map((shape) => of(real(-1.5, 1.5), ...shape));
  const options = { precision, smooth: !t.kinks, constant: false, wide: false, ...own };
  const make = (layout: LayoutName): Case | undefined => makeCase(`program ${t.seed}`, toFunction(t), inputs, { ...options, layout });
  return make(t.layout) ?? (make("dense") as Case);
};

/** Checks every identity of a program; the error shows the program. */
export function checkTrial(t: Trial): void {
  const c = caseOf(t);
  for (const [name, { applies, check }] of Object.entries(identities)) {
    try {
      if (applies(c)) check(c);
    } catch (error) {
      throw new Error(
        `${name}: ${error instanceof Error ? error.message : error}\n${c.layout}, shapes ${JSON.stringify(t.shapes)}\n${listing(t, c.example(0))}`,
        {
          cause: error,
        },
      );
    }
  }
}
