import type { NDArray } from "../array/ndarray.js";
import type { Data } from "../engine/aval.js";
import type { Arena } from "../engine/device.js";

/** The most bytes of free buffers that the pool keeps. */
const maxBytes = 1 << 28;

/**
 * The most bytes of buffers without a user that an arena keeps until its next sweep; the garbage collector takes the rest. An arena that counts
 * no users has all its buffers here, and keeps as many as the pool takes.
 */
const maxIdleBytes = 1 << 26;

/** The same while a function runs inside of lanes or other transformations, where each of its values is many. */
const minIdleBytes = 1 << 20;

/** Buffers that are free, by their size. The garbage collector may have them all once the program's turn is over. */
let pool: WeakRef<Map<number, ArrayBuffer[]>> | undefined;
let bytesFree = 0;

function bufferPool(): Map<number, ArrayBuffer[]> {
  let found = pool?.deref();
  if (found === undefined || bytesFree > maxBytes) {
    found = new Map();
    pool = new WeakRef(found);
    bytesFree = 0;
  }
  return found;
}

const clone = Symbol("an NDArray; send x.toArray() or x.data(), and call array(…) on what arrives: this");

/**
 * structuredClone and postMessage throw at the symbol, which every array refers to, because a copy of the fields would not be an array. Their error
 * shows its text.
 */
export class NotCloned {
  readonly clone = clone;
}

/** A result that may not be computed yet. Its users are counted here until it is. */
export interface Pending extends NotCloned {
  users: number;
  /** Whether it counts as a user of its operands: until its last user has gone. */
  holds: boolean;
  readonly operands: readonly unknown[];
  readonly data: Data | undefined;
  readonly storage: Data;
}

/** A value that has storage, or gets it once it is computed. */
export interface Stored {
  readonly pending: Pending;
  readonly storage: Data;
}

/** The arena that all storage goes to. */
export let open: CpuArena | undefined;

/** Computes something with an arena; without one, what is made outlives the computation that it is made in. */
export function inArena<T>(arena: CpuArena | undefined, compute: () => T): T {
  const outer = open;
  open = arena;
  try {
    return compute();
  } finally {
    open = outer;
  }
}

declare const globalThis: { readonly Buffer?: { allocUnsafeSlow?(bytes: number): { readonly buffer: ArrayBuffer } } };

/** From so many bytes on, memory without zeros, which Node has, is ahead: it is not touched before numbers are written to it. Up to so many in every version. */
const minUnwritten = 1 << 17;
const maxUnwritten = 1 << 30;

/** Memory that there may be numbers in, where the platform gives it. */
const unwritten = (bytes: number): ArrayBuffer | undefined => globalThis.Buffer?.allocUnsafeSlow?.(bytes).buffer;

/** Once a buffer of so many bytes has been freed, glibc keeps the memory of others of up to that size for those that come. It does so for none of more than 32 MB. */
const maxRecycled = (1 << 25) - (1 << 13);
let recycles = false;

/** A large buffer; `used` if there may be numbers in it, as there may be unless it is to have zeros. */
export function largeBuffer(bytes: number, zero: boolean): { buffer: ArrayBuffer; used: boolean } {
  // Nobody touches it, and the garbage collector frees it.
  if (!recycles) unwritten(maxRecycled);
  recycles = true;
  const free = pool && bufferPool().get(bytes)?.pop();
  if (free) bytesFree -= bytes;
  const takesZeros = zero || bytes < minUnwritten || bytes > maxUnwritten;
  const buffer = free ?? (takesZeros ? undefined : unwritten(bytes)) ?? new ArrayBuffer(bytes);
  open?.add(buffer);
  return { buffer, used: free !== undefined };
}

const partsOf = (x: NDArray): readonly NDArray[] | undefined => x.owner.parts?.(x);

export class CpuArena implements Arena {
  /** The buffers that are this computation's own, with the number of their users: entries of the tape, cotangents and lazy expressions. */
  #users: Map<ArrayBufferLike, number> | undefined;
  /** Buffers that lost their last user since the last sweep, the oldest first, and their bytes. */
  #unused: ArrayBufferLike[] = [];
  #idle = 0;
  #isOwn: (x: unknown) => x is Stored;
  isUsed = false;
  isOver = false;

  #maxIdle: number;

  constructor(
    isOwn: (x: unknown) => x is Stored,
    readonly isLazy = true,
    isWithin = false,
  ) {
    this.#isOwn = isOwn;
    this.#maxIdle = isLazy ? (isWithin ? minIdleBytes : maxIdleBytes) : maxBytes;
  }

  enter(): CpuArena | undefined {
    const outer = open;
    if (!this.isOver) open = this;
    return outer;
  }
  leave(outer: Arena | undefined): void {
    open = outer as CpuArena | undefined;
  }

  own(x: NDArray, isHidden: boolean): boolean {
    if (!this.#isOwn(x)) return partsOf(x)?.every((part) => this.own(part, isHidden)) ?? false;
    if (!isHidden && this.isUsed) this.keep(x);
    return true;
  }

  hold(x: unknown): void {
    this.#count(x, 1);
  }
  drop(x: unknown): void {
    this.#count(x, -1);
  }

  keep(x: NDArray): void {
    if (this.#isOwn(x)) this.#users?.delete(x.storage.buffer);
    else for (const part of partsOf(x) ?? []) this.keep(part);
  }

  sweep(): void {
    this.#maxIdle = Math.max(this.#maxIdle, maxIdleBytes);
    if (this.#unused.length === 0) return;
    for (const buffer of this.#unused) if (this.#users?.get(buffer) === 0) this.#free(buffer);
    this.#unused = [];
    this.#idle = 0;
  }

  end(): void {
    for (const buffer of this.#users?.keys() ?? []) this.#free(buffer);
    this.giveUp();
  }

  /** A value outlives its arena, and must not hold what was beside it. */
  giveUp(): void {
    this.isOver = true;
    this.#users = undefined;
    this.#unused = [];
  }

  add(buffer: ArrayBufferLike, users = 0): void {
    if (this.isOver) return;
    this.await();
    this.#users?.set(buffer, users);
    if (users === 0) this.#rest(buffer);
  }

  /** Something is made that is the computation's own: from here on the users of buffers are counted. */
  await(): void {
    this.isUsed = true;
    if (!this.isOver) this.#users ??= new Map();
  }

  materialised({ storage, users }: Pending): void {
    this.add(storage.buffer, users);
  }

  /** A buffer has no user. It will be used again at the next sweep; until then the user's function may still read it. */
  #rest(buffer: ArrayBufferLike): void {
    this.#unused.push(buffer);
    this.#idle += buffer.byteLength;
    while (this.#idle > this.#maxIdle) {
      const oldest = this.#unused.shift() as ArrayBufferLike;
      this.#idle -= oldest.byteLength;
      if (this.#users?.get(oldest) === 0) this.#users.delete(oldest);
    }
  }

  #count(x: unknown, more: number): void {
    if (this.#users === undefined) return;
    const { pending } = x as Partial<Stored>;
    // A value of another trace has no storage here, but what it is made of may.
    if (pending === undefined) {
      for (const part of partsOf(x as NDArray) ?? []) this.#count(part, more);
      return;
    }
    if (pending.data === undefined) {
      pending.users += more;
      const holds = pending.users > 0;
      if (pending.holds === holds) return;
      // It was computed on the way to others, and is wanted no more, or is wanted again.
      pending.holds = holds;
      for (const operand of pending.operands) this.#count(operand, holds ? 1 : -1);
      return;
    }
    const { buffer } = (x as Stored).storage;
    const users = this.#users.get(buffer);
    if (users === undefined) return;
    this.#users.set(buffer, users + more);
    if (users + more === 0) this.#rest(buffer);
  }

  #free(buffer: ArrayBufferLike): void {
    this.#users?.delete(buffer);
    const { byteLength } = buffer;
    const all = bufferPool();
    const list = all.get(byteLength) ?? [];
    all.set(byteLength, list);
    list.push(buffer as ArrayBuffer);
    bytesFree += byteLength;
  }
}
