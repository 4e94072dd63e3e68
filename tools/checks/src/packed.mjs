// publint and "are the types wrong" on the packed packages.
import { readFileSync } from "node:fs";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { pack } from "./pack.mjs";
import { isMain, report } from "./workspace.mjs";

/** The packages are ES modules alone: whoever resolves as Node 10 did, or from CommonJS, finds no types. */
const others = ["node10", "node16-cjs"];

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
  const analysis = await checkPackage(createPackageFromTarballData(new Uint8Array(bytes)));
  const wrong = analysis.types
    ? analysis.problems.filter((problem) => !("resolutionKind" in problem && others.includes(problem.resolutionKind)))
    : [{ kind: "no types" }];
  return [
    ...messages.map((message) => `publint: ${pkg.name}: ${formatMessage(message, pkg, { color: false })}`),
    ...wrong.map(({ kind, ...where }) => `attw: ${pkg.name}: ${kind} ${JSON.stringify(where)}`),
  ];
}

if (isMain(import.meta.url)) {
  const tarballs = pack();
  const problems = await Promise.all([...tarballs.values()].map(problemsOf));
  report(`problems in ${[...tarballs.keys()].join(", ")}`, problems.flat());
}
