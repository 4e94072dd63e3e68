import { describe, expect, it } from "vitest";
import { operatorOf } from "../../../src/webgl/glsl/operators.js";

describe("an operator that is not there", () => {
  it.each([
    ["sin", "int"],
    ["and", "float"],
    ["nothing", "float"],
  ] as const)("%s of %s is refused by name", (name, type) =>
    expect(() => operatorOf(name, type)).toThrow(`@ad/gpu has no operator ${name} for operands of type ${type}.`),
  );
  it("of polygamma there is one for each order", () => expect(operatorOf("polygamma3", "float").needs).toEqual(["polygamma3"]));
});
