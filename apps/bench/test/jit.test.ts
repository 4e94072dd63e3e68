import { readFileSync } from "node:fs";
import { jit } from "@ad/jit";
import { expect, test } from "vitest";
import { deviation, digest } from "../src/compare/numbers.js";
import { cases } from "../src/jit/cases.js";
import { header, row } from "../src/jit/table.js";

test.each(cases)("$name: compiled as eager, and JAX has a program of this name", ({ name, make, dtype: own }) => {
  for (const dtype of own ? [own] : (["float64", "float32"] as const)) {
    const { f, args } = make(dtype);
    const [eager, compiled] = [f(...args), jit(f)(...args)];
    expect(compiled.shape).toEqual(eager.shape);
    expect(compiled.dtype).toBe(dtype);
    expect(deviation(digest(eager.data()), digest(compiled.data()))).toBeLessThan(dtype === "float64" ? 1e-9 : 1e-3);
  }
  expect(readFileSync(new URL("../peers/jax_jit.py", import.meta.url), "utf8")).toContain(`"${name}":`);
});

test("a row says what is how many times as fast", () => {
  const times = { name: "chain", dtype: "float64", eager: 0.008, jit: 0.002, compiling: 3, first: 1 } as const;
  expect(header("float64").trim()).toMatch(/^float64 +jit +compiling +first run +eager +\/ jit +JAX jit +\/ jit +jax-js jit +\/ jit$/);
  expect(row({ ...times, jax: 0.001, jaxJs: 0.02 })).toMatch(
    /^ {2}chain +2\.00 µs +3\.00 ms +1\.00 ms +8\.00 µs +4\.00× +1\.00 µs +0\.50× +20\.0 µs +10\.0×$/,
  );
  expect(row(times)).toMatch(/4\.00× +– +– +– +–$/);
});
