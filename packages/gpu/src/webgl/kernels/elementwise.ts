import { DTypeError } from "@ad/core";
import type { NamesOf } from "@ad/core/internals/trace";
import type { GpuView } from "../../engine/storage.js";
import { polygammaName } from "../glsl/library.js";
import { operators } from "../glsl/operators.js";
import type { GpuKernel, GpuKernels, Host } from "./define.js";

type Name = NamesOf<"elementwise">;

/** An operator of the same name, computed with what needs it; or the host. */
const same = (name: string, row: object): GpuKernel<never> | Host =>
  "why" in row ? (row as Host) : (context, inputs, _, out) => context.defer(name, inputs, out);

type Derived = { readonly [P in keyof typeof operators]: GpuKernels<P>[P] };

export const elementwise: GpuKernels<Name> = {
  ...(Object.fromEntries(Object.entries(operators).map(([name, row]) => [name, same(name, row)])) as Derived),
  /** The terms of high orders leave the range of float32, where n! does not yet. */
  polygamma: (context, inputs, { n }, out) =>
    n > 20 ? context.onHost("polygamma", inputs, { n }, out) : context.defer(n === 0 ? "digamma" : polygammaName(n), inputs, out),
  stopGradient: (context, inputs, _, out) => context.defer("copy", inputs, out),
  /** Indices that the host knows are checked there. Those that the GPU has computed cannot be waited for: they are kept within the axis. */
  wrapIndex: (context, inputs, params, out) =>
    isKnown(inputs[0])
      ? context.onHost("wrapIndex", inputs, params, out)
      : context.defer("wrapIndex", [inputs[0], context.filled(params.size, out)], out),
  pow(context, inputs, _, out) {
    const exponent = inputs[1].storage.constant;
    if (out.dtype === "int32" && exponent !== undefined && exponent < 0)
      throw new DTypeError(
        `pow: an int32 base meets the negative exponent ${exponent}; whole numbers have no such powers. Use x.astype("float32").`,
      );
    return context.defer("pow", inputs, out);
  },
};

const isKnown = ({ storage }: GpuView): boolean => storage.place.host !== undefined;
