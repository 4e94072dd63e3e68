/** The contents of texels: four float32, or four int32 (bool too). */
export type TexelKind = "float" | "int";

/** The size of a texture in texels. A width of 2^shift: texel t is at (t mod 2^shift, t >> shift). */
export interface Form {
  readonly width: number;
  readonly height: number;
  readonly shift: number;
  readonly bytes: number;
}

/** Memory of a graphics API, which adds what it needs to find it: four elements a texel, row after row. */
export interface Texture extends Form {
  readonly kind: TexelKind;
}

export const texelsOf = (size: number): number => Math.max(1, Math.ceil(size / 4));
