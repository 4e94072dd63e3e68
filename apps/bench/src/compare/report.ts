import { cpus, loadavg } from "node:os";
import type { Import, Memory, Size } from "./extras.js";
import { type Row, type Verdict, verdicts, within } from "./results.js";
import type { Peer } from "./workloads.js";

/** Everything that one run has found: what is written as JSON, and kept as the baseline. */
export interface Report {
  readonly date: string;
  readonly machine: string;
  /** The Python of the peers and its modules; reports from before these were kept have none. */
  readonly python?: Readonly<Record<string, string>>;
  /** The number of processes that ran or waited for a core when the run began: above one, figures are noisy. */
  readonly load: number;
  readonly quick: boolean;
  readonly rows: readonly Row[];
  /** The peers that could not be asked, and why. */
  readonly absent: Readonly<Partial<Record<Peer, string>>>;
  readonly sizes: readonly Size[];
  readonly imports: readonly Import[];
  readonly memory: readonly Memory[];
}

/** A judged part of the report: its name, and all its verdicts. */
export interface Judged {
  readonly name: string;
  readonly found: readonly Verdict[];
}

/** Every target that the run could judge. */
export function targets({ rows, sizes, imports }: Pick<Report, "rows" | "sizes" | "imports">): Judged[] {
  return [
    ...rows.map((row) => ({ name: `${row.workload.group}: ${row.workload.title}`, found: verdicts(row, rows) })),
    ...imports.map(({ name, minimum, ceiling }) => ({
      name: `import ${name}`,
      found: ceiling === undefined ? [] : [within(minimum, ceiling, "milliseconds")],
    })),
    ...sizes.map(({ name, bytes, ceiling }) => ({ name, found: ceiling === undefined ? [] : [within(bytes, ceiling, "bytes")] })),
  ].filter(({ found }) => found.length > 0);
}

export const load = (): number => loadavg()[0];
export const machine = (): string => `${cpus()[0]?.model.trim() ?? process.arch}, ${cpus().length} cores, Node ${process.versions.node}`;
