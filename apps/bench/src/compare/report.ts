import { cpus } from "node:os";
import type { Import, Memory, Size } from "./extras.js";
import type { Row } from "./results.js";
import type { Peer } from "./workloads.js";

/** Everything that one run has found: what is written as JSON, and kept as the baseline. */
export interface Report {
  readonly date: string;
  readonly machine: string;
  readonly quick: boolean;
  readonly rows: readonly Row[];
  /** The peers that could not be asked, and why. */
  readonly absent: Readonly<Partial<Record<Peer, string>>>;
  readonly sizes: readonly Size[];
  readonly imports: readonly Import[];
  readonly memory: readonly Memory[];
}

export const machine = (): string => `${cpus()[0]?.model.trim() ?? process.arch}, ${cpus().length} cores, Node ${process.versions.node}`;
