const round = (value: number): number => Math.round(value * 10) / 10;

/** The 50th and 99th percentile and the maximum of the values. */
export function percentiles(values: readonly number[]) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number =>
    round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN);
  return { count: sorted.length, p50: at(0.5), p99: at(0.99), longest: at(1) };
}
