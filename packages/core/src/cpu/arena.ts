import type { Data } from "../engine/aval.js";
import type { Lease } from "../engine/device.js";

/** As much is kept for later at most. */
const mostBytes = 1 << 28;

/** Buffers that are free, by their size. The garbage collector may have them all once the program's turn is over. */
let shelf: WeakRef<Map<number, ArrayBuffer[]>> | undefined;
let bytesFree = 0;

function theShelf(): Map<number, ArrayBuffer[]> {
  let found = shelf?.deref();
  if (found === undefined || bytesFree > mostBytes) {
    found = new Map();
    shelf = new WeakRef(found);
    bytesFree = 0;
  }
  return found;
}

/** A result that may not be there yet; who waits for it is counted here until then. */
export interface Awaited {
  users: number;
  readonly data: Data | undefined;
  readonly storage: Data;
}

/** Something with storage of its own, or in need of some. */
export interface Source {
  readonly later: Awaited;
  readonly storage: Data;
}

/** The lease that all goes to. */
export let open: CpuLease | undefined;

/** A large buffer; `used` if there may be numbers in it. */
export function largeBuffer(bytes: number): { buffer: ArrayBuffer; used: boolean } {
  const free = shelf && theShelf().get(bytes)?.pop();
  if (free) bytesFree -= bytes;
  const buffer = free ?? new ArrayBuffer(bytes);
  open?.add(buffer);
  return { buffer, used: free !== undefined };
}

export class CpuLease implements Lease {
  /** The buffers that are this computation's own, with the number of their users. */
  #users: Map<ArrayBufferLike, number> | undefined;
  #unused: ArrayBufferLike[] = [];
  #waiting: Awaited[] = [];
  #isOwn: (x: unknown) => x is Source;

  constructor(isOwn: (x: unknown) => x is Source) {
    this.#isOwn = isOwn;
  }

  get isUsed(): boolean {
    return this.#users !== undefined;
  }

  enter(): CpuLease | undefined {
    const outer = open;
    open = this;
    return outer;
  }
  leave(outer: Lease | undefined): void {
    open = outer as CpuLease | undefined;
  }

  own(x: unknown, isHidden: boolean): boolean {
    if (!this.#isOwn(x)) return false;
    if (this.#users === undefined) return true;
    if (isHidden) this.hold(x);
    else this.keep(x);
    return true;
  }

  hold(x: unknown): void {
    this.#count(x as Source, 1);
  }
  drop(x: unknown): void {
    this.#count(x as Source, -1);
  }

  keep(x: unknown): void {
    if (this.#users && this.#isOwn(x)) this.#users.delete(x.storage.buffer);
  }

  sweep(): void {
    if (this.#unused.length === 0) return;
    for (const buffer of this.#unused) if (this.#users?.get(buffer) === 0) this.#free(buffer);
    this.#unused = [];
  }

  end(): void {
    for (const buffer of this.#users?.keys() ?? []) this.#free(buffer);
    this.#forget();
  }

  giveUp(): void {
    for (const x of this.#waiting) x.storage;
    this.#forget();
  }

  add(buffer: ArrayBufferLike, users = 0): void {
    this.#users ??= new Map();
    this.#users.set(buffer, users);
    if (users === 0) this.#unused.push(buffer);
  }

  await(x: Awaited): void {
    this.#users ??= new Map();
    this.#waiting.push(x);
  }

  settle({ storage, users }: Awaited): void {
    this.add(storage.buffer, users);
  }

  /** A value outlives its lease, and must not hold what was beside it. */
  #forget(): void {
    this.#users = undefined;
    this.#unused = [];
    this.#waiting = [];
  }

  #count(x: Source, more: number): void {
    if (this.#users === undefined) return;
    const { later } = x;
    if (later.data === undefined) {
      later.users += more;
      return;
    }
    const { buffer } = x.storage;
    const users = this.#users.get(buffer);
    if (users === undefined) return;
    this.#users.set(buffer, users + more);
    if (users + more === 0) this.#unused.push(buffer);
  }

  #free(buffer: ArrayBufferLike): void {
    this.#users?.delete(buffer);
    const { byteLength } = buffer;
    const all = theShelf();
    const list = all.get(byteLength) ?? [];
    all.set(byteLength, list);
    list.push(buffer as ArrayBuffer);
    bytesFree += byteLength;
  }
}
