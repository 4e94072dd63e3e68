import { showMilliseconds, showRatio } from "./format.js";
import { decades, element, line, linear, logarithmic, type Scale, svg, text } from "./svg.js";
import type { Time } from "./timing.js";
import type { Progress } from "./train.js";

/** Rows × columns of numbers as shaded cells, each with its value. */
export function heatMap(values: readonly (readonly number[])[], rows: readonly string[], columns: readonly string[]): string {
  const [left, top, width, height, gap] = [96, 30, 136, 62, 3];
  const most = Math.max(...values.flat());
  const cells = values.flatMap((row, i) =>
    row.map((value, k) => {
      const [x, y, share] = [left + k * width, top + i * height, value / most];
      const fill = `color-mix(in oklab, var(--accent) ${(4 + 96 * share).toFixed(1)}%, var(--empty))`;
      return (
        element("rect", { x, y, width: width - gap, height: height - gap, rx: 4, style: `fill: ${fill}` }) +
        text(x + (width - gap) / 2, y + (height - gap) / 2, value.toFixed(3), { class: share > 0.55 ? "value on-accent" : "value" })
      );
    }),
  );
  const end = top + rows.length * height;
  return svg(
    "Mean absolute derivative of each class probability by each feature",
    left + columns.length * width,
    end + 34,
    ...columns.map((name, k) => text(left + k * width + (width - gap) / 2, 18, name, { class: "middle" })),
    ...rows.map((name, i) => text(left - 10, top + i * height + (height - gap) / 2, name, { class: "end" })),
    ...cells,
    text(left + (columns.length * width - gap) / 2, end + 22, "class probability (rows) by standard deviation of the feature (columns)", {
      class: "middle quiet",
    }),
  );
}

export interface Bars {
  readonly title: string;
  readonly code: string;
  readonly times: readonly Time[];
}

/** Groups of bars on one logarithmic axis. */
export function timeBars(groups: readonly Bars[]): string {
  const [width, left, right, bar, gap, titled] = [860, 262, 130, 19, 4, 25];
  const ticks = decades(groups.flatMap(({ times }) => times.map(({ median }) => median)));
  const scale = logarithmic([ticks[0], ticks[ticks.length - 1]], [left, width - right]);
  const drawn: string[] = [];
  let y = 4;
  for (const { title, code, times } of groups) {
    drawn.push(
      element(
        "text",
        { x: 0, y: y + 13 },
        `${element("tspan", { class: "strong" }, title)} ${element("tspan", { class: "code", dx: 8 }, code)}`,
      ),
    );
    y += titled;
    times.forEach(({ label, median, ratio }, k) => {
      const middle = y + bar / 2;
      drawn.push(
        text(left - 10, middle, label, { class: "end" }),
        element("rect", { x: left, y, width: scale(median) - left, height: bar, rx: 2, class: k === 0 ? "first" : "other" }),
        element(
          "text",
          { x: scale(median) + 8, y: middle, class: "centred" },
          element("tspan", {}, showMilliseconds(median)),
          ...(k === 0 ? [] : [element("tspan", { class: "strong", dx: 8 }, showRatio(ratio))]),
        ),
      );
      y += bar + gap;
    });
    y += 15;
  }
  const grid = ticks.map((tick) => line(scale(tick), 4, scale(tick), y, { class: "grid" }));
  const labels = ticks.map((tick) => text(scale(tick), y + 14, showTick(tick), { class: "middle quiet" }));
  const caption = text(
    (left + width - right) / 2,
    y + 36,
    "median time of one call, logarithmic scale; × is the loop's time by the vectorised call's",
    {
      class: "middle quiet",
    },
  );
  return svg("Times of the vectorised calls and of the loops", width, y + 48, ...grid, ...drawn, ...labels, caption);
}

const showTick = (ms: number): string => (ms < 1 ? `${+(ms * 1000).toPrecision(1)} µs` : ms < 1000 ? `${ms} ms` : `${ms / 1000} s`);

/** Loss and accuracy by step, side by side. */
export function trainingCurve(history: readonly Progress[]): string {
  const [width, height, gap] = [410, 230, 40];
  const losses = history.map((p) => p.loss);
  const ticks = decades(losses);
  const lowest = Math.floor(10 * Math.min(...history.map((p) => p.accuracy))) / 10;
  const shares = Array.from({ length: Math.round((1 - lowest) * 10) + 1 }, (_, i) => lowest + i / 10);
  const log = logarithmic([ticks[0], ticks[ticks.length - 1]], [height - 40, 30]);
  const share = linear([lowest, 1], [height - 40, 30]);
  return svg(
    "Loss and accuracy by training step",
    2 * width + gap,
    height,
    panel("mean loss, logarithmic", 0, width, height, history, losses, log, ticks, (v) => String(+v.toPrecision(1))),
    panel(
      "accuracy",
      width + gap,
      width,
      height,
      history,
      history.map((p) => p.accuracy),
      share,
      shares,
      (v) => `${Math.round(100 * v)} %`,
    ),
  );
}

function panel(
  title: string,
  offset: number,
  width: number,
  height: number,
  history: readonly Progress[],
  values: readonly number[],
  y: Scale,
  ticks: readonly number[],
  show: (value: number) => string,
): string {
  const last = history[history.length - 1].step;
  const [left, right, bottom] = [offset + 58, offset + width - 12, height - 40];
  const x = linear([0, last], [left, right]);
  const points = history.map(({ step }, i) => `${x(step).toFixed(2)},${y(values[i]).toFixed(2)}`);
  return [
    text(left, 14, title, { class: "strong" }),
    ...ticks.flatMap((tick) => [
      line(left, y(tick), right, y(tick), { class: "grid" }),
      text(left - 8, y(tick), show(tick), { class: "end quiet" }),
    ]),
    ...[0, last / 2, last].map((step) => text(x(step), bottom + 16, String(Math.round(step)), { class: "middle quiet" })),
    text((left + right) / 2, bottom + 34, "step", { class: "middle quiet" }),
    element("polyline", { points: points.join(" "), class: "curve" }),
    element("circle", { cx: x(last), cy: y(values[values.length - 1]), r: 3.5, class: "first" }),
  ].join("");
}
