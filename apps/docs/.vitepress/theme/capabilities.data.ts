import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** A row of the table that tools/conformance writes: what the tests hold an operation to. */
export interface Row {
  readonly group: "primitive" | "operation" | "linalg" | "fft" | "method";
  readonly name: string;
  readonly cells: Readonly<Record<string, "yes" | "none" | "host">>;
}

const script = fileURLToPath(new URL("../../../../tools/conformance/capabilities.mjs", import.meta.url));

export declare const data: readonly Row[];

export default {
  // The pages are made while it computes.
  async load(): Promise<readonly Row[]> {
    const folder = mkdtempSync(join(tmpdir(), "ad-capabilities-"));
    try {
      const file = join(folder, "rows.json");
      await promisify(execFile)(process.execPath, [script, "--list", file]);
      return (JSON.parse(readFileSync(file, "utf8")) as Row[]).filter(({ group }) => group !== "primitive");
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
