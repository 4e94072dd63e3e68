import type { Form, TexelKind, Texture } from "../engine/texture.js";

/** A texture, and what writes and reads it. */
export interface GlTexture extends Texture {
  readonly handle: WebGLTexture;
  readonly framebuffer: WebGLFramebuffer;
}

export function allocate(gl: WebGL2RenderingContext, kind: TexelKind, { width, height, shift, bytes }: Form): GlTexture {
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
  return { handle, framebuffer, kind, width, height, shift, bytes };
}

export function free(gl: WebGL2RenderingContext, { handle, framebuffer }: GlTexture): void {
  gl.deleteFramebuffer(framebuffer);
  gl.deleteTexture(handle);
}
