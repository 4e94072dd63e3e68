import { describe, test } from "vitest";
import { checkReference, primitiveEntries, primitiveNames } from "../src/suite.js";
import { generate } from "./generate.js";

describe.each(primitiveNames)("%s", (name) => {
  test("has the values of its meaning", () => checkReference(name));
  generate(primitiveEntries(name), 3);
});
