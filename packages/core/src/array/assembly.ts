import { Concrete } from "../cpu/concrete.js";
import { copy } from "../cpu/kernels/copy.js";
import { allocate } from "../cpu/storage.js";
import { Aval, type DType, type Shape } from "../engine/aval.js";
import { bind } from "../engine/trace.js";
import { cpu } from "./convert.js";
import { sliceAxis } from "./movement.js";
import type { NDArray } from "./ndarray.js";
import { cast } from "./operands.js";

/**
 * An array whose parts come one after the other along an axis. Parts with numbers on the CPU are written into one buffer and can be
 * forgotten; where one is traced or lives elsewhere, they are joined by operations in the end.
 */
export class Assembly {
  readonly #aval: Aval;
  readonly #axis: number;
  #whole: Concrete | undefined;
  #parts: NDArray[] = [];
  #filled = 0;

  constructor(shape: Shape, dtype: DType, axis: number) {
    this.#aval = new Aval(shape, dtype);
    this.#axis = axis;
  }

  add(part: NDArray): void {
    const [axis, aval, n] = [this.#axis, this.#aval, part.shape[this.#axis]];
    // A part that is the whole array is not copied.
    if (part instanceof Concrete && n < aval.shape[axis] && this.#parts.length === 0) {
      this.#whole ??= new Concrete(aval, allocate(aval.dtype, aval.size));
      const { storage, stride } = this.#whole;
      copy(part.shape, part, storage, { stride, offset: this.#filled * stride[axis] });
    } else {
      if (this.#whole) this.#parts.push(sliceAxis(this.#whole, axis, 0, this.#filled));
      this.#whole = undefined;
      this.#parts.push(cast(part, aval.dtype));
    }
    this.#filled += n;
  }

  /** The array, once all parts have come. */
  result(): NDArray {
    if (this.#whole) return this.#whole;
    if (this.#parts.length > 1) return bind("concatenate", this.#parts, { axis: this.#axis });
    return this.#parts[0] ?? cpu.filled(0, this.#aval);
  }
}
