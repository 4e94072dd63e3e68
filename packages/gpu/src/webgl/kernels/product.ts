import { Aval } from "@ad/core/internals/trace";
import { type GpuView, kindOf, Place, type Storage } from "../../engine/storage.js";
import { wideOf } from "../glsl/define.js";
import { type Context, each, type GpuKernel, type GpuKernels } from "./define.js";

const up = (n: number): number => 4 * Math.ceil(n / 4);

/** The most products for which each result is made by itself: one draw, where rows that are worked on together take four. */
const maxPlainProducts = 1 << 16;

/** A plane of elements, and the way in which it is read. */
function plane(context: Context, rows: number, columns: number): GpuView {
  const aval = new Aval([rows, columns], "float32");
  const storage = context.store(new Place("float32", aval.size, undefined, columns / 4));
  return { aval, storage, stride: aval.stride, offset: 0 };
}

/** A matrix as a plane, with zeros at the ends of rows and below. Software renderers read planes, by coordinates, much faster than texels by number. */
function packed(context: Context, x: GpuView, rows: number, columns: number): GpuView {
  const [m, n] = x.aval.shape;
  const out = plane(context, rows, columns);
  const width = n === columns ? 4 : 1;
  context.drawMany([out.storage], [x], (emitter, [value]) => {
    const [M, N] = [m, n].map((size) => emitter.int(size));
    const read = value(width);
    const one = (k: number): string => `${m === rows ? "" : `r >= ${M} || `}c + ${k} >= ${N} ? 0.0 : ${read}(r * ${N} + c + ${k})`;
    const all = `vec4(${[0, 1, 2, 3].map(one).join(", ")})`;
    const wide = `${m === rows ? "" : `r >= ${M} ? vec4(0.0) : `}${read}(r * ${N} + c)`;
    return emitter.program(
      "float",
      `  int r = int(gl_FragCoord.y); int c = int(gl_FragCoord.x) << 2;\n  result = ${width === 4 ? wide : all};`,
    );
  });
  return out;
}

/**
 * The product of two matrices. Each fragment makes four columns of up to eight rows, which lie a block apart: what it reads serves all of
 * them. Each block is a plane of its own at first.
 */
function product(context: Context, x: GpuView, y: GpuView): Storage {
  const [m, k] = x.aval.shape;
  const n = y.aval.shape[1];
  const [k4, n4] = [up(k), up(n)];
  const count = Math.min(context.limits.outputs, m >= 32 ? 8 : m >= 8 ? 4 : m >= 2 ? 2 : 1);
  const block = Math.ceil(m / count);
  // A plane of columns, where their elements are neighbours: it is packed as it lies.
  const hasColumns = y.stride[0] === 1 && y.stride[1] !== 1;
  const left = packed(context, x, block * count, k4);
  const right = hasColumns ? packed(context, transposed(y), n4, k4) : packed(context, y, k4, n4);
  const blocks = Array.from({ length: count }, () => plane(context, block, n4));
  const rows = blocks.map((_, r) => r);
  const storages = blocks.map(({ storage }) => storage);
  context.drawMany(storages, [left, right], (emitter) => {
    const [a, b] = [left, right].map((operand) => emitter.plane(operand));
    const K = emitter.int(k4 / 4);
    const [H, dA, dB, dC] = [1 / count, 4 / k4, 1 / (hasColumns ? n4 : k4), 4 / n4].map((size) => emitter.float(size));
    const term = hasColumns ? "vec4(dot(v, y0), dot(v, y1), dot(v, y2), dot(v, y3))" : "v.x * y0 + v.y * y1 + v.z * y2 + v.w * y3";
    const body = `  vec2 p = vec2(0.0, gl_FragCoord.y * ${emitter.float(1 / (block * count))});
  vec2 q = ${hasColumns ? `vec2(0.0, (4.0 * gl_FragCoord.x - 1.5) * ${dB})` : `vec2(gl_FragCoord.x * ${dC}, 0.0)`};
  vec2 down = vec2(0.0, ${dB});
  ${rows.map((r) => `vec4 s${r}_ = vec4(0.0); vec2 o${r} = vec2(0.0, ${r}.0 * ${H});`).join(" ")}
  for (int k = 0; k < ${K}; k++) {
    p.x = (float(k) + 0.5) * ${dA};
    ${hasColumns ? "q.x = p.x" : `q.y = (4.0 * float(k) + 0.5) * ${dB}`};
    vec4 y0 = texture(${b}, q), y1 = texture(${b}, q + down), y2 = texture(${b}, q + 2.0 * down), y3 = texture(${b}, q + 3.0 * down);
    vec4 v;
${rows.map((r) => `    v = texture(${a}, p + o${r}); s${r}_ += ${term};\n`).join("")}  }
${rows.map((r) => `  ${count === 1 ? "result" : `result${r}`} = s${r}_;`).join("\n")}`;
    return emitter.program("float", body, count);
  });
  for (const own of [left, right]) context.release(own);
  const type = "float";
  const width = n % 4 === 0 ? 4 : 1;
  const out = context.draw("float32", m * n, blocks, (emitter) => {
    const [N, B] = [n, block].map((size) => emitter.int(size));
    const [W, H] = [4 / n4, 1 / block].map((size) => emitter.float(size));
    const parts = blocks.map((own) => emitter.plane(own));
    const reads = parts.map((part, r) => `  if (part == ${r}) v = texture(${part}, at);\n`);
    const body = `  int row = i / ${N}; int c = i - row * ${N}; int part = row / ${B};
  vec2 at = (vec2(c >> 2, row - part * ${B}) + 0.5) * vec2(${W}, ${H});
  vec4 v = vec4(0.0);
${reads.join("")}  return ${width === 4 ? "v" : "component(v, c & 3)"};`;
    return each(emitter, type, width, body);
  });
  for (const own of blocks) context.release(own);
  return out;
}

/** So many products are added in a row; software renderers give up after 65535 turns of a program's loops. */
const maxTurns = 1 << 13;

/** Each result by itself: whole numbers, and many small matrices. */
function plain(context: Context, [given, other]: readonly GpuView[], out: Aval): Storage {
  const [m, n] = out.shape.slice(-2);
  const [x, y] = [context.reread(given, Math.ceil(n / 4)), context.reread(other, m)];
  const inner = x.aval.shape[out.ndim - 1];
  let sum: GpuView | undefined;
  for (let start = 0; start < inner; start += maxTurns) {
    const own = context.view(
      plainPart(context, part(x, out.ndim - 1, start, maxTurns), part(y, out.ndim - 2, start, maxTurns), out),
      out.shape,
    );
    sum = sum === undefined ? own : context.view(context.defer("add", [sum, own], out), out.shape);
  }
  return (sum as GpuView).storage;
}

/** A matrix, or many, with rows and columns exchanged. */
function transposed({ aval, storage, stride, offset }: GpuView): GpuView {
  const swap = (all: readonly number[]): number[] => [...all.slice(0, -2), all[all.length - 1], all[all.length - 2]];
  return { aval: new Aval(swap(aval.shape), aval.dtype), storage, stride: swap(stride), offset };
}

function plainPart(context: Context, x: GpuView, y: GpuView, out: Aval): Storage {
  const [m, n] = out.shape.slice(-2);
  const k = x.aval.shape[out.ndim - 1];
  const type = kindOf(out.dtype);
  const width = n % 4 === 0 ? 4 : 1;
  // Columns whose elements are neighbours are read four at a time, as rows are.
  const hasColumns = type === "float" && k % 4 === 0 && y.stride[out.ndim - 2] === 1 && (n === 1 || y.stride[out.ndim - 1] !== 1);
  const quads = hasColumns || (width === 4 && k % 4 === 0);
  return context.draw(out.dtype, out.size, [x, hasColumns ? transposed(y) : y], (emitter, [left, right]) => {
    const [M, N, K] = [m, n, k].map((size) => emitter.int(size));
    const own = width === 4 ? wideOf(type) : type;
    const [a, b] = [left(quads ? 4 : 1), right(hasColumns ? 4 : width)];
    const dots = (width === 4 ? [0, 1, 2, 3] : [0]).map((c) => `dot(f, ${b}(column + p + ${c} * ${K}))`);
    const rows = ["x", "y", "z", "w"].map((part, r) => `f.${part} * ${b}(q + ${r} * ${N})`);
    const turn = hasColumns ? `sum += ${own}(${dots.join(", ")});` : `int q = column + p * ${N}; sum += ${rows.join(" + ")};`;
    const loop = quads
      ? `for (int p = 0; p < ${K}; p += 4) { ${wideOf(type)} f = ${a}(row + p); ${turn} }`
      : `for (int p = 0; p < ${K}; p++) sum += ${a}(row + p) * ${b}(column + p * ${N});`;
    return each(
      emitter,
      type,
      width,
      `  int line = i / ${N}; int batch = line / ${M};
  int row = line * ${K};
  int column = ${hasColumns ? `(batch * ${N} + i % ${N}) * ${K}` : `batch * ${K} * ${N} + i % ${N}`};
  ${own} sum = ${own}(0);
  ${loop}
  return sum;`,
    );
  });
}

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

/** The most rows or columns of a matrix. */
function part(x: GpuView, axis: number, start: number, maxLength: number): GpuView {
  const shape = x.aval.shape.slice();
  shape[axis] = Math.min(maxLength, shape[axis] - start);
  return { aval: new Aval(shape, x.aval.dtype), storage: x.storage, stride: x.stride, offset: x.offset + start * x.stride[axis] };
}

const matmul: GpuKernel<"matmul"> = (context, inputs, _, out) => {
  const [x, y] = inputs;
  const [m, n] = out.shape.slice(-2);
  const k = x.aval.shape[out.ndim - 1];
  if (k === 0) return context.filledStorage(0, out);
  const count = out.size / (m * n);
  // The product with a vector reads a matrix once, so that planes would serve nothing.
  const isVector = m === 1 || n === 1;
  if (out.dtype !== "float32" || isVector || m * n * k <= maxPlainProducts || count > 16) return plain(context, inputs, out);
  const side = context.limits.side - 8;
  if (n > 4 * side || k > side * side) return plain(context, inputs, out);
  if (count === 1 && m <= side && k <= side) return product(context, matrixAt(x, 0), matrixAt(y, 0));
  // In as many pieces as planes can hold.
  const [left, right] = [context.materialised(x), context.materialised(y)];
  const parts: GpuView[] = [];
  for (let i = 0; i < count; i++)
    for (let row = 0; row < m; row += side) {
      const [a, b] = [part(matrixAt(left, i), 0, row, side), matrixAt(right, i)];
      const shape = [a.aval.shape[0], n];
      let sum: GpuView | undefined;
      for (let p = 0; p < k; p += side) {
        const own = context.view(product(context, part(a, 1, p, side), part(b, 0, p, side)), shape);
        sum = sum === undefined ? own : context.view(context.defer("add", [sum, own], own.aval), shape);
      }
      parts.push(sum as GpuView);
    }
  return context.run("concatenate", parts, { axis: 0 }, new Aval([count * m, n], out.dtype));
};

export const products: GpuKernels<"matmul"> = { matmul };
