import { describe, test } from "vitest";
import { checkReference, primitiveEntries, primitiveNames } from "../src/suite.js";
import { generate, primitiveTurns } from "./generate.js";

describe.each(primitiveNames)("%s", (name) => {
  test("has the values of its meaning", () => checkReference(name));
  generate(primitiveEntries(name), primitiveTurns);
});
