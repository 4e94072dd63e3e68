import { describe } from "vitest";
import { methods } from "../src/operations/index.js";
import { methodEntries, operationEntries, operationNames } from "../src/suite.js";
import { generate, sampleTurns } from "./generate.js";

describe.each(operationNames)("%s", (name) => generate(operationEntries(name), sampleTurns));
describe.each(Object.keys(methods) as (keyof typeof methods)[])("x.%s", (name) => generate(methodEntries(name), sampleTurns));
