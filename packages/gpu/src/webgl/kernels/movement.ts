import type { DType } from "@ad/core";
import { Aval, type Shape } from "@ad/core/internals/trace";
import { type GpuView, kindOf, type Storage } from "../../engine/storage.js";
import type { Emitter } from "../emitter.js";
import type { Type } from "../glsl/define.js";
import { type Context, each, type GpuKernels, host } from "./define.js";
import { around } from "./reduction.js";
import { scatterAdd } from "./scatter.js";

type Name = "reshape" | "place" | "fold" | "concatenate" | "select" | "cast" | "take" | "scatterAdd" | "argsort" | "lastWriter";

const zeroOf = (type: Type): string => (type === "float" ? "0.0" : "0");

/** The operations that bring an element to another type. */
const casts = (from: DType, to: DType): string =>
  to === "bool" ? "toBool" : to === "float32" ? (from === "float32" ? "copy" : "toFloat") : from === "float32" ? "toInt" : "copy";

/** The most operands that one program joins. */
const maxJoined = 8;

function concatenate(context: Context, inputs: readonly GpuView[], axis: number, out: Aval): Storage {
  const parts = inputs.filter((x) => x.aval.size > 0);
  if (parts.length > maxJoined) {
    const groups: GpuView[] = [];
    const size = Math.max(maxJoined, Math.ceil(parts.length / maxJoined));
    for (let start = 0; start < parts.length; start += size) {
      const group = parts.slice(start, start + size);
      const shape = out.shape.slice();
      shape[axis] = group.reduce((n, x) => n + x.aval.shape[axis], 0);
      groups.push(context.view(concatenate(context, group, axis, new Aval(shape, out.dtype)), shape));
    }
    return concatenate(context, groups, axis, out);
  }
  const type = kindOf(out.dtype);
  const { n, after } = around(out.shape, axis);
  const width = after % 4 === 0 ? 4 : 1;
  return context.draw(out.dtype, out.size, parts, (emitter, values) => {
    const [N, B] = [n, after].map((size) => emitter.int(size));
    const branches = parts.map((x, k) => {
      const length = emitter.int(x.aval.shape[axis]);
      return `  if (r < ${length}${k === parts.length - 1 ? " || true" : ""}) return ${values[k](width)}((a * ${length} + r) * ${B} + b);\n  r -= ${length};\n`;
    });
    return each(
      emitter,
      type,
      width,
      `  int b = i % ${B}; int r = (i / ${B}) % ${N}; int a = i / (${N} * ${B});\n${branches.join("")}  return ${values[0](width)}(0);`,
    );
  });
}

/** The coordinates c0, c1, … of the index i in a shape. */
function coordinates(emitter: Emitter, shape: Shape): string {
  let text = "  int rest = i;\n";
  for (let k = shape.length - 1; k >= 0; k--) {
    const n = emitter.int(shape[k]);
    text += k === 0 ? "  int c0 = rest;\n" : `  int c${k} = rest % ${n}; rest /= ${n};\n`;
  }
  return text;
}

export const movement: GpuKernels<Name> = {
  reshape: (context, [x], _, out) => context.defer("copy", [x], out),

  place(context, [x], { starts, steps }, out) {
    if (x.aval.size === 0) return context.filledStorage(0, out);
    const type = kindOf(out.dtype);
    const from = x.aval;
    return context.draw(out.dtype, out.size, [x], (emitter, [value]) => {
      const read = value(1);
      const axes = out.shape.map((n, k) => {
        const stride = emitter.int(from.stride[k]);
        if (starts[k] === 0 && steps[k] === 1 && from.shape[k] === n) return `  at += c${k} * ${stride};\n`;
        const [start, step, size] = [starts[k], Math.abs(steps[k]), from.shape[k]].map((value) => emitter.int(value));
        return `  { int t = ${steps[k] < 0 ? `${start} - c${k}` : `c${k} - ${start}`}; int q = t / ${step}; inside = inside && t >= 0 && q * ${step} == t && q < ${size}; at += q * ${stride}; }\n`;
      });
      const body = `${coordinates(emitter, out.shape)}  int at = 0; bool inside = true;\n${axes.join("")}  if (!inside) return ${zeroOf(type)};\n  return ${read}(at);`;
      return each(emitter, type, 1, body);
    });
  },

  fold(context, [x], { axes, sizes, steps, dilations }, out) {
    const type = kindOf(out.dtype);
    const from = x.aval;
    return context.draw(out.dtype, out.size, [x], (emitter, [value]) => {
      const read = value(1);
      const loops = axes.map((_, j) => `for (int k${j} = 0; k${j} < ${emitter.int(sizes[j])}; k${j}++)`).join(" ");
      const terms = out.shape.map((_, k) => {
        const stride = emitter.int(from.stride[k]);
        const j = axes.indexOf(k);
        if (j < 0) return `    at += c${k} * ${stride};\n`;
        const [dilation, step, count, inner] = [dilations[j], steps[j], from.shape[k], from.stride[out.ndim + j]].map((size) =>
          emitter.int(size),
        );
        return `    { int t = c${k} - k${j} * ${dilation}; int q = t / ${step}; inside = inside && t >= 0 && q * ${step} == t && q < ${count}; at += q * ${stride} + k${j} * ${inner}; }\n`;
      });
      const body = `${coordinates(emitter, out.shape)}  ${type} sum = ${zeroOf(type)};\n  ${loops} {\n    int at = 0; bool inside = true;\n${terms.join("")}    if (inside) sum += ${read}(at);\n  }\n  return sum;`;
      return each(emitter, type, 1, body);
    });
  },

  concatenate: (context, inputs, { axis }, out) => concatenate(context, inputs, axis, out),

  select: (context, inputs, _, out) => context.defer(out.dtype === "float32" ? "selectFloat" : "selectInt", inputs, out),

  cast: (context, [x], { dtype }, out) => context.defer(casts(x.aval.dtype, dtype), [x], out),

  take(context, [x, indices], { axis }, out) {
    const type = kindOf(out.dtype);
    const { n, after } = around(x.aval.shape, axis);
    const width = after % 4 === 0 ? 4 : 1;
    return context.draw(out.dtype, out.size, [x, indices], (emitter, [value, index]) => {
      const [N, B, J] = [n, after, indices.aval.size].map((size) => emitter.int(size));
      const read = value(width);
      return each(
        emitter,
        type,
        width,
        `  int j = (i / ${B}) % ${J}; int a = i / (${B} * ${J});\n  return ${read}((a * ${N} + ${index(1)}(j)) * ${B} + i % ${B});`,
      );
    });
  },

  scatterAdd,

  argsort: host("a stable sort takes many passes of a GPU, each over all elements; one on the host takes less than them"),
  lastWriter: host("which of several writers is the last is decided in their order; their indices are mostly known on the host"),
};
