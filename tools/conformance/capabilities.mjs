// Prints what every primitive and every operation can do, each cell checked on the conformance samples. With a path: writes the table there as JSON.
// With --list before the path: writes what the tests hold each of them to, without checking it again. The documentation is built so.
import { writeFileSync } from "node:fs";
import { withModule } from "./src/server.mjs";

const list = process.argv[2] === "--list";
const path = process.argv[list ? 3 : 2];
/** The kernels of @ad/gpu, which is no dependency: its tests have this folder's samples. */
const gpu = new URL("../../packages/gpu/src/webgl/kernels/index.ts", import.meta.url);
/** @param {any} samples @param {any} gpu */
const main = ({ columns, table }, { kernels }) => {
  if (list) return writeFileSync(path, `${JSON.stringify([...table(kernels, false)])}\n`);
  const line = (/** @type {string} */ name, /** @type {readonly string[]} */ cells) =>
    console.log(`${name.padEnd(24)}${cells.map((cell) => cell.padStart(8)).join("")}`);
  line("", columns);
  /** @type {any[]} */
  const rows = [];
  let group = "";
  for (const row of table(kernels)) {
    if (row.group !== group) console.log(`\n${row.group}s`);
    group = row.group;
    line(
      row.name,
      columns.map((/** @type {string} */ column) => {
        const cell = row.cells[column];
        return cell === "none" ? "–" : typeof cell === "string" ? cell : "WRONG";
      }),
    );
    rows.push(row);
  }
  const wrong = rows.flatMap(({ cells }) => Object.values(cells)).filter((cell) => typeof cell === "object");
  console.log(
    `\n${rows.length} rows; – means that there is nothing to be said, as of the derivative of a truth value; host that the GPU leaves it or a step of it to the CPU; ${wrong.length} wrong`,
  );
  for (const cell of wrong) console.log(cell.wrong);
  if (path) writeFileSync(path, `${JSON.stringify(rows)}\n`);
  process.exitCode = wrong.length > 0 ? 1 : 0;
};
await withModule("/src/capabilities.ts", main, gpu);
