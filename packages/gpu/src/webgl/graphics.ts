import type { Data } from "@ad/core";
import type { Draw, Graphics, Life, Piece, Program } from "../engine/graphics.js";
import type { Limits } from "../engine/kernel.js";
import type { GpuView, Storage } from "../engine/storage.js";
import { type Form, type TexelKind, texelsOf } from "../engine/texture.js";
import { type Context, type ContextOptions, computes, createContext } from "./context.js";
import { Emitter, type Uniform, type Write } from "./emitter.js";
import { kernels } from "./kernels/index.js";
import { Programs, type Uniforms } from "./programs.js";
import { Queue } from "./queue.js";
import { allocate, free, type GlTexture } from "./textures.js";
import { type GlPart, read, readLater, upload } from "./transfer.js";

/** The program that a kernel has written: the text, and the uniforms and textures that it reads. */
interface Written extends Program {
  readonly source: string;
  readonly emitter: Emitter;
}

/** WebGL2 as a graphics API: textures of RGBA32F and RGBA32I, written by fragment shaders. */
export class WebGL implements Graphics<Write> {
  readonly name = "webgl";
  readonly kernels = kernels;
  readonly limits: Limits;
  readonly #context: Context;
  readonly #programs: Programs;
  readonly #queue = new Queue();
  /** The form for programs with a number of results. */
  readonly #framebuffers = new Map<number, WebGLFramebuffer>();
  #life: Life | undefined;

  constructor(options: ContextOptions) {
    const context = createContext(options);
    this.#context = context;
    this.limits = context.limits;
    this.#programs = new Programs(context.gl, () => this.#seen(computes(context)));
  }

  start(life: Life): void {
    this.#life = life;
    // The context is not asked to be restored: a restored one holds nothing.
    this.#context.canvas.addEventListener("webglcontextlost", () => life.lost(), { once: true });
  }

  isLost(): boolean {
    return this.#context.isLost();
  }

  lose(): void {
    this.#context.lose();
  }

  /** Given whether the context has just computed what is known: where it has not, it is lost, and the browser has not seen it yet. */
  readonly #seen = (isKnown = true): void => {
    if (!isKnown) this.#life?.lost();
    this.#life?.check();
  };

  allocate(kind: TexelKind, form: Form): GlTexture {
    return allocate(this.#context.gl, kind, form);
  }

  free(texture: GlTexture): void {
    this.#queue.flush();
    free(this.#context.gl, texture);
  }

  upload(texture: GlTexture, size: number, host: Data): void {
    this.#queue.push(() => upload(this.#context.gl, texture, size, host), false);
  }

  elements(kind: TexelKind): Write {
    return (emitter, [value]) => emitter.program(kind, `  result = ${value(4)}(i);`);
  }

  ending(write: Write, from: Storage, expression: GpuView): Write {
    return (emitter, values) => {
      emitter.end(from, expression);
      return write(emitter, values);
    };
  }

  beside(kind: TexelKind, pieces: readonly Piece<Write>[]): Write {
    return (emitter, values) => {
      let from = 0;
      const parts = pieces.map(({ start, write, operands: { length } }) => {
        const own = values.slice(from, from + length);
        from += length;
        return { start, write: () => write(emitter, own) };
      });
      return emitter.beside(kind, parts);
    };
  }

  program(write: Write, operands: readonly GpuView[]): Written {
    const emitter = new Emitter();
    const source = write(
      emitter,
      operands.map((x) => (width) => emitter.value(x, width)),
    );
    return { source, emitter, reads: emitter.textures, uniforms: vectors(emitter.ints) + vectors(emitter.floats) };
  }

  draw({ source, emitter }: Written, inputs: readonly Form[], outputs: readonly Form[], size: number): Draw {
    const { gl } = this.#context;
    const [output] = outputs;
    const { width } = output;
    const height = Math.ceil(texelsOf(size) / width);
    const pending = this.#programs.get(source);
    const uniforms = (bases: readonly number[]): Uniforms => {
      const numberOf = (x: Uniform): number =>
        typeof x === "number" ? x : typeof x === "function" ? x(inputs, output, bases) : (x.constant as number);
      return { ints: padded(Int32Array, emitter.ints.map(numberOf)), floats: padded(Float32Array, emitter.floats.map(numberOf)) };
    };
    let held: Uniforms | undefined;
    const run = (textures: readonly GlTexture[], targets: readonly GlTexture[], bases: readonly number[]): void => {
      if (held === undefined || emitter.varies) {
        const own = uniforms(bases);
        if (held === undefined || !isSame(own, held)) held = own;
      }
      const values = held;
      this.#queue.push(() => {
        const program = pending.finish();
        gl.useProgram(program.handle);
        program.set(values);
        textures.forEach(({ handle }, unit) => {
          gl.activeTexture(gl.TEXTURE0 + unit);
          gl.bindTexture(gl.TEXTURE_2D, handle);
        });
        if (targets.length === 1) gl.bindFramebuffer(gl.FRAMEBUFFER, targets[0].framebuffer);
        else this.#bindMany(targets);
        gl.viewport(0, 0, width, height);
        gl.drawArrays(gl.TRIANGLES, 0, 3);
      }, pending.program === undefined);
    };
    return { run } as Draw;
  }

  #bindMany(outputs: readonly GlTexture[]): void {
    const { gl } = this.#context;
    let framebuffer = this.#framebuffers.get(outputs.length);
    const made = framebuffer === undefined;
    framebuffer ??= gl.createFramebuffer();
    this.#framebuffers.set(outputs.length, framebuffer);
    gl.bindFramebuffer(gl.FRAMEBUFFER, framebuffer);
    outputs.forEach(({ handle }, i) => {
      gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0 + i, gl.TEXTURE_2D, handle, 0);
    });
    if (made) gl.drawBuffers(outputs.map((_, i) => gl.COLOR_ATTACHMENT0 + i));
  }

  read(parts: readonly GlPart[]): Data[] {
    this.#queue.flush();
    return read(this.#context, parts, this.#seen);
  }

  readLater(part: GlPart): Promise<Data> {
    this.#queue.flush();
    return readLater(this.#context, part, this.#seen);
  }
}

const isSame = (a: Uniforms, b: Uniforms): boolean =>
  a.ints.every((x, i) => x === b.ints[i]) && a.floats.every((x, i) => Object.is(x, b.floats[i]));

const vectors = (uniforms: readonly Uniform[]): number => Math.ceil(uniforms.length / 4);

function padded<A extends Int32Array | Float32Array>(Words: new (length: number) => A, values: readonly number[]): A {
  const out = new Words(Math.ceil(values.length / 4) * 4);
  out.set(values);
  return out;
}
