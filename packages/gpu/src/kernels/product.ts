import { Aval, isRowMajor } from "@ad/core/internals";
import type { WebGL } from "../device.js";
import { wideOf } from "../glsl/define.js";
import { type GpuView, kindOf, Place, type Storage } from "../storage.js";
import type { GpuKernel, GpuKernels } from "./define.js";
import { each } from "./movement.js";

const up = (n: number): number => 4 * Math.ceil(n / 4);

/** From so many products on, rows are worked on together. */
const many = 1 << 14;

/** A matrix whose rows are whole texels, one after the other: itself where it lies so, else a copy with zeros at the ends of rows and below. */
function packed(device: WebGL, x: GpuView, rows: number, columns: number): GpuView {
  const [m, n] = x.aval.shape;
  if (m === rows && n === columns && isRowMajor(x) && x.offset % 4 === 0) return device.settled(x);
  const storage = device.draw("float32", rows * columns, [x], (emitter, [value]) => {
    const [M, N, C] = [m, n, columns].map((size) => emitter.int(size));
    const inside = `r < ${M} && c < ${N}`;
    return each(
      emitter,
      "float",
      1,
      `  int r = i / ${C}; int c = i - r * ${C};\n  return ${n === columns && m === rows ? "" : `!(${inside}) ? 0.0 : `}${value(1)}(r * ${N} + c);`,
    );
  });
  return device.view(storage, [rows, columns]);
}

/**
 * The product of two matrices. Each fragment makes four columns of up to eight rows, which lie a block apart: what it reads serves all of
 * them. Each block is a texture of its own at first.
 */
function product(device: WebGL, x: GpuView, y: GpuView): Storage {
  const [m, k] = x.aval.shape;
  const n = y.aval.shape[1];
  const [k4, n4] = [up(k), up(n)];
  const count = Math.min(device.outputs, m >= 32 ? 8 : m >= 8 ? 4 : m >= 2 ? 2 : 1);
  const block = Math.ceil(m / count);
  const [left, right] = [packed(device, x, m, k4), packed(device, y, k4, n4)];
  const blocks = Array.from({ length: count }, () => device.store(new Place("float32", block * n4, undefined)));
  const rows = blocks.map((_, r) => r);
  device.drawMany(blocks, [left, right], (emitter, values) => {
    const [K, N, B] = [k4 / 4, n4 / 4, block * (k4 / 4)].map((size) => emitter.int(size));
    const [a, b] = values.map((value) => value(4));
    const body = `  int t = i >> 2; int row = t / ${N}; int q = t - row * ${N}; int p = row * ${K}; int end = p + ${K};
  ${rows.map((r) => `vec4 s${r} = vec4(0.0);`).join(" ")}
  for (; p < end; p++) {
    vec4 y0 = ${b}(q << 2), y1 = ${b}((q + ${N}) << 2), y2 = ${b}((q + 2 * ${N}) << 2), y3 = ${b}((q + 3 * ${N}) << 2);
    q += 4 * ${N};
    vec4 f;
${rows.map((r) => `    f = ${a}((p + ${r} * ${B}) << 2); s${r} += f.x * y0 + f.y * y1 + f.z * y2 + f.w * y3;\n`).join("")}  }
${rows.map((r) => `  ${count === 1 ? "result" : `result${r}`} = s${r};`).join("\n")}`;
    return emitter.program("float", body, "", count);
  });
  const parts = blocks.map((storage) => device.view(storage, [block, n4]));
  for (const own of [left, right]) if (own !== x && own !== y) device.release(own);
  if (count === 1 && n === n4) return blocks[0];
  const width = n % 4 === 0 ? 4 : 1;
  const out = device.draw("float32", m * n, parts, (emitter, values) => {
    const [N, N4, B] = [n, n4, block].map((size) => emitter.int(size));
    const reads = values.map((value, r) => `  if (part == ${r}) return ${value(width)}(at);\n`);
    return each(
      emitter,
      "float",
      width,
      `  int row = i / ${N}; int part = row / ${B}; int at = (row - part * ${B}) * ${N4} + i - row * ${N};\n${reads.join("")}  return ${width === 4 ? "vec4(0.0)" : "0.0"};`,
    );
  });
  for (const part of parts) device.release(part);
  return out;
}

/** Each result by itself: whole numbers, and many small matrices. */
const plain: GpuKernel<"matmul"> = (device, [given, other], _, out) => {
  const [x, y] = [device.settled(given), device.settled(other)];
  const [m, n] = out.shape.slice(-2);
  const k = x.aval.shape[out.ndim - 1];
  const type = kindOf(out.dtype);
  const width = n % 4 === 0 ? 4 : 1;
  const quads = width === 4 && k % 4 === 0;
  return device.draw(out.dtype, out.size, [x, y], (emitter, [left, right]) => {
    const [M, N, K] = [m, n, k].map((size) => emitter.int(size));
    const own = width === 4 ? wideOf(type) : type;
    const [a, b] = [left(quads ? 4 : 1), right(width)];
    const loop = quads
      ? `for (int p = 0; p < ${K}; p += 4) { ${wideOf(type)} f = ${a}(row + p); int q = column + p * ${N}; sum += f.x * ${b}(q) + f.y * ${b}(q + ${N}) + f.z * ${b}(q + 2 * ${N}) + f.w * ${b}(q + 3 * ${N}); }`
      : `for (int p = 0; p < ${K}; p++) sum += ${a}(row + p) * ${b}(column + p * ${N});`;
    return each(
      emitter,
      type,
      width,
      `  int line = i / ${N}; int batch = line / ${M};
  int row = line * ${K};
  int column = batch * ${K} * ${N} + i % ${N};
  ${own} sum = ${own}(0);
  ${loop}
  return sum;`,
    );
  });
};

/** The last two axes at one position of the others. */
function matrixAt(x: GpuView, position: number): GpuView {
  let [rest, offset] = [position, x.offset];
  const { shape } = x.aval;
  for (let axis = shape.length - 3; axis >= 0; axis--) {
    offset += (rest % shape[axis]) * x.stride[axis];
    rest = Math.floor(rest / shape[axis]);
  }
  return { aval: new Aval(shape.slice(-2), x.aval.dtype), storage: x.storage, stride: x.stride.slice(-2), offset };
}

const matmul: GpuKernel<"matmul"> = (device, inputs, params, out) => {
  const [x, y] = inputs;
  const [m, n] = out.shape.slice(-2);
  const k = x.aval.shape[out.ndim - 1];
  if (k === 0) return device.filledStorage(0, out);
  const count = out.size / (m * n);
  if (out.dtype !== "float32" || m * n * k < many || count > 16) return plain(device, inputs, params, out);
  if (count === 1) return product(device, matrixAt(x, 0), matrixAt(y, 0));
  const [left, right] = [device.settled(x), device.settled(y)];
  const parts = Array.from({ length: count }, (_, i) => device.view(product(device, matrixAt(left, i), matrixAt(right, i)), [m, n]));
  const joined = device.run("concatenate", parts, { axis: 0 }, new Aval([count * m, n], out.dtype));
  for (const part of parts) device.release(part);
  return joined;
};

export const products: GpuKernels<"matmul"> = { matmul };
