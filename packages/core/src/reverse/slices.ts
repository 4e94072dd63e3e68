import type { NDArray } from "../array/ndarray.js";
import { Aval, type Shape, sameShape } from "../engine/aval.js";
import type { Arena } from "../engine/device.js";
import type { Params } from "../engine/primitive.js";
import { bind } from "../engine/trace.js";
import { transposeOf } from "../rules/lookup.js";

/** The cotangent of a slice, which may have been given another shape, and where the slice was taken. */
export interface Placed {
  ct: NDArray;
  readonly at: Params<"slice">;
}

/** The elements of all places, below which adding them up costs less than looking how they lie. */
const minJoined = 1 << 12;

/** The values that an array stands for, if transformations around batch. */
const lanesOf = ({ owner, below }: NDArray & { readonly below?: NDArray }): number => (below ? (owner.lanes ?? 1) * lanesOf(below) : 1);

/** The cotangent of a slice in the slice's own shape. */
const own = ({ ct, at: { sizes } }: Placed): NDArray => (sameShape(ct.shape, sizes) ? ct : bind("reshape", [ct], { shape: sizes }));

const sum = (parts: readonly NDArray[]): NDArray => parts.reduce((total, part) => total.add(part));

/** A number of a list of positions in a shape, or of lengths. */
const numberOf = (list: readonly number[], shape: Shape): number => list.reduce((all, n, i) => all * (shape[i] + 1) + n, 0);

/** The cotangents of the slices of one array, which pass back to it together: each alone would fill an array of the whole's size. */
export class Slices {
  readonly #aval: Aval;
  readonly #stepped: Placed[] = [];
  /** The others, by their places. */
  readonly #dense = new Map<string, Placed>();

  /** @param aval of the array */
  constructor(aval: Aval) {
    this.#aval = aval;
  }

  add(placed: Placed, arena?: Arena): void {
    const { at, ct } = placed;
    const { shape } = this.#aval;
    const place = `${numberOf(at.starts, shape)},${numberOf(at.sizes, shape)}`;
    const known = this.#dense.get(place);
    if (at.steps.some((step) => step !== 1)) this.#stepped.push(placed);
    else if (known) {
      // Those of one place are added up at once, in their order: they need not be there until the array is reached.
      const total = sameShape(known.ct.shape, ct.shape) ? known.ct.add(ct) : own(known).add(own(placed));
      arena?.hold(total);
      arena?.drop(known.ct);
      known.ct = total;
      arena?.drop(ct);
    } else this.#dense.set(place, placed);
  }

  /** The sum of all. Slices that lie side by side are joined, with zeros between them, so that many of them cost as much as one. */
  total(arena?: Arena): NDArray {
    const aval = this.#aval;
    const dense = [...this.#dense.values()];
    const all = [...dense, ...this.#stepped];
    const isFew = dense.length < Math.max(2, minJoined / (aval.size * lanesOf(all[0].ct)));
    const parts = (isFew ? all : this.#stepped).map((each) => transposeOf("slice")(own(each), aval, each.at, 0, []));
    if (!isFew) parts.push(join(dense, aval.shape, 0));
    const total = sum(parts);
    for (const { ct } of all) arena?.drop(ct);
    return total;
  }
}

interface Part {
  readonly start: number;
  readonly end: number;
  readonly members: Placed[];
}

/** The same for slices that agree in all axes before this one; the result is as long as they along those, and whole along the others. */
function join(placed: readonly Placed[], shape: Shape, axis: number): NDArray {
  if (axis === shape.length) return sum(placed.map(own));
  if (placed.length === 1) return whole(placed[0], shape, axis);
  const parts = new Map<string, Part>();
  for (const each of placed) {
    const start = each.at.starts[axis];
    const end = start + each.at.sizes[axis];
    const key = `${start},${end}`;
    const part = parts.get(key);
    if (part) part.members.push(each);
    else parts.set(key, { start, end, members: [each] });
  }
  const inOrder = [...parts.values()].sort((a, b) => a.start - b.start || a.end - b.end);
  return sum(layers(inOrder).map((layer) => joinLayer(layer, shape, axis)));
}

/** Among more layers than this none is looked for. */
const maxLayers = 32;

/** Parts that overlap come into different layers. */
function layers(inOrder: readonly Part[]): Part[][] {
  const found: Part[][] = [];
  for (const part of inOrder) {
    const layer = found.length > maxLayers ? undefined : found.find((each) => each[each.length - 1].end <= part.start);
    if (layer) layer.push(part);
    else found.push([part]);
  }
  return found;
}

function joinLayer(layer: readonly Part[], shape: Shape, axis: number): NDArray {
  if (layer.length === 1 && layer[0].members.length === 1) return whole(layer[0].members[0], shape, axis);
  const pieces: NDArray[] = [];
  let end = 0;
  const fill = (n: number, like: NDArray): void => {
    if (n === 0) return;
    const size = like.shape.slice();
    size[axis] = n;
    pieces.push(like.filled(0, new Aval(size, like.dtype)));
  };
  for (const part of layer) {
    const piece = join(part.members, shape, axis + 1);
    fill(part.start - end, piece);
    pieces.push(piece);
    end = part.end;
  }
  fill(shape[axis] - end, pieces[0]);
  return pieces.length === 1 ? pieces[0] : bind("concatenate", pieces, { axis });
}

/** A single cotangent, with zeros around it along this axis and those behind it. */
function whole(placed: Placed, shape: Shape, axis: number): NDArray {
  const { at } = placed;
  const ct = own(placed);
  const size = shape.map((n, i) => (i < axis ? ct.shape[i] : n));
  if (sameShape(size, ct.shape)) return ct;
  return bind("place", [ct], { starts: at.starts.map((start, i) => (i < axis ? 0 : start)), steps: at.steps, shape: size });
}
