import { showMilliseconds, showRatio } from "../tour/format.js";
import type { Found } from "./large.js";

/** Milliseconds. */
export interface Measured {
  readonly name: string;
  readonly unknowns: number;
  readonly entries: number;
  readonly colors: number;
  /** The first time, in this process. */
  readonly pattern: number;
  readonly coloring: number;
  /** One evaluation, the fastest. */
  readonly eager: number;
  readonly jit: number;
  /** The time of CasADi, where it is there, and computes the same. */
  readonly casadi?: number;
}

const columns = (name: string, ...values: readonly string[]): string => `  ${name.padEnd(44)}${values.map((v) => v.padStart(11)).join("")}`;

export const header = (): string => columns("", "entries", "colours", "pattern", "colouring", "eager", "jit", "CasADi", "/ eager", "/ jit");

export const row = ({ name, entries, colors, pattern, coloring, eager, jit, casadi }: Measured): string =>
  columns(
    name,
    String(entries),
    String(colors),
    ...[pattern, coloring, eager, jit].map(showMilliseconds),
    ...(casadi === undefined ? ["–", "–", "–"] : [showMilliseconds(casadi), showRatio(casadi / eager), showRatio(casadi / jit)]),
  );

export const largeHeader = (): string =>
  `\n${columns("in a process of its own", "unknowns", "first run", "fastest", "peak", "of one run")}`;

export const largeRow = ({ name, unknowns, found }: { readonly name: string; readonly unknowns: number; readonly found: Found }): string =>
  columns(
    `Brusselator, ${name}`,
    String(unknowns),
    showMilliseconds(found.first),
    showMilliseconds(found.fastest),
    ...[found.peak, found.one].map((bytes) => `${(bytes / 1e6).toFixed(1)} MB`),
  );
