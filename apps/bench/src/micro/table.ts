import { showMilliseconds } from "../tour/format.js";

/** Nanoseconds, each for one operation. */
export interface Figures {
  /** The median. */
  readonly nanoseconds: number;
  readonly fastest: number;
  readonly p99: number;
  readonly gflops?: number;
  readonly ceiling?: number;
  /** The time over that of another case, and the most that it should be. */
  readonly times?: number;
  readonly timesCeiling?: number;
}

const showNanoseconds = (ns: number): string => (ns < 1000 ? `${ns.toFixed(0)} ns` : showMilliseconds(ns / 1e6));

const columns = (name: string, ...values: readonly string[]): string => `  ${name.padEnd(48)}${values.map((v) => v.padStart(11)).join("")}`;

export const header = (title: string): string => `\n${columns(title, "median", "fastest", "p99")}`;

export function row(name: string, { nanoseconds, fastest, p99, gflops, ceiling, times, timesCeiling }: Figures): string {
  const notes = [
    ...(gflops === undefined ? [] : [`${gflops.toFixed(2)} GFLOP/s`]),
    ...(ceiling === undefined ? [] : [`${nanoseconds <= ceiling ? "within" : "above"} ${showNanoseconds(ceiling)}`]),
    ...(times === undefined || timesCeiling === undefined
      ? []
      : [`${times.toFixed(2)} ×, ${times <= timesCeiling ? "within" : "above"} ${timesCeiling} ×`]),
  ];
  return `${columns(name, ...[nanoseconds, fastest, p99].map(showNanoseconds))}${notes.map((note) => `  ${note}`).join("")}`;
}

export const ending = (file: string): string => `\nWritten to ${file}`;
