import { arithmetic } from "./arithmetic.js";
import { type Definition, write } from "./define.js";
import { exponential } from "./exponential.js";
import { polygammaOf, special } from "./special.js";
import { trigonometric, turning } from "./trigonometric.js";

const definitions: Record<string, Definition> = { ...arithmetic, ...exponential, ...trigonometric, ...special };

/** Names the nth derivative of digamma, n > 0. */
export function polygammaName(n: number): string {
  const name = `polygamma${n}`;
  if (!(name in definitions)) Object.assign(definitions, polygammaOf(n));
  return name;
}

/** The sources of functions and of all that they need, each once, in an order in which they can stand. */
export function sources(names: Iterable<string>): string {
  const done = new Set<string>();
  let text = "";
  const visit = (name: string): void => {
    if (done.has(name)) return;
    done.add(name);
    if (name === "turning") {
      text += turning;
      return;
    }
    const definition = definitions[name];
    definition.needs.forEach(visit);
    text += write(name, definition);
  };
  for (const name of names) visit(name);
  return text;
}
