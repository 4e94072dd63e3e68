import { attack } from "@ad/conformance/hostile";
import { describe, expect, test } from "vitest";
import { type Declared, errorsOf, exportsOf, lacking, membersOf, tagged, undescribed } from "../src/documentation.mjs";
import { published } from "../src/workspace.mjs";

const all = new Map<string, Declared>();
for (const path of published().keys())
  for (const [name, each] of exportsOf(`${path}/src/index.ts`)) {
    // Two packages may have a function of one name: a later one's is known by its package.
    const known = all.get(name);
    const isOther = known !== undefined && known.path !== each.path;
    all.set(isOther ? `${path.slice("packages/".length)}.${name}` : name, each);
  }
const of = (kind: Declared["kind"]): [string, Declared][] => [...all].filter(([, each]) => each.kind === kind);

/** Functions whose arguments and results are no arrays. */
const withoutArrays = ["setFusedMultiplyAdd", "setThreads", "debugNaNs", "webgl", "statusOf"];

describe("documentation", () => {
  test("says of every function what shapes and dtypes it takes and gives, what it throws, and shows it", () => {
    const functions = of("function");
    expect(functions.length).toBeGreaterThan(190);
    const found = functions.flatMap(([name, { path, line, comment }]) => {
      const wants = lacking(comment).filter((what) => !withoutArrays.includes(name) || !/shapes|dtypes/.test(what));
      return wants.length > 0 ? [`${path}:${line}: ${name} lacks ${wants.join(", ")}`] : [];
    });
    expect(found).toEqual([]);
  });

  test("describes each parameter of every function for itself", () => {
    const found = of("function").flatMap(([name, each]) =>
      undescribed(name, each).map((parameter) => `${each.path}:${each.line}: ${name}: ${parameter}`),
    );
    expect(found).toEqual([]);
  });

  test("shows every class", () => {
    expect(of("class").flatMap(([name, { comment }]) => (tagged(comment, "example") === "" ? [name] : []))).toEqual([]);
  });

  test("shows every member of NDArray that is no function too", () => {
    const members = [...membersOf(all.get("NDArray") as Declared)];
    expect(members.length).toBeGreaterThan(120);
    // These members serve transformations; @internal hides the rest of them.
    const machinery = ["owner", "aval"];
    const own = members.filter(([name, comment]) => !all.has(name) && !machinery.includes(name) && !comment.includes("@internal"));
    expect(own.map(([name]) => name)).toContain("addAt");
    expect(own.flatMap(([name, comment]) => (tagged(comment, "example") === "" ? [name] : []))).toEqual([]);
  });

  test("names every class of errors that wrong arguments make a function throw", async () => {
    const found = new Map<string, string>();
    for (let seed = 0; seed < 20_000; seed++)
      await attack(seed, (how, error, name = "") => {
        const { name: kind, message } = (error ?? {}) as Error;
        // Methods have the documentation of functions. An error of a function that is passed in comes through, and is none of the caller's.
        if (how === "returned" || !all.has(name) || !message?.startsWith(`${name.replace(/.*\./, "")}: `)) return;
        if (!errorsOf(name, all).has(kind)) found.set(`${name} throws ${kind}`, message);
      });
    expect(Object.fromEntries(found)).toEqual({});
  });
});

describe("the check", () => {
  test("names what is missing", () => {
    expect(lacking("/** Adds. */")).toEqual(["an example", "what it throws", "shapes", "dtypes"]);
    const comment =
      "/**\n * Adds.\n *\n * @param x any shape and dtype\n * @throws ShapeError where it does not fit\n * @example\n * add(1, 2); // 3\n */";
    expect(lacking(comment)).toEqual([]);
    // An error for a shape, or an example of a dtype, does not say what is taken.
    expect(lacking(comment.replace("any shape and dtype", "what it is"))).toEqual(["shapes", "dtypes"]);
  });

  test("names parameters that are not described, or in one word", () => {
    const path = "packages/core/src/ops/movement.ts";
    const take = exportsOf(path).get("take") as Declared;
    expect(undescribed("take", take)).toEqual([]);
    const without = (from: RegExp, to: string): Declared => ({ ...take, comment: take.comment.replace(from, to) });
    expect(undescribed("take", without(/@param axis.*/, "@returns x"))).toEqual(["axis"]);
    expect(undescribed("take", without(/@param indices.*/, "@param indices whole"))).toEqual(["indices"]);
  });

  test("follows links to what others throw", () => {
    const declared = (comment: string): Declared => ({ path: "", line: 1, kind: "function", node: {}, text: "", comment });
    const two = new Map([
      ["a", declared("/** @throws AxisError for an axis, DTypeError where x is no {@link ArrayLike} */")],
      ["b", declared("/** @throws TreeError for an option, and as {@link a} does */")],
    ]);
    expect([...errorsOf("b", two)].sort()).toEqual(["AxisError", "DTypeError", "ShapeError", "TransformError", "TreeError"]);
  });
});
