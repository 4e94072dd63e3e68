import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** What apps/bench keeps of a run: for each workload, milliseconds by peer, or why there are none. */
export interface Report {
  readonly date: string;
  readonly machine: string;
  readonly rows: readonly {
    readonly workload: { readonly id: string; readonly group: string; readonly title: string };
    readonly outcomes: Readonly<Record<string, { readonly minimum?: number; readonly differs?: number; readonly error?: string }>>;
  }[];
  readonly sizes: readonly { readonly name: string; readonly bytes: number }[];
  readonly imports: readonly { readonly name: string; readonly minimum: number }[];
  readonly memory: readonly { readonly chunkSize: number; readonly result: number; readonly held: number }[];
}

const file = fileURLToPath(new URL("../../../bench/baseline.json", import.meta.url));

export declare const data: Report | null;

export default {
  watch: [file],
  load: (): Report | null => (existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : null),
};
