import type { Data } from "@ad/core";
import type { GpuKernels, Limits } from "./kernel.js";
import type { GpuView, Storage } from "./storage.js";
import type { Form, TexelKind, Texture } from "./texture.js";

/** A program that a kernel has written, and the storages that it reads. */
export interface Program {
  readonly reads: readonly Storage[];
  /** The number of vectors of uniforms that it has. */
  readonly uniforms: number;
}

/** A kernel's way to write a program, and the operands that it is written for. */
export interface Written<W> {
  readonly write: W;
  readonly operands: readonly GpuView[];
}

/** The same for a part of a texture, of which it makes the elements from a multiple of four on. */
export interface Piece<W> extends Written<W> {
  readonly start: number;
}

/** A program for textures of certain forms, to be drawn once or often. */
export interface Draw {
  /**
   * Writes the first elements of each of the outputs, given a texture for each storage that the program reads, and from which of its elements
   * on it is read where that varies.
   */
  run(inputs: readonly Texture[], outputs: readonly Texture[], bases: readonly number[]): void;
}

/** So many elements, from the first of a texture on. */
export interface Part {
  readonly texture: Texture;
  readonly size: number;
}

/** The life of a device, of which its graphics API tells it and asks it. */
export interface Life {
  /** The context was lost, and with it all textures. */
  lost(): void;
  /** Throws where the device has ended. */
  check(): void;
}

/**
 * A graphics API, as the engine sees it: textures, programs that write them, and the way there and back. It keeps the order of what it is
 * asked for, and may put it off. It gets back the textures and programs that it has made and no others, so its methods may take its own
 * classes of them.
 */
export interface Graphics<W> {
  /** Its name in devices and messages. */
  readonly name: string;
  readonly limits: Limits;
  readonly kernels: GpuKernels<W>;

  /** The device that draws with it, told once. */
  start(life: Life): void;
  /** Returns whether it is known that the context was lost, which needs no waiting. */
  isLost(): boolean;
  /** Ends the context, and frees what it holds. */
  lose(): void;

  allocate(kind: TexelKind, form: Form): Texture;
  /** Frees a texture once all is drawn that uses it. */
  free(texture: Texture): void;
  /** Numbers for the first elements of a texture. */
  upload(texture: Texture, size: number, host: Data): void;

  /** Writes a program that gives the elements of its one operand. */
  elements(kind: TexelKind): W;
  /**
   * Writes a program whose result goes through an expression before it is stored: `from` is the storage in the expression that the result
   * stands for. An API that lacks it draws both one after the other.
   */
  ending?(write: W, from: Storage, expression: GpuView): W;
  /**
   * Writes a program that makes the results of several in one texture, given the operands of all. An API that lacks it draws one after the
   * other.
   */
  beside?(kind: TexelKind, pieces: readonly Piece<W>[]): W;
  /** The program of a kernel, in which the expressions among the operands are written out. */
  program(write: W, operands: readonly GpuView[]): Program;
  /** A program that writes so many elements, for textures of these forms. */
  draw(program: Program, inputs: readonly Form[], outputs: readonly Form[], size: number): Draw;

  /** The elements as float32 or int32, once they are computed: one wait for all. Throws, by the device's `check`, where they are lost. */
  read(parts: readonly Part[]): Data[];
  /** The same for one part, without a wait. */
  readLater(part: Part): Promise<Data>;
}
