import type { Device, NDArray } from "@ad/core";
import * as core from "@ad/core";
import { showShape } from "@ad/core/internals/checks";
import { bind, isFloat, type PrimitiveName, primitives } from "@ad/core/internals/trace";
import * as fft from "@ad/fft";
import { type Case, float32, float64, makeCase, type Precision, widened } from "./case.js";
import { agree } from "./compare.js";
import { identities } from "./identities/index.js";
import { compact, type Input } from "./inputs.js";
import { type LayoutName, layouts } from "./layouts.js";
import { type FftName, fftCalls, fftNames } from "./operations/fft.js";
import { type AnyCall, type Call, methods, type OperationName, operations } from "./operations/index.js";
import { type LinalgName, linalgCalls, linalgNames } from "./operations/linalg.js";
import { indices, type Plain, plain, reference } from "./reference.js";
import { samples } from "./samples/index.js";

/** A sample of any table: a function, operands for it, and what is known of its derivative. */
export interface Entry {
  readonly label: string;
  readonly f: Case["f"];
  readonly operands: readonly Input[];
  readonly ties: boolean;
  readonly constant: boolean;
  readonly wide: boolean;
}

type Flags = Partial<Pick<Entry, "ties" | "constant" | "wide">>;

const listed = (result: NDArray | readonly NDArray[]): readonly NDArray[] => (Array.isArray(result) ? result : [result as NDArray]);

function entry(
  name: string,
  i: number,
  operands: readonly Input[],
  f: Case["f"],
  { ties = false, constant = false, wide = false }: Flags,
): Entry {
  const shapes = operands.map(({ shape, dtype }) => (dtype === "float64" ? "" : `${dtype} `) + showShape(shape));
  return { label: `${name} ${i + 1} of ${shapes.join(", ")}`, f, operands, ties, constant, wide };
}

const functions = core as unknown as Readonly<Record<OperationName, never>>;

export const primitiveNames = Object.keys(primitives) as PrimitiveName[];

export const primitiveEntries = <P extends PrimitiveName>(name: P): Entry[] =>
  samples[name].map((sample, i) => entry(name, i, sample.operands, (...x) => [bind(name, x, sample.params)], sample));

export const operationNames = Object.keys(operations) as OperationName[];

export const operationEntries = (name: OperationName): Entry[] =>
  (operations[name] as readonly AnyCall[]).map((sample, i) =>
    entry(name, i, sample.operands, (...x) => listed(sample.call(functions[name], ...x)), sample),
  );

export const linalgEntries = (name: LinalgName): Entry[] =>
  (linalgCalls[name] as readonly Call<unknown>[]).map((sample, i) =>
    entry(`linalg.${name}`, i, sample.operands, (...x) => listed(sample.call(core.linalg[name], ...x)), sample),
  );

const ofFft: Readonly<Record<string, unknown>> = {
  ...fft,
  ...Object.fromEntries(Object.entries(fft.complex).map(([name, f]) => [`complex.${name}`, f])),
};

export const fftEntries = (name: FftName): Entry[] =>
  (fftCalls[name] as readonly Call<unknown>[]).map((sample, i) =>
    entry(name, i, sample.operands, (...x) => listed(sample.call(ofFft[name], ...x)), sample),
  );

export const methodEntries = (name: keyof typeof methods): Entry[] =>
  methods[name].map((sample, i) => entry(`x.${name}`, i, sample.operands, (...x) => listed(sample.call(undefined as never, ...x)), sample));

/** The entry in a layout that changes its operands. */
function caseOf(
  { label, f, operands, ties, constant, wide }: Entry,
  layout: LayoutName,
  precision: Precision,
  device?: Device,
): Case | undefined {
  const smooth = !constant && !(ties && layout === "broadcast");
  return makeCase(label, f, operands, { layout, precision, constant, wide, smooth, ...(device && { device }) });
}

export const layoutNames = Object.keys(layouts) as LayoutName[];

/** The entry in every layout that changes its operands, and in float32. */
export function casesOf(entry: Entry): Case[] {
  const all = layoutNames.map((layout) => caseOf(entry, layout, float64));
  if (entry.operands.some(({ dtype }) => isFloat(dtype)))
    all.push(...(["dense", "transposed"] as const).map((layout) => caseOf(entry, layout, float32)));
  return all.filter((c) => c !== undefined);
}

/** The entry in float32 on a device in some layouts, by default in each, and beside it the same numbers in float64 on the CPU. */
export function casesOn(device: Device, entry: Entry, names = layoutNames): { readonly here: Case; readonly there: Case }[] {
  return names.flatMap((layout) => {
    const [here, there] = [caseOf(entry, layout, float32), caseOf(entry, layout, float32, device)];
    return here && there ? [{ here: widened(here), there }] : [];
  });
}

/** Checks one identity for a case, and names both where it does not hold. */
export function checkIdentity(name: string, c: Case): void {
  try {
    identities[name].check(c);
  } catch (error) {
    throw new Error(`${c.label}: ${name}: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
}

/** Every identity that says anything about some entries, and the cases that it is checked for. */
export const plan = (entries: readonly Entry[]): { name: string; cases: Case[] }[] => {
  const cases = entries.flatMap(casesOf);
  return Object.entries(identities)
    .map(([name, { applies }]) => ({ name, cases: cases.filter(applies) }))
    .filter((row) => row.cases.length > 0);
};

/** Every entry of every table. */
export const allEntries = (): Entry[] => [
  ...primitiveNames.flatMap(primitiveEntries),
  ...operationNames.flatMap(operationEntries),
  ...linalgNames.flatMap(linalgEntries),
  ...fftNames.flatMap(fftEntries),
  ...(Object.keys(methods) as (keyof typeof methods)[]).flatMap(methodEntries),
];

/** The eager value of a primitive against its meaning in plain numbers. */
export function checkReference<P extends PrimitiveName>(name: P): void {
  const meaning = reference[name] as (inputs: readonly Plain[], params: unknown, index: readonly number[]) => number;
  primitiveEntries(name).forEach((sample, i) => {
    const { params } = samples[name][i];
    for (const c of casesOf(sample))
      for (const k of [0, 1]) {
        const operands = c.example(k);
        const [out] = c.f(...operands);
        const inputs = operands.map(plain);
        const expected = indices(out.shape).map((index) => meaning(inputs, params, index));
        const tolerance = c.precision.dtype === "float32" ? c.precision.same : 1e-12;
        agree(out, compact(expected, out.shape, out.dtype), tolerance, `${c.label}: ${name} against its meaning`);
      }
  });
}

/** All checks of a primitive; throws at the first that fails. */
export function checkPrimitive(name: PrimitiveName): void {
  checkReference(name);
  for (const row of plan(primitiveEntries(name))) for (const c of row.cases) checkIdentity(row.name, c);
}
