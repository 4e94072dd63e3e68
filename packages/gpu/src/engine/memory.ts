import type { Data } from "@ad/core";
import type { Graphics, Part } from "./graphics.js";
import { Pool } from "./pool.js";
import type { Place, Slot } from "./storage.js";
import type { Form, Texture } from "./texture.js";

/** The memory that a device uses. */
export interface MemoryUse {
  /** Bytes in textures, those that wait to be used again included. */
  readonly bytes: number;
  /** The number of textures, those that wait included. */
  readonly textures: number;
  /** Bytes in textures that wait to be used again. */
  readonly idle: number;
  /** The number of times that an array was moved to the host to stay within the budget. */
  readonly paged: number;
}

/**
 * The arrays that have a texture. Finalisers free those of arrays that are garbage, but never while synchronous code runs; so beyond the
 * budget those that were not used for longest are moved to the host, from where the garbage collector takes those that are not referred to, and back
 * on their next use.
 */
export class Memory {
  readonly #pool: Pool;
  paged = 0;
  /** Counts the draws: what the present one uses stays. */
  clock = 1;
  /** From the one that was not used for longest. */
  readonly #resident = new Set<Slot>();
  readonly #finalizers: FinalizationRegistry<Slot>;

  constructor(
    readonly graphics: Graphics<unknown>,
    readonly budget: number,
  ) {
    this.#pool = new Pool(graphics);
    this.#finalizers = new FinalizationRegistry((slot) => this.#drop(slot));
  }

  touch({ slot }: Place): void {
    slot.used = this.clock;
    this.#resident.delete(slot);
    this.#resident.add(slot);
  }

  /** A texture for a place, which is used now; it is free once the owner is garbage. */
  take(place: Place, owner: object): Texture {
    const { slot } = place;
    if (!place.watched) this.#finalizers.register(owner, slot);
    place.watched = true;
    const { bytes } = this.#pool.form(place);
    this.#fit(bytes);
    const texture = this.#pool.take(place);
    slot.texture = texture;
    slot.place = place;
    this.touch(place);
    return texture;
  }

  /** The form that a texture for a place has. */
  form(place: Place): Form {
    return this.#pool.form(place);
  }

  /** A texture that is no array's, until it is given back. */
  borrow(place: Place): Texture {
    this.#fit(this.form(place).bytes);
    return this.#pool.take(place);
  }

  giveBack(texture: Texture): void {
    this.#pool.give(texture);
  }

  drop(place: Place): void {
    this.#drop(place.slot);
  }

  #drop(slot: Slot): void {
    if (!slot.texture) return;
    this.#pool.give(slot.texture);
    slot.texture = undefined;
    slot.place = undefined;
    this.#resident.delete(slot);
  }

  use(): MemoryUse {
    const { bytes, count, idle } = this.#pool;
    return { bytes, textures: count, idle, paged: this.paged };
  }

  /** Makes room: textures that wait go first, then arrays that were not used for longest move to the host. */
  #fit(bytes: number): void {
    const { budget } = this;
    const pool = this.#pool;
    const inUse = pool.bytes - pool.idle;
    if (inUse + bytes > budget) this.#page(inUse + bytes - budget + budget * slack, ({ bytes: own }) => own >= minPaged);
    if (this.#resident.size > maxSmall) this.#page(Number.POSITIVE_INFINITY, ({ bytes: own }) => own < minPaged, maxSmall / 2);
    if (pool.bytes + bytes > budget) pool.trim(Math.max(0, budget - bytes));
  }

  /** Moves bytes, or arrays, of those that were not used for longest to the host until the given number is reached; many at a time, because the first one waits for the GPU. */
  #page(bytes: number, counts: (texture: Texture) => boolean, maxCount = Number.POSITIVE_INFINITY): void {
    const victims: Place[] = [];
    let freed = 0;
    for (const slot of this.#resident) {
      if (slot.used === this.clock || freed >= bytes || victims.length >= maxCount) break;
      if (!counts(slot.texture as Texture)) continue;
      freed += (slot.texture as Texture).bytes;
      victims.push(slot.place as Place);
    }
    const unread = victims.filter((place) => place.host === undefined);
    this.paged += unread.length;
    this.#readBack(unread);
    for (const place of victims) this.drop(place);
  }

  /** Many at once: one wait for all. Each gets numbers of its own, which do not keep those of the others alive. */
  #readBack(places: readonly Place[]): void {
    for (let start = 0; start < places.length; ) {
      let [end, bytes] = [start, 0];
      const fits = (place: Place): boolean => end === start || bytes + (place.texture as Texture).bytes <= maxBatch;
      while (end < places.length && fits(places[end])) bytes += (places[end++].texture as Texture).bytes;
      const batched = places.slice(start, end);
      this.graphics.read(batched.map(partOf)).forEach((words, i) => {
        batched[i].host = dataOf(batched[i], words).slice() as Data;
      });
      start = end;
    }
  }
}

/** The elements of a place that has a texture. */
export const partOf = ({ texture, size }: Place): Part => ({ texture: texture as Texture, size });

/** The numbers that a graphics API has read of a place, in the type of its dtype. */
export const dataOf = ({ dtype }: Place, words: Data): Data => (dtype === "bool" ? Uint8Array.from(words) : words);

/** The most bytes that are read at once. */
const maxBatch = 1 << 25;

/** The part of a budget that is freed at once where it is exceeded. */
const slack = 1 / 8;

/** Textures below this many bytes are paged only where they are very many. */
const minPaged = 1 << 14;
const maxSmall = 1 << 13;
