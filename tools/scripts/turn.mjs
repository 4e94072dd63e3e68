// The part of the long proofs that a run makes (tools/expect/src/turns.ts): AD_TURN names it, a number or "all"; else the commit does, so that a run can be repeated.
import { spawnSync } from "node:child_process";
import { root } from "./run.mjs";

/** The number of the turn, or null for all of them. */
export function turn() {
  const { AD_TURN } = process.env;
  if (AD_TURN === "all") return null;
  if (AD_TURN !== undefined) {
    const given = Number(AD_TURN);
    if (AD_TURN.trim() !== "" && Number.isSafeInteger(given) && given >= 0) return given;
    throw new Error(`AD_TURN is "${AD_TURN}"; give a whole number from 0 on, or "all".`);
  }
  const { status, stdout } = spawnSync("git", ["rev-parse", "HEAD"], { cwd: root, encoding: "utf8" });
  return status === 0 ? Number.parseInt(stdout.slice(0, 8), 16) : 0;
}
