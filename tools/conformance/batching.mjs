// Shows how vmap batches every primitive: how many samples and choices of mapped operands, how many operations its rule does, and how many loop over lanes.
import { withModule } from "./src/server.mjs";

await withModule("/src/batching.ts", ({ kindOf, loops, surveyOperations, surveyPrimitives }) => {
  const primitives = surveyPrimitives();
  const operations = surveyOperations();
  const columns = (/** @type {readonly unknown[]} */ ...[name, ...rest]) =>
    `${String(name).padEnd(16)}${rest.map((each) => String(each).padStart(14)).join("")}`;
  console.log(columns("primitive", "kind", "cases", "operations", "loops"));
  for (const each of primitives) {
    const counts = each.counts.map((/** @type {{ few: number }} */ { few }) => few);
    const [least, most] = [Math.min(...counts), Math.max(...counts)];
    console.log(columns(each.name, kindOf(each.name), counts.length, least === most ? least : `${least} to ${most}`, loops(each).length));
  }
  const found = [...primitives, ...operations].flatMap(loops);
  const without = primitives.filter(({ counts }) => counts.length === 0);
  console.log(
    `\n${primitives.length} primitives, ${without.length} without a rule; ${operations.length} operations made of them; ${found.length} loops over lanes`,
  );
  for (const each of found) console.log(each);
  process.exitCode = found.length + without.length > 0 ? 1 : 0;
});
