import { degree, type Lines, type Neighbours } from "./graph.js";

/** Colours from 0 on; -1 where a line needs none. */
export interface Colors {
  readonly colors: Int32Array;
  readonly count: number;
}

/** The least colour that was not forbidden in this round. */
function least(forbidden: Int32Array, round: number): number {
  let color = 0;
  while (forbidden[color] === round) color++;
  return color;
}

/** Each vertex gets the least colour that none of its neighbours has. A line without entries gets none, where that is wanted. */
export function distinct(lines: Lines, order: Int32Array, neighbours: Neighbours, skipEmpty = false): Colors {
  const colors = new Int32Array(lines.count).fill(-1);
  const forbidden = new Int32Array(lines.count + 1).fill(-1);
  let count = 0;
  for (const vertex of order) {
    if (skipEmpty && degree(lines, vertex) === 0) continue;
    neighbours(vertex, (other) => {
      if (colors[other] >= 0) forbidden[colors[other]] = vertex;
    });
    colors[vertex] = least(forbidden, vertex);
    count = Math.max(count, colors[vertex] + 1);
  }
  return { colors, count };
}

/**
 * A star colouring: neighbours differ, and every path of four vertices has three colours at least, so that of each entry off the diagonal
 * one of its two places is alone in its line with its colour (Coleman & Moré; the greedy algorithm is Gebremedhin, Tarafdar, Manne & Pothen's).
 */
export function star({ count: n, starts, ends }: Lines, order: Int32Array): Colors {
  const colors = new Int32Array(n).fill(-1);
  const forbidden = new Int32Array(n + 1).fill(-1);
  let count = 0;
  for (const v of order) {
    for (let k = starts[v]; k < starts[v + 1]; k++) {
      const w = ends[k];
      if (w === v) continue;
      if (colors[w] >= 0) forbidden[colors[w]] = v;
      for (let l = starts[w]; l < starts[w + 1]; l++) {
        const x = ends[l];
        if (x === v || x === w || colors[x] < 0) continue;
        if (colors[w] < 0) forbidden[colors[x]] = v;
        else
          for (let m = starts[x]; m < starts[x + 1]; m++) {
            const y = ends[m];
            // v, w, x, y would have two colours in turn.
            if (y === w || y === x || colors[y] !== colors[w]) continue;
            forbidden[colors[x]] = v;
            break;
          }
      }
    }
    colors[v] = least(forbidden, v);
    count = Math.max(count, colors[v] + 1);
  }
  return { colors, count };
}
