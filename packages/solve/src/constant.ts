import { type NDArray, stopGradient, treeMap } from "@ad/core";

/** Runs a body, and holds its result constant. */
export const constant = <T extends NDArray | Readonly<Record<string, NDArray>>>(body: () => T): T =>
  treeMap((x) => stopGradient(x), body()) as T;
