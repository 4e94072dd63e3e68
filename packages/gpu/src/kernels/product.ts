import { wideOf } from "../glsl/define.js";
import { type GpuView, kindOf } from "../storage.js";
import type { GpuKernel, GpuKernels } from "./define.js";
import { each } from "./movement.js";

const matmul: GpuKernel<"matmul"> = (device, inputs, _, out) => {
  const [x, y] = inputs.map((operand): GpuView => device.settled(operand));
  const rank = out.ndim;
  const [m, n] = out.shape.slice(-2);
  const k = x.aval.shape[rank - 1];
  const type = kindOf(out.dtype);
  if (k === 0) return device.filledStorage(0, out);
  const width = n % 4 === 0 ? 4 : 1;
  const quads = width === 4 && k % 4 === 0;
  return device.draw(out.dtype, out.size, [x, y], (emitter, [left, right]) => {
    const [M, N, K] = [m, n, k].map((size) => emitter.int(size));
    const own = width === 4 ? wideOf(type) : type;
    const zero = `${own}(0)`;
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
  ${own} sum = ${zero};
  ${loop}
  return sum;`,
    );
  });
};

export const products: GpuKernels<"matmul"> = { matmul };
