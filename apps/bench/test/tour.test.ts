import { beforeAll, describe, expect, test } from "vitest";
import { againstDifferences, againstLoop } from "../src/tour/checks.js";
import { type Iris, loadIris } from "../src/tour/data.js";
import { accuracy, names, pack, unpack } from "../src/tour/model.js";
import { type Question, questions, sensitivities } from "../src/tour/questions.js";
import { type Findings, report } from "../src/tour/report.js";
import { type Training, train } from "../src/tour/train.js";

let data: Iris;
let training: Training;
let asked: readonly Question[];

beforeAll(() => {
  data = loadIris();
  training = train(data);
  asked = questions(training.params, data);
});

describe("data", () => {
  test("has 150 flowers of 4 features, 50 of each class", () => {
    expect(data.features.shape).toEqual([150, 4]);
    expect(data.targets.shape).toEqual([150, 3]);
    expect(data.targets.sum(0).toArray()).toEqual([50, 50, 50]);
    expect(data.labels.map((label, i) => data.targets.slice(i, label).item())).toEqual(Array(150).fill(1));
    expect(data.featureNames).toHaveLength(4);
    expect(data.classNames).toEqual(["setosa", "versicolor", "virginica"]);
  });

  test("is standardised", () => {
    for (const mean of data.features.mean(0).toArray() as number[]) expect(mean).toBeCloseTo(0, 12);
    for (const deviation of data.features.std(0).toArray() as number[]) expect(deviation).toBeCloseTo(1, 12);
  });
});

describe("training", () => {
  test("reaches an accuracy of at least 0.95 and lowers the loss", () => {
    const { history, params } = training;
    expect(history.at(-1)?.accuracy).toBeGreaterThanOrEqual(0.95);
    expect(accuracy(params, data)).toBe(history.at(-1)?.accuracy);
    expect(history.at(-1)?.loss).toBeLessThan(history[0].loss / 10);
  });

  test("is the same for the same seed, and reports as often as asked", () => {
    const steps: number[] = [];
    const run = () => train(data, { steps: 5, every: 2, onProgress: ({ step }) => steps.push(step) });
    const [first, second] = [run(), run()];
    expect(pack(first.params).toArray()).toEqual(pack(second.params).toArray());
    expect(steps).toEqual([0, 2, 4, 5, 0, 2, 4, 5]);
  });
});

test("the parameters' tree survives being packed", () => {
  const { params } = training;
  const again = unpack(pack(params), params);
  for (const name of names) expect(again[name].toArray()).toEqual(params[name].toArray());
});

describe("checks", () => {
  test("refuse what is off, NaN and another shape", () => {
    const { features } = data;
    expect(againstLoop("x", features, features).deviation).toBe(0);
    expect(() => againstLoop("x", features, features.add(1e-9))).toThrow(/the plain loop/);
    expect(() => againstDifferences("x", features, features.add(1e-6))).toThrow(/central differences/);
    expect(() => againstDifferences("x", features, features.mul(Number.NaN))).toThrow(/NaN/);
    expect(() => againstLoop("x", features, features.T)).toThrow(/shape/);
  });
});

describe("questions", () => {
  // Asking checks every result against the loop and central differences, and throws where one is off.
  const shapes: Record<string, readonly (readonly number[])[]> = {
    jvpMany: [[3], [256, 3]],
    vjpMany: [[3], [256, 4]],
    batchJvp: [
      [150, 3],
      [150, 3],
    ],
    "vmap(jacobian)": [[150, 3, 4]],
    jacobian: [
      [150, 4, 32],
      [150, 32],
      [150, 32, 3],
      [150, 3],
    ],
    hessian: [
      [4, 32, 4, 32],
      [4, 32, 3],
      [3, 3],
      [259, 259],
    ],
  };

  test("are three, with these answers", () => {
    expect(asked).toHaveLength(3);
    const answers = asked.flatMap((question) => question.answers.map((ask) => ask()));
    expect(Object.fromEntries(answers.map(({ call, result }) => [call, result.map(({ shape }) => shape)]))).toEqual(shapes);
    for (const { checks, contestants } of answers) {
      expect(checks.map(({ against }) => against)).toEqual(["the plain loop", "central differences"]);
      for (const { deviation, tolerance } of checks) expect(deviation).toBeLessThanOrEqual(tolerance);
      expect(contestants.length).toBeGreaterThanOrEqual(2);
    }
  });

  test("sensitivities are a table of classes and features", () => {
    const table = sensitivities(training.params, data);
    expect(table.shape).toEqual([3, 4]);
    expect(table.greater(0).all().item()).toBe(true);
  });
});

describe("report", () => {
  let page: string;
  const figure = (median: number, ratio: number, label: string) => ({ label, median, ratio, repeats: 5 });

  beforeAll(() => {
    const [first] = asked;
    const findings: Findings = {
      data,
      history: training.history,
      sensitivities: sensitivities(training.params, data).toArray() as number[][],
      answered: [
        {
          ...first,
          answers: first.answers.map((ask) => ({ ...ask(), times: [figure(0.125, 1, "vectorised"), figure(4, 32, "loop of <jvp>")] })),
        },
      ],
    };
    page = report(findings);
  });

  test("holds the three plots", () => {
    expect(page.match(/<svg /g)).toHaveLength(3);
    for (const label of ["sepal length", "petal width", "setosa", "virginica"]) expect(page).toContain(`>${label}</text>`);
    expect(page.match(/<rect [^>]*color-mix/g)).toHaveLength(12);
    expect(page).toContain(">125 µs</tspan>");
    expect(page).toContain(">32.0×</tspan>");
    expect(page).toContain("<polyline ");
    expect(page).not.toMatch(/NaN|undefined|Infinity/);
  });

  test("asks for nothing from elsewhere, and adapts to dark mode", () => {
    expect(page).not.toMatch(/https?:|\bsrc=|<link|<script|@import|url\(/);
    expect(page).toContain("prefers-color-scheme: dark");
  });

  test("escapes text", () => {
    expect(page).not.toContain("<jvp>");
    expect(page).toContain("loop of &#60;jvp&#62;");
  });
});
