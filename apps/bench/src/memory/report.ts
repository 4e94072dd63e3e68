import { style } from "../tour/style.js";
import { element, escape, line, linear, svg, text } from "../tour/svg.js";
import { type Side, sides } from "./peers.js";
import type { Found, Program } from "./programs.js";

export interface Row {
  readonly program: Program;
  /** The most bytes that our arrays held, garbage left out. */
  readonly held: number;
  readonly peaks: Readonly<Partial<Record<Side, Found>>>;
}

interface Judgement {
  readonly isMet: boolean;
  readonly text: string;
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(0);

export const showMegabytes = (found: Found | undefined): string =>
  found === undefined ? "–" : "missing" in found ? found.missing : `${megabytes(found.peak)}  (${found.seconds.toFixed(1)} s)`;

/** Arrays that are held for each step; of what is small it says nothing. */
export const showPerStep = ({ program: { bytes, steps }, held }: Row): string =>
  bytes < 1e5 ? "–" : `${(held / bytes / steps).toPrecision(2)} a step`;

const peakIn = ({ peaks: { ad } }: Row): number => (ad === undefined || "missing" in ad ? Number.NaN : ad.peak);

/** Judges the targets of a program, by the rows so far. */
export function judged(row: Row, rows: readonly Row[]): readonly Judgement[] {
  const { held, peak, against, bytes, steps } = row.program;
  const own = peakIn(row);
  const judge = (isMet: boolean, asked: string): Judgement => ({ isMet, text: `${isMet ? "within" : "above"} ${asked}` });
  const other = rows.find(({ program: { name } }) => name === against?.name);
  return [
    ...(held === undefined ? [] : [judge(row.held <= held * bytes * steps, `${held} arrays a step`)]),
    ...(peak === undefined ? [] : [judge(own <= peak, `${megabytes(peak)} MB`)]),
    ...(against === undefined || other === undefined
      ? []
      : [judge(own <= against.times * peakIn(other), `${against.times} × ${against.name}`)]),
  ];
}

/** A group's programs as bars, ours first in each. */
function bars(group: readonly Row[]): string {
  const [width, left, right, bar, gap, titled] = [860, 100, 190, 17, 3, 24];
  const peaks = group
    .flatMap((row) => sides.flatMap((side) => row.peaks[side] ?? []))
    .flatMap((found) => ("peak" in found ? found.peak : []));
  const scale = linear([0, Math.max(1, ...peaks)], [left, width - right]);
  const drawn: string[] = [];
  let y = 4;
  for (const row of group) {
    const asked = judged(row, group).map(({ isMet, text }) => element("tspan", { class: isMet ? "met" : "quiet", dx: 10 }, escape(text)));
    const held = element("tspan", { class: "quiet", dx: 10 }, escape(`held: ${showPerStep(row)}`));
    drawn.push(element("text", { x: 0, y: y + 13 }, element("tspan", { class: "strong" }, escape(row.program.name)), held, ...asked));
    y += titled;
    for (const side of sides) {
      const found = row.peaks[side];
      const end = found !== undefined && "peak" in found ? scale(found.peak) : left;
      drawn.push(
        text(left - 10, y + bar / 2, side, { class: "end" }),
        line(left, y, left, y + bar, { class: "grid" }),
        element("rect", { x: left, y, width: end - left, height: bar, rx: 2, class: side === "ad" ? "first" : "other" }),
        text(end + 8, y + bar / 2, found !== undefined && "peak" in found ? `${megabytes(found.peak)} MB` : showMegabytes(found), {
          class: "centred",
        }),
      );
      y += bar + gap;
    }
    y += 14;
  }
  return svg("Peaks of each library", width, y, ...drawn);
}

const table = (rows: readonly Row[]): string =>
  `<table class="wide"><tr><th>program</th><th>held</th>${sides.map((side) => `<th>${side}, MB</th>`).join("")}<th></th></tr>${rows
    .map((row) => {
      const cells = [row.program.name, showPerStep(row), ...sides.map((side) => showMegabytes(row.peaks[side]))];
      const verdicts = judged(row, rows).map(({ isMet, text }) => `<span class="${isMet ? "met" : "missed"}">${escape(text)}</span>`);
      return `<tr>${cells.map((cell) => `<td>${escape(cell)}</td>`).join("")}<td>${verdicts.join(" ")}</td></tr>`;
    })
    .join("")}</table>`;

/** The report as one page that asks for nothing else. */
export function page(rows: readonly Row[], machine: string): string {
  const groups = [...new Set(rows.map(({ program: { group } }) => group))];
  const sections = groups.map((group) => {
    const own = rows.filter(({ program }) => program.group === group);
    return `<section>\n<h2>${escape(group)}</h2>\n<figure>${bars(own)}</figure>\n${table(own)}\n</section>`;
  });
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>ad: memory, step by step</title>
<style>${style}
svg .met, td .met { fill: var(--good); color: var(--good); }
td .missed { color: var(--quiet); }
table.wide td { padding-right: 18px; }
</style>
</head>
<body>
<h1>Memory, step by step</h1>
<p class="quiet">Each program in a process of its own: the most that the process had above what it had at the start, garbage included. “held” is the most that our arrays held at once after a garbage collection, in arrays for each step. ${escape(machine)}.</p>
${sections.join("\n")}
</body>
</html>
`;
}
