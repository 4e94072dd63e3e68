import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The report of a run, which apps/bench keeps: for each workload, milliseconds by peer, or why there are none. */
export interface Report {
  readonly date: string;
  readonly machine: string;
  readonly python?: Readonly<Record<string, string>>;
  readonly rows: readonly {
    readonly workload: { readonly id: string; readonly group: string; readonly title: string };
    readonly outcomes: Readonly<Record<string, { readonly minimum?: number; readonly differs?: number; readonly error?: string }>>;
  }[];
  readonly sizes: readonly { readonly name: string; readonly bytes: number }[];
  readonly imports: readonly { readonly name: string; readonly minimum: number }[];
  readonly memory: readonly { readonly chunkSize: number; readonly result: number; readonly held: number }[];
}

const at = (path: string): string => fileURLToPath(new URL(`../../../bench/${path}`, import.meta.url));
const [file, peers] = [at("baseline.json"), at("peers/package.json")];

/** The figures, and the versions of the libraries that the bench installs, by package. */
type Data = Report & { readonly versions: Readonly<Record<string, string>> };

export declare const data: Data | null;

const json = (path: string) => JSON.parse(readFileSync(path, "utf8"));

export default {
  watch: [file, peers],
  load: (): Data | null => (existsSync(file) ? { ...json(file), versions: json(peers).dependencies } : null),
};
