// The table of docs/decisions/0020 from what reductions.js printed: node dist/micro/summary.js < log
import { readFileSync } from "node:fs";

const groups = [["sum", "mean"], ["max", "min"], ["prod"], ["logsumexp"], ["softmax"]];
const places = ["last", "first", "middle"];
/** The columns of the table, as columns of the log: lengths 2, 3, 4 and 10, then 100, then 10 000. */
const lengths = [[0, 1, 2, 3], [4], [5]];

/** Ratios of whole arrays by operation, dtype and axis. */
const ratios = new Map<string, readonly number[]>();
let operation = "";
for (const line of readFileSync(0, "utf8").split("\n")) {
  operation = /^ {2}(\w+) +2 +3/.exec(line)?.[1] ?? operation;
  const [, dtype, place, cells] = /^ {4}(\w+) +(\w+) +whole(.*)/.exec(line) ?? [];
  if (cells) ratios.set(`${operation} ${dtype} ${place}`, cells.trim().split(/ +/).map(Number));
}

/** The least and the greatest of them, or the one that they are. */
function range(values: readonly number[]): string {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return low === high ? `${low}` : `${low}–${high}`;
}

console.log("| ours / PyTorch: last, first, middle axis | lines of 2 to 10 | of 100 | of 10 000 |\n|---|---|---|---|");
for (const names of groups)
  for (const dtype of ["float64", "float32", "int32"]) {
    const known = names.filter((name) => ratios.has(`${name} ${dtype} last`));
    if (known.length === 0) continue;
    const cells = lengths.map((columns) =>
      places
        .map((place) => range(known.flatMap((name) => columns.map((at) => ratios.get(`${name} ${dtype} ${place}`)?.[at] ?? Number.NaN))))
        .join(", "),
    );
    console.log(`| ${dtype} ${known.join(", ")} | ${cells.join(" | ")} |`);
  }
