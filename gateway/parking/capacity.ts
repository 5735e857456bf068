/** How many requests may be parked at a time. */
export interface Capacity {
  /** Whether there is a place; the last tenth is for dead letters, behind which there is nobody. */
  left(forDeadLetter: boolean): Promise<boolean>;
  /** One place was taken. */
  took(): void;
}

/** What is parked is counted by Temporal at most this often; in between, what this process parked is added. */
const FRESH_MS = 10_000;

/** Places up to `limit`, of which `count` says how many are taken. Several gateways together may overshoot a little. */
export function capacityOf(limit: number, count: () => Promise<number>): Capacity {
  let asked = Number.NEGATIVE_INFINITY;
  let taken: Promise<number> = Promise.resolve(0);
  return {
    async left(forDeadLetter) {
      if (performance.now() - asked > FRESH_MS) {
        asked = performance.now();
        taken = count();
        taken.catch(() => {
          asked = Number.NEGATIVE_INFINITY;
        });
      }
      return (await taken) < (forDeadLetter ? limit : limit * 0.9);
    },
    took() {
      taken = taken.then((known) => known + 1);
      taken.catch(() => {});
    },
  };
}
