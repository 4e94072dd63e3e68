import { TransformError } from "@ad/core";
import { describe } from "@ad/core/internals/checks";
import { greatest, ints } from "../numbers.js";
import type { Neighbours } from "./graph.js";

/** The order in which a greedy colouring visits the vertices. */
export type Order = "natural" | "largestFirst" | "smallestLast" | "random";

export function checkOrder(op: string, order: unknown): Order {
  if (order === "natural" || order === "largestFirst" || order === "smallestLast" || order === "random") return order;
  throw new TransformError(`${op}: order is ${describe(order)}; use "natural", "largestFirst", "smallestLast" or "random".`);
}

const natural = (count: number): Int32Array => ints(count, (i) => i);

/** Returns how many neighbours each vertex has. */
function degrees(count: number, neighbours: Neighbours): Int32Array {
  const met = new Int32Array(count).fill(-1);
  return ints(count, (vertex) => {
    let degree = 0;
    neighbours(vertex, (other) => {
      if (met[other] === vertex) return;
      met[other] = vertex;
      degree++;
    });
    return degree;
  });
}

/** Sorts by falling degrees; vertices of one degree stay in their order. */
function largestFirst(count: number, neighbours: Neighbours): Int32Array {
  const all = degrees(count, neighbours);
  return natural(count).sort((a, b) => all[b] - all[a] || a - b);
}

/** Sorts from the end: it takes the vertex that has the fewest neighbours among those which are left (Matula & Beck). */
function smallestLast(count: number, neighbours: Neighbours): Int32Array {
  const left = degrees(count, neighbours);
  const most = Math.max(0, greatest(left));
  // Lists of the vertices of each degree, doubly linked.
  const heads = new Int32Array(most + 1).fill(-1);
  const [next, before] = [new Int32Array(count), new Int32Array(count)];
  const unlink = (vertex: number): void => {
    if (before[vertex] >= 0) next[before[vertex]] = next[vertex];
    else heads[left[vertex]] = next[vertex];
    if (next[vertex] >= 0) before[next[vertex]] = before[vertex];
  };
  const link = (vertex: number): void => {
    next[vertex] = heads[left[vertex]];
    before[vertex] = -1;
    if (next[vertex] >= 0) before[next[vertex]] = vertex;
    heads[left[vertex]] = vertex;
  };
  for (let vertex = 0; vertex < count; vertex++) link(vertex);
  const order = new Int32Array(count);
  const met = new Int32Array(count).fill(-1);
  for (let place = count - 1, least = 0; place >= 0; place--) {
    while (heads[least] < 0) least++;
    const vertex = heads[least];
    unlink(vertex);
    left[vertex] = -1;
    order[place] = vertex;
    neighbours(vertex, (other) => {
      if (left[other] < 0 || met[other] === vertex) return;
      met[other] = vertex;
      unlink(other);
      left[other]--;
      link(other);
    });
    least = Math.max(0, least - 1);
  }
  return order;
}

/** The same shuffle each time. */
function random(count: number): Int32Array {
  const order = natural(count);
  let state = 0x2545f491;
  for (let i = count - 1; i > 0; i--) {
    // Marsaglia's xorshift.
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    const k = (state >>> 0) % (i + 1);
    [order[i], order[k]] = [order[k], order[i]];
  }
  return order;
}

const orders: Readonly<Record<Order, (count: number, neighbours: Neighbours) => Int32Array>> = {
  natural,
  largestFirst,
  smallestLast,
  random,
};

export const orderOf = (order: Order, count: number, neighbours: Neighbours): Int32Array => orders[order](count, neighbours);
