import { createHash, randomUUID } from 'node:crypto';

/** Returns a generator of UUID-shaped ids for tunnels and clients. With a seed, the ids are reproducible. */
export function createIds(seed: number | undefined): () => string {
  if (seed === undefined) return randomUUID;
  let count = 0;
  return () => {
    count += 1;
    const hex = createHash('sha256').update(`${seed}:${count}`).digest('hex');
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
      '-',
    );
  };
}

/** Returns the next unused id. After a restart, seeded ids repeat from the beginning. */
export function unusedId(newId: () => string, taken: (id: string) => boolean): string {
  for (;;) {
    const id = newId();
    if (!taken(id)) return id;
  }
}
