import { ADError, type Data } from "@ad/core";
import { type Context, computes, isKnown, known } from "./context.js";
import type { Place } from "./storage.js";
import { type Texture, texelsOf } from "./textures.js";

/** Between textures and typed arrays. */

type Words = Float32Array | Int32Array;

const words = (place: Place, length: number): Words => (place.kind === "float" ? new Float32Array(length) : new Int32Array(length));

const rowsOf = (texture: Texture, size: number): number => Math.ceil(texelsOf(size) / texture.width);

const formatOf = (gl: WebGL2RenderingContext, { kind }: Texture): [format: number, type: number] =>
  kind === "float" ? [gl.RGBA, gl.FLOAT] : [gl.RGBA_INTEGER, gl.INT];

export function upload(gl: WebGL2RenderingContext, place: Place, host: Data, texture: Texture): void {
  const rows = rowsOf(texture, place.size);
  const width = texture.width;
  const full = host.length === rows * width * 4 && host.BYTES_PER_ELEMENT === 4;
  const all = full ? (host as Words) : words(place, rows * width * 4);
  if (!full) all.set(host);
  gl.activeTexture(gl.TEXTURE0);
  gl.bindTexture(gl.TEXTURE_2D, texture.handle);
  gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, width, rows, ...formatOf(gl, texture), all);
}

/** Elements on their way to the host: where each place starts in a buffer, and, behind the last, where the texel stands that is known. */
interface Order {
  readonly places: readonly Place[];
  readonly starts: readonly number[];
  readonly buffer: WebGLBuffer;
}

const bytesOf = (place: Place): number => {
  const texture = place.texture as Texture;
  return rowsOf(texture, place.size) * texture.width * 16;
};

function order({ gl, witness }: Context, places: readonly Place[]): Order {
  const starts = [0];
  for (const place of places) starts.push((starts[starts.length - 1] as number) + bytesOf(place));
  const end = starts[places.length];
  const buffer = gl.createBuffer();
  gl.bindBuffer(gl.PIXEL_PACK_BUFFER, buffer);
  gl.bufferData(gl.PIXEL_PACK_BUFFER, end + known.byteLength, gl.STREAM_READ);
  places.forEach((place, i) => {
    const texture = place.texture as Texture;
    gl.bindFramebuffer(gl.FRAMEBUFFER, texture.framebuffer);
    gl.readPixels(0, 0, texture.width, rowsOf(texture, place.size), ...formatOf(gl, texture), starts[i]);
  });
  gl.bindFramebuffer(gl.FRAMEBUFFER, witness);
  gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.FLOAT, end);
  gl.bindBuffer(gl.PIXEL_PACK_BUFFER, null);
  return { places, starts, buffer };
}

/** Waits for them. */
function arrive({ gl }: Context, { places, starts, buffer }: Order, alive: Alive): Data[] {
  const end = starts[places.length];
  const all = new ArrayBuffer(end + known.byteLength);
  gl.bindBuffer(gl.PIXEL_PACK_BUFFER, buffer);
  gl.getBufferSubData(gl.PIXEL_PACK_BUFFER, 0, new Uint8Array(all));
  gl.bindBuffer(gl.PIXEL_PACK_BUFFER, null);
  gl.deleteBuffer(buffer);
  alive(isKnown(new Float32Array(all, end)));
  return places.map((place, i) => {
    const Words = place.kind === "float" ? Float32Array : Int32Array;
    const words = new Words(all, starts[i], place.size);
    return place.dtype === "bool" ? Uint8Array.from(words) : words;
  });
}

/** Throws where the device has ended, or what is known has not been read: the context is lost then, and the browser has not seen it yet. */
export type Alive = (isKnown?: boolean) => void;

/** Waits until the elements are computed. */
export const readNow = (context: Context, place: Place, alive: Alive): Data => arrive(context, order(context, [place]), alive)[0];

/** The same for many at once: one wait for all. */
export function readAll(context: Context, places: readonly Place[], alive: Alive): void {
  for (let start = 0; start < places.length; ) {
    let [end, bytes] = [start, 0];
    while (end < places.length && (end === start || bytes + bytesOf(places[end]) <= batch)) bytes += bytesOf(places[end++]);
    const part = places.slice(start, end);
    arrive(context, order(context, part), alive).forEach((data, i) => {
      part[i].host = data.slice() as Data;
    });
    start = end;
  }
}

const batch = 1 << 25;

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
export async function readLater(context: Context, place: Place, alive: Alive): Promise<Data> {
  const { gl } = context;
  const ordered = order(context, [place]);
  const fence = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
  gl.flush();
  for (let count = 0; ; count++) {
    const state = fence ? gl.clientWaitSync(fence, 0, 0) : gl.WAIT_FAILED;
    if (state === gl.ALREADY_SIGNALED || state === gl.CONDITION_SATISFIED) break;
    alive(state !== gl.WAIT_FAILED || computes(context));
    if (state === gl.WAIT_FAILED) throw new ADError("webgl: the driver cannot wait for the GPU, so what was to be read will not come.");
    await turn(count);
  }
  gl.deleteSync(fence);
  return arrive(context, ordered, alive)[0];
}
