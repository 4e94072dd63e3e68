import type { NDArray, Shape } from "@ad/core";
import { cpu } from "@ad/core/internals/backend";
import { bilinear, transposes, weights } from "@ad/core/internals/rules";
import { primitives, type Trace } from "@ad/core/internals/trace";

/** A table of rules that can be broken: what is in it, by primitive. */
export type Table = Record<string, unknown>;
type Rule = (...args: readonly unknown[]) => NDArray;
type Rules = Record<string, Rule>;
/** A rule for the part of a tangent, its first argument, that passes; or for the cotangents of many operands at once. */
type Choice = { readonly passes: Rule } | { readonly all: (...args: readonly unknown[]) => readonly NDArray[] };

/** A rule, or a choice, whose result another function changes. */
export const changed = (rule: Rule | Choice, change: (out: NDArray) => NDArray): Rule | Choice =>
  typeof rule === "function"
    ? (...args) => change(rule(...args))
    : "all" in rule
      ? { all: (...args) => rule.all(...args).map(change) }
      : { ...rule, passes: (...args) => change(rule.passes(...args)) };

/**
 * A module of another package by its place. Packages are imported by their names elsewhere, so that they stay independent of each
 * other's files; but these tables are private to their packages, and only here does someone lay hands on them.
 */
const load = async <T>(path: string): Promise<T> =>
  (await import(/* @vite-ignore */ new URL(`../../../packages/${path}`, import.meta.url).pathname)) as T;

interface Layout {
  readonly stride: readonly number[];
  readonly offset: number;
}

const core = await load<{ rules: Record<string, readonly Choice[]> }>("core/src/rules/structured.ts");
const forward = await load<{ rules: Rules }>("forward/src/rules.ts");
const batching = await load<{ rules: Rules }>("vmap/src/rules.ts");
const layout = await load<{ views: Record<string, (x: unknown, params: unknown, out: { shape: Shape }) => Layout | undefined> }>(
  "core/src/array/views.ts",
);

const { known } = await load<{ known: Map<string, unknown> }>("core/src/rules/lookup.ts");

type Partials = readonly (number | Choice)[];

/** The partials of the rows of elementwise primitives, as a table of their own: what is put there is put into the row. */
const partials: Record<string, Partials> = {};
for (const [name, row] of Object.entries(primitives as unknown as Record<string, { partials?: Partials }>))
  if (row.partials !== undefined)
    Object.defineProperty(partials, name, {
      enumerable: true,
      get: () => row.partials,
      set: (broken: Partials) => {
        row.partials = broken;
        known.delete(name);
      },
    });

const { known: computed } = await load<{ known: Map<string, unknown> }>("core/src/cpu/device.ts");

/** A table of which the CPU keeps what it has looked up: what is put there is looked up anew. */
const forgotten = <T extends object>(table: T): T =>
  new Proxy(table, { set: (own, name, broken) => Reflect.set(own, name, broken) && (computed.delete(String(name)) || true) });

/** Every table of the library that holds something for each primitive of a kind. */
export const tables = {
  partials,
  bilinear: bilinear as unknown as Record<string, readonly Rule[]>,
  transposes: transposes as unknown as Record<string, Rule | Choice>,
  weights: weights as unknown as Record<string, Choice>,
  reverse: core.rules,
  forward: forward.rules,
  vmap: batching.rules,
  views: forgotten(layout.views),
  kernels: forgotten(cpu.kernels as unknown as Record<string, (...args: readonly unknown[]) => Float64Array | Uint8Array>),
};

/** An entry of a tape, as these tests see it: it is private to core. */
export interface TapeEntry {
  readonly name: string | undefined;
}
type Node = NDArray & { readonly entry: TapeEntry };
interface AnyTape extends Trace {
  input(x: NDArray): Node;
  owns(x: NDArray): x is Node;
}
const { Tape } = await load<{ Tape: new (kind: string) => AnyTape }>("core/src/reverse/tape.ts");
export const newTape = (): AnyTape => new Tape("test");
