import type * as Plot from "@observablehq/plot";
import { isPicture, type Picture, type Report } from "./messages.js";

const most = 2000;

/** Makes a row of the output from the result of a statement. Pictures are so wide. */
export async function row(report: Exclude<Report, { ended: unknown }>, width: number): Promise<HTMLElement> {
  const element = document.createElement("div");
  element.className = "live-row";
  if ("picture" in report) {
    element.classList.add("live-figure");
    element.append(draw(report.picture, width, await import("@observablehq/plot")));
    return element;
  }
  const { source, text } = report;
  if (source !== "" && source.length <= 60 && !source.includes("\n")) {
    const code = document.createElement("code");
    code.textContent = source;
    element.append(code);
  }
  const pre = document.createElement("pre");
  pre.textContent = text.length > most ? `${text.slice(0, most)} …` : text;
  element.append(pre);
  return element;
}

function draw(picture: Picture, width: number, plot: typeof Plot): Node {
  const made = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(made);
    if (typeof value !== "object" || value === null || ArrayBuffer.isView(value) || value instanceof Date) return value;
    if (!isPicture(value)) return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, made(each)]));
    const args = value.args.map(made);
    if (value.plotted === "plot") return plot.plot({ width, ...(args[0] as Plot.PlotOptions) });
    return (plot[value.plotted as keyof typeof plot] as (...args: unknown[]) => unknown)(...args);
  };
  const drawn = made(picture);
  return drawn instanceof Node ? drawn : document.createTextNode("");
}
