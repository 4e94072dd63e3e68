import { median } from "../tour/timing.js";
import type { Judged } from "./report.js";
import { minimumOf, type Outcome, type Row, type Verdict, verdicts } from "./results.js";
import { type Peer, peers } from "./workloads.js";

/** Three digits, in the unit that suits. */
export function showTime(milliseconds: number): string {
  if (milliseconds < 1e-3) return `${(milliseconds * 1e6).toFixed(0)} ns`;
  if (milliseconds < 1) return `${(milliseconds * 1e3).toPrecision(3)} µs`;
  return `${milliseconds >= 100 ? milliseconds.toFixed(0) : milliseconds.toPrecision(3)} ms`;
}

export const showTimes = (ratio: number): string => `${ratio >= 100 ? ratio.toFixed(0) : ratio.toPrecision(2)}×`;

export const showBytes = (bytes: number): string => `${(bytes / 1000).toFixed(1)} kB`;

const shows = { times: showTimes, milliseconds: showTime, bytes: showBytes } as const;

export function showVerdict({ unit, against, wanted, found, isMet }: Verdict): string {
  const show = shows[unit];
  return `${isMet ? "✔" : "✘"} ${show(found)}${against === undefined ? "" : ` ${against}`} (${against === undefined ? "≤" : "≥"} ${show(wanted)})`;
}

const widths = { title: 36, own: 20, other: 17 };
const widthOf = (peer: Peer): number => (peer === "ad" ? widths.own : widths.other);

export const heading = (title: string, present: readonly Peer[]): string =>
  `\n${title}\n${" ".repeat(widths.title)}${present.map((peer) => peer.padStart(widthOf(peer))).join("")}  target`;

/** Ours as minimum and median; another's as minimum and how many times ours that is. */
export function cell(outcome: Outcome | undefined, own: number | undefined): string {
  if (outcome === undefined || "missing" in outcome) return "–";
  if ("error" in outcome) return "error";
  if ("differs" in outcome) return `≠ ${outcome.differs.toExponential(0)}`;
  const time = showTime(outcome.minimum);
  return own === undefined ? `${time} (${showTime(outcome.median)})` : `${time}  ${showTimes(outcome.minimum / own).padStart(6)}`;
}

/** A row, with the targets that the rows before it, and itself, let judge. */
export function line(row: Row, rows: readonly Row[], present: readonly Peer[]): string {
  const { workload, outcomes } = row;
  const own = minimumOf(outcomes.ad);
  const cells = present.map((peer) => cell(outcomes[peer], peer === "ad" ? undefined : own).padStart(widthOf(peer)));
  return `  ${workload.title.padEnd(widths.title - 2)}${cells.join("")}  ${verdicts(row, rows).map(showVerdict).join("  ")}`.trimEnd();
}

/** Returns the number of targets that are met, and those that are not. */
export function judged(all: readonly Judged[]): string[] {
  const flat = all.flatMap(({ found }) => found);
  const missed = all.flatMap(({ name, found }) => found.filter(({ isMet }) => !isMet).map((verdict) => ({ name, verdict })));
  return [
    `Targets: ${flat.length - missed.length} of ${flat.length} met, by minima${missed.length > 0 ? "; missed:" : ""}`,
    ...missed.map(({ name, verdict }) => `  ${name.padEnd(72)}${showVerdict(verdict)}`),
  ];
}

/** Returns the rows that have moved against a baseline by more than a fifth: our time, or, where others have figures in both runs, our time by what theirs have become. */
export function moved(rows: readonly Row[], before: readonly Row[]): string[] {
  return rows.flatMap((row) => {
    const old = before.find(({ workload }) => workload.id === row.workload.id);
    const change = (peer: Peer): number[] => {
      const [now, then] = [minimumOf(row.outcomes[peer]), minimumOf(old?.outcomes[peer])];
      return now === undefined || then === undefined ? [] : [now / then];
    };
    const [own] = change("ad");
    if (own === undefined) return [];
    const others = peers.filter((peer) => peer !== "ad").flatMap(change);
    const moved = others.length === 0 ? own : own / median(others);
    if (Math.abs(Math.log(moved)) < Math.log(1.2)) return [];
    const against = others.length === 0 ? "" : " than the others";
    return [
      `  ${`${row.workload.group}: ${row.workload.title}`.padEnd(72)}${showTimes(moved < 1 ? 1 / moved : moved)} ${moved < 1 ? "faster" : "slower"}${against}`,
    ];
  });
}
