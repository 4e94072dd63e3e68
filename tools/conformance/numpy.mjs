// Prints, as JSON, what NumPy calls the operations of the tables of rows: for tools/expectations/numpy.py.
import { withModule } from "./src/server.mjs";

await withModule("/src/rows/numpy.ts", ({ asked }) => console.log(JSON.stringify(asked)));
