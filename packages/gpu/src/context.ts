import { ADError } from "@ad/core";

export interface ContextOptions {
  /** Whose context to use; by default one that nobody sees. */
  readonly canvas?: HTMLCanvasElement | OffscreenCanvas | undefined;
  /** Which GPU to ask for where there are two; default "high-performance". */
  readonly powerPreference?: "default" | "high-performance" | "low-power" | undefined;
}

/** What the device wants to know of a context. */
export interface Context {
  readonly gl: WebGL2RenderingContext;
  readonly canvas: HTMLCanvasElement | OffscreenCanvas;
  /** The longest side of a texture. */
  readonly side: number;
  /** How many textures a program may read. */
  readonly units: number;
  /** How many textures a program may write. */
  readonly outputs: number;
  /** Ends what the context holds. */
  readonly lose: () => void;
}

/** A WebGL2 context that can compute; the error says what is missing. */
export function createContext({ canvas, powerPreference = "high-performance" }: ContextOptions): Context {
  const own = canvas ?? newCanvas();
  const gl = own.getContext("webgl2", {
    alpha: false,
    antialias: false,
    depth: false,
    stencil: false,
    powerPreference,
  }) as WebGL2RenderingContext | null;
  if (gl === null) throw new ADError("webgl: this browser gives no WebGL2 context; turn on hardware acceleration, or stay on the CPU.");
  if (gl.getExtension("EXT_color_buffer_float") === null)
    throw new ADError(
      "webgl: this GPU's driver cannot write float32 textures (EXT_color_buffer_float is missing); stay on the CPU, or try another browser.",
    );
  gl.disable(gl.DEPTH_TEST);
  gl.disable(gl.BLEND);
  gl.disable(gl.DITHER);
  gl.pixelStorei(gl.UNPACK_ALIGNMENT, 4);
  gl.pixelStorei(gl.UNPACK_COLORSPACE_CONVERSION_WEBGL, gl.NONE);
  return {
    gl,
    canvas: own,
    side: Math.min(gl.getParameter(gl.MAX_TEXTURE_SIZE), gl.getParameter(gl.MAX_RENDERBUFFER_SIZE)),
    units: Math.min(gl.getParameter(gl.MAX_TEXTURE_IMAGE_UNITS), 16),
    outputs: Math.min(gl.getParameter(gl.MAX_DRAW_BUFFERS), gl.getParameter(gl.MAX_COLOR_ATTACHMENTS), 8),
    lose: () => gl.getExtension("WEBGL_lose_context")?.loseContext(),
  };
}

function newCanvas(): HTMLCanvasElement | OffscreenCanvas {
  if (typeof OffscreenCanvas !== "undefined") return new OffscreenCanvas(1, 1);
  if (typeof document !== "undefined") return document.createElement("canvas");
  throw new ADError(
    "webgl: there is neither a document nor an OffscreenCanvas here, so no WebGL2; webgl() is for browsers and their workers.",
  );
}
