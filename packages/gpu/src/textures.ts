import { ShapeError } from "@ad/core";

/** What texels hold: four float32, or four int32 (bool too). */
export type Kind = "float" | "int";

/** How many texels a texture has. A width of 2^shift: texel t is at (t mod 2^shift, t >> shift). */
export interface Form {
  readonly width: number;
  readonly height: number;
  readonly shift: number;
  readonly bytes: number;
}

/** Four elements a texel, row after row. */
export interface Texture extends Form {
  readonly handle: WebGLTexture;
  readonly framebuffer: WebGLFramebuffer;
  readonly kind: Kind;
}

/** What a texture is for: so many elements in a row, or the rows of a plane, each of so many texels. */
export interface Wanted {
  readonly kind: Kind;
  readonly size: number;
  readonly plane: number | undefined;
}

export const texelsOf = (size: number): number => Math.max(1, Math.ceil(size / 4));

/** The textures of a context. Those that are given back are handed out again. */
export class Textures {
  /** In all textures, and in those of them that wait to be used again. */
  bytes = 0;
  idle = 0;
  count = 0;
  readonly #waiting = new Map<string, Texture[]>();

  constructor(
    readonly gl: WebGL2RenderingContext,
    readonly side: number,
  ) {}

  /** The form of a texture for so many elements: heights come in steps, so that few forms serve all sizes. */
  form({ size, plane }: Wanted): Form {
    const texels = texelsOf(size);
    if (plane !== undefined) return { width: plane, height: texels / plane, shift: 0, bytes: texels * 16 };
    const longest = Math.floor(Math.log2(this.side));
    const shift = Math.min(longest, Math.ceil(Math.log2(texels) / 2));
    const rows = Math.ceil(texels / 2 ** shift);
    const step = 2 ** Math.max(0, Math.floor(Math.log2(rows)) - 2);
    const height = Math.min(Math.ceil(rows / step) * step, Math.max(rows, this.side));
    if (height > this.side)
      throw new ShapeError(
        `webgl: an array of ${size} elements is larger than this GPU's largest texture holds (${4 * 2 ** longest * this.side}); split it, or use x.to("cpu").`,
      );
    return { width: 2 ** shift, height, shift, bytes: 2 ** shift * height * 16 };
  }

  take(wanted: Wanted): Texture {
    const { width, height, shift, bytes } = this.form(wanted);
    const { kind } = wanted;
    const found = this.#waiting.get(`${kind} ${width} ${height}`)?.pop();
    if (found) {
      this.idle -= bytes;
      // It may have been a plane before, and be none now.
      return { ...found, shift };
    }
    const { gl } = this;
    const handle = gl.createTexture();
    gl.bindTexture(gl.TEXTURE_2D, handle);
    gl.texStorage2D(gl.TEXTURE_2D, 1, kind === "float" ? gl.RGBA32F : gl.RGBA32I, width, height);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
    const framebuffer = gl.createFramebuffer();
    gl.bindFramebuffer(gl.FRAMEBUFFER, framebuffer);
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, handle, 0);
    this.bytes += bytes;
    this.count++;
    return { handle, framebuffer, kind, width, height, shift, bytes };
  }

  give(texture: Texture): void {
    const form = `${texture.kind} ${texture.width} ${texture.height}`;
    const list = this.#waiting.get(form);
    if (list) list.push(texture);
    else this.#waiting.set(form, [texture]);
    this.idle += texture.bytes;
  }

  /** Frees textures that wait, until no more than so many bytes are in all. */
  trim(most: number): void {
    for (const list of this.#waiting.values())
      while (this.bytes > most && list.length > 0) {
        const texture = list.pop() as Texture;
        this.idle -= texture.bytes;
        this.bytes -= texture.bytes;
        this.count--;
        this.gl.deleteFramebuffer(texture.framebuffer);
        this.gl.deleteTexture(texture.handle);
      }
  }
}
