import type { NDArray } from "@ad/core";
import { Assembly, sliceAxis, unseen } from "@ad/core/internals/trace";
import { type VmapOptions, vmap } from "@ad/vmap";
import { chunks, dimension, directions, noDirections, overlap, type Range, ranges } from "./basis.js";

/** A direction in a space of leaves; an undefined part is zero. */
export type Direction = readonly (NDArray | undefined)[];

/** Keeps the storage that the directions of a batch take until they are done, and uses it again for those of the next: all of it is within the budget. */
export const held: VmapOptions & { readonly [unseen]: true } = { [unseen]: true };

/** A function of one direction. It is mapped over many. */
export type DirectionMap = (direction: Direction) => readonly NDArray[];

/** The images of a range of the standard basis, stacked: [range, ...shape] for each leaf of the target. */
export function images(map: DirectionMap, sources: readonly NDArray[], own: readonly Range[], range: Range): readonly NDArray[] {
  const stacks = sources.map((x, i) => directions(x, own[i], range));
  if (range.count === 1)
    return map(stacks.map((stack, i) => stack?.reshape(sources[i].shape))).map((image) => image.reshape([1, ...image.shape]));
  if (sources.length === 0) return [];
  const active = stacks.flatMap((stack, i) => (stack === undefined ? [] : [{ i, stack }]));
  // vmap wants one mapped argument at least.
  const given = active.length > 0 ? active : [{ i: 0, stack: noDirections(sources[0], range) }];
  const spread = (...parts: NDArray[]): readonly NDArray[] => {
    const direction = new Array<NDArray | undefined>(sources.length);
    given.forEach(({ i }, k) => {
      direction[i] = parts[k];
    });
    return map(direction);
  };
  return vmap(spread, held)(...given.map(({ stack }) => stack));
}

/** The place of the images of a source leaf's directions: as rows or as columns of the block with a target leaf. */
export type Orientation = "rows" | "columns";

/**
 * The images of the standard basis, block by block: table[s][t] has those of source leaf s's directions in target leaf t. The chunks are
 * written into their place one after the other. `targets` are asked for after the first of them.
 */
export function matrix(
  map: DirectionMap,
  sources: readonly NDArray[],
  targets: () => readonly NDArray[],
  chunk: number,
  orientation: Orientation,
): NDArray[][] {
  const own = ranges(sources);
  const along = orientation === "rows" ? 0 : 1;
  let table: Assembly[][] | undefined;
  for (const range of chunks(dimension(sources), chunk)) {
    const stacks = images(map, sources, own, range);
    table ??= sources.map((x) =>
      targets().map((y) => {
        // The dtype is the argument's, as in a gradient.
        if (orientation === "rows") return new Assembly([x.size, y.size], y.dtype, along);
        return new Assembly([y.size, x.size], x.dtype, along);
      }),
    );
    for (const [s, row] of table.entries()) {
      const { start, count } = overlap(own[s], range);
      if (count === 0) continue;
      for (const [t, block] of row.entries()) {
        const stack = stacks[t];
        const part = sliceAxis(stack, 0, start - range.start, count).reshape([count, stack.size / range.count]);
        block.add(along === 0 ? part : part.swapaxes(0, 1));
      }
    }
  }
  return (table ?? []).map((row) => row.map((block) => block.result()));
}
