import { after } from 'node:test';

/** What a file's tests share ends after all of them, the latest first. */
export function forWholeFile(): { after(end: () => unknown): void } {
  const ends: (() => unknown)[] = [];
  after(async () => {
    for (const end of ends) await end();
  });
  return { after: (end) => void ends.unshift(end) };
}
