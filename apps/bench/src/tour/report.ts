import type { Iris } from "./data.js";
import { showDeviation, showLabelled, showMilliseconds, showPercent, showRatio } from "./format.js";
import { heatMap, timeBars, trainingCurve } from "./plots.js";
import type { Answer, Question } from "./questions.js";
import { style } from "./style.js";
import { escape } from "./svg.js";
import type { Time } from "./timing.js";
import type { Progress } from "./train.js";

export interface Timed extends Answer {
  readonly times: readonly Time[];
}
export interface Answered extends Pick<Question, "heading" | "text"> {
  readonly answers: readonly Timed[];
}
export interface Findings {
  readonly data: Iris;
  readonly history: readonly Progress[];
  /** [3][4] */
  readonly sensitivities: readonly (readonly number[])[];
  readonly answered: readonly Answered[];
}

/** The whole page: one file that asks for nothing else. */
export function report({ data, history, sensitivities, answered }: Findings): string {
  const last = history[history.length - 1];
  const answers = answered.flatMap((question) => question.answers);
  const worst = Math.max(...answers.flatMap(({ checks }) => checks.map(({ deviation }) => deviation)));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>A tour on Fisher's irises</title>
<style>${style}</style>
</head>
<body>
<header>
<h1>Derivatives on Fisher's irises</h1>
<p class="quiet">A tanh classifier 4 → 32 → 3 is trained on ${data.labels.length} flowers; then its derivatives are asked for, in many directions, at many points and by all its parameters. Everything on this page was computed in one run, on ${escape(machine())}.</p>
<dl>
${fact("accuracy", showPercent(last.accuracy))}
${answers
  .slice(0, 4)
  .map(({ call, times }) => fact(`loop ÷ ${call}`, showRatio(times[1].ratio)))
  .join("\n")}
${fact("largest deviation in any check", showDeviation(worst))}
</dl>
</header>
${section(
  "What the classifier looks at",
  "Mean of |∂ class probability / ∂ feature| over all flowers, from the Jacobians that vmap(jacobian(f)) gives at once. Features are standardised, so the columns compare.",
  heatMap(sensitivities, data.classNames, data.featureNames),
)}
${section(
  "One vectorised call against the loop",
  "Each group computes the same numbers in two ways or three, timed by turns in this run.",
  timeBars(answers),
)}
${section("Training", `Gradient descent with momentum on all flowers at a time, the gradient from valueAndGrad over the tree of parameters.`, trainingCurve(history))}
${answered.map((question, k) => questionSection(question, k + 1)).join("\n")}
</body>
</html>
`;
}

const fact = (name: string, value: string): string => `<div><dt>${escape(name)}</dt><dd>${escape(value)}</dd></div>`;

const section = (title: string, below: string, figure: string): string =>
  `<section>\n<h2>${escape(title)}</h2>\n<p class="quiet">${escape(below)}</p>\n<figure>${figure}</figure>\n</section>`;

const questionSection = ({ heading, text, answers }: Answered, number: number): string =>
  `<section>\n<h2>${number}. ${escape(heading)}</h2>\n<p class="quiet">${escape(text)}</p>\n${answers.map(article).join("\n")}\n</section>`;

const article = ({ title, code, given, result, checks, times }: Timed): string => `<article>
<h3>${escape(title)} <code>${escape(code)}</code></h3>
<table>
${row("given", escape(showLabelled(given)))}
${row("result", escape(showLabelled(result)))}
${checks.map((c) => row(`against ${c.against}`, `<span class="ok">✔</span> ${showDeviation(c.deviation)}, at most ${showDeviation(c.tolerance)} allowed`)).join("\n")}
${times.map((t, k) => row(t.label, `${showMilliseconds(t.median)}${k === 0 ? "" : `, <strong>${showRatio(t.ratio)}</strong>`} <span class="quiet">(median of ${t.repeats})</span>`)).join("\n")}
</table>
</article>`;

const row = (name: string, value: string): string => `<tr><th scope="row">${escape(name)}</th><td>${value}</td></tr>`;

const machine = (): string => `Node ${process.versions.node} (${process.platform}, ${process.arch})`;
