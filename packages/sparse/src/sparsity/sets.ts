/** Makes room for that many numbers more; what is there is kept. */
const grown = (list: Int32Array, size: number): Int32Array<ArrayBuffer> => {
  const next = new Int32Array(Math.max(size, 2 * list.length));
  next.set(list);
  return next;
};

const mixed = (hash: number, item: number): number => Math.imul(hash ^ item, 0x01000193) ^ (hash >>> 15);

/** Numbers by pairs of numbers that are not negative, a ≤ b: a hash table without objects. */
class PairTable {
  #keys: Int32Array;
  #values: Int32Array;
  #count = 0;

  /** @param size a power of two */
  constructor(size: number) {
    this.#keys = new Int32Array(2 * size).fill(-1);
    this.#values = new Int32Array(size);
  }

  /** Returns where a pair stands, or the place where it would. */
  #at(a: number, b: number): number {
    const mask = this.#values.length - 1;
    let at = (Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b)) >>> 7;
    for (at &= mask; this.#keys[2 * at] >= 0; at = (at + 1) & mask) if (this.#keys[2 * at] === a && this.#keys[2 * at + 1] === b) break;
    return at;
  }

  /** -1 where there is none. */
  get(a: number, b: number): number {
    const at = this.#at(a, b);
    return this.#keys[2 * at] < 0 ? -1 : this.#values[at];
  }

  set(a: number, b: number, value: number): void {
    if (2 * ++this.#count > this.#values.length) this.#grow();
    this.#put(a, b, value);
  }

  #put(a: number, b: number, value: number): void {
    const at = this.#at(a, b);
    this.#keys[2 * at] = a;
    this.#keys[2 * at + 1] = b;
    this.#values[at] = value;
  }

  #grow(): void {
    const [keys, values] = [this.#keys, this.#values];
    this.#keys = new Int32Array(2 * keys.length).fill(-1);
    this.#values = new Int32Array(2 * values.length);
    values.forEach((value, at) => {
      if (keys[2 * at] >= 0) this.#put(keys[2 * at], keys[2 * at + 1], value);
    });
  }
}

/** So many elements are brought into order one by one. */
const maxInserted = 32;

/** The name of the set that has no element. */
export const EMPTY = 0;

/**
 * Sets of the numbers from 0 to n - 1, each stored once under a number, its name: equal sets have equal names. The name of {i} is i + 1. An array
 * of sets is an array of names, which is moved, broadcast and taken as any other array is.
 */
export class Sets {
  #items: Int32Array<ArrayBuffer>;
  /** Set i is `#items` from `#starts[i]` up to `#starts[i + 1]`, ascending. */
  #starts: Int32Array<ArrayBuffer>;
  #hashes: Int32Array<ArrayBuffer>;
  #count: number;
  /** Names by hashes; 0 where there is none. */
  #table: Int32Array<ArrayBuffer>;
  readonly #unions: PairTable;
  /** The numbers and the sets that the union at work has met. */
  readonly #met: Int32Array;
  #metSets: Int32Array<ArrayBuffer>;
  #round = 0;

  constructor(readonly n: number) {
    this.#items = new Int32Array(2 * n + 64);
    this.#starts = new Int32Array(2 * n + 64);
    this.#hashes = new Int32Array(2 * n + 64);
    this.#metSets = new Int32Array(2 * n + 64);
    const size = 1 << Math.ceil(Math.log2(4 * n + 64));
    this.#table = new Int32Array(size);
    this.#unions = new PairTable(size);
    this.#met = new Int32Array(n);
    this.#count = 1;
    for (let i = 0; i < n; i++) {
      this.#items[i] = i;
      this.#added(this.#hash(i, i + 1), i + 1);
    }
  }

  /** Returns how many elements a set has. */
  size(name: number): number {
    return this.#starts[name + 1] - this.#starts[name];
  }

  /** The elements of a set, ascending; not to be kept while sets are made. */
  elements(name: number): Int32Array {
    return this.#items.subarray(this.#starts[name], this.#starts[name + 1]);
  }

  /** The union of two sets. */
  union(a: number, b: number): number {
    if (a === b || b === EMPTY) return a;
    if (a === EMPTY) return b;
    // Without lists: most of a first pattern is found before such code is compiled.
    const low = a < b ? a : b;
    const high = a < b ? b : a;
    const known = this.#unions.get(low, high);
    if (known >= 0) return known;
    const made = this.#merged(low, high);
    this.#unions.set(low, high, made);
    return made;
  }

  /** Element by element the unions of arrays of sets. */
  unions([first, ...others]: readonly Int32Array[]): Int32Array {
    if (others.length === 0) return first;
    const out = new Int32Array(first.length);
    for (let i = 0; i < out.length; i++) {
      let size = this.size(first[i]);
      for (const each of others) size += this.size(each[i]);
      if (size <= maxInserted) {
        this.#ensureItems(size);
        const begin = this.#starts[this.#count];
        let end = this.#inserted(first[i], begin, begin);
        for (const each of others) end = this.#inserted(each[i], begin, end);
        out[i] = end === begin ? EMPTY : this.#interned(begin, end);
      } else {
        let union = first[i];
        for (const each of others) union = this.union(union, each[i]);
        out[i] = union;
      }
    }
    return out;
  }

  /** Inserts the elements of a set among those that stand from `begin` up to `end`, and returns where they end then. */
  #inserted(name: number, begin: number, end: number): number {
    const items = this.#items;
    for (let k = this.#starts[name]; k < this.#starts[name + 1]; k++) {
      const item = items[k];
      let at = end;
      while (at > begin && items[at - 1] > item) at--;
      if (at > begin && items[at - 1] === item) continue;
      for (let each = end++; each > at; each--) items[each] = items[each - 1];
      items[at] = item;
    }
    return end;
  }

  /** The union of many sets: `count` of a list of names, from `start` on. */
  unionOf(names: Int32Array, start = 0, count = names.length): number {
    const round = ++this.#round;
    let [first, second, others] = [EMPTY, EMPTY, 0];
    for (let i = start; i < start + count; i++) {
      const name = names[i];
      if (name === EMPTY || this.#metSets[name] === round) continue;
      this.#metSets[name] = round;
      if (first === EMPTY) first = name;
      else if (second === EMPTY) second = name;
      else others++;
    }
    if (others === 0) return this.union(first, second);
    this.#ensureItems(this.n);
    const begin = this.#starts[this.#count];
    let end = begin;
    for (let i = start; i < start + count; i++) {
      const name = names[i];
      // Each set is looked at once: its mark is taken back.
      if (name === EMPTY || this.#metSets[name] !== round) continue;
      this.#metSets[name] = 0;
      for (let k = this.#starts[name]; k < this.#starts[name + 1]; k++) {
        const item = this.#items[k];
        if (this.#met[item] === round) continue;
        this.#met[item] = round;
        this.#items[end++] = item;
      }
    }
    if (end - begin < this.n >> 4) this.#items.subarray(begin, end).sort();
    else {
      end = begin;
      for (let item = 0; item < this.n; item++) if (this.#met[item] === round) this.#items[end++] = item;
    }
    return this.#interned(begin, end);
  }

  #merged(a: number, b: number): number {
    const sizeA = this.size(a);
    const sizeB = this.size(b);
    this.#ensureItems(sizeA + sizeB);
    const items = this.#items;
    const begin = this.#starts[this.#count];
    let i = this.#starts[a];
    let j = this.#starts[b];
    let end = begin;
    const endA = i + sizeA;
    const endB = j + sizeB;
    while (i < endA && j < endB) {
      const x = items[i];
      const y = items[j];
      items[end++] = x < y ? x : y;
      if (x <= y) i++;
      if (y <= x) j++;
    }
    while (i < endA) items[end++] = items[i++];
    while (j < endB) items[end++] = items[j++];
    if (end - begin === sizeA) return a;
    if (end - begin === sizeB) return b;
    return this.#interned(begin, end);
  }

  /** The name of the set that stands behind all others, which is taken among them where it is new. */
  #interned(begin: number, end: number): number {
    const hash = this.#hash(begin, end);
    const mask = this.#table.length - 1;
    for (let at = hash & mask; this.#table[at] !== 0; at = (at + 1) & mask) {
      const name = this.#table[at];
      if (this.#hashes[name] === hash && this.#isEqual(name, begin, end)) return name;
    }
    return this.#added(hash, end);
  }

  #added(hash: number, end: number): number {
    const name = this.#count++;
    if (name + 2 > this.#starts.length) {
      this.#starts = grown(this.#starts, name + 2);
      this.#hashes = grown(this.#hashes, name + 2);
      this.#metSets = grown(this.#metSets, name + 2);
    }
    this.#starts[name + 1] = end;
    this.#hashes[name] = hash;
    if (2 * name > this.#table.length) {
      this.#table = new Int32Array(2 * this.#table.length);
      for (let each = 1; each < name; each++) this.#enter(each);
    }
    this.#enter(name);
    return name;
  }

  #enter(name: number): void {
    const mask = this.#table.length - 1;
    let at = this.#hashes[name] & mask;
    while (this.#table[at] !== 0) at = (at + 1) & mask;
    this.#table[at] = name;
  }

  #hash(begin: number, end: number): number {
    let hash = end - begin;
    for (let i = begin; i < end; i++) hash = mixed(hash, this.#items[i]);
    return hash;
  }

  #isEqual(name: number, begin: number, end: number): boolean {
    const start = this.#starts[name];
    if (this.#starts[name + 1] - start !== end - begin) return false;
    for (let i = begin, k = start; i < end; i++, k++) if (this.#items[i] !== this.#items[k]) return false;
    return true;
  }

  #ensureItems(more: number): void {
    const wanted = this.#starts[this.#count] + more;
    if (wanted > this.#items.length) this.#items = grown(this.#items, wanted);
  }
}
