import type { DType } from "../compare/workloads.js";
import { showMilliseconds, showRatio } from "../tour/format.js";

/** Milliseconds of the fastest run. */
export interface Measured {
  readonly name: string;
  readonly dtype: DType;
  readonly eager: number;
  readonly jit: number;
  /** The time of JAX, where it is there, and computes the same. */
  readonly jax?: number;
  /** The first call: tracing, compiling, and one run. */
  readonly compiling: number;
}

const columns = (name: string, ...values: readonly string[]): string => `  ${name.padEnd(38)}${values.map((v) => v.padStart(12)).join("")}`;

export const header = (dtype: DType): string => `\n${columns(dtype, "jit", "first call", "eager", "/ jit", "JAX jit", "/ jit")}`;

export const row = ({ name, eager, jit, jax, compiling }: Measured): string =>
  columns(
    name,
    showMilliseconds(jit),
    showMilliseconds(compiling),
    showMilliseconds(eager),
    showRatio(eager / jit),
    ...(jax === undefined ? ["–", "–"] : [showMilliseconds(jax), showRatio(jax / jit)]),
  );
