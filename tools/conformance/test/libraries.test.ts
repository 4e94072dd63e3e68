import { describe } from "vitest";
import { fftNames } from "../src/operations/fft.js";
import { linalgNames } from "../src/operations/linalg.js";
import { fftEntries, linalgEntries } from "../src/suite.js";
import { generate, sampleTurns } from "./generate.js";

describe.each(linalgNames)("linalg.%s", (name) => generate(linalgEntries(name), sampleTurns));
describe.each(fftNames)("%s", (name) => generate(fftEntries(name), sampleTurns));
