import { ADError, type Data } from "@ad/core";
import type { Part } from "../engine/graphics.js";
import { type TexelKind, texelsOf } from "../engine/texture.js";
import { type Context, computes, isKnown, known } from "./context.js";
import type { GlTexture } from "./textures.js";

/** Between textures and typed arrays. */

type Words = Float32Array | Int32Array;

export interface GlPart extends Part {
  readonly texture: GlTexture;
}

const wordsOf = { float: Float32Array, int: Int32Array };

const rowsOf = ({ texture, size }: GlPart): number => Math.ceil(texelsOf(size) / texture.width);

const formatOf = (gl: WebGL2RenderingContext, kind: TexelKind): [format: number, type: number] =>
  kind === "float" ? [gl.RGBA, gl.FLOAT] : [gl.RGBA_INTEGER, gl.INT];

export function upload(gl: WebGL2RenderingContext, texture: GlTexture, size: number, host: Data): void {
  const { width, kind } = texture;
  const rows = rowsOf({ texture, size });
  const full = host.length === rows * width * 4 && host.BYTES_PER_ELEMENT === 4;
  const all = full ? (host as Words) : new wordsOf[kind](rows * width * 4);
  if (!full) all.set(host);
  gl.activeTexture(gl.TEXTURE0);
  gl.bindTexture(gl.TEXTURE_2D, texture.handle);
  gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, width, rows, ...formatOf(gl, kind), all);
}

/** Elements on their way to the host: where each part starts in a buffer, and, behind the last, where the texel stands that is known. */
interface Order {
  readonly parts: readonly GlPart[];
  readonly starts: readonly number[];
  readonly buffer: WebGLBuffer;
}

function order({ gl, witness }: Context, parts: readonly GlPart[]): Order {
  const starts = [0];
  for (const part of parts) starts.push((starts[starts.length - 1] as number) + rowsOf(part) * part.texture.width * 16);
  const end = starts[parts.length];
  const buffer = gl.createBuffer();
  gl.bindBuffer(gl.PIXEL_PACK_BUFFER, buffer);
  gl.bufferData(gl.PIXEL_PACK_BUFFER, end + known.byteLength, gl.STREAM_READ);
  parts.forEach((part, i) => {
    const { framebuffer, width, kind } = part.texture;
    gl.bindFramebuffer(gl.FRAMEBUFFER, framebuffer);
    gl.readPixels(0, 0, width, rowsOf(part), ...formatOf(gl, kind), starts[i]);
  });
  gl.bindFramebuffer(gl.FRAMEBUFFER, witness);
  gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.FLOAT, end);
  gl.bindBuffer(gl.PIXEL_PACK_BUFFER, null);
  return { parts, starts, buffer };
}

/** Waits for them. */
function arrive({ gl }: Context, { parts, starts, buffer }: Order, seen: Seen): Data[] {
  const end = starts[parts.length];
  const all = new ArrayBuffer(end + known.byteLength);
  gl.bindBuffer(gl.PIXEL_PACK_BUFFER, buffer);
  gl.getBufferSubData(gl.PIXEL_PACK_BUFFER, 0, new Uint8Array(all));
  gl.bindBuffer(gl.PIXEL_PACK_BUFFER, null);
  gl.deleteBuffer(buffer);
  seen(isKnown(new Float32Array(all, end)));
  return parts.map(({ texture, size }, i) => new wordsOf[texture.kind](all, starts[i], size));
}

/** Throws where the device has ended, or what is known has not been read: the context is lost then, and the browser has not seen it yet. */
type Seen = (isKnown?: boolean) => void;

/** Waits until the elements are computed: one wait for all. */
export const read = (context: Context, parts: readonly GlPart[], seen: Seen): Data[] => arrive(context, order(context, parts), seen);

/** A turn of the event loop; the first ones without the delay that timers have. */
const turn = (count: number): Promise<void> =>
  new Promise((resolve) => {
    if (count > 20) {
      setTimeout(resolve, 1);
      return;
    }
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(0);
  });

/** The elements, once they are computed: the page goes on meanwhile. */
export async function readLater(context: Context, part: GlPart, seen: Seen): Promise<Data> {
  const { gl } = context;
  const ordered = order(context, [part]);
  const fence = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
  gl.flush();
  for (let count = 0; ; count++) {
    const state = fence ? gl.clientWaitSync(fence, 0, 0) : gl.WAIT_FAILED;
    if (state === gl.ALREADY_SIGNALED || state === gl.CONDITION_SATISFIED) break;
    seen(state !== gl.WAIT_FAILED || computes(context));
    if (state === gl.WAIT_FAILED) throw new ADError("webgl: the driver cannot wait for the GPU, so what was to be read will not come.");
    await turn(count);
  }
  gl.deleteSync(fence);
  return arrive(context, ordered, seen)[0];
}
