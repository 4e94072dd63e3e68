import { isRowMajor, type Strided } from "../../array/views.js";
import { Aval, type Data, type Shape } from "../../engine/aval.js";
import { limits } from "../limits.js";
import { inTiles, isPicked } from "../wasm/tiles.js";
import { copyLines, type Stored } from "./loops.js";

/** Copies elements from one layout to another; storing converts to the type of `out`. */
export function copy(shape: Shape, x: Stored, out: Data, to: Strided): void {
  const aval = new Aval(shape, "float64");
  const isCast = x.storage.constructor !== out.constructor;
  if (aval.size >= 2 * limits.vectors && !isCast && isRowMajor({ aval, stride: to.stride, offset: 0 })) {
    const view = { aval, storage: x.storage, stride: x.stride, offset: x.offset };
    if (isPicked(view) && inTiles([view], out, to.offset, () => {})) return;
  }
  copyLines(shape, x, out, to);
}
