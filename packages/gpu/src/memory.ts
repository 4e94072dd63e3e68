import type { Place } from "./storage.js";
import { type Texture, Textures } from "./textures.js";

/** How much memory a device uses. */
export interface MemoryUse {
  /** Bytes in textures, those that wait to be used again included. */
  readonly bytes: number;
  readonly textures: number;
  /** Bytes in textures that wait to be used again. */
  readonly idle: number;
  /** How many times an array was moved to the host to stay within the budget. */
  readonly paged: number;
}

/**
 * Which arrays have a texture. Finalisers free those of arrays that are garbage, but never while synchronous code runs; so beyond the
 * budget those that were not used for longest are moved to the host, from where the garbage collector takes what nobody wants, and back
 * on their next use.
 */
export class Memory {
  readonly textures: Textures;
  paged = 0;
  /** Counts the draws: what the present one uses stays. */
  clock = 1;
  /** From the one that was not used for longest. */
  readonly #resident = new Set<Place>();
  readonly #finalizers: FinalizationRegistry<Place>;

  constructor(
    gl: WebGL2RenderingContext,
    side: number,
    readonly budget: number,
    readonly readBack: (place: Place) => void,
  ) {
    this.textures = new Textures(gl, side);
    this.#finalizers = new FinalizationRegistry((place) => this.drop(place));
  }

  touch(place: Place): void {
    place.used = this.clock;
    this.#resident.delete(place);
    this.#resident.add(place);
  }

  /** A texture for a place, which is used now; it is free once the owner is garbage. */
  take(place: Place, owner: object): Texture {
    if (!place.watched) this.#finalizers.register(owner, place);
    place.watched = true;
    const { bytes } = this.textures.form(place.size);
    this.#fit(bytes);
    const texture = this.textures.take(place.kind, place.size);
    place.texture = texture;
    this.touch(place);
    return texture;
  }

  drop(place: Place): void {
    if (!place.texture) return;
    this.textures.give(place.texture);
    place.texture = undefined;
    this.#resident.delete(place);
  }

  use(): MemoryUse {
    const { bytes, count, idle } = this.textures;
    return { bytes, textures: count, idle, paged: this.paged };
  }

  /** Makes room: textures that wait go first, then arrays that were not used for longest move to the host. */
  #fit(bytes: number): void {
    const { textures, budget } = this;
    if (textures.bytes - textures.idle + bytes > budget)
      for (const place of this.#resident) {
        if (place.used === this.clock) break;
        if (place.host === undefined) {
          this.readBack(place);
          this.paged++;
        }
        this.drop(place);
        if (textures.bytes - textures.idle + bytes <= budget) break;
      }
    if (textures.bytes + bytes > budget) textures.trim(Math.max(0, budget - bytes));
  }
}
