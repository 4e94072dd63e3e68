/** The numbers that WebAssembly's format writes: seven bits to a byte, the lowest first. */
function readNumber(bytes: Uint8Array, at: number): { value: number; end: number } {
  let value = 0;
  let end = at;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[end++];
    value |= (byte & 127) << shift;
    if (byte < 128) return { value, end };
  }
}

const writeNumber = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...writeNumber(value >>> 7)]);

const [typeSection, importSection, memorySection] = [1, 2, 5];
const header = 8;

/**
 * A module that owns its memory, made to import a shared one of a fixed number of pages, under two empty names. Its section on
 * memory is left out, and one on imports follows the types, which come first.
 */
export function sharing(bytes: Uint8Array, pages: number): Uint8Array {
  // One import: its two names, a memory, shared and with a maximum, the fewest pages and the most.
  const entry = [1, 0, 0, 2, 3, ...writeNumber(pages), ...writeNumber(pages)];
  const parts = [bytes.subarray(0, header)];
  for (let at = header; at < bytes.length; ) {
    const { value, end: start } = readNumber(bytes, at + 1);
    const end = start + value;
    if (bytes[at] !== memorySection) parts.push(bytes.subarray(at, end));
    if (bytes[at] === typeSection) parts.push(Uint8Array.of(importSection, entry.length, ...entry));
    at = end;
  }
  const result = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let to = 0;
  for (const part of parts) {
    result.set(part, to);
    to += part.length;
  }
  return result;
}
