import type { Data, DType } from "@ad/core";
import type { View } from "@ad/core/internals/backend";
import type { TexelKind, Texture } from "./texture.js";

export type GpuView = View<Storage>;

/** The contents of texels for a dtype. */
export const kindOf = (dtype: DType): TexelKind => (dtype === "float32" ? "float" : "int");

/** The part of a storage that finalisers keep until they run, which they never do while synchronous code runs: its texture, but not what is on the host. */
export interface Slot {
  texture: Texture | undefined;
  /** The draw that used the texture last. */
  used: number;
  /** The owner of the texture, as long as there is one. */
  place: Place | undefined;
}

/** The place of a storage's elements: a texture, the host, or both. The memory that pages them knows them without keeping the storage alive. */
export class Place {
  readonly slot: Slot = { texture: undefined, used: 0, place: undefined };
  /** Whether its owner's end is watched for. */
  watched = false;
  /** By a scope. */
  freed = false;

  constructor(
    readonly dtype: DType,
    readonly size: number,
    public host: Data | undefined,
    /** In a plane the texels of a row; what is read as a plane only. */
    readonly plane: number | undefined = undefined,
  ) {}

  get texture(): Texture | undefined {
    return this.slot.texture;
  }

  get kind(): TexelKind {
    return kindOf(this.dtype);
  }
}

/** An elementwise operation that has not been computed yet: an equation of core's graph, whose one value is the storage that has it. */
export interface LazyExpression {
  /** The name of an operator that the graphics API can write: a primitive's, or one that only kernels use. */
  readonly operation: string;
  readonly inputs: readonly GpuView[];
}

/** The elements of arrays, in row-major order. As long as they are a lazy expression, they have no place in memory. */
export class Storage {
  expression: LazyExpression | undefined;
  /** The number of programs in which the expression was written out without being materialised. */
  inlined = 0;
  /** The number of expressions and kernels that read it. */
  readers = 0;

  constructor(readonly place: Place) {}

  /** Whether it stands for others in a command list: its constant, or where its elements begin, is known in each run. */
  varies = false;

  /** The one element, where it is known on the host: no texture is needed for it. */
  get constant(): number | undefined {
    return this.place.size === 1 ? this.place.host?.[0] : undefined;
  }

  /** Whether there is nothing but an expression. */
  get lazy(): boolean {
    return this.expression !== undefined;
  }
}
