import { expect, test } from "vitest";
import { allows, unfit } from "../src/licences.mjs";

test.each([
  ["MIT", true],
  ["GPL-3.0-only", false],
  ["(MIT OR GPL-3.0-only)", true],
  ["MIT AND GPL-3.0-only", false],
  ["MIT AND ISC", true],
  ["none said", false],
])("%s: %s", (licence, fits) => expect(allows(licence, ["MIT", "ISC"])).toBe(fits));

test("what does not fit is named with its licence", () => {
  const packages = [
    { name: "a", version: "1.0.0", licence: "MIT" },
    { name: "b", version: "2.0.0", licence: "AGPL-3.0-only" },
  ];
  expect(unfit(packages, ["MIT"], "which does not fit")).toEqual(["b@2.0.0: AGPL-3.0-only, which does not fit"]);
});
