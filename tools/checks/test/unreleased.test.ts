import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { published, root } from "../src/workspace.mjs";

test("the README says that the packages are not on npm for as long as that is so, and no longer", () => {
  const readme = readFileSync(`${root}/README.md`, "utf8");
  const { scripts } = JSON.parse(readFileSync(`${root}/package.json`, "utf8"));
  const unreleased = [...published().values()].every(({ version }) => version === "0.0.0");
  expect(readme.includes("The packages are not on npm yet: `npm run pack` in a clone")).toBe(unreleased);
  expect(scripts.pack).toBe("node tools/scripts/pack.mjs");
});
