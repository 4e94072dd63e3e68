import type { Pattern } from "@ad/sparse";

/** A pattern from its picture: a line for each row, a 1 for each entry. */
export function pictured(...lines: readonly string[]): Pattern {
  const [rows, columns]: number[][] = [[], []];
  lines.forEach((line, i) => {
    [...line].forEach((mark, j) => {
      if (mark !== "1") return;
      rows.push(i);
      columns.push(j);
    });
  });
  return { shape: [lines.length, lines[0]?.length ?? 0], rows: Int32Array.from(rows), columns: Int32Array.from(columns) };
}

/** The picture of a pattern. */
export function picture({ shape: [m, n], rows, columns }: Pattern): string[] {
  const lines = Array.from({ length: m }, () => new Array<string>(n).fill("0"));
  rows.forEach((row, k) => {
    lines[row][columns[k]] = "1";
  });
  return lines.map((line) => line.join(""));
}

/** The pattern of all entries for which a function says yes. */
export function patternOf(m: number, n: number, isEntry: (i: number, j: number) => boolean): Pattern {
  const [rows, columns]: number[][] = [[], []];
  for (let i = 0; i < m; i++)
    for (let j = 0; j < n; j++)
      if (isEntry(i, j)) {
        rows.push(i);
        columns.push(j);
      }
  return { shape: [m, n], rows: Int32Array.from(rows), columns: Int32Array.from(columns) };
}
