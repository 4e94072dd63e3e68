import { observed, type PrimitiveName, primitives } from "@ad/core/internals/trace";
import { vmap } from "@ad/vmap";
import { subsets } from "./identities/batch.js";
import { fftNames } from "./operations/fft.js";
import { methods } from "./operations/index.js";
import { linalgNames } from "./operations/linalg.js";
import {
  casesOf,
  type Entry,
  fftEntries,
  linalgEntries,
  methodEntries,
  operationEntries,
  operationNames,
  primitiveEntries,
  primitiveNames,
} from "./suite.js";

/** The numbers of operations that the device does, for each sample and each choice of mapped operands: with few lanes, and with many. */
export interface Batching {
  readonly name: string;
  readonly counts: readonly { readonly few: number; readonly many: number; readonly what: string }[];
}

const [few, many] = [2, 9];

/** These go on for as long as a lane does, or as there are branches that some lane wants: that is no loop over lanes. */
export const byLanes: ReadonlySet<string> = new Set(["cond", "switchCase", "whileLoop", "foriLoop"]);

/** Operations on concrete arrays; what traces do with theirs ends there. */
function countOperations(run: () => unknown): number {
  let count = 0;
  observed(
    (_, inputs, go) => {
      if (inputs.every((x) => x.owner.level === 0)) count++;
      return go(inputs);
    },
    true,
    run,
  );
  return count;
}

export function survey(name: string, entries: readonly Entry[]): Batching {
  const counts = entries.flatMap((entry) => {
    const [c] = casesOf(entry);
    return subsets(entry.operands.length).map((mapped) => {
      const count = (lanes: number): number => {
        const ks = Array.from({ length: lanes }, (_, k) => k);
        const args = c.example(0).map((x, i) => (mapped[i] ? c.batch(ks, i, 0) : x));
        return countOperations(() => vmap(c.f, { inAxes: mapped.map((on) => (on ? 0 : null)) })(...args));
      };
      const which = mapped.flatMap((on, i) => (on ? [i] : [])).join(", ");
      return { few: count(few), many: count(many), what: `${entry.label}, operands ${which} mapped` };
    });
  });
  return { name, counts };
}

export const loops = ({ counts }: Batching): string[] =>
  counts
    .filter((each) => each.many !== each.few)
    .map((each) => `${each.what}: ${each.few} operations for ${few} lanes, ${each.many} for ${many}`);

export const kindOf = (name: PrimitiveName): string => primitives[name].kind;

export const surveyPrimitives = (): Batching[] => primitiveNames.map((name) => survey(name, primitiveEntries(name)));

export const surveyOperations = (): Batching[] => [
  ...operationNames.filter((name) => !byLanes.has(name)).map((name) => survey(name, operationEntries(name))),
  ...linalgNames.map((name) => survey(`linalg.${name}`, linalgEntries(name))),
  ...fftNames.map((name) => survey(name, fftEntries(name))),
  ...(Object.keys(methods) as (keyof typeof methods)[]).map((name) => survey(`x.${name}`, methodEntries(name))),
];
