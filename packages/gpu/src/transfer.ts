import { ADError, type Data } from "@ad/core";
import type { Place } from "./storage.js";
import { type Texture, texelsOf } from "./textures.js";

/** Between textures and typed arrays. */

type Words = Float32Array | Int32Array;

const words = (place: Place, length: number): Words => (place.kind === "float" ? new Float32Array(length) : new Int32Array(length));

const rowsOf = (texture: Texture, size: number): number => Math.ceil(texelsOf(size) / texture.width);

const formatOf = (gl: WebGL2RenderingContext, { kind }: Texture): [format: number, type: number] =>
  kind === "float" ? [gl.RGBA, gl.FLOAT] : [gl.RGBA_INTEGER, gl.INT];

/** The elements out of whole rows of texels. */
const cut = (place: Place, all: Words): Data =>
  place.dtype === "bool" ? Uint8Array.from(all.subarray(0, place.size)) : all.subarray(0, place.size);

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

/** Waits until the elements are computed. `alive` throws where they are not, because the context is lost. */
export function readNow(gl: WebGL2RenderingContext, place: Place, alive: () => void): Data {
  const texture = place.texture as Texture;
  const rows = rowsOf(texture, place.size);
  const all = words(place, rows * texture.width * 4);
  gl.bindFramebuffer(gl.FRAMEBUFFER, texture.framebuffer);
  gl.readPixels(0, 0, texture.width, rows, ...formatOf(gl, texture), all);
  alive();
  return cut(place, all);
}

/** The same for many at once: one wait for all. */
export function readAll(gl: WebGL2RenderingContext, places: readonly Place[], alive: () => void): void {
  const sizes = places.map((place) => rowsOf(place.texture as Texture, place.size) * (place.texture as Texture).width * 16);
  for (let start = 0; start < places.length; ) {
    let [end, bytes] = [start, 0];
    while (end < places.length && (end === start || bytes + sizes[end] <= batch)) bytes += sizes[end++];
    const buffer = gl.createBuffer();
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, buffer);
    gl.bufferData(gl.PIXEL_PACK_BUFFER, bytes, gl.STREAM_READ);
    let at = 0;
    for (let i = start; i < end; at += sizes[i++]) {
      const texture = places[i].texture as Texture;
      gl.bindFramebuffer(gl.FRAMEBUFFER, texture.framebuffer);
      gl.readPixels(0, 0, texture.width, rowsOf(texture, places[i].size), ...formatOf(gl, texture), at);
    }
    const all = new ArrayBuffer(bytes);
    gl.getBufferSubData(gl.PIXEL_PACK_BUFFER, 0, new Uint8Array(all));
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, null);
    gl.deleteBuffer(buffer);
    alive();
    at = 0;
    for (let i = start; i < end; at += sizes[i++]) {
      const Words = places[i].kind === "float" ? Float32Array : Int32Array;
      places[i].host = cut(places[i], new Words(all, at, sizes[i] / 4)).slice() as Data;
    }
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
export async function readLater(gl: WebGL2RenderingContext, place: Place, alive: () => void): Promise<Data> {
  const texture = place.texture as Texture;
  const rows = rowsOf(texture, place.size);
  const all = words(place, rows * texture.width * 4);
  const buffer = gl.createBuffer();
  gl.bindBuffer(gl.PIXEL_PACK_BUFFER, buffer);
  gl.bufferData(gl.PIXEL_PACK_BUFFER, all.byteLength, gl.STREAM_READ);
  gl.bindFramebuffer(gl.FRAMEBUFFER, texture.framebuffer);
  gl.readPixels(0, 0, texture.width, rows, ...formatOf(gl, texture), 0);
  gl.bindBuffer(gl.PIXEL_PACK_BUFFER, null);
  const fence = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
  gl.flush();
  for (let count = 0; ; count++) {
    const state = fence ? gl.clientWaitSync(fence, 0, 0) : gl.WAIT_FAILED;
    if (state === gl.ALREADY_SIGNALED || state === gl.CONDITION_SATISFIED) break;
    alive();
    if (state === gl.WAIT_FAILED) throw new ADError("webgl: the driver cannot wait for the GPU, so what was to be read will not come.");
    await turn(count);
  }
  gl.bindBuffer(gl.PIXEL_PACK_BUFFER, buffer);
  gl.getBufferSubData(gl.PIXEL_PACK_BUFFER, 0, all);
  gl.bindBuffer(gl.PIXEL_PACK_BUFFER, null);
  gl.deleteBuffer(buffer);
  gl.deleteSync(fence);
  alive();
  return cut(place, all);
}
