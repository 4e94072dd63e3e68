import { style } from "../tour/style.js";
import { decades, element, escape, line, logarithmic, svg, text } from "../tour/svg.js";
import { byKind, crossover, gain, type Report, type Row, type Run, ratio, showSize, showTime } from "./results.js";
import type { Side } from "./workloads.js";

/** "3.2×", where the side has been measured. */
const showRatio = (row: Row, side: Side): string => (row.times[side] ? `${ratio(row, side).toFixed(1)}×` : "–");

const beside = (row: Row, side: Side, width: number): string =>
  showTime(row.times[side]?.minimum).padStart(width) + showRatio(row, side).padStart(8);

/** The tables as plain text. */
export function* lines({ runs, tfjs, jaxJs }: Report): Generator<string> {
  for (const run of runs) {
    yield `${run.renderer}: ${run.name}, Chromium ${run.browser}`;
    yield `  ${"milliseconds, the fastest run".padEnd(52)}${"GPU".padStart(9)}${`tfjs ${tfjs}`.padStart(13)}${"ratio".padStart(8)}${`jax-js ${jaxJs}`.padStart(16)}${"ratio".padStart(8)}  target`;
    for (const row of run.comparisons) {
      const { title, target } = row.workload;
      const side = target?.side ?? "tfjs";
      const times = `${showTime(row.times.gpu?.minimum).padStart(9)}${beside(row, side, 13)}${beside(row, "jax-js", 16)}`;
      const [own, wanted] = [ratio(row, side), target?.ratio ?? 1];
      yield `  ${(side === "loop" ? `${title}, beside a loop` : title).padEnd(52)}${times}  ${wanted}× ${own >= wanted ? "met" : "missed"}`;
    }
    if (run.programs.length > 0)
      yield `  ${"milliseconds, the fastest run".padEnd(52)}${"GPU".padStart(9)}${"jit".padStart(9)}${"ratio".padStart(8)}${"submitted".padStart(12)}${"jit".padStart(9)}${"ratio".padStart(8)}  target`;
    for (const { workload, times, submitted = {} } of run.programs) {
      const [own, wanted] = [gain(times), workload.target?.ratio ?? 1];
      const cells = (all: Row["times"], width: number): string =>
        `${showTime(all.gpu?.minimum).padStart(width)}${showTime(all.jit?.minimum).padStart(9)}${`${gain(all).toFixed(1)}×`.padStart(8)}`;
      yield `  ${workload.title.padEnd(52)}${cells(times, 9)}${cells(submitted, 12)}  ${wanted}× ${own >= wanted ? "met" : "missed"}`;
    }
    for (const [kind, rows] of byKind(run.crossovers)) {
      yield `  ${kind}: the GPU is faster than the CPU ${showSize(crossover(rows))}`;
      for (const row of rows)
        yield `    ${String(row.workload.n).padStart(8)}  CPU ${showTime(row.times.cpu?.minimum).padStart(8)}  GPU ${showTime(row.times.gpu?.minimum).padStart(8)}  ${ratio(row, "cpu").toFixed(2)}×`;
    }
  }
}

/** The report as one page that asks for nothing else. */
export const page = (report: Report): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>When the GPU pays</title>
<style>${style}
svg .cpu { stroke: var(--quiet, #888); fill: none; stroke-width: 2; stroke-dasharray: 5 4; }
svg .gpu { stroke: var(--accent, #36c); fill: none; stroke-width: 2; }
td { padding-right: 18px; text-align: right; }
td:first-child { text-align: left; }
</style>
</head>
<body>
<h1>When the GPU pays</h1>
<p class="quiet">@ad/gpu in headless Chromium beside @ad/core on one thread of the CPU and, on WebGL, tfjs ${escape(report.tfjs)} and jax-js ${escape(report.jaxJs)}, by turns, results compared first; the fastest run, its result reduced and read. ${escape(report.machine)}, ${escape(report.date)}.</p>
${report.runs.map(section).join("\n")}
</body>
</html>
`;

const section = (run: Run): string => `<section>
<h2>${escape(run.renderer)}</h2>
<p class="quiet">${escape(run.name)}, Chromium ${escape(run.browser)}</p>
<table>
<tr><th>milliseconds</th><th>GPU</th><th>beside</th><th>ratio</th><th>target</th><th>jax-js</th><th>ratio</th></tr>
${run.comparisons.map(comparison).join("\n")}
</table>
<table>
<tr><th>milliseconds</th><th>GPU</th><th>jit</th><th>ratio</th><th>submitted</th><th>jit</th><th>ratio</th></tr>
${run.programs.map(program).join("\n")}
</table>
${byKind(run.crossovers)
  .map(
    ([kind, rows]) =>
      `<figure>${plot(kind, rows)}<figcaption>${escape(kind)}: the GPU is faster ${showSize(crossover(rows))}</figcaption></figure>`,
  )
  .join("\n")}
</section>`;

function program({ workload, times, submitted = {} }: Row): string {
  const cells = [times, submitted].flatMap((all) => [showTime(all.gpu?.minimum), showTime(all.jit?.minimum), `${gain(all).toFixed(1)}×`]);
  return `<tr>${[workload.title, ...cells].map((cell) => `<td>${escape(cell)}</td>`).join("")}</tr>`;
}

function comparison(row: Row): string {
  const { title, target } = row.workload;
  const side = target?.side ?? "tfjs";
  const cells = [
    title,
    showTime(row.times.gpu?.minimum),
    `${side} ${showTime(row.times[side]?.minimum)}`,
    showRatio(row, side),
    `${target?.ratio}×`,
    showTime(row.times["jax-js"]?.minimum),
    showRatio(row, "jax-js"),
  ];
  return `<tr>${cells.map((cell) => `<td>${escape(cell)}</td>`).join("")}</tr>`;
}

/** Milliseconds over sizes, both on logarithmic axes. */
function plot(kind: string, rows: readonly Row[]): string {
  const [width, height, left, bottom, top, right] = [640, 260, 60, 34, 14, 60];
  const sizes = rows.map(({ workload }) => workload.n);
  const ticks = decades(rows.flatMap(({ times }) => [times.cpu, times.gpu].flatMap((time) => time?.minimum ?? [])));
  const x = logarithmic([sizes[0], sizes[sizes.length - 1]], [left, width - right]);
  const y = logarithmic([ticks[0], ticks[ticks.length - 1]], [height - bottom, top]);
  const path = (side: "cpu" | "gpu"): string => {
    const points = rows.flatMap(({ workload, times }) => {
      const time = times[side]?.minimum;
      return time === undefined ? [] : [`${x(workload.n).toFixed(1)},${y(time).toFixed(1)}`];
    });
    // The upper name goes a little up and the lower one down, lest they meet.
    const [own, other] = (side === "cpu" ? (["cpu", "gpu"] as const) : (["gpu", "cpu"] as const)).map(
      (name) => rows[rows.length - 1].times[name]?.minimum ?? ticks[0],
    );
    const name = text(width - right + 6, y(own) + (own > other ? 0 : 9), side.toUpperCase());
    return element("polyline", { class: side, points: points.join(" ") }) + name;
  };
  return svg(
    `${kind}: milliseconds by size`,
    width,
    height,
    ...ticks.map(
      (tick) => line(left, y(tick), width - right, y(tick), { class: "grid" }) + text(6, y(tick) + 4, `${tick} ms`, { class: "quiet" }),
    ),
    ...sizes.map((n) => text(x(n) - 10, height - 12, n >= 1e4 ? n.toExponential().replace("+", "") : String(n), { class: "quiet" })),
    path("cpu"),
    path("gpu"),
  );
}
