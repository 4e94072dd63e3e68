import { array, type NDArray } from "@ad/core";
import { RESULT, readsOf } from "@ad/core/internals/rules";
import { isFloat, isNDArray, type NamesOf, type PrimitiveName, primitives, within } from "@ad/core/internals/trace";
import { describe, expect, test } from "vitest";
import { casesOf, type Entry, operationEntries, operationNames, primitiveEntries } from "../src/suite.js";
import { newTape, type TapeEntry } from "./tables.js";

type Differentiable = Exclude<PrimitiveName, NamesOf<"discrete">>;

/** The values that the tape holds of a primitive, as letters: the operands x, y, z and the result o, where all floating operands are active. */
const known: { readonly [P in Differentiable]?: string } = {
  ...{ neg: "", sign: "", floor: "", ceil: "", round: "", trunc: "", stopGradient: "", isNaN: "", isFinite: "", not: "", wrapIndex: "" },
  ...{ add: "", sub: "", and: "", or: "", xor: "", equal: "", notEqual: "", less: "", lessEqual: "" },
  ...{
    transpose: "",
    broadcast: "",
    reshape: "",
    slice: "",
    place: "",
    unfold: "",
    fold: "",
    concatenate: "",
    cast: "",
    sum: "",
    cumsum: "",
  },
  ...{ sqrt: "o", cbrt: "o", reciprocal: "o", exp: "o", exp2: "o", tan: "o", tanh: "o", softmax: "o" },
  ...{
    abs: "x",
    square: "x",
    expm1: "x",
    log: "x",
    log2: "x",
    log10: "x",
    log1p: "x",
    sin: "x",
    cos: "x",
    asin: "x",
    acos: "x",
    atan: "x",
  },
  ...{ sinh: "x", cosh: "x", oneMinusSquare: "x", asinh: "x", acosh: "x", atanh: "x", sigmoid: "x", softplus: "x", relu: "x" },
  ...{ erf: "x", erfc: "x", normalCdf: "x", lgamma: "x", polygamma: "x", logsumexp: "x", prod: "x", select: "x" },
  ...{ mul: "xy", matmul: "xy", maximum: "xy", minimum: "xy", atan2: "xy", hypot: "xy", logaddexp: "xy" },
  ...{
    rsqrt: "xo",
    sigmoidSlope: "xo",
    max: "xo",
    min: "xo",
    cumprod: "xo",
    linearScan: "xo",
    div: "yo",
    pow: "xyo",
    mod: "xyo",
    clamp: "xyz",
  },
  ...{ take: "y", scatterAdd: "y" },
};

/** The same by what the rules declare, for a primitive that is not among those. */
const declared = (name: Differentiable, count: number): string => {
  const reads = Array.from({ length: count }, (_, i) => Math.max(0, readsOf(name, i))).reduce((all, own) => all | own, 0);
  return [..."xyz"].filter((_, i) => reads & (1 << i)).join("") + (reads & RESULT ? "o" : "");
};

const differentiable = (Object.keys(primitives) as PrimitiveName[]).filter(
  (name): name is Differentiable => primitives[name].kind !== "discrete",
);

/** Every array that an entry of a tape leads to, by whatever property; what a call of another operation holds is its own. */
function reached(start: unknown): Set<NDArray> {
  const seen = new Set<unknown>();
  const arrays = new Set<NDArray>();
  const visit = (value: unknown): void => {
    if (typeof value !== "object" || value === null || seen.has(value)) return;
    seen.add(value);
    if (isNDArray(value)) arrays.add(value);
    else for (const part of Array.isArray(value) ? value : Object.values(value)) visit(part);
  };
  visit(start);
  return arrays;
}

/** The inputs and the results of an entry's function on a tape; undefined for those that are constants to it. */
function recorded(
  sample: Entry,
): { inputs: readonly NDArray[]; values: readonly NDArray[]; entries: readonly (TapeEntry | undefined)[] }[] {
  return casesOf(sample).map((c) => {
    const tape = newTape();
    const inputs = c.example(0);
    const outs = within(tape, () => c.f(...inputs.map((x) => (isFloat(x.dtype) ? tape.input(x) : x))));
    return { inputs, values: outs.map((x) => tape.lower(x)), entries: outs.map((x) => (tape.owns(x) ? x.entry : undefined)) };
  });
}

describe("a tape holds of a primitive what its rules read, and nothing else", () => {
  test.each(differentiable)("%s", (name) => {
    let count = 0;
    for (const sample of primitiveEntries(name))
      for (const { inputs, values, entries } of recorded(sample)) {
        count++;
        const all: readonly NDArray[] = [...inputs, ...values];
        // Whole numbers have no derivatives, whatever the rules would read.
        const expected = entries[0] === undefined ? "" : (known[name] ?? declared(name, inputs.length));
        const named = [...expected].map((letter) => (letter === "o" ? values[0] : inputs["xyz".indexOf(letter)]));
        const found = [...reached(entries)].map((x) => all.indexOf(x)).sort();
        expect(found, sample.label).toEqual(named.map((x) => all.indexOf(x)).sort());
      }
    expect(count).toBeGreaterThan(0);
  });
});

describe("a tape refers to no value that the user's function made", () => {
  test.each(operationNames)("%s", (name) => {
    for (const sample of operationEntries(name))
      for (const { entries } of recorded(sample))
        for (const x of reached(entries)) expect(x.owner, `${sample.label} holds a traced value`).toBe(array(0).owner);
  });
});
