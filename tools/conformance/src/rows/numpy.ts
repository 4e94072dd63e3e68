import { primitives } from "@ad/core/internals/trace";
import { type Binary, binaries, type Unary, unaries } from "./elementwise.js";
import { type Reduction, reductions } from "./reduction.js";

const named = (rows: object): (readonly [string, Unary | Binary | Reduction])[] =>
  Object.entries(rows as Record<string, Unary | Binary | Reduction>).filter(([, row]) => row.numpy !== undefined);

/** The questions of tools/expectations/numpy.py to NumPy, by the operations' names: functions of a real number, those that keep its dtype, and so on. */
export const asked = {
  real: named(unaries).flatMap(([name, { numpy }]) => (primitives[name as "sin"].promote === "real" ? [[name, numpy]] : [])),
  keeping: named(unaries).flatMap(([name, { numpy }]) => (primitives[name as "sin"].promote === "real" ? [] : [[name, numpy]])),
  binary: named(binaries).map(([name, { numpy }]) => [name, numpy]),
  reduction: named(reductions).map(([name, { numpy }]) => [name, numpy]),
  tame: named(unaries).flatMap(([name, row]) => ("tame" in row ? [name] : [])),
};
