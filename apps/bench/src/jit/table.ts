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
  /** Where jax-js is there, and computes the same. */
  readonly jaxJs?: number;
  /** Tracing and compiling, without a run. */
  readonly compiling: number;
  /** The first run after it, before the engine has made it fast. */
  readonly first: number;
}

const columns = (name: string, ...values: readonly string[]): string => `  ${name.padEnd(38)}${values.map((v) => v.padStart(12)).join("")}`;

export const header = (dtype: DType): string =>
  `\n${columns(dtype, "jit", "compiling", "first run", "eager", "/ jit", "JAX jit", "/ jit", "jax-js jit", "/ jit")}`;

export const row = ({ name, eager, jit, jax, jaxJs, compiling, first }: Measured): string =>
  columns(
    name,
    showMilliseconds(jit),
    showMilliseconds(compiling),
    showMilliseconds(first),
    showMilliseconds(eager),
    showRatio(eager / jit),
    ...[jax, jaxJs].flatMap((peer) => (peer === undefined ? ["–", "–"] : [showMilliseconds(peer), showRatio(peer / jit)])),
  );
