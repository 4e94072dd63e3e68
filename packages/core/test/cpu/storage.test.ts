import { afterEach, expect, test, vi } from "vitest";
import { allocate, room } from "../../src/cpu/storage.js";
import { ones, zeros } from "../../src/index.js";

afterEach(() => vi.unstubAllGlobals());

const size = 2 ** 14;

test("memory of numbers that are all written comes without zeros where Node has it, and all other memory with them", () => {
  const allocUnsafeSlow = vi.fn((bytes: number) => ({ buffer: new Float64Array(bytes / 8).fill(7).buffer }));
  vi.stubGlobal("Buffer", { allocUnsafeSlow });
  expect(room("float64", size).every((x) => x === 7)).toBe(true);
  expect(allocUnsafeSlow).toHaveBeenLastCalledWith(8 * size);
  allocUnsafeSlow.mockClear();
  expect(allocate("float64", size).every((x) => x === 0)).toBe(true);
  expect(room("float64", size - 1)).toHaveLength(size - 1);
  expect(allocUnsafeSlow).not.toHaveBeenCalled();
  // A product of no terms is zero.
  expect(
    ones([size, 0])
      .matmul(zeros([0, 1]))
      .data()
      .every((x) => x === 0),
  ).toBe(true);
});

test("elsewhere it is as other memory is", () => {
  vi.stubGlobal("Buffer", undefined);
  expect(room("float64", size).every((x) => x === 0)).toBe(true);
});
