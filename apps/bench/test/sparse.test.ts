import { readFileSync } from "node:fs";
import { hessian, jacobian } from "@ad/functional";
import { jit } from "@ad/jit";
import { sparseHessian, sparseJacobian } from "@ad/sparse";
import { expect, test } from "vitest";
import { deviation, digest } from "../src/compare/numbers.js";
import { cases } from "../src/sparse/cases.js";
import { measure, ways } from "../src/sparse/large.js";
import { header, largeRow, row } from "../src/sparse/table.js";

test.each(cases)("$name: compiled as eager, and CasADi has a matrix of this name", ({ name, of, f, x }) => {
  const matrix = of === "jacobian" ? sparseJacobian(f, { flat: true, check: true }) : sparseHessian(f, { flat: true, check: true });
  const at = x();
  const [own, compiled] = [matrix(at).values, jit((y) => matrix(y).values)(at)];
  expect(deviation(digest(own.data()), digest(compiled.data()))).toBeLessThan(1e-12);
  expect(readFileSync(new URL("../peers/casadi_sparse.py", import.meta.url), "utf8")).toContain(`"${name}":`);
  if (at.size > 700) return;
  const dense = (of === "jacobian" ? jacobian(f) : hessian(f))(at);
  expect(deviation(digest(dense.data()), digest(matrix(at).toDense().data()))).toBeLessThan(1e-12);
});

test("a row says what is how many times as fast", () => {
  const times = { name: "chain", unknowns: 9, entries: 25, colors: 3, pattern: 1, coloring: 0.5, eager: 0.008, jit: 0.002 };
  expect(header().trim()).toMatch(/^entries +colours +pattern +colouring +eager +jit +CasADi +\/ eager +\/ jit$/);
  expect(row({ ...times, casadi: 0.001 })).toMatch(/^ {2}chain +25 +3 +1\.00 ms +500 µs +8\.00 µs +2\.00 µs +1\.00 µs +0\.13× +0\.50×$/);
  expect(row(times)).toMatch(/2\.00 µs +– +– +–$/);
});

test.each(ways)("$name, $cells × $cells: every way runs, and looks at memory once garbage is cleared", (way) => {
  let collected = 0;
  const found = measure({ ...way, cells: 6, runs: 3 }, () => collected++);
  expect(collected).toBe(2);
  for (const value of Object.values(found)) expect(value).toBeGreaterThanOrEqual(0);
  expect(largeRow({ name: way.name, unknowns: 72, found })).toMatch(/^ {2}Brusselator, .* 72 .* MB +\d+\.\d MB$/);
});
