import { ADError } from "@ad/core";
import { describe } from "@ad/core/internals/checks";
import type { Limits } from "../engine/kernel.js";

export interface ContextOptions {
  /** The canvas whose context to use; by default one that is not shown. */
  readonly canvas?: HTMLCanvasElement | OffscreenCanvas | undefined;
  /** The GPU to ask for where there are two; default "high-performance". */
  readonly powerPreference?: "default" | "high-performance" | "low-power" | undefined;
}

const preferences = ["default", "high-performance", "low-power"];

/** The facts of a context that the device needs. */
export interface Context {
  readonly gl: WebGL2RenderingContext;
  readonly canvas: HTMLCanvasElement | OffscreenCanvas;
  readonly limits: Limits;
  /** A framebuffer of one texel, the numbers of `known`. */
  readonly witness: WebGLFramebuffer;
  /** Whether the browser has seen that the context was lost. It stays so: what a context that was restored held is gone. */
  readonly isLost: () => boolean;
  /** Ends what the context holds. */
  readonly lose: () => void;
}

/** The numbers in the witness of a context; one that is lost gives zeros, some time before the browser sees that it is. */
export const known: Float32Array = Float32Array.of(1, 2, 3, 4);

/** Returns whether a context still computes, which has to be waited for. */
export function computes({ gl, witness }: Pick<Context, "gl" | "witness">): boolean {
  const texel = new Float32Array(4);
  gl.bindFramebuffer(gl.FRAMEBUFFER, witness);
  gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.FLOAT, texel);
  return isKnown(texel);
}

export const isKnown = (texel: Float32Array): boolean => texel.every((value, i) => value === known[i]);

/** A WebGL2 context that can compute; the error says what is missing. */
export function createContext({ canvas, powerPreference = "high-performance" }: ContextOptions): Context {
  const own = canvas ?? newCanvas();
  if (typeof own.getContext !== "function")
    throw new ADError(`webgl: the canvas is ${describe(own)}; give an HTMLCanvasElement or an OffscreenCanvas, or none.`);
  if (!preferences.includes(powerPreference))
    throw new ADError(`webgl: powerPreference is ${describe(powerPreference)}; use one of ${preferences.join(", ")}.`);
  const from = (one: typeof own): WebGL2RenderingContext | null =>
    one.getContext("webgl2", {
      alpha: false,
      antialias: false,
      depth: false,
      stencil: false,
      powerPreference,
    }) as WebGL2RenderingContext | null;
  const gl = from(own);
  if (gl === null) {
    const other = canvas && from(newCanvas());
    other?.getExtension("WEBGL_lose_context")?.loseContext();
    throw new ADError(
      other
        ? "webgl: this canvas gives no WebGL2 context, and another canvas does: it has a 2d context, or one of another kind, and a canvas keeps its first. Give a canvas without a context, or none."
        : "webgl: this browser gives no WebGL2 context; turn on hardware acceleration, or stay on the CPU.",
    );
  }
  const lost = "webgl: the WebGL2 context of this canvas is lost, and was not restored; give another canvas, or none.";
  if (gl.isContextLost()) throw new ADError(lost);
  if (gl.getExtension("EXT_color_buffer_float") === null)
    throw new ADError(
      "webgl: this GPU's driver cannot write float32 textures (EXT_color_buffer_float is missing); stay on the CPU, or try another browser.",
    );
  // A canvas that was given may have drawn before.
  for (const state of [gl.DEPTH_TEST, gl.BLEND, gl.DITHER, gl.SCISSOR_TEST, gl.CULL_FACE, gl.STENCIL_TEST, gl.RASTERIZER_DISCARD])
    gl.disable(state);
  gl.colorMask(true, true, true, true);
  for (const name of [gl.UNPACK_ROW_LENGTH, gl.UNPACK_SKIP_ROWS, gl.UNPACK_SKIP_PIXELS, gl.UNPACK_FLIP_Y_WEBGL]) gl.pixelStorei(name, 0);
  for (const name of [gl.PACK_ROW_LENGTH, gl.PACK_SKIP_ROWS, gl.PACK_SKIP_PIXELS]) gl.pixelStorei(name, 0);
  gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, 0);
  gl.pixelStorei(gl.UNPACK_ALIGNMENT, 4);
  gl.pixelStorei(gl.PACK_ALIGNMENT, 4);
  gl.pixelStorei(gl.UNPACK_COLORSPACE_CONVERSION_WEBGL, gl.NONE);
  const witness = gl.createFramebuffer();
  gl.bindFramebuffer(gl.FRAMEBUFFER, witness);
  gl.bindRenderbuffer(gl.RENDERBUFFER, gl.createRenderbuffer());
  gl.renderbufferStorage(gl.RENDERBUFFER, gl.RGBA32F, 1, 1);
  gl.framebufferRenderbuffer(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.RENDERBUFFER, gl.getParameter(gl.RENDERBUFFER_BINDING));
  gl.clearBufferfv(gl.COLOR, 0, known);
  if (!computes({ gl, witness })) throw new ADError(lost);
  // This is the one object that browsers know without asking the GPU.
  const sync = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
  return {
    gl,
    canvas: own,
    limits: {
      side: Math.min(gl.getParameter(gl.MAX_TEXTURE_SIZE), gl.getParameter(gl.MAX_RENDERBUFFER_SIZE)),
      outputs: Math.min(gl.getParameter(gl.MAX_DRAW_BUFFERS), gl.getParameter(gl.MAX_COLOR_ATTACHMENTS), 8),
    },
    witness,
    isLost: () => gl.isContextLost() || !gl.isSync(sync),
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
