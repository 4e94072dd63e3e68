import { ShapeError } from "@ad/core";
import type { Graphics } from "./graphics.js";
import { type Form, type TexelKind, type Texture, texelsOf } from "./texture.js";

/** The use of a texture: a number of elements in a row, or the rows of a plane, each of a number of texels. */
export interface Wanted {
  readonly kind: TexelKind;
  readonly size: number;
  readonly plane: number | undefined;
}

/** The textures of a device. Those that are given back are handed out again. */
export class Pool {
  /** In all textures, and in those of them that wait to be used again. */
  bytes = 0;
  idle = 0;
  count = 0;
  readonly #waiting = new Map<string, Texture[]>();

  constructor(readonly graphics: Graphics<unknown>) {}

  /** The form of a texture for a number of elements: heights come in steps, so that few forms serve all sizes. */
  form({ size, plane }: Wanted): Form {
    const { name, limits } = this.graphics;
    const { side } = limits;
    const texels = texelsOf(size);
    if (plane !== undefined) return { width: plane, height: texels / plane, shift: 0, bytes: texels * 16 };
    const longest = Math.floor(Math.log2(side));
    const shift = Math.min(longest, Math.ceil(Math.log2(texels) / 2));
    const rows = Math.ceil(texels / 2 ** shift);
    const step = 2 ** Math.max(0, Math.floor(Math.log2(rows)) - 2);
    const height = Math.min(Math.ceil(rows / step) * step, Math.max(rows, side));
    if (height > side)
      throw new ShapeError(
        `${name}: an array of ${size} elements is larger than this GPU's largest texture holds (${4 * 2 ** longest * side}); split it, or use x.to("cpu").`,
      );
    return { width: 2 ** shift, height, shift, bytes: 2 ** shift * height * 16 };
  }

  take(wanted: Wanted): Texture {
    const form = this.form(wanted);
    const { kind } = wanted;
    const found = this.#waiting.get(keyOf(kind, form))?.pop();
    if (found) {
      this.idle -= form.bytes;
      // It may have been a plane before, and be none now.
      return { ...found, shift: form.shift };
    }
    const texture = this.graphics.allocate(kind, form);
    this.bytes += form.bytes;
    this.count++;
    return texture;
  }

  give(texture: Texture): void {
    const key = keyOf(texture.kind, texture);
    const list = this.#waiting.get(key);
    if (list) list.push(texture);
    else this.#waiting.set(key, [texture]);
    this.idle += texture.bytes;
  }

  /** Frees textures that wait, until all of them have no more than the given bytes. */
  trim(maxBytes: number): void {
    for (const list of this.#waiting.values())
      while (this.bytes > maxBytes && list.length > 0) {
        const texture = list.pop() as Texture;
        this.idle -= texture.bytes;
        this.bytes -= texture.bytes;
        this.count--;
        this.graphics.free(texture);
      }
  }
}

const keyOf = (kind: TexelKind, { width, height }: Form): string => `${kind} ${width} ${height}`;
