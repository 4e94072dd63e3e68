import { minimumOf, type Outcome, type Row, type Verdict, verdicts } from "./results.js";
import { type Peer, peers } from "./workloads.js";

/** Three digits, in the unit that suits. */
export function showTime(milliseconds: number): string {
  if (milliseconds < 1e-3) return `${(milliseconds * 1e6).toFixed(0)} ns`;
  if (milliseconds < 1) return `${(milliseconds * 1e3).toPrecision(3)} µs`;
  return `${milliseconds >= 100 ? milliseconds.toFixed(0) : milliseconds.toPrecision(3)} ms`;
}

export const showTimes = (ratio: number): string => `${ratio >= 100 ? ratio.toFixed(0) : ratio.toPrecision(2)}×`;

const widths = { title: 34, own: 21, other: 21 };

export const heading = (title: string, present: readonly Peer[]): string =>
  `\n${title.slice(0, widths.title).padEnd(widths.title)}${present.map((peer) => peer.padStart(peer === "ad" ? widths.own : widths.other)).join("")}`;

/** Ours as minimum and median; another's as minimum and how many times ours that is. */
export function cell(outcome: Outcome | undefined, own: number | undefined): string {
  if (outcome === undefined || "missing" in outcome) return "–";
  if ("error" in outcome) return "error";
  if ("differs" in outcome) return `≠ ${outcome.differs.toExponential(0)}`;
  const time = showTime(outcome.minimum);
  return own === undefined ? `${time} (${showTime(outcome.median)})` : `${time}  ${showTimes(outcome.minimum / own).padStart(6)}`;
}

export function line({ workload, outcomes }: Row, present: readonly Peer[]): string {
  const own = minimumOf(outcomes.ad);
  const cells = present.map((peer) =>
    peer === "ad" ? cell(outcomes.ad, undefined).padStart(widths.own) : cell(outcomes[peer], own).padStart(widths.other),
  );
  return `  ${workload.title.slice(0, widths.title - 3).padEnd(widths.title - 2)}${cells.join("")}`;
}

export const showVerdict = ({ against, wanted, found, isMet }: Verdict): string =>
  against === "the ceiling"
    ? `${isMet ? "✔" : "✘"} ${showTimes(1 / found)} of the ceiling`
    : `${isMet ? "✔" : "✘"} ${showTimes(found)} ${against} (at least ${showTimes(wanted)})`;

/** The targets, met and missed. */
export function judged(rows: readonly Row[]): string[] {
  const all = rows.map((row) => ({ row, found: verdicts(row, rows) })).filter(({ found }) => found.length > 0);
  const flat = all.flatMap(({ found }) => found);
  return [
    `\nTargets: ${flat.filter(({ isMet }) => isMet).length} of ${flat.length} met. A factor is how many times as fast ours is, by minima.`,
    ...all.map(
      ({ row, found }) =>
        `  ${`${row.workload.group}: ${row.workload.title}`.slice(0, 70).padEnd(72)}${found.map(showVerdict).join("   ")}`,
    ),
  ];
}

/** What has moved against a baseline by more than a tenth, in the ratio of our time to the fastest peer's, or in our time where there is none. */
export function moved(rows: readonly Row[], before: readonly Row[]): string[] {
  const reference = (row: Row, names: readonly Peer[]): number | undefined => {
    const times = names.flatMap((peer) => minimumOf(row.outcomes[peer]) ?? []);
    return times.length === 0 ? undefined : Math.min(...times);
  };
  return rows.flatMap((row) => {
    const old = before.find(({ workload }) => workload.id === row.workload.id);
    const [now, then] = [minimumOf(row.outcomes.ad), minimumOf(old?.outcomes.ad)];
    if (old === undefined || now === undefined || then === undefined) return [];
    const shared = peers.filter(
      (peer) => peer !== "ad" && minimumOf(row.outcomes[peer]) !== undefined && minimumOf(old.outcomes[peer]) !== undefined,
    );
    const scale = shared.length === 0 ? 1 : (reference(old, shared) as number) / (reference(row, shared) as number);
    const change = (now / then) * scale;
    if (Math.abs(Math.log(change)) < Math.log(1.1)) return [];
    const against = shared.length === 0 ? "" : ", against the fastest peer";
    return [
      `  ${`${row.workload.group}: ${row.workload.title}`.padEnd(72)}${change < 1 ? "faster" : "slower"} by ${showTimes(change < 1 ? 1 / change : change)}${against}`,
    ];
  });
}
