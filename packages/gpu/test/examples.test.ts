import * as core from "@ad/core";
import { jit } from "@ad/jit";
import { expect, it } from "vitest";
import * as gpu from "../src/index.js";
import source from "../src/index.ts?raw";

/** The examples in the documentation that need a browser; what a line states of an expression is compared. */
const examples = [...source.matchAll(/@example In a browser\n(.*?)\n *\*\//gs)].map(([, text]) =>
  text.replace(/^ *\* /gm, "").replace(/^(.*); \/\/ (.*)$/gm, "same($1, $2);"),
);

const AsyncFunction = (async () => {}).constructor as FunctionConstructor;

it("are found", () => expect(examples).toHaveLength(6));

it.each(examples)("%s", async (code) => {
  expect.hasAssertions();
  const same = (value: unknown, stated: unknown): void =>
    expect(ArrayBuffer.isView(value) ? Array.from(value as Float32Array) : value).toEqual(stated);
  const scope = { ...core, ...gpu, jit, same };
  await new AsyncFunction(...Object.keys(scope), code)(...Object.values(scope));
});
