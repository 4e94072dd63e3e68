import { fails } from "@ad/expect";
import { describe, expect, test } from "vitest";
import { array, read, TransformError } from "../../src/index.js";

test("read gives the elements in row-major order, as a copy", async () => {
  const x = array([
    [1, 2],
    [3, 4],
  ]);
  expect(await read(x.T)).toEqual(Float64Array.of(1, 3, 2, 4));
  (await read(x)).fill(0);
  expect(x.toArray()).toEqual([
    [1, 2],
    [3, 4],
  ]);
  expect(await read([true])).toEqual(Uint8Array.of(1));
  await expect(read("no" as never)).rejects.toThrow('read: "no" is no array');
});

describe("to", () => {
  const x = array([1]);
  test("the CPU is where arrays are", () => {
    expect(x.to("cpu")).toBe(x);
    expect(x.to(x.device)).toBe(x);
    expect(x.device.name).toBe("cpu");
  });
  test("what is no device", () => {
    fails(() => x.to("gpu" as never), TransformError, 'to: the device is "gpu"; give "cpu" or a device such as the result of webgl().');
    fails(() => x.to(undefined as never), TransformError, "to: the device is undefined");
  });
});
