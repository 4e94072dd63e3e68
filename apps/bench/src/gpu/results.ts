import type { Side, Workload } from "./workloads.js";

/** Milliseconds, the fastest and the middle run. */
export interface Timing {
  readonly minimum: number;
  readonly median: number;
}

export interface Row {
  readonly workload: Workload;
  readonly times: Readonly<Partial<Record<Side, Timing>>>;
  /** The same up to the last draw, which is submitted and not waited for. */
  readonly submitted?: Readonly<Partial<Record<Side, Timing>>>;
}

/** The results of one renderer. */
export interface Run {
  readonly renderer: string;
  readonly name: string;
  readonly browser: string;
  readonly comparisons: readonly Row[];
  readonly crossovers: readonly Row[];
  readonly programs: readonly Row[];
}

export interface Report {
  readonly date: string;
  readonly machine: string;
  /** Versions. */
  readonly tfjs: string;
  readonly jaxJs: string;
  readonly runs: readonly Run[];
}

export function timing(samples: readonly number[]): Timing {
  const sorted = [...samples].sort((a, b) => a - b);
  return { minimum: sorted[0], median: sorted[sorted.length >> 1] };
}

/** Returns the factor by which the GPU is faster than another side. */
export const ratio = ({ times }: Row, side: Side): number => (times[side]?.minimum ?? Number.NaN) / (times.gpu?.minimum ?? Number.NaN);

/** Returns the factor by which a program of `jit` is faster than without it. */
export const gain = (times: Row["times"]): number => (times.gpu?.minimum ?? Number.NaN) / (times.jit?.minimum ?? Number.NaN);

/** The size from which on the GPU is faster than the CPU, between sizes by the logarithms; undefined where it never is. */
export function crossover(rows: readonly Row[]): number | undefined {
  const gains = rows.map((row) => Math.log(ratio(row, "cpu")));
  const from = gains.findLastIndex((gain) => gain < 0) + 1;
  if (from === gains.length) return undefined;
  if (from === 0) return rows[0].workload.n;
  const [a, b] = [from - 1, from].map((i) => Math.log(rows[i].workload.n));
  return Math.exp(a + ((b - a) * -gains[from - 1]) / (gains[from] - gains[from - 1]));
}

/** Rows of one kind, by size. */
export const byKind = (rows: readonly Row[]): [kind: string, rows: Row[]][] =>
  [...new Set(rows.map(({ workload }) => workload.kind))].map((kind) => [kind, rows.filter(({ workload }) => workload.kind === kind)]);

export const showTime = (ms: number | undefined): string =>
  ms === undefined ? "–" : ms < 0.1 ? ms.toPrecision(2) : ms < 10 ? ms.toFixed(2) : ms.toFixed(1);
export const showSize = (n: number | undefined): string =>
  n === undefined ? "nowhere up to the largest" : `from ${Number(n.toPrecision(2))}`;
