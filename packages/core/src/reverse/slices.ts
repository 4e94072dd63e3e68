import type { NDArray } from "../array/ndarray.js";
import { Aval, type Shape, sizeOf } from "../engine/aval.js";
import type { Params } from "../engine/primitive.js";
import { bind } from "../engine/trace.js";

/** The cotangent of a slice, where the slice was taken, and what its transpose makes of the cotangent. */
export interface Placed {
  readonly ct: NDArray;
  readonly at: Params<"slice">;
  readonly alone: () => NDArray;
}

/** The elements of all places, below which adding them up costs less than looking how they lie. */
const minJoined = 1 << 12;

/** The values that an array stands for, if transformations around batch. */
const lanesOf = ({ owner, below }: NDArray & { readonly below?: NDArray }): number => (below ? (owner.lanes ?? 1) * lanesOf(below) : 1);

const sum = (parts: readonly NDArray[]): NDArray => parts.reduce((total, part) => total.add(part));

/**
 * The sum of what slices of one array pass back to it. Each alone would fill an array of the whole's size; slices that lie side by side are
 * joined instead, with zeros between them, so that many of them cost as much as one.
 */
export function joinSlices(placed: readonly Placed[], shape: Shape): NDArray {
  const isSmall = placed.length === 1 || placed.length * sizeOf(shape) * lanesOf(placed[0].ct) < minJoined;
  const [dense, apart]: [Placed[], Placed[]] = [[], []];
  for (const each of placed) (isSmall || each.at.steps.some((step) => step !== 1) ? apart : dense).push(each);
  const parts = apart.map(({ alone }) => alone());
  return sum(dense.length > 0 ? [...parts, join(dense, shape, 0)] : parts);
}

interface Part {
  readonly start: number;
  readonly end: number;
  readonly members: Placed[];
}

/** The same for slices that agree in all axes before this one; the result is as long as they along those, and whole along the others. */
function join(placed: readonly Placed[], shape: Shape, axis: number): NDArray {
  if (axis === shape.length) return sum(placed.map(({ ct }) => ct));
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
function whole({ ct, at }: Placed, shape: Shape, axis: number): NDArray {
  const size = shape.map((n, i) => (i < axis ? ct.shape[i] : n));
  if (size.every((n, i) => n === ct.shape[i])) return ct;
  return bind("place", [ct], { starts: at.starts.map((start, i) => (i < axis ? 0 : start)), steps: at.steps, shape: size });
}
