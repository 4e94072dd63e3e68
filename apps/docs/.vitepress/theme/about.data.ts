import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The packages' own descriptions. */
interface About {
  readonly version: string;
  readonly license: string;
  /** The address of the sources, once the manifest says it. */
  readonly repository: string | undefined;
}

export declare const data: About;

const file = fileURLToPath(new URL("../../../../packages/core/package.json", import.meta.url));

export default {
  watch: [file],
  load(): About {
    const { version, license, repository } = JSON.parse(readFileSync(file, "utf8"));
    return { version, license, repository: (repository?.url ?? repository)?.replace(/^git\+|\.git$/g, "") };
  },
};
