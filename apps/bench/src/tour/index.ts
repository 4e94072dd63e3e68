// The tour: trains a classifier on Fisher's irises, asks for its derivatives in many ways, and writes a report.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { loadIris } from "./data.js";
import { showPercent } from "./format.js";
import { layers, pack } from "./model.js";
import { questions, sensitivities } from "./questions.js";
import { type Answered, report } from "./report.js";
import * as terminal from "./terminal.js";
import { time } from "./timing.js";
import { train } from "./train.js";

const wanted = 0.95;
const file = fileURLToPath(new URL("../../report/tour.html", import.meta.url));

function tour(): void {
  const begin = performance.now();
  const data = loadIris();
  terminal.title(
    "Derivatives on Fisher's irises",
    `${data.labels.length} flowers, ${data.featureNames.length} features (${data.featureNames.join(", ")}), ${data.classNames.length} classes (${data.classNames.join(", ")})`,
  );

  terminal.heading(0, {
    heading: `Training a tanh classifier ${layers.join(" → ")}`,
    text: "valueAndGrad over { w1, b1, w2, b2 }, all flowers at a time\n",
  });
  const { params, history } = train(data, { onProgress: terminal.progress });
  const { accuracy } = history[history.length - 1];
  const verdict = `accuracy ${showPercent(accuracy)} with ${pack(params).size} parameters; at least ${showPercent(wanted)} is wanted`;
  if (!(accuracy >= wanted)) {
    terminal.failed(verdict);
    process.exitCode = 1;
    return;
  }
  terminal.passed(verdict);

  const answered = questions(params, data).map((question, k): Answered => {
    terminal.heading(k + 1, question);
    return {
      ...question,
      answers: question.answers.map((ask) => {
        const answer = ask();
        terminal.answer(answer);
        const times = time(answer.contestants);
        terminal.times(times);
        return { ...answer, times };
      }),
    };
  });

  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, report({ data, history, sensitivities: sensitivities(params, data).toArray() as number[][], answered }));
  terminal.title("Report", relative(process.env.INIT_CWD ?? process.cwd(), file));
  terminal.note(`${((performance.now() - begin) / 1000).toFixed(1)} s in all`);
}

tour();
