import { AxisError, TreeError } from "@ad/core";
import { describe } from "@ad/core/internals/checks";
import { built, formOf, isContainer, keysOf, type Structure, showStructure } from "@ad/core/internals/trace";

/** The axis of a value that is mapped: a number (negative ones count from the end), null for none, or a tree of these. */
export type AxisTree = number | null | readonly AxisTree[] | { readonly [key: string]: AxisTree };

/** One axis per leaf: an entry stands for all leaves below it. `path` names the place in errors. */
export function expand(axes: unknown, structure: Structure, op: string, path: string): (number | null)[] {
  if (axes === null || typeof axes === "number") {
    if (axes !== null && !Number.isInteger(axes))
      throw new AxisError(`${op}: the axis at ${path} is ${axes}; give a whole number or null.`);
    return leavesBelow(structure, axes);
  }
  const misfit = (): TreeError =>
    new TreeError(
      `${op}: the axes at ${path} are ${describe(axes)}, which does not fit ${showStructure(structure)}; give a number, null, or a tree of the same form.`,
    );
  if (typeof axes !== "object" || structure === null || structure.kind === "null") throw misfit();
  if (structure.kind === "list") {
    if (!Array.isArray(axes) || axes.length !== structure.items.length) throw misfit();
    return structure.items.flatMap((item, i) => expand(axes[i], item, op, `${path}[${i}]`));
  }
  if (Array.isArray(axes)) throw misfit();
  const known = axes as Readonly<Record<string, unknown>>;
  if (Object.keys(known).length !== structure.keys.length || structure.keys.some((key) => !Object.hasOwn(known, key))) throw misfit();
  return structure.keys.flatMap((key, i) => expand(known[key], structure.items[i], op, `${path}.${key}`));
}

function leavesBelow(structure: Structure, axis: number | null): (number | null)[] {
  return structure === null ? [axis] : structure.items.flatMap((item) => leavesBelow(item, axis));
}

/** The first of some trees alike, with `still` of their parts where an axis is null. */
function along(axes: unknown, trees: readonly unknown[], still: (...parts: readonly unknown[]) => unknown): unknown {
  const [first] = trees;
  if (axes === null) return still(...trees);
  if (!isContainer(axes) || !isContainer(first)) return first;
  const at = (key: string | number): unknown =>
    along(
      (axes as Readonly<Record<string | number, unknown>>)[key],
      trees.map((tree) => (tree as Readonly<Record<string | number, unknown>>)[key]),
      still,
    );
  if (Array.isArray(first)) return first.map((_, i) => at(i));
  return built(
    formOf(first as object),
    keysOf(first as object).map((key) => [key, at(key)]),
  );
}

/** A tree with null for what is not mapped: a container of nothing. */
export const mappedParts = (axes: unknown, tree: unknown): unknown => along(axes, [tree], () => null);

/** The values that are mapped, beside those that are not, as they are. */
export const withUnmapped = (axes: unknown, mapped: unknown, tree: unknown): unknown => along(axes, [mapped, tree], (_, own) => own);
