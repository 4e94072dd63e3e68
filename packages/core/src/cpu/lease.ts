import type { NDArray } from "../array/ndarray.js";
import type { Data } from "../aval.js";
import type { Lease } from "../device.js";

/** Smaller arrays share a slab; smaller buffers come from memory that the allocator has at hand. In bytes; tests lower them. */
export const limits = { slab: 1 << 9, large: 1 << 15 };

/** As much is kept for later at most. */
const mostBytes = 1 << 28;

/** Buffers that are free, by their size. */
class Shelf {
  readonly #free = new Map<number, ArrayBuffer[]>();
  #bytes = 0;

  take(bytes: number): ArrayBuffer | undefined {
    const buffer = this.#free.get(bytes)?.pop();
    if (buffer) this.#bytes -= bytes;
    return buffer;
  }

  put(buffer: ArrayBuffer): void {
    const bytes = buffer.byteLength;
    if (this.#bytes + bytes > mostBytes) this.clear();
    const others = this.#free.get(bytes);
    if (others) others.push(buffer);
    else this.#free.set(bytes, [buffer]);
    this.#bytes += bytes;
  }

  clear(): void {
    this.#free.clear();
    this.#bytes = 0;
  }
}

/** The garbage collector may have the shelf, with all that is on it, once the program's turn is over. */
let shelf: WeakRef<Shelf> | undefined;

function theShelf(): Shelf {
  let found = shelf?.deref();
  if (found === undefined) {
    found = new Shelf();
    shelf = new WeakRef(found);
  }
  return found;
}

/** How many large buffers there have been, the newest of them, and the lease that all go to. */
let count = 0;
let newest: ArrayBuffer | undefined;
let open: CpuLease | undefined;

/** A large buffer; `used` if there may be numbers in it. */
export function largeBuffer(bytes: number): { buffer: ArrayBuffer; used: boolean } {
  const free = shelf === undefined ? undefined : theShelf().take(bytes);
  const buffer = free ?? new ArrayBuffer(bytes);
  count++;
  newest = buffer;
  open?.add(buffer);
  return { buffer, used: free !== undefined };
}

const bufferOf = (x: NDArray): ArrayBuffer => (x as unknown as { storage: Data }).storage.buffer as ArrayBuffer;

export class CpuLease implements Lease {
  /** The buffers that are this computation's own, with the number of their users. */
  #users: Map<ArrayBuffer, number> | undefined;
  #unused: ArrayBuffer[] = [];

  constructor(readonly isOwn: (x: NDArray) => boolean) {}

  get isUsed(): boolean {
    return this.#users !== undefined;
  }

  made(): number {
    return count;
  }

  own(x: NDArray, since: number, isHidden: boolean): boolean {
    if (!this.isOwn(x)) return false;
    if (count !== since && bufferOf(x) === newest) this.add(newest);
    if (this.#users === undefined) return true;
    if (isHidden) this.hold(x);
    else this.keep(x);
    return true;
  }

  inside<T>(run: () => T): T {
    const outer = open;
    open = this;
    try {
      return run();
    } finally {
      open = outer;
    }
  }

  add(buffer: ArrayBuffer): void {
    this.#users ??= new Map();
    this.#users.set(buffer, 0);
    this.#unused.push(buffer);
  }

  hold(x: NDArray): void {
    this.#count(x, 1);
  }
  drop(x: NDArray): void {
    this.#count(x, -1);
  }

  keep(x: NDArray): void {
    if (this.isOwn(x)) this.#users?.delete(bufferOf(x));
  }

  sweep(): void {
    if (this.#unused.length === 0) return;
    for (const buffer of this.#unused) if (this.#users?.get(buffer) === 0) this.#free(buffer);
    this.#unused = [];
  }

  end(): void {
    for (const buffer of this.#users?.keys() ?? []) this.#free(buffer);
  }

  #count(x: NDArray, more: number): void {
    if (this.#users === undefined) return;
    const buffer = bufferOf(x);
    const users = this.#users.get(buffer);
    if (users === undefined) return;
    this.#users.set(buffer, users + more);
    if (users + more === 0) this.#unused.push(buffer);
  }

  #free(buffer: ArrayBuffer): void {
    this.#users?.delete(buffer);
    theShelf().put(buffer);
  }
}
