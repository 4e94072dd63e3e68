import { topologicalOrder } from "@ad/core/internals/trace";
import type { Program } from "./graphics.js";
import type { Storage } from "./storage.js";
import { texelsOf } from "./texture.js";

/** The most textures that a program that is made of several reads: all drivers let it have so many. */
export const maxReads = 15;

/** The most parts of a program, which drivers compile one by one. */
const maxParts = 16;

/** The most vectors of uniforms that the parts of a program have; all drivers hold 224, some of which the program has for itself. */
const maxUniforms = 160;

/** The most elements of a storage that is shared, and of what a draw reads that shares it: as one of its arrays lives on, so do all. */
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

/** Returns whether a draw makes one result in the order of its elements, and it and all that is read are small. */
export const isSmall = ({ program, targets }: Draws): boolean =>
  targets.length === 1 &&
  targets[0].place.plane === undefined &&
  [...targets, ...program.reads].every(({ place }) => place.size <= maxShared);

/** Where each draw of a group begins in what they share, in whole texels, and the end. */
export function startsOf(group: readonly Draws[]): number[] {
  const starts = [0];
  for (const [k, { targets }] of group.entries()) starts.push(starts[k] + 4 * texelsOf(targets[0].place.size));
  return starts;
}

/** For each draw the number of those that are made one after the other up to it. */
function levelsOf<D extends Draws>(draws: readonly D[]): Map<D, number> {
  const made = new Map<Storage, number>();
  const levels = new Map<D, number>();
  for (const draw of draws) {
    const level = 1 + Math.max(0, ...draw.program.reads.map((storage) => made.get(storage) ?? 0));
    for (const target of draw.targets) made.set(target, level);
    levels.set(draw, level);
  }
  return levels;
}

/** Draws in groups that one program can make each: small ones of one dtype, none of which waits for another. Each group comes after what it reads. */
export function grouped<D extends Draws>(draws: readonly D[]): D[][] {
  const levels = levelsOf(draws);
  const groups: D[][] = [];
  const open = new Map<string, D[][]>();
  const fits = (group: readonly D[]): boolean =>
    group.length <= maxParts &&
    startsOf(group)[group.length] <= maxShared &&
    group.reduce((sum, { program }) => sum + program.uniforms, 0) <= maxUniforms &&
    new Set(group.flatMap(({ program }) => program.reads)).size <= maxReads;
  for (const draw of draws) {
    const key = `${levels.get(draw)} ${draw.targets[0].place.dtype}`;
    const others = isSmall(draw) ? (open.get(key) ?? []) : [];
    const found = others.find((group) => fits([...group, draw]));
    if (found) found.push(draw);
    else {
      const group = [draw];
      groups.push(group);
      if (isSmall(draw)) open.set(key, [...others, group]);
    }
  }
  const makers = new Map(groups.flatMap((group) => group.flatMap(({ targets }) => targets.map((target) => [target, group] as const))));
  const makersOf = ({ program }: D): D[][] => program.reads.map((storage) => makers.get(storage)).filter((group) => group !== undefined);
  return topologicalOrder(groups, (group) => group.flatMap(makersOf));
}
