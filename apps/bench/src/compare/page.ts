import { style } from "../tour/style.js";
import { decades, element, escape, line, logarithmic, svg, text } from "../tour/svg.js";
import { type Report, targets } from "./report.js";
import { minimumOf, type Row, type Verdict, verdicts, within } from "./results.js";
import { cell, showBytes, showTime, showTimes, showVerdict } from "./table.js";
import { type DType, type Peer, peers } from "./workloads.js";

/** The whole report as one page that asks for nothing else. */
export function page(report: Report): string {
  const { rows, machine, load, date, absent } = report;
  const groups = [...new Set(rows.map(({ workload }) => workload.group))].filter((group) => group !== scaling);
  const judged = targets(report).flatMap(({ found }) => found);
  const left = Object.entries(absent).map(([peer, why]) => `${peer}: ${why}`);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>ad beside its peers</title>
<style>${style}
svg .met { fill: var(--good); }
td .met { color: var(--good); }
td .missed { color: var(--quiet); }
table.wide td { padding-right: 18px; }
</style>
</head>
<body>
<h1>ad beside its peers</h1>
<p class="quiet">Each library in a process of its own on one thread, by turns in one run, its results compared with ours before it was timed. The fastest of all runs; × is the peer's time by ours; ≠ a result that was off, by how much, and therefore not timed. ${escape(machine)}, ${escape(date)}${load > 1 ? `, with other processes at work (load ${load.toFixed(1)}), which makes the figures noisy` : ""}.${left.length > 0 ? ` Not here: ${escape(left.join("; "))}.` : ""}</p>
<p>Targets: ${judged.filter(({ isMet }) => isMet).length} of ${judged.length} met.</p>
${groups
  .map((group) =>
    section(
      group,
      bars(
        rows.filter(({ workload }) => workload.group === group),
        rows,
      ),
    ),
  )
  .join("\n")}
${section("Matrix products by size, float32", products(rows, "float32"))}
${section("Matrix products by size, float64", products(rows, "float64"))}
${section(scaling, directionsPlot(rows))}
${section("What a program bundles, minified and gzipped", list(report.sizes.map(({ name, bytes, ceiling }) => [name, showBytes(bytes), ceiling === undefined ? undefined : within(bytes, ceiling, "bytes")])))}
${section("A cold import in Node", list(report.imports.map(({ name, minimum, median, ceiling }) => [name, `${showTime(minimum)}, median ${showTime(median)}`, ceiling === undefined ? undefined : within(minimum, ceiling, "milliseconds")])))}
${section(
  "Memory of a 4096 × 4096 Jacobian by chunks",
  list(
    report.memory.map(({ chunkSize, held, result, process }) => [
      `chunkSize ${chunkSize}`,
      `arrays ${(held / result).toFixed(2)} × the result, process ${(process / result).toFixed(2)} ×`,
    ]),
  ),
)}
</body>
</html>
`;
}

const scaling = "N JVPs at one point";

const section = (title: string, body: string): string =>
  body === "" ? "" : `<section>\n<h2>${escape(title)}</h2>\n<figure>${body}</figure>\n</section>`;

const judgement = (verdict: Verdict | undefined): string =>
  verdict === undefined ? "" : `<span class="${verdict.isMet ? "met" : "missed"}">${escape(showVerdict(verdict))}</span>`;

const list = (rows: readonly (readonly [name: string, value: string, verdict?: Verdict])[]): string =>
  rows.length === 0
    ? ""
    : `<table class="wide">${rows.map(([name, value, verdict]) => `<tr><th>${escape(name)}</th><td>${escape(value)}</td><td>${judgement(verdict)}</td></tr>`).join("")}</table>`;

/** A group's workloads as bars, ours first in each, on one logarithmic axis. */
function bars(group: readonly Row[], all: readonly Row[]): string {
  const [width, left, right, bar, gap, titled] = [860, 150, 150, 17, 3, 24];
  const times = group.flatMap(({ outcomes }) => peers.flatMap((peer) => minimumOf(outcomes[peer]) ?? []));
  if (times.length === 0) return "";
  const ticks = decades(times);
  const scale = logarithmic([ticks[0], ticks[ticks.length - 1]], [left, width - right]);
  const drawn: string[] = [];
  let y = 4;
  for (const row of group) {
    const own = minimumOf(row.outcomes.ad);
    const targets = verdicts(row, all).map((v) => element("tspan", { class: v.isMet ? "met" : "quiet", dx: 10 }, escape(showVerdict(v))));
    drawn.push(element("text", { x: 0, y: y + 13 }, element("tspan", { class: "strong" }, escape(row.workload.title)), ...targets));
    y += titled;
    for (const peer of peers) {
      const outcome = row.outcomes[peer];
      if (outcome === undefined || "missing" in outcome) continue;
      drawn.push(text(left - 10, y + bar / 2, peer, { class: "end" }));
      if ("minimum" in outcome) {
        const { minimum } = outcome;
        const end = scale(minimum);
        const ratio = peer === "ad" || own === undefined ? [] : [element("tspan", { class: "strong", dx: 8 }, showTimes(minimum / own))];
        drawn.push(
          element("rect", { x: left, y, width: Math.max(1, end - left), height: bar, rx: 2, class: peer === "ad" ? "first" : "other" }),
          element("text", { x: end + 8, y: y + bar / 2, class: "centred" }, element("tspan", {}, showTime(minimum)), ...ratio),
        );
      } else drawn.push(text(left + 8, y + bar / 2, cell(outcome, own), { class: "centred quiet" }));
      y += bar + gap;
    }
    y += 14;
  }
  const grid = ticks.map((tick) => line(scale(tick), 4, scale(tick), y, { class: "grid" }));
  const labels = ticks.map((tick) => text(scale(tick), y + 14, showTime(tick), { class: "middle quiet" }));
  return svg("Times of each library", width, y + 28, ...grid, ...drawn, ...labels);
}

interface Curve {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** Curves over two logarithmic axes; the first is ours. */
function curves(label: string, all: readonly Curve[], below: string): string {
  const drawable = all.filter(({ points }) => points.length > 1);
  if (drawable.length === 0) return "";
  const [width, height, left, right, bottom] = [860, 320, 70, 150, 290];
  const [xs, ys] = [0, 1].map((k) => drawable.flatMap(({ points }) => points.map((point) => point[k])));
  const ticks = decades(ys);
  const x = logarithmic([Math.min(...xs), Math.max(...xs)], [left, width - right]);
  const y = logarithmic([ticks[0], ticks[ticks.length - 1]], [bottom - 20, 14]);
  const at = [...new Set(xs)].sort((a, b) => a - b);
  const ends = drawable.map(({ name, points }) => ({ name, at: y(points[points.length - 1][1]) })).sort((a, b) => a.at - b.at);
  let free = 0;
  const names = ends.map(({ name, at }) => {
    const own = Math.max(at, free);
    free = own + 15;
    return { name, at: own };
  });
  return svg(
    label,
    width,
    height + 14,
    ...ticks.flatMap((tick) => [
      line(left, y(tick), width - right, y(tick), { class: "grid" }),
      text(left - 8, y(tick), showTime(tick), { class: "end quiet" }),
    ]),
    ...at.map((value) => text(x(value), bottom, String(value), { class: "middle quiet" })),
    ...drawable.map(({ points }, k) =>
      element("polyline", {
        points: points.map(([a, b]) => `${x(a).toFixed(1)},${y(b).toFixed(1)}`).join(" "),
        class: "curve",
        ...(k === 0 ? {} : { style: "stroke: var(--other)" }),
      }),
    ),
    ...names.map(({ name, at }) => text(width - right + 8, at, name, { class: "centred" })),
    text((left + width - right) / 2, height + 6, below, { class: "middle quiet" }),
  );
}

const points = (rows: readonly Row[], peer: Peer): (readonly [number, number])[] =>
  rows
    .flatMap(({ workload, outcomes }) => {
      const time = minimumOf(outcomes[peer]);
      return time === undefined ? [] : [[workload.n, time] as const];
    })
    .sort(([a], [b]) => a - b);

const products = (rows: readonly Row[], dtype: DType): string => {
  const own = rows.filter(({ workload }) => workload.kind === "matmul" && workload.dtype === dtype);
  return curves(
    "Time of a matrix product by size",
    peers.map((peer) => ({ name: peer, points: points(own, peer) })),
    "n",
  );
};

function directionsPlot(rows: readonly Row[]): string {
  const of = (kind: string): Row[] => rows.filter(({ workload }) => workload.kind === kind && workload.dtype === "float64");
  return curves(
    "Time of N Jacobian-vector products at one point",
    [
      { name: "ad, one call", points: points(of("jvps"), "ad") },
      { name: "ad, loop", points: points(of("jvps loop"), "ad") },
      { name: "torch vmap", points: points(of("jvps"), "torch") },
      { name: "torch, loop", points: points(of("jvps loop"), "torch") },
      { name: "jax jit", points: points(of("jvps"), "jax jit") },
      { name: "jax-js jit", points: points(of("jvps"), "jax-js jit") },
    ],
    "N directions, float64",
  );
}
