import type { Program } from "./graphics.js";
import type { Storage } from "./storage.js";
import { texelsOf } from "./texture.js";

/** The most textures that a program that is made of several reads: all drivers let it have so many. */
export const maxReads = 15;

/** The most elements of a storage that results share, and of what the draw of such results reads: as one of them lives on, so do all. */
export const maxShared = 1 << 12;

/** The part of a draw that is asked. */
interface Draws {
  readonly program: Program;
  readonly targets: readonly Storage[];
}

/** The place of a result in a storage that it shares. */
export interface Shared {
  readonly storage: Storage;
  readonly start: number;
}

/** Returns whether a draw makes one result, and it and all that is read are small. */
export const isSmall = ({ program, targets }: Draws): boolean =>
  targets.length === 1 && [...targets, ...program.reads].every(({ place }) => place.size <= maxShared);

/** Where each draw of a group begins in what they share, in whole texels, and the end. */
export function startsOf(group: readonly Draws[]): number[] {
  const starts = [0];
  for (const [k, { targets }] of group.entries()) starts.push(starts[k] + 4 * texelsOf(targets[0].place.size));
  return starts;
}

/** Draws of results of one dtype that one program can make: more than one. */
export function grouped<D extends Draws>(draws: readonly D[]): D[][] {
  const groups: D[][] = [];
  for (const draw of draws) {
    const fits = (group: readonly D[]): boolean =>
      group[0].targets[0].place.dtype === draw.targets[0].place.dtype &&
      startsOf([...group, draw])[group.length + 1] <= maxShared &&
      new Set([...group, draw].flatMap(({ program }) => program.reads)).size <= maxReads;
    const found = groups.find(fits);
    if (found) found.push(draw);
    else groups.push([draw]);
  }
  return groups.filter(({ length }) => length > 1);
}
