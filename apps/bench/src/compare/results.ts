import { median } from "../tour/timing.js";
import type { Peer, Workload } from "./workloads.js";

/** A peer's figures for a workload, milliseconds of one operation, or why there are none. */
export type Outcome =
  | { readonly minimum: number; readonly median: number; readonly samples: number; readonly deviation: number }
  | { readonly missing: true }
  | { readonly differs: number }
  | { readonly error: string };

export type Outcomes = Readonly<Partial<Record<Peer, Outcome>>>;

export interface Row {
  readonly workload: Workload;
  readonly outcomes: Outcomes;
}

/** The tolerance of a peer's numbers against ours: a few hundred roundings in float32; jax-js has functions of float64 that are right to float32. */
export const tolerance = { float32: 1e-3, float64: 1e-9 } as const;

export function summary(samples: readonly number[], operations: number, deviation: number): Outcome {
  const each = samples.map((t) => t / operations);
  return { minimum: Math.min(...each), median: median(each), samples: each.length, deviation };
}

export const minimumOf = (outcome: Outcome | undefined): number | undefined =>
  outcome && "minimum" in outcome ? outcome.minimum : undefined;

/** A target: a least ratio to another's time, or a most of milliseconds or bytes. */
export interface Verdict {
  readonly unit: "times" | "milliseconds" | "bytes";
  /** Whom a factor is against. */
  readonly against?: string;
  readonly wanted: number;
  readonly found: number;
  readonly isMet: boolean;
}

export const within = (found: number, wanted: number, unit: "milliseconds" | "bytes"): Verdict => ({
  unit,
  wanted,
  found,
  isMet: found <= wanted,
});

/** The targets of a row that can be judged: those whose peer has a figure. The value is another row's. */
export function verdicts({ workload, outcomes }: Row, rows: readonly Row[]): Verdict[] {
  const own = minimumOf(outcomes.ad);
  if (own === undefined) return [];
  const { kind, dtype, n } = workload;
  const other = (wanted: string): Outcomes | undefined =>
    rows.find(({ workload: w }) => w.kind === wanted && w.dtype === dtype && w.n === n)?.outcomes;
  const ours: Readonly<Record<string, Outcomes | undefined>> = {
    "its own value": other(kind.replace(": derivative", ": value")),
  };
  const factors = Object.entries(workload.targets).flatMap(([against, wanted]): Verdict[] => {
    const theirs = minimumOf(against in ours ? ours[against]?.ad : outcomes[against as Peer]);
    return theirs === undefined ? [] : [{ unit: "times", against, wanted, found: theirs / own, isMet: theirs / own >= wanted }];
  });
  const { ceiling } = workload;
  return ceiling === undefined ? factors : [within(own, ceiling, "milliseconds"), ...factors];
}
