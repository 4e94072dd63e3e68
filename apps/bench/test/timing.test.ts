import { expect, test } from "vitest";
import { median, time } from "../src/tour/timing.js";

test("the median of odd and even counts", () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 3, 2])).toBe(2.5);
});

test("every contestant is warmed up and repeated, by turns", () => {
  const calls: string[] = [];
  const contestant = (label: string) => ({ label, run: () => calls.push(label) });
  const times = time([contestant("a"), contestant("b")], { warmUp: 0, duration: 0, minRepeats: 3 });
  expect(calls.join("")).toBe("abababab");
  expect(times.map(({ label, repeats }) => [label, repeats])).toEqual([
    ["a", 3],
    ["b", 3],
  ]);
  expect(times[0].ratio).toBe(1);
  expect(times[1].ratio).toBe(times[1].median / times[0].median);
});

test("what is quick is repeated up to a limit", () => {
  const [{ repeats }] = time([{ label: "a", run: () => 0 }], { warmUp: 0, duration: 1000, maxRepeats: 7 });
  expect(repeats).toBe(7);
});
