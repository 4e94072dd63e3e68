import { readFileSync, writeFileSync } from "node:fs";

/** The most memory that this process ever had, or has had since it was told to forget; by Linux, or since its start by any system. */
export function highest(): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))?.[1]) * 1024;
  } catch {
    return process.resourceUsage().maxRSS * 1024;
  }
}

/** Forgets what the process had, and returns what it has. */
export function forget(): number {
  try {
    writeFileSync("/proc/self/clear_refs", "5");
  } catch {
    // Then the peak is the process's from its start on, which the run in small before has made little more than what it has now.
  }
  return highest();
}
