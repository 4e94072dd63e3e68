import { array, read } from "@ad/core";
import { expect, it } from "vitest";
import { webgl } from "../../src/index.js";
import { Queue } from "../../src/webgl/queue.js";

it("keeps the order, and lets nothing overtake what waits", () => {
  const queue = new Queue();
  const done: number[] = [];
  const push = (n: number, mayWait: boolean) => queue.push(() => done.push(n), mayWait);
  push(1, false);
  expect(done).toEqual([1]);
  push(2, true);
  push(3, false);
  expect(done).toEqual([1]);
  queue.flush();
  expect(done).toEqual([1, 2, 3]);
  push(4, false);
  expect(done).toEqual([1, 2, 3, 4]);
  for (let n = 5; n < 40; n++) push(n, true);
  expect(done).toEqual(Array.from({ length: 36 }, (_, i) => i + 1));
});

it("programs are compiled while others wait for theirs, where the driver can", async () => {
  const canvas = new OffscreenCanvas(1, 1);
  using gpu = await webgl({ canvas });
  const links: WebGLProgram[] = [];
  const asked = new Set<unknown>();
  const gl = canvas.getContext("webgl2") as WebGL2RenderingContext;
  const [link, ask] = [gl.linkProgram.bind(gl), gl.getProgramParameter.bind(gl)];
  gl.linkProgram = (program) => {
    links.push(program);
    link(program);
  };
  gl.getProgramParameter = (program, name) => {
    asked.add(program);
    return ask(program, name);
  };
  const x = array([1, 2, 3], { device: gpu });
  const y = x.sum().add(x.cumsum()).prod().sub(x.outer(x).max(0)).sum();
  const compiling = links.length;
  expect(compiling).toBeGreaterThan(3);
  expect(asked.size).toBe(gl.getExtension("KHR_parallel_shader_compile") ? 0 : compiling);
  expect(await read(y)).toEqual(Float32Array.of(2250));
  expect(asked.size).toBe(links.length);
});
