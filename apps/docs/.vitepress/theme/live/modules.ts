import type { Import } from "./messages.js";
import { recorder } from "./record.js";

/** The modules that a live example can import. Each is loaded when an example first asks for it. */
export const modules: Readonly<Record<string, (pictures: readonly string[]) => Promise<object>>> = {
  "@ad/core": () => import("@ad/core"),
  "@ad/forward": () => import("@ad/forward"),
  "@ad/vmap": () => import("@ad/vmap"),
  "@ad/functional": () => import("@ad/functional"),
  "@ad/jit": () => import("@ad/jit"),
  "@ad/gpu": () => import("@ad/gpu"),
  "@ad/random": () => import("@ad/random"),
  "@ad/sparse": () => import("@ad/sparse"),
  "@ad/solve": () => import("@ad/solve"),
  "@ad/fft": () => import("@ad/fft"),
  "@observablehq/plot": async (pictures) => recorder(pictures),
};

/** Returns the problem of an import, if there is one, and its line. */
export function problemOf({ module, line, names }: Import, found: object | undefined): { message: string; line: number } | undefined {
  if (!found) {
    const known = Object.keys(modules);
    return { message: `There is no ${module} here.${proposal(module, known)} An example can import ${known.join(", ")}.`, line };
  }
  const missing = names.find(({ name }) => !(name in found));
  if (!missing) return undefined;
  const { name } = missing;
  if (name === "default") return { message: `${module} has no default export. Write import { … } or import * as ad.`, line };
  return { message: `${module} exports no ${name}.${proposal(name, Object.keys(found))}`, line: missing.line };
}

/** The name that is nearest to what was written, where one is near. */
function proposal(written: string, names: readonly string[]): string {
  // Of names that are as near, the one in the same case.
  const distances = names.map((name) => distance(written.toLowerCase(), name.toLowerCase()) + distance(written, name) / 100);
  const least = Math.min(...distances);
  return Math.floor(least) <= Math.max(2, written.length / 3) ? ` Did you mean ${names[distances.indexOf(least)]}?` : "";
}

/** Counts the letters that must be put in, left out or changed. */
function distance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) row.push(Math.min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)));
    above = row;
  }
  return above[b.length];
}
