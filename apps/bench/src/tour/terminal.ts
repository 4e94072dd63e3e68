import { showDeviation, showLabelled, showMilliseconds, showPercent, showRatio } from "./format.js";
import type { Answer, Question } from "./questions.js";
import type { Time } from "./timing.js";
import type { Progress } from "./train.js";

const colours = process.stdout.isTTY === true && process.env.NO_COLOR === undefined;
const paint =
  (open: number, close: number) =>
  (text: string): string =>
    colours ? `\u001b[${open}m${text}\u001b[${close}m` : text;
const bold = paint(1, 22);
const dim = paint(2, 22);
const green = paint(32, 39);

const print = (line = ""): void => console.log(line);
const field = (name: string, value: string): void => print(`     ${dim(name.padEnd(10))}${value}`);

export function title(text: string, below: string): void {
  print(`\n${bold(text)}\n${"─".repeat(text.length)}\n${below}`);
}

export function heading(number: number, { heading: text, text: below }: Pick<Question, "heading" | "text">): void {
  print(`\n${bold(`${number}  ${text}`)}\n   ${below}`);
}

export function progress({ step, loss, accuracy }: Progress): void {
  if (step === 0) print(dim("     step      loss   accuracy"));
  print(`     ${String(step).padStart(4)}  ${loss.toFixed(6)}   ${showPercent(accuracy).padStart(8)}`);
}

/** Printed as soon as the results are checked, before they are timed. */
export function answer({ title: text, code, given, result, checks }: Answer): void {
  print(`\n   ${bold(text)}   ${code}`);
  field("given", showLabelled(given));
  field("result", showLabelled(result));
  field(
    "checked",
    checks
      .map(({ against, deviation, tolerance }) => `${against} ${green("✔")} ${showDeviation(deviation)} ≤ ${showDeviation(tolerance)}`)
      .join("   "),
  );
}

export function times(list: readonly Time[]): void {
  list.forEach(({ label, median, ratio }, k) => {
    field(k === 0 ? "time" : "", `${showMilliseconds(median).padStart(8)}  ${label}${k === 0 ? "" : bold(`  ${showRatio(ratio)}`)}`);
  });
}

export const passed = (text: string): void => print(`   ${green("✔")} ${text}`);

export const failed = (text: string): void => print(`   ✘ ${text}`);

export const note = (text: string): void => print(dim(`   ${text}`));
