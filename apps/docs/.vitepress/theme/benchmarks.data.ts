import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** What apps/bench writes. */
export interface Report {
  readonly node: string;
  readonly platform: string;
  readonly arch: string;
  readonly results: readonly {
    readonly group: string;
    readonly name: string;
    readonly figures: { readonly nanoseconds: number; readonly gflops?: number; readonly times?: number };
  }[];
}

const file = fileURLToPath(new URL("../../../bench/report/micro.json", import.meta.url));

export declare const data: Report | null;

export default {
  watch: [file],
  load: (): Report | null => (existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : null),
};
