import { observed } from "@ad/core/internals/trace";
import { identities } from "./identities/index.js";
import { fftNames } from "./operations/fft.js";
import { type MethodName, methods } from "./operations/index.js";
import { linalgNames } from "./operations/linalg.js";
import {
  casesOf,
  checkIdentity,
  checkReference,
  type Entry,
  fftEntries,
  linalgEntries,
  methodEntries,
  operationEntries,
  operationNames,
  primitiveEntries,
  primitiveNames,
} from "./suite.js";

/** The capabilities of an operation, and the identities that prove them. */
export const capabilities = {
  value: ["the layout does not matter", "float32 stays float32"],
  jvp: ["jvp's primal is the plain call", "jvp is the central difference", "pushforward is jvp"],
  vjp: ["⟨g, J·t⟩ = ⟨Jᵀ·g, t⟩", "vjp's result is the plain call, and its pullback can be called again"],
  vmap: [
    "vmap is the loop",
    "vmap of vmap is the double loop",
    "vmap of jvp is the loop",
    "vmap of vjp is the loop",
    "vjp of vmap is the loop, summed where an operand is not mapped",
  ],
  second: [
    "jvp of vjp: forward over reverse",
    "jvp of jvp: forward over forward",
    "vjp of jvp: reverse over forward",
    "vjp of vjp: reverse over reverse",
  ],
  third: ["third order: jvp of jvp of vjp"],
} as const satisfies Record<string, readonly (keyof typeof identities)[]>;

export type Capability = keyof typeof capabilities;

const checked = Object.keys(capabilities) as Capability[];

/** The capabilities that the samples check, and whether @ad/gpu computes the operation. */
export const columns = [...checked, "gpu"] as const;

/**
 * yes: it holds for every sample; none: there is nothing to say, as of the derivative of a truth value; host: the GPU leaves it, or a step
 * of it, to the CPU; else what does not hold.
 */
export type Cell = "yes" | "none" | "host" | { readonly wrong: string };

/** A backend's kernels by primitive; what is no function says why the host computes it. */
export type KernelTable = Readonly<Record<string, unknown>>;

export interface Row {
  readonly group: "primitive" | "operation" | "linalg" | "fft" | "method";
  readonly name: string;
  readonly cells: Readonly<Record<(typeof columns)[number], Cell>>;
}

function cell(entries: readonly Entry[], names: readonly string[], check: boolean): Cell {
  let said = false;
  for (const c of entries.flatMap(casesOf))
    for (const name of names) {
      if (!(identities as Readonly<Record<string, { applies: (of: typeof c) => boolean }>>)[name].applies(c)) continue;
      said = true;
      if (!check) return "yes";
      try {
        checkIdentity(name, c);
      } catch (error) {
        return { wrong: (error as Error).message };
      }
    }
  return said ? "yes" : "none";
}

/** Returns where a backend with these kernels computes the samples, by the primitives that they are made of. */
function place(entries: readonly Entry[], kernels: KernelTable): Cell {
  const places = new Set<Cell>();
  for (const entry of entries) {
    const [c] = casesOf(entry);
    observed(
      (name, inputs, go, operation) => {
        // A view needs no kernel. An operation with rules of its own computes on numbers, or is made of others, which are seen here too.
        const host = operation ? operation.shape !== undefined : name in kernels && typeof kernels[name] !== "function";
        places.add(host ? "host" : "yes");
        return go(inputs);
      },
      true,
      () => c.f(...c.example(0)),
    );
  }
  return places.has("host") ? "host" : places.has("yes") ? "yes" : "none";
}

const row =
  (check: boolean, kernels: KernelTable) =>
  (group: Row["group"], name: string, entries: readonly Entry[]): Row => ({
    group,
    name,
    cells: {
      ...(Object.fromEntries(checked.map((column) => [column, cell(entries, capabilities[column], check)])) as Record<Capability, Cell>),
      gpu: place(entries, kernels),
    },
  });

/**
 * One row for each primitive and each public operation, from the tables of samples and from the GPU's kernels. Each cell is checked here and
 * now, which takes half a minute; without `check` it says only what the tests hold the operation to.
 */
export function* table(kernels: KernelTable, check = true): Generator<Row> {
  const of = row(check, kernels);
  for (const name of primitiveNames) {
    if (check) checkReference(name);
    yield of("primitive", name, primitiveEntries(name));
  }
  for (const name of operationNames) yield of("operation", name, operationEntries(name));
  for (const name of linalgNames) yield of("linalg", `linalg.${name}`, linalgEntries(name));
  for (const name of fftNames) yield of("fft", name, fftEntries(name));
  for (const name of Object.keys(methods) as MethodName[]) yield of("method", `x.${name}`, methodEntries(name));
}
