import { after } from 'node:test';

/** Closes the resources of a file's tests after all tests, the last created first. */
export function cleanupAfterAllTests(): { after(cleanUp: () => unknown): void } {
  const cleanUps: (() => unknown)[] = [];
  after(async () => {
    for (const cleanUp of cleanUps) await cleanUp();
  });
  return { after: (cleanUp) => void cleanUps.unshift(cleanUp) };
}
