import { setFlagsFromString } from "node:v8";
import { array, type NDArray } from "@ad/core";
import { call, computed, type Operation } from "@ad/core/internals/trace";
import { expect, test } from "vitest";
import { jit } from "../../src/index.js";

setFlagsFromString("--allow-natives-syntax");
const isHoley = new Function("list", "return %HasHoleyElements(list)") as (list: unknown) => boolean;

test.each<[what: string, f: (x: NDArray, look: (list: unknown) => void) => NDArray]>([
  [
    "arrays",
    (x, look) => {
      const looked: Operation = {
        name: "looked",
        shape: ([x]) => [x],
        forward(list) {
          look(list);
          return [list[0]];
        },
      };
      return call(looked, [x, x])[0];
    },
  ],
  ["numbers", (x, look) => computed("looked", [x, x], 1, look)],
])("the engine sees one kind of list of an operation's %s, however far it has compiled what makes the list", (_, f) => {
  const kinds = new Set<boolean>();
  const look = (list: unknown): void => void kinds.add(isHoley(list));
  const compiled = jit((x: NDArray) => f(x, look));
  const x = array([1]);
  for (let run = 0; run < 20_000; run++) compiled(x);
  expect([...kinds]).toEqual([false]);
});
