import { createHash, randomUUID } from 'node:crypto';

/** Makes ids of tunnels and clients in the form of UUIDs: random ones, or with a seed the same ones every time. */
export function createIds(seed: number | undefined): () => string {
  if (seed === undefined) return randomUUID;
  let made = 0;
  return () => {
    made += 1;
    const hex = createHash('sha256').update(`${seed}:${made}`).digest('hex');
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
      '-',
    );
  };
}

/** The next id that nothing has: seeded ids begin anew after a restart. */
export function unusedId(newId: () => string, taken: (id: string) => boolean): string {
  for (;;) {
    const id = newId();
    if (!taken(id)) return id;
  }
}
