import { defineComponent, h, type VNode } from "vue";
import { data, type Report } from "./benchmarks.data.js";

type Row = Report["rows"][number];

const own = "ad";

function time(milliseconds: number): string {
  const units = [
    ["s", 1e3],
    ["ms", 1],
    ["µs", 1e-3],
  ] as const;
  const [unit, size] = units.find(([, least]) => milliseconds >= least) ?? ["ns", 1e-6];
  return `${Number((milliseconds / size).toPrecision(3))} ${unit}`;
}

const minimum = (row: Row, peer: string): number | undefined => row.outcomes[peer]?.minimum;

const header = (titles: readonly string[]): VNode =>
  h(
    "thead",
    h(
      "tr",
      titles.map((title) => h("th", { scope: "col" }, title)),
    ),
  );

/** A peer's time, and how many times ours it is. */
function cell(row: Row, peer: string): (string | VNode)[] {
  const found = minimum(row, peer);
  const ours = minimum(row, own);
  if (found === undefined) return [row.outcomes[peer]?.differs === undefined ? "–" : "other numbers"];
  if (peer === own || ours === undefined) return [time(found)];
  const ratio = found / ours;
  return [time(found), h("br"), h("small", `${ratio >= 100 ? ratio.toFixed(0) : ratio.toPrecision(2)}×`)];
}

const table = (rows: readonly Row[], peers: readonly string[]): VNode =>
  h("table", [
    header(["", ...peers]),
    h(
      "tbody",
      rows.map((row) =>
        h("tr", { key: row.workload.id }, [
          h("th", { scope: "row" }, row.workload.title),
          ...peers.map((peer) => h("td", { key: peer }, cell(row, peer))),
        ]),
      ),
    ),
  ]);

/** Dots closer than this would cover each other: in percent of the scale. */
const near = 5;
/** Of a row of dots in a plot, in pixels. */
const lane = 14;

/** A line for each workload, a dot for each peer, on a logarithmic scale of whole powers of ten. The table says the same in words. */
function plot(rows: readonly Row[], peers: readonly string[], all: readonly string[]): VNode {
  const times = rows.flatMap((row) => peers.flatMap((peer) => minimum(row, peer) ?? []));
  const low = Math.floor(Math.log10(Math.min(...times)));
  const high = Math.max(Math.ceil(Math.log10(Math.max(...times))), low + 1);
  const percent = (t: number): number => ((Math.log10(t) - low) / (high - low)) * 100;
  const place = (t: number): string => `${percent(t)}%`;
  /** From left to right each dot takes the first lane in which it is clear of the one before it. */
  const lanes = (row: Row): ReadonlyMap<string, number> => {
    const ends: number[] = [];
    const sorted = peers.flatMap((peer) => [[peer, minimum(row, peer)] as const].filter(([, t]) => t !== undefined));
    sorted.sort(([, a], [, b]) => (a as number) - (b as number));
    return new Map(
      sorted.map(([peer, t]) => {
        const at = percent(t as number);
        const found = ends.findIndex((end) => at - end >= near);
        const own = found < 0 ? ends.length : found;
        ends[own] = at;
        return [peer, own];
      }),
    );
  };
  const ticks = Array.from({ length: high - low + 1 }, (_, k) => 10 ** (low + k));
  const dot = (row: Row, peer: string, of: ReadonlyMap<string, number>): VNode | undefined => {
    const found = minimum(row, peer);
    if (found === undefined) return undefined;
    return h("i", {
      key: peer,
      class: "bench-dot",
      style: { left: place(found), top: `${((of.get(peer) ?? 0) + 0.5) * lane}px` },
      "data-peer": all.indexOf(peer),
      title: `${peer}: ${time(found)}`,
    });
  };
  return h("div", { class: "bench-plot", "aria-hidden": "true" }, [
    h(
      "p",
      { class: "bench-legend" },
      peers.map((peer) => h("span", { key: peer }, [h("i", { class: "bench-dot", "data-peer": all.indexOf(peer) }), peer])),
    ),
    ...rows.map((row) => {
      const of = lanes(row);
      return h("div", { key: row.workload.id, class: "bench-row" }, [
        h("span", row.workload.title),
        h("div", { class: "bench-track", style: { height: `${Math.max(24, (Math.max(...of.values()) + 1) * lane)}px` } }, [
          ...ticks.map((tick) => h("b", { key: tick, style: { left: place(tick) } })),
          ...peers.map((peer) => dot(row, peer, of)),
        ]),
      ]);
    }),
    h("div", { class: "bench-row" }, [
      h("span", { class: "bench-axis" }, "time of one run, logarithmic →"),
      h(
        "div",
        { class: "bench-ticks" },
        ticks.map((tick) => h("span", { key: tick, style: { left: place(tick) } }, time(tick))),
      ),
    ]),
  ]);
}

function group(name: string, rows: readonly Row[], all: readonly string[]): VNode {
  const members = rows.filter(({ workload }) => workload.group === name);
  const peers = all.filter((peer) => members.some((row) => row.outcomes[peer]?.minimum !== undefined));
  return h("section", { key: name }, [h("h3", name), peers.length > 0 ? plot(members, peers, all) : null, table(members, peers)]);
}

/** One figure for each name. */
const figures = (title: string, of: string, rows: readonly (readonly [name: string, figure: string])[]): VNode | null =>
  rows.length === 0
    ? null
    : h("section", [
        h("h3", title),
        h("table", [
          header(["", of]),
          h(
            "tbody",
            rows.map(([name, figure]) => h("tr", { key: name }, [h("th", { scope: "row" }, name), h("td", figure)])),
          ),
        ]),
      ]);

/** The figures that apps/bench has kept, as this site found them when it was built. */
export const Benchmarks = defineComponent({
  setup: () => () => {
    if (!data) return h("p", { class: "bench-none" }, "The repository that this site was built from keeps no figures yet.");
    const { rows, sizes, imports, memory, machine, python, date, versions } = data;
    const said = python
      ? Object.entries(python).map(([name, version]) => `${name} ${version}`)
      : ["PyTorch and JAX of that machine's Python"];
    const all = [...new Set([own, ...rows.flatMap(({ outcomes }) => Object.keys(outcomes))])];
    const groups = [...new Set(rows.map(({ workload }) => workload.group))];
    return h("div", { class: "bench" }, [
      h(
        "p",
        `Measured on ${date.slice(0, 10)} with ${machine}, each library on one thread: TensorFlow.js ${versions["@tensorflow/tfjs"]}, jax-js ${versions["@jax-js/jax"]}, ${said.join(", ")}. Each figure is the time of the fastest run of many, so less is better. The factor below it compares it with ad: 2.0× took twice as long. The pictures have the same times on a logarithmic scale.`,
      ),
      ...groups.map((name) => group(name, rows, all)),
      figures(
        "What a program bundles",
        "kB, minified and gzipped",
        sizes.map(({ name, bytes }) => [name, (bytes / 1000).toFixed(1)]),
      ),
      figures(
        "What an import costs in Node",
        "ms, in a process of its own",
        imports.map(({ name, minimum }) => [name, minimum.toPrecision(3)]),
      ),
      figures(
        "What a Jacobian of 4096 × 4096 holds, in chunks",
        "times the result, at the most",
        memory.map(({ chunkSize, held, result }) => [`chunkSize: ${chunkSize}`, (held / result).toFixed(2)]),
      ),
    ]);
  },
});
