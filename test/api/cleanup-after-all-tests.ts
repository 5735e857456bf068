import { after } from 'node:test';

/** Closes the resources of a file's tests after all tests, the last created first. */
export function cleanupAfterAllTests(): { after(end: () => unknown): void } {
  const ends: (() => unknown)[] = [];
  after(async () => {
    for (const end of ends) await end();
  });
  return { after: (end) => void ends.unshift(end) };
}
