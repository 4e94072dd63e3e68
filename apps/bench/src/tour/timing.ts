/** One way to compute something. */
export interface Contestant {
  readonly label: string;
  readonly run: () => unknown;
}
export interface Time {
  readonly label: string;
  /** Milliseconds, the median. */
  readonly median: number;
  readonly repeats: number;
  /** The time over the first contestant's. */
  readonly ratio: number;
}
export interface TimingOptions {
  /** Milliseconds each contestant runs before it is timed, and at least how long it is timed. */
  readonly warmUp?: number;
  readonly duration?: number;
  readonly minRepeats?: number;
  readonly maxRepeats?: number;
}

/** Times the contestants by turns, so that none has the machine's better minute. */
export function time(contestants: readonly Contestant[], options: TimingOptions = {}): Time[] {
  const { warmUp = 250, duration = 500, minRepeats = 5, maxRepeats = 2000 } = options;
  for (const { run } of contestants) {
    const begin = performance.now();
    do run();
    while (performance.now() - begin < warmUp);
  }
  const samples = contestants.map((): number[] => []);
  const totals = contestants.map(() => 0);
  const wanted = (k: number): boolean => samples[k].length < minRepeats || (totals[k] < duration && samples[k].length < maxRepeats);
  while (contestants.some((_, k) => wanted(k)))
    contestants.forEach(({ run }, k) => {
      if (!wanted(k)) return;
      const begin = performance.now();
      run();
      const elapsed = performance.now() - begin;
      samples[k].push(elapsed);
      totals[k] += elapsed;
    });
  const medians = samples.map(median);
  return contestants.map(({ label }, k) => ({
    label,
    median: medians[k],
    repeats: samples[k].length,
    ratio: medians[k] / medians[0],
  }));
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
