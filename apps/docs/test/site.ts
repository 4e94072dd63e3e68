import { existsSync, readdirSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

export const dist = fileURLToPath(new URL("../dist", import.meta.url));

/** The pages of the built site, as paths: "guide/start.html". */
export function builtPages(): string[] {
  if (!existsSync(join(dist, "index.html")))
    throw new Error("apps/docs/dist is not there: these tests read the built site. Run npm run build first.");
  return readdirSync(dist, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".html") && entry.name !== "404.html")
    .map((entry) => relative(dist, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .sort();
}
