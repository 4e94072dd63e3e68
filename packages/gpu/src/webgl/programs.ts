import { ADError } from "@ad/core";
import { twoOverPi } from "./glsl/trigonometric.js";

/** The values of `uniform ivec4 u[]` and `uniform vec4 c[]`; they are not written to. */
export interface Uniforms {
  readonly ints: Int32Array;
  readonly floats: Float32Array;
}

/** A compiled program. */
export interface Compiled {
  readonly handle: WebGLProgram;
  /** Gives it values, while it is used. Those that it has it keeps. */
  set(values: Uniforms): void;
}

/** A program that a driver may still be compiling. */
export interface Pending {
  /** Once it has been waited for. */
  readonly program: Compiled | undefined;
  /** Waits for it. */
  finish(): Compiled;
}

const vertex = `#version 300 es
void main() {
  gl_Position = vec4(gl_VertexID == 1 ? 3.0 : -1.0, gl_VertexID == 2 ? 3.0 : -1.0, 0.0, 1.0);
}`;

/** The programs of a context, each compiled once: its source is its key. */
export class Programs {
  readonly #programs = new Map<string, Pending>();
  readonly #vertex: WebGLShader;
  /** Whether the driver compiles while others go on. */
  readonly #parallel: boolean;

  constructor(
    readonly gl: WebGL2RenderingContext,
    /** Throws where the context is lost, and waits to see it. */
    readonly alive: () => void,
  ) {
    this.#vertex = this.#compile(gl.VERTEX_SHADER, vertex);
    this.#parallel = gl.getExtension("KHR_parallel_shader_compile") !== null;
  }

  get count(): number {
    return this.#programs.size;
  }

  /** The program of a source, which the driver starts to compile at the first call. */
  get(source: string): Pending {
    const found = this.#programs.get(source);
    if (found) return found;
    const { gl } = this;
    const handle = gl.createProgram();
    const fragment = this.#compile(gl.FRAGMENT_SHADER, source);
    gl.attachShader(handle, this.#vertex);
    gl.attachShader(handle, fragment);
    gl.linkProgram(handle);
    let program: Compiled | undefined;
    const pending: Pending = {
      get program() {
        return program;
      },
      finish: () => {
        program ??= this.#linked(source, handle, fragment);
        return program;
      },
    };
    this.#programs.set(source, pending);
    if (!this.#parallel) pending.finish();
    return pending;
  }

  /** Any question about a program waits until it is there. */
  #linked(source: string, handle: WebGLProgram, fragment: WebGLShader): Compiled {
    const { gl } = this;
    if (!gl.getProgramParameter(handle, gl.LINK_STATUS)) {
      this.alive();
      throw new ADError(
        `webgl: the driver refuses a program of this library, which is a fault to be reported: ${gl.getProgramInfoLog(handle)} ${gl.getShaderInfoLog(fragment)}\n${source}`,
      );
    }
    gl.deleteShader(fragment);
    gl.useProgram(handle);
    // A driver leaves out those that do not matter to the result.
    for (let i = 0; source.includes(` s${i};`); i++) gl.uniform1i(gl.getUniformLocation(handle, `s${i}`), i);
    const table = gl.getUniformLocation(handle, "twoOverPi");
    if (table) gl.uniform1uiv(table, twoOverPi);
    const [ints, floats] = ["u", "c"].map((name) => gl.getUniformLocation(handle, name));
    let held: Uniforms | undefined;
    return {
      handle,
      set: (values) => {
        if (values === held) return;
        held = values;
        gl.uniform4iv(ints, values.ints);
        if (values.floats.length > 0) gl.uniform4fv(floats, values.floats);
      },
    };
  }

  #compile(type: number, source: string): WebGLShader {
    const shader = this.gl.createShader(type) as WebGLShader;
    this.gl.shaderSource(shader, source);
    this.gl.compileShader(shader);
    return shader;
  }
}
