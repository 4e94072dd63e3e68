import { describe } from "vitest";
import { fftNames } from "../src/operations/fft.js";
import { methods } from "../src/operations/index.js";
import { linalgNames } from "../src/operations/linalg.js";
import { fftEntries, linalgEntries, methodEntries, operationEntries, operationNames } from "../src/suite.js";
import { generate } from "./generate.js";

describe.each(operationNames)("%s", (name) => generate(operationEntries(name)));
describe.each(linalgNames)("linalg.%s", (name) => generate(linalgEntries(name)));
describe.each(fftNames)("%s", (name) => generate(fftEntries(name)));
describe.each(Object.keys(methods) as (keyof typeof methods)[])("x.%s", (name) => generate(methodEntries(name)));
