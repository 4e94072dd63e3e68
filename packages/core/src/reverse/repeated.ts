import { type Shape, sameShape } from "../engine/aval.js";
import type { Params, PrimitiveName } from "../engine/primitive.js";
import { type Entry, Output } from "./entry.js";
import type { Node } from "./node.js";

type Slice = Params<"slice">;

/** The most slices that are remembered. */
const most = 256;

/** A number for a slice of an entry in a shape. Others may have it too, but few have. */
function keyOf({ index }: Entry, { starts }: Slice, { length }: Shape): number {
  let key = 8 * index + length;
  for (const start of starts) key = Math.imul(key, 0x9e3779b1) ^ start;
  return key;
}

const sameSlice = (x: Slice, y: Slice): boolean =>
  x === y || (sameShape(x.starts, y.starts) && sameShape(x.steps, y.steps) && sameShape(x.sizes, y.sizes));

/** Whether it is an input of the function. Its value is there as long as the tape is, and so are those that it shares storage with. */
const isInput = (entry: Entry | undefined): entry is Entry => entry !== undefined && !entry.rules && !(entry instanceof Output);

/** Slices of a function's inputs that are on a tape: a loop that takes the same row of its weights in each turn has it there once. */
export class Repeated {
  readonly #nodes = new Map<number, Node>();

  /** The result of a primitive of this entry, if it is a slice that was recorded before, in the same shape. */
  find(name: PrimitiveName, entry: Entry, params: unknown): Node | undefined {
    if (name === "slice") return this.#at(entry, params as Slice, (params as Slice).sizes);
    if (name !== "reshape" || entry.rules?.name !== "slice") return undefined;
    return this.#at(entry.first, entry.params as Slice, (params as Params<"reshape">).shape);
  }

  #at(source: Entry | undefined, slice: Slice, shape: Shape): Node | undefined {
    if (!isInput(source)) return undefined;
    const node = this.#nodes.get(keyOf(source, slice, shape));
    return node?.entry.first === source && sameShape(node.shape, shape) && sameSlice(node.entry.params as Slice, slice) ? node : undefined;
  }

  /** Remembers a value if it is such a slice, and no other trace has made it. */
  add(node: Node): void {
    const { rules, first, params } = node.entry;
    if (rules?.name !== "slice" || !isInput(first) || node.below.owner.level > 0) return;
    if (this.#nodes.size === most) this.#nodes.clear();
    this.#nodes.set(keyOf(first, params as Slice, node.shape), node);
  }
}
