import type { Shape } from "@ad/core";
import type { Labelled } from "./questions.js";

export const showShape = (shape: Shape): string => `[${shape.join(", ")}]`;

export const showLabelled = (items: readonly Labelled[]): string =>
  items.map(({ name, shape }) => `${name} ${showShape(shape)}`).join(" · ");

/** Three digits and a unit. */
export function showMilliseconds(ms: number): string {
  const [value, unit] = ms < 1 ? [ms * 1000, "µs"] : ms < 1000 ? [ms, "ms"] : [ms / 1000, "s"];
  return `${threeDigits(value)} ${unit}`;
}

export const showRatio = (ratio: number): string => `${threeDigits(ratio)}×`;

/** Deviations: one digit and a power of ten tell enough. */
export const showDeviation = (value: number): string => (value === 0 ? "0" : value.toExponential(1).replace(".0e", "e"));

export const showPercent = (value: number): string => `${(100 * value).toFixed(1)} %`;

const threeDigits = (value: number): string => value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);
