import type { Pattern } from "../pattern.js";

/** The bit of a braille letter for each dot: four rows of two. */
const dots = [0x01, 0x08, 0x02, 0x10, 0x04, 0x20, 0x40, 0x80] as const;

/** A picture of a pattern in braille: a dot where there are entries. A pattern that is larger than the picture is scaled down. */
export function picture({ shape: [m, n], rows, columns }: Pattern, widest = 40, highest = 20): string {
  const scale = Math.max(1, m / (4 * highest), n / (2 * widest));
  const at = (index: number): number => Math.floor(index / scale);
  const [height, width] = [Math.ceil(m / scale / 4), Math.ceil(n / scale / 2)];
  const letters = Array.from({ length: height }, () => new Uint8Array(width));
  for (let e = 0; e < rows.length; e++) {
    const [y, x] = [at(rows[e]), at(columns[e])];
    letters[y >> 2][x >> 1] |= dots[2 * (y & 3) + (x & 1)];
  }
  return letters.map((line) => String.fromCodePoint(...Array.from(line, (bits) => 0x2800 + bits))).join("\n");
}
