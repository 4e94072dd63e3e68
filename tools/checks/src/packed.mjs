// publint and "are the types wrong" on the packed packages.
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { pack } from "./pack.mjs";
import { isMain, readJson, report } from "./workspace.mjs";

const manifestOfAttw = createRequire(import.meta.url).resolve("@arethetypeswrong/cli/package.json");
const attw = join(dirname(manifestOfAttw), readJson(manifestOfAttw).bin.attw);

/**
 * @param {string} tarball
 * @returns {Promise<string[]>}
 */
export async function problemsOf(tarball) {
  const bytes = readFileSync(tarball);
  const { messages, pkg } = await publint({
    pack: { tarball: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) },
    strict: true,
  });
  const problems = messages.map((message) => `publint: ${pkg.name}: ${formatMessage(message, pkg, { color: false })}`);
  const args = [attw, tarball, "--profile", "esm-only", "--format", "ascii", "--no-color", "--no-emoji"];
  await promisify(execFile)(process.execPath, args).catch(({ stdout, stderr }) => problems.push(`attw: ${pkg.name}: ${stdout}${stderr}`));
  return problems;
}

if (isMain(import.meta.url)) {
  const tarballs = pack();
  const problems = await Promise.all([...tarballs.values()].map(problemsOf));
  report(`problems in ${[...tarballs.keys()].join(", ")}`, problems.flat());
}
